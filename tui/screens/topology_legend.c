/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The legend of the picture: lines, boxes and marks, then the badges that
 * occur in it.
 */
#include <string.h>

#include "src/base/assert.h"
#include "src/base/text.h"
#include "tui/app.h"
#include "tui/model.h"
#include "tui/screens/topology_priv.h"

static const struct entry {
	const char *sign[GLYPHS_COUNT], *text;
	unsigned style;
} entries[] = {
	{ { "──▶", "──>", "-->" }, "HTTP", STYLE_GOOD },
	{ { "══▶", "══>", "==>" }, "TCP", STYLE_TCP },
	{ { "┄┄▶", "┄┄>", "-->" }, "mirrored", STYLE_MIRROR },
	{ { "!", "!", "!" }, "degraded", STYLE_WARN },
	{ { "x", "x", "x" }, "failing", STYLE_BAD },
	{ { "┌┐", "┌┐", "++" }, "service", STYLE_SERVICE },
	{ { "──", "──", "--" }, "no traffic", STYLE_DIM },
	{ { "*", "*", "*" }, "found", STYLE_ACCENT },
	{ { "(9)", "(9)", "(9)" }, "nine nodes folded", STYLE_PLAIN },
	{ { "+3 more", "+3 more", "+3 more" }, "edges that lead on: f", STYLE_PLAIN },
};

static const struct {
	unsigned bit;
	const char *letters, *text;
} badges[] = {
#define BADGE(id, bit, letters, text) { 1u << (bit), letters, text },
#include "src/topology/badges.tbl"
#undef BADGE
};

/* Puts an entry behind the last, on the next row when there is no room. */
static void
put(struct area a, unsigned *col, unsigned *row, const char *sign, unsigned style, const char *text)
{
	unsigned width = (unsigned)(text_width(sign, strlen(sign)) + 1 + strlen(text));

	if (*col > 1 && *col + width > a.cols) {
		*col = 1;
		++*row;
	}
	if (a.canvas == NULL) {		/* only measured */
		*col += width + 2;
		return;
	}
	*col += area_put(a, *col, *row, style, sign) + 1;
	*col += area_put(a, *col, *row, STYLE_DIM, text) + 2;
}

unsigned
topology_legend(const struct topology *t, struct area a, enum glyph_level level)
{
	bool shows_badges = !app_model(t->screen.app)->query.hides_badges;
	unsigned col = 1, row = 0, all = 0;

	for (size_t i = 0; i < ARRAY_LEN(entries); i++)
		put(a, &col, &row, entries[i].sign[level], entries[i].style, entries[i].text);
	for (size_t i = 0; shows_badges && i < t->shown->nodes.len; i++)
		all |= t->shown->nodes.items[i].badges;
	all &= ~(unsigned)BADGE_ROOT;		/* not drawn as letters */
	for (size_t i = 0; i < ARRAY_LEN(badges); i++)
		if ((all & badges[i].bit) != 0)
			put(a, &col, &row, badges[i].letters, STYLE_ACCENT, badges[i].text);
	return row + 1;
}
