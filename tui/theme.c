/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one theme: roles to palette colours and attributes.
 */
#include "tui/theme.h"

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
