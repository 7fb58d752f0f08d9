/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Roles to palette colours and attributes: the standard theme, and what the
 * colour-blind-safe ones have otherwise.
 */
#include "tui/theme.h"

#include <string.h>

#include "src/base/assert.h"
#include "tui/canvas.h"

enum { RED = 1, GREEN, YELLOW, BLUE, MAGENTA, CYAN };

/* mono: attributes instead of the colour where that carries meaning. */
static const struct {
	struct look colour;
	unsigned mono;
} looks[UI_STYLE_COUNT] = {
	[STYLE_PLAIN] = { { -1, -1, 0 }, 0 },
	[STYLE_DIM] = { { -1, -1, ATTR_DIM }, ATTR_DIM },
	[STYLE_BOLD] = { { -1, -1, ATTR_BOLD }, ATTR_BOLD },
	[STYLE_GOOD] = { { GREEN, -1, 0 }, 0 },
	[STYLE_WARN] = { { YELLOW, -1, ATTR_BOLD }, ATTR_BOLD },
	[STYLE_BAD] = { { RED, -1, ATTR_BOLD }, ATTR_BOLD | ATTR_UNDERLINE },
	[STYLE_TCP] = { { BLUE, -1, 0 }, 0 },
	[STYLE_MIRROR] = { { MAGENTA, -1, 0 }, ATTR_DIM },
	[STYLE_SERVICE] = { { CYAN, -1, 0 }, 0 },
	[STYLE_ACCENT] = { { CYAN, -1, ATTR_BOLD }, ATTR_BOLD },
	[STYLE_SELECTED] = { { -1, -1, ATTR_REVERSE | ATTR_BOLD }, ATTR_REVERSE | ATTR_BOLD },
	[STYLE_TITLE] = { { -1, -1, ATTR_BOLD }, ATTR_BOLD },
	[STYLE_KEY] = { { CYAN, -1, ATTR_BOLD }, ATTR_BOLD },
	[UI_BAR] = { { -1, -1, 0 }, 0 },
	[UI_BAR_STRONG] = { { -1, -1, ATTR_BOLD }, ATTR_BOLD },
	[UI_BORDER] = { { -1, -1, ATTR_DIM }, ATTR_DIM },
	[UI_TAB] = { { -1, -1, ATTR_DIM }, ATTR_DIM },
	[UI_TAB_ON] = { { -1, -1, ATTR_BOLD | ATTR_UNDERLINE }, ATTR_BOLD | ATTR_UNDERLINE },
	[UI_FIELD] = { { -1, -1, ATTR_UNDERLINE }, ATTR_UNDERLINE },
	[UI_FIELD_ON] = { { -1, -1, ATTR_REVERSE }, ATTR_REVERSE },
	[UI_ROW_ON] = { { -1, -1, ATTR_REVERSE }, ATTR_REVERSE },
	[UI_HINT] = { { -1, -1, ATTR_DIM }, ATTR_DIM },
	[UI_MARK] = { { RED, -1, ATTR_REVERSE }, ATTR_REVERSE },
	[UI_BANNER] = { { YELLOW, -1, ATTR_REVERSE | ATTR_BOLD }, ATTR_REVERSE | ATTR_BOLD },
	[UI_ADDED] = { { GREEN, -1, 0 }, ATTR_BOLD },
	[UI_REMOVED] = { { RED, -1, 0 }, ATTR_DIM },
};

struct look
theme_look(unsigned style, bool has_colour)
{
	ASSERT(style < UI_STYLE_COUNT);
	if (has_colour)
		return looks[style].colour;
	return (struct look){ -1, -1, looks[style].mono };
}

#define PLAIN (-1)

/* Foreground instead of the standard one. */
static const struct {
	unsigned style;
	short deuteranopia, tritanopia;
} safe[] = {
	{ STYLE_GOOD, BLUE, CYAN },
	{ STYLE_WARN, YELLOW, MAGENTA },
	{ STYLE_BAD, YELLOW, RED },
	{ STYLE_TCP, CYAN, PLAIN },
	{ STYLE_MIRROR, PLAIN, PLAIN },
	{ STYLE_SERVICE, CYAN, PLAIN },
	{ UI_MARK, YELLOW, RED },
	{ UI_BANNER, YELLOW, MAGENTA },
	{ UI_ADDED, BLUE, CYAN },
	{ UI_REMOVED, YELLOW, RED },
};

static const char *const names[THEME_COUNT] = {
	[THEME_STANDARD] = "standard", [THEME_DEUTERANOPIA] = "deuteranopia",
	[THEME_TRITANOPIA] = "tritanopia", [THEME_MONO] = "mono",
};

struct look
theme_look_in(enum theme theme, unsigned style, bool has_colour)
{
	struct look look = theme_look(style, has_colour && theme != THEME_MONO);

	if (!has_colour || (theme != THEME_DEUTERANOPIA && theme != THEME_TRITANOPIA))
		return look;
	for (size_t i = 0; i < ARRAY_LEN(safe); i++) {
		if (safe[i].style == style)
			look.fg = theme == THEME_DEUTERANOPIA ? safe[i].deuteranopia :
				  safe[i].tritanopia;
	}
	/* Warning and failure share a hue there: the failure is underlined. */
	if (style == STYLE_BAD && theme == THEME_DEUTERANOPIA)
		look.attrs |= ATTR_UNDERLINE;
	return look;
}

const char *
theme_name(enum theme theme)
{
	return names[theme];
}

bool
theme_parse(const char *name, enum theme *out)
{
	for (size_t i = 0; i < THEME_COUNT; i++) {
		if (strcmp(name, names[i]) == 0) {
			*out = (enum theme)i;
			return true;
		}
	}
	return false;
}
