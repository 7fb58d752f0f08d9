/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a role looks like.
 *
 * The base are the terminal's own sixteen colours on its own background,
 * which is never painted, so that light and dark terminals both stay
 * readable.  Where the background is known and the terminal has more colours,
 * each hue has a tone made for that background.
 */
#ifndef MESHTOP_TUI_THEME_H
#define MESHTOP_TUI_THEME_H

#include <stdbool.h>
#include <stdint.h>

enum theme_attr {
	ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_REVERSE = 4, ATTR_UNDERLINE = 8,
};

/* Hues by their places in the palette; HUE_GREY stands in it nowhere. */
enum hue {
	HUE_NONE = -1, HUE_RED = 1, HUE_GREEN, HUE_YELLOW, HUE_BLUE, HUE_MAGENTA, HUE_CYAN,
	HUE_GREY, HUE_COUNT,
};

struct look {
	enum hue fg;		/* HUE_NONE: the terminal's own */
	unsigned attrs;		/* enum theme_attr */
};

/* THEME_DEUTERANOPIA (red and green look alike, protanopia too) and
 * THEME_TRITANOPIA (blue and green look alike) tell states apart by colours
 * that stay different; THEME_MONO has none. */
enum theme { THEME_STANDARD, THEME_DEUTERANOPIA, THEME_TRITANOPIA, THEME_MONO, THEME_COUNT };

enum background { BACKGROUND_UNKNOWN, BACKGROUND_DARK, BACKGROUND_LIGHT, BACKGROUND_COUNT };

/* The standard theme.  Without colours the same roles differ by attributes
 * only. */
struct look theme_look(unsigned style, bool has_colour);
struct look theme_look_in(enum theme theme, unsigned style, bool has_colour);
const char *theme_name(enum theme theme);
bool theme_parse(const char *name, enum theme *out);

const char *background_name(enum background b);	/* "auto", "dark", "light" */
bool background_parse(const char *name, enum background *out);
/* Which of the two a colour of 16 bits a channel is. */
enum background background_of(unsigned red, unsigned green, unsigned blue);

/* A hue on a known background, with at least 4.5 : 1 of contrast. */
struct tone {
	uint8_t index;		/* of xterm's 256 colours */
	uint32_t rgb;
};
struct tone theme_tone(enum hue hue, enum background b);

#endif
