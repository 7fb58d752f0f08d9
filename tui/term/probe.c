/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions to the terminal; see probe.h. */
#include "tui/term/probe.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "tui/term/key.h"

#define MODE_SYNCHRONIZED 2026

bool
probe_may_ask(const char *type)
{
	static const char *const silent[] = { "linux", "vt", "ansi", "cons", "sun", "dumb", "hp",
					      "wyse" };

	for (size_t i = 0; i < ARRAY_LEN(silent); i++) {
		if (strncmp(type, silent[i], strlen(silent[i])) == 0)
			return false;
	}
	return true;
}

void
probe_put(bool with_widths, struct buf *out)
{
	/* Background colour; whether mode 2026 is known. */
	buf_puts(out, "\033]11;?\033\\\033[?2026$p");
	/* Where the cursor stands behind a line and behind a triangle. */
	if (with_widths)
		buf_puts(out, "\033[H\xe2\x94\x80\033[6n\033[H\xe2\x96\xb6\033[6n\033[H");
	/* What every terminal answers, so that nobody waits for the rest. */
	buf_puts(out, "\033[c");
}

/* The reports come in the order of the questions. */
static void
take_position(struct probe *p, unsigned col)
{
	unsigned *const cells[PROBE_POSITIONS] = { &p->line_cells, &p->mark_cells };

	if (p->positions == PROBE_POSITIONS)
		return;
	if (col == 2 || col == 3)	/* else it drew something else */
		*cells[p->positions] = col - 1;
	p->positions++;
}

void
probe_take(struct probe *p, const struct term_answer *a)
{
	switch (a->kind) {
	case ANSWER_MODE:
		if (a->a == MODE_SYNCHRONIZED)
			p->is_synchronized = a->b == 1 || a->b == 2;
		break;
	case ANSWER_BACKGROUND:
		p->background = background_of(a->a, a->b, a->c);
		break;
	case ANSWER_POSITION:
		take_position(p, a->b);
		break;
	case ANSWER_DEVICE:
		p->is_done = true;
		break;
	}
}

enum background
probe_environment(const char *colorfgbg)
{
	const char *last = colorfgbg != NULL ? strrchr(colorfgbg, ';') : NULL;
	char *end;
	unsigned long colour;

	if (last == NULL)
		return BACKGROUND_UNKNOWN;
	colour = strtoul(last + 1, &end, 10);
	if (end == last + 1 || *end != '\0' || colour > 15)
		return BACKGROUND_UNKNOWN;
	return colour == 7 || colour > 8 ? BACKGROUND_LIGHT : BACKGROUND_DARK;
}
