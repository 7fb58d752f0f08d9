/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Roles to hues and attributes: the standard theme, what the colour-blind-safe
 * ones have otherwise, and the hues' tones.
 */
#include "tui/term/theme.h"

#include <string.h>

#include "src/base/assert.h"
#include "tui/term/canvas.h"

/* mono: attributes instead of the colour where that carries meaning. */
static const struct {
	struct look colour;
	unsigned mono;
} looks[UI_STYLE_COUNT] = {
	[STYLE_PLAIN] = { { HUE_NONE, 0 }, 0 },
	[STYLE_DIM] = { { HUE_NONE, ATTR_DIM }, ATTR_DIM },
	[STYLE_BOLD] = { { HUE_NONE, ATTR_BOLD }, ATTR_BOLD },
	[STYLE_GOOD] = { { HUE_GREEN, 0 }, 0 },
	[STYLE_WARN] = { { HUE_YELLOW, ATTR_BOLD }, ATTR_BOLD },
	[STYLE_BAD] = { { HUE_RED, ATTR_BOLD }, ATTR_BOLD | ATTR_UNDERLINE },
	[STYLE_TCP] = { { HUE_BLUE, 0 }, 0 },
	[STYLE_MIRROR] = { { HUE_MAGENTA, 0 }, ATTR_DIM },
	[STYLE_SERVICE] = { { HUE_CYAN, 0 }, 0 },
	[STYLE_ACCENT] = { { HUE_CYAN, ATTR_BOLD }, ATTR_BOLD },
	[STYLE_SELECTED] = { { HUE_NONE, ATTR_REVERSE | ATTR_BOLD }, ATTR_REVERSE | ATTR_BOLD },
	[STYLE_TITLE] = { { HUE_NONE, ATTR_BOLD }, ATTR_BOLD },
	[STYLE_KEY] = { { HUE_CYAN, ATTR_BOLD }, ATTR_BOLD },
	[UI_BAR] = { { HUE_NONE, 0 }, 0 },
	[UI_BAR_STRONG] = { { HUE_NONE, ATTR_BOLD }, ATTR_BOLD },
	[UI_BORDER] = { { HUE_NONE, ATTR_DIM }, ATTR_DIM },
	[UI_TAB] = { { HUE_NONE, ATTR_DIM }, ATTR_DIM },
	[UI_TAB_ON] = { { HUE_NONE, ATTR_BOLD | ATTR_UNDERLINE }, ATTR_BOLD | ATTR_UNDERLINE },
	[UI_FIELD] = { { HUE_NONE, ATTR_UNDERLINE }, ATTR_UNDERLINE },
	[UI_FIELD_ON] = { { HUE_NONE, ATTR_REVERSE }, ATTR_REVERSE },
	[UI_ROW_ON] = { { HUE_NONE, ATTR_REVERSE }, ATTR_REVERSE },
	[UI_HINT] = { { HUE_NONE, ATTR_DIM }, ATTR_DIM },
	[UI_MARK] = { { HUE_RED, ATTR_REVERSE }, ATTR_REVERSE },
	[UI_BANNER] = { { HUE_YELLOW, ATTR_REVERSE | ATTR_BOLD }, ATTR_REVERSE | ATTR_BOLD },
	[UI_ADDED] = { { HUE_GREEN, 0 }, ATTR_BOLD },
	[UI_REMOVED] = { { HUE_RED, 0 }, ATTR_DIM },
};

struct look
theme_look(unsigned style, bool has_colour)
{
	ASSERT(style < UI_STYLE_COUNT);
	if (has_colour)
		return looks[style].colour;
	return (struct look){ HUE_NONE, looks[style].mono };
}

/* Foreground instead of the standard one. */
static const struct {
	unsigned style;
	enum hue deuteranopia, tritanopia;
} safe[] = {
	{ STYLE_GOOD, HUE_BLUE, HUE_CYAN },
	{ STYLE_WARN, HUE_YELLOW, HUE_MAGENTA },
	{ STYLE_BAD, HUE_YELLOW, HUE_RED },
	{ STYLE_TCP, HUE_CYAN, HUE_NONE },
	{ STYLE_MIRROR, HUE_NONE, HUE_NONE },
	{ STYLE_SERVICE, HUE_CYAN, HUE_NONE },
	{ UI_MARK, HUE_YELLOW, HUE_RED },
	{ UI_BANNER, HUE_YELLOW, HUE_MAGENTA },
	{ UI_ADDED, HUE_BLUE, HUE_CYAN },
	{ UI_REMOVED, HUE_YELLOW, HUE_RED },
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

static const char *const background_names[BACKGROUND_COUNT] = {
	[BACKGROUND_UNKNOWN] = "auto", [BACKGROUND_DARK] = "dark", [BACKGROUND_LIGHT] = "light",
};

const char *
background_name(enum background b)
{
	return background_names[b];
}

bool
background_parse(const char *name, enum background *out)
{
	for (size_t i = 0; i < BACKGROUND_COUNT; i++) {
		if (strcmp(name, background_names[i]) == 0) {
			*out = (enum background)i;
			return true;
		}
	}
	return false;
}

/* By luma (ITU-R BT.601): half way is where black and white text read alike. */
enum background
background_of(unsigned red, unsigned green, unsigned blue)
{
	unsigned luma = (299 * (red >> 8) + 587 * (green >> 8) + 114 * (blue >> 8)) / 1000;

	return luma < 128 ? BACKGROUND_DARK : BACKGROUND_LIGHT;
}

struct tone
theme_tone(enum hue hue, enum background b)
{
	static const struct { struct tone dark, light; } tones[HUE_COUNT] = {
		[HUE_RED] = { { 203, 0xff6e67 }, { 124, 0xb3261e } },
		[HUE_GREEN] = { { 114, 0x7fd88f }, { 28, 0x1b6e2e } },
		[HUE_YELLOW] = { { 221, 0xf2c744 }, { 94, 0x7a5200 } },
		[HUE_BLUE] = { { 75, 0x6cb6ff }, { 25, 0x0b57b0 } },
		[HUE_MAGENTA] = { { 176, 0xd699e8 }, { 90, 0x8a2a9b } },
		[HUE_CYAN] = { { 80, 0x56d4dd }, { 23, 0x00626e } },
		[HUE_GREY] = { { 247, 0xa0a8b0 }, { 241, 0x5f6772 } },
	};

	ASSERT(hue > 0 && hue < HUE_COUNT && b != BACKGROUND_UNKNOWN);
	return b == BACKGROUND_DARK ? tones[hue].dark : tones[hue].light;
}
