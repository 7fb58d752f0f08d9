/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Glyph levels; tables of glyphs by arms: north 1, east 2, south 4, west 8. */
#include <string.h>

#include "src/base/assert.h"
#include "src/topology/draw_priv.h"
#include "src/topology/graph.h"

static const char *const level_names[GLYPHS_COUNT] = {
	[GLYPHS_UNICODE] = "unicode", [GLYPHS_LIGHT] = "light", [GLYPHS_ASCII] = "ascii",
};

const char *
glyph_level_name(enum glyph_level level)
{
	ASSERT((unsigned)level < GLYPHS_COUNT);
	return level_names[level];
}

bool
glyph_level_parse(const char *name, enum glyph_level *out)
{
	for (size_t i = 0; i < GLYPHS_COUNT; i++) {
		if (strcmp(name, level_names[i]) == 0) {
			*out = (enum glyph_level)i;
			return true;
		}
	}
	return false;
}

enum pen { PEN_LIGHT, PEN_DOUBLE, PEN_DASHED, PEN_COUNT };

static const uint32_t unicode_lines[PEN_COUNT][16] = {
	[PEN_LIGHT] = { ' ', 0x2502, 0x2500, 0x2570, 0x2502, 0x2502, 0x256d, 0x251c,
			0x2500, 0x256f, 0x2500, 0x2534, 0x256e, 0x2524, 0x252c, 0x253c },
	[PEN_DOUBLE] = { ' ', 0x2551, 0x2550, 0x255a, 0x2551, 0x2551, 0x2554, 0x2560,
			 0x2550, 0x255d, 0x2550, 0x2569, 0x2557, 0x2563, 0x2566, 0x256c },
	[PEN_DASHED] = { ' ', 0x2506, 0x2504, 0x2570, 0x2506, 0x2506, 0x256d, 0x251c,
			 0x2504, 0x256f, 0x2504, 0x2534, 0x256e, 0x2524, 0x252c, 0x253c },
};

static const uint32_t unicode_frame[16] = {
	[ARM_EAST | ARM_SOUTH] = 0x250c, [ARM_WEST | ARM_SOUTH] = 0x2510,
	[ARM_EAST | ARM_NORTH] = 0x2514, [ARM_WEST | ARM_NORTH] = 0x2518,
	[ARM_EAST | ARM_WEST] = 0x2500, [ARM_NORTH | ARM_SOUTH] = 0x2502,
};

/* Around groups: no line or box of the picture has these. */
static const uint32_t group_frames[GLYPHS_COUNT][16] = {
	[GLYPHS_UNICODE] = {
		[ARM_EAST | ARM_SOUTH] = 0x250c, [ARM_WEST | ARM_SOUTH] = 0x2510,
		[ARM_EAST | ARM_NORTH] = 0x2514, [ARM_WEST | ARM_NORTH] = 0x2518,
		[ARM_EAST | ARM_WEST] = 0x2508, [ARM_NORTH | ARM_SOUTH] = 0x250a,
	},
	[GLYPHS_LIGHT] = {
		[ARM_EAST | ARM_SOUTH] = 0x250c, [ARM_WEST | ARM_SOUTH] = 0x2510,
		[ARM_EAST | ARM_NORTH] = 0x2514, [ARM_WEST | ARM_NORTH] = 0x2518,
		[ARM_EAST | ARM_WEST] = 0x2508, [ARM_NORTH | ARM_SOUTH] = 0x250a,
	},
	[GLYPHS_ASCII] = {
		[ARM_EAST | ARM_SOUTH] = '/', [ARM_WEST | ARM_SOUTH] = '\\',
		[ARM_EAST | ARM_NORTH] = '\\', [ARM_WEST | ARM_NORTH] = '/',
		[ARM_EAST | ARM_WEST] = '~', [ARM_NORTH | ARM_SOUTH] = '!',
	},
};

static enum pen
pen_of(int kind)
{
	if (kind >= 0 && (kind & 1))
		return PEN_DASHED;
	return kind / 2 == EDGE_TCP ? PEN_DOUBLE : PEN_LIGHT;
}

/* Two lines passing each other. */
static uint32_t
glyph_of_crossing(int kind_horizontal, int kind_vertical)
{
	bool h = pen_of(kind_horizontal) == PEN_DOUBLE;
	bool v = pen_of(kind_vertical) == PEN_DOUBLE;

	return h ? (v ? 0x256c : 0x256a) : v ? 0x256b : 0x253c;
}

static uint32_t
ascii_line(int arms, int kind)
{
	bool is_double = pen_of(kind) == PEN_DOUBLE;

	if (arms == ARM_ALL)
		return '+';
	if ((arms & (ARM_NORTH | ARM_SOUTH)) == 0)
		return is_double ? '=' : '-';
	if ((arms & (ARM_EAST | ARM_WEST)) == 0)
		return is_double ? ':' : '|';
	ASSERT((arms & (ARM_NORTH | ARM_SOUTH)) != (ARM_NORTH | ARM_SOUTH));
	return arms & ARM_SOUTH ? '.' : '\'';
}

static bool
is_corner(int arms)
{
	return arms == (ARM_NORTH | ARM_EAST) || arms == (ARM_NORTH | ARM_WEST) ||
	       arms == (ARM_SOUTH | ARM_EAST) || arms == (ARM_SOUTH | ARM_WEST);
}

uint32_t
glyph_of_wire(const struct wire *w, int kind_horizontal, int kind_vertical,
	      enum glyph_level glyphs)
{
	int kind = kind_horizontal >= 0 ? kind_horizontal : kind_vertical;

	if (w->horizontal != UINT32_MAX && w->vertical != UINT32_MAX &&
	    w->horizontal != w->vertical) {
		ASSERT(w->arms == ARM_ALL);
		return glyphs == GLYPHS_ASCII ? '+' :
		       glyph_of_crossing(kind_horizontal, kind_vertical);
	}
	if (glyphs == GLYPHS_ASCII)
		return ascii_line(w->arms, kind);
	/* Rounded corners are rarer in fonts than square ones. */
	if (glyphs == GLYPHS_LIGHT && pen_of(kind) != PEN_DOUBLE && is_corner(w->arms))
		return unicode_frame[w->arms];
	return unicode_lines[pen_of(kind)][w->arms];
}

uint32_t
glyph_of_head(int arm, enum glyph_level glyphs)
{
	bool ascii = glyphs != GLYPHS_UNICODE;

	switch (arm) {
	case ARM_NORTH:
		return ascii ? '^' : 0x25b2;
	case ARM_SOUTH:
		return ascii ? 'v' : 0x25bc;
	case ARM_WEST:
		return ascii ? '<' : 0x25c0;
	default:
		return ascii ? '>' : 0x25b6;
	}
}

uint32_t
glyph_of_frame(int arms, enum glyph_level glyphs)
{
	if (glyphs != GLYPHS_ASCII)
		return unicode_frame[arms];
	return arms == (ARM_EAST | ARM_WEST) ? '-' : arms == (ARM_NORTH | ARM_SOUTH) ? '|' : '+';
}

uint32_t
glyph_of_group(int arms, enum glyph_level glyphs)
{
	return group_frames[glyphs][arms];
}

const char *
glyph_of_loop(enum glyph_level glyphs)
{
	return glyphs != GLYPHS_UNICODE ? "@" : "\xe2\x86\xba";	/* U+21BA */
}
