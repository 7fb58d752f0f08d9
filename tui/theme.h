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

/* The standard theme.  Without colours the same roles differ by attributes
 * only. */
struct look theme_look(unsigned style, bool has_colour);

/* THEME_DEUTERANOPIA (red and green look alike, protanopia too) and
 * THEME_TRITANOPIA (blue and green look alike) tell states apart by colours
 * that stay different; THEME_MONO has none. */
enum theme { THEME_STANDARD, THEME_DEUTERANOPIA, THEME_TRITANOPIA, THEME_MONO, THEME_COUNT };
struct look theme_look_in(enum theme theme, unsigned style, bool has_colour);
const char *theme_name(enum theme theme);
bool theme_parse(const char *name, enum theme *out);

#endif
