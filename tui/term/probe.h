/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a terminal can be asked at start, and what its answers mean.
 *
 * Nothing waits for them: the first screen is drawn as if there were none,
 * and the console changes to what is known when the last answer or
 * PROBE_LIMIT_NS has come.
 */
#ifndef MESHTOP_TUI_PROBE_H
#define MESHTOP_TUI_PROBE_H

#include <stdbool.h>

#include "src/base/clock.h"
#include "tui/term/theme.h"

struct buf;
struct term_answer;

#define PROBE_LIMIT_NS (100 * NS_PER_MS)
#define PROBE_POSITIONS 2u	/* reports of the cursor's place that are asked for */

struct probe {
	enum background background;
	bool is_synchronized;		/* it knows mode 2026 */
	unsigned positions;		/* reports of the cursor's place that came */
	unsigned line_cells, mark_cells;	/* of a line and a triangle; 0: not known */
	bool is_done;			/* the last answer came */
};

/* Some old terminals show what they do not understand: those are not asked. */
bool probe_may_ask(const char *type);
/* The questions, for a screen that is painted over next.  with_widths: the
 * text is UTF-8. */
void probe_put(bool with_widths, struct buf *out);
void probe_take(struct probe *p, const struct term_answer *a);
/* COLORFGBG ("15;0"), which some terminals set; may be NULL. */
enum background probe_environment(const char *colorfgbg);

#endif
