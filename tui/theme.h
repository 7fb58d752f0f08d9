/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a role looks like: the terminal's own sixteen colours on its own
 * background, so that light and dark terminals both stay readable.
 */
#ifndef MESHTOP_TUI_THEME_H
#define MESHTOP_TUI_THEME_H

#include <stdbool.h>

enum theme_attr {
	ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_REVERSE = 4, ATTR_UNDERLINE = 8,
};

struct look {
	short fg, bg;		/* -1: the terminal's own; 0..15 its palette */
	unsigned attrs;		/* enum theme_attr */
};

/* Without colours the same roles differ by attributes only. */
struct look theme_look(unsigned style, bool has_colour);

#endif
