/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a drawing back; see drawing_reader.h. */
#include "tests/lib/drawing_reader.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/text.h"

enum { NORTH = 1, EAST = 2, SOUTH = 4, WEST = 8 };

struct sheet {
	uint32_t *cells;	/* 0: second half of a wide glyph */
	size_t *box;		/* 1 + box that covers the cell, 0: none */
	unsigned cols, rows;
	struct drawing *d;
};

struct step {
	unsigned col, row;
	int dir;		/* in which the finger moves into the cell */
};

static const struct { uint32_t glyph; int arms; } line_glyphs[] = {
	{ 0x2500, EAST | WEST }, { 0x2550, EAST | WEST }, { 0x2504, EAST | WEST },
	{ '-', EAST | WEST }, { '=', EAST | WEST },
	{ 0x2502, NORTH | SOUTH }, { 0x2551, NORTH | SOUTH }, { 0x2506, NORTH | SOUTH },
	{ '|', NORTH | SOUTH }, { ':', NORTH | SOUTH },
	{ 0x256d, EAST | SOUTH }, { 0x250c, EAST | SOUTH }, { 0x2554, EAST | SOUTH },
	{ 0x256e, WEST | SOUTH }, { 0x2510, WEST | SOUTH }, { 0x2557, WEST | SOUTH },
	{ 0x2570, EAST | NORTH }, { 0x2514, EAST | NORTH }, { 0x255a, EAST | NORTH },
	{ 0x256f, WEST | NORTH }, { 0x2518, WEST | NORTH }, { 0x255d, WEST | NORTH },
	{ 0x251c, NORTH | EAST | SOUTH }, { 0x2560, NORTH | EAST | SOUTH },
	{ 0x2524, NORTH | WEST | SOUTH }, { 0x2563, NORTH | WEST | SOUTH },
	{ 0x252c, EAST | SOUTH | WEST }, { 0x2566, EAST | SOUTH | WEST },
	{ 0x2534, EAST | NORTH | WEST }, { 0x2569, EAST | NORTH | WEST },
	{ 0x253c, 15 }, { 0x256a, 15 }, { 0x256b, 15 }, { 0x256c, 15 }, { '+', 15 },
	{ '.', EAST | SOUTH | WEST }, { '\'', EAST | NORTH | WEST },
};

static const struct { uint32_t glyph; int dir; } heads[] = {
	{ 0x25b6, EAST }, { 0x25c0, WEST }, { 0x25bc, SOUTH }, { 0x25b2, NORTH },
	{ '>', EAST }, { '<', WEST }, { 'v', SOUTH }, { '^', NORTH },
};

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

static uint32_t
glyph_at(const struct sheet *s, unsigned col, unsigned row)
{
	return col < s->cols && row < s->rows ? s->cells[(size_t)row * s->cols + col] : ' ';
}

static size_t
box_at(const struct sheet *s, unsigned col, unsigned row)
{
	return col < s->cols && row < s->rows ? s->box[(size_t)row * s->cols + col] : 0;
}

static int
arms_of(uint32_t glyph)
{
	for (size_t i = 0; i < COUNT_OF(line_glyphs); i++)
		if (line_glyphs[i].glyph == glyph)
			return line_glyphs[i].arms;
	return 0;
}

static int
head_of(uint32_t glyph)
{
	for (size_t i = 0; i < COUNT_OF(heads); i++)
		if (heads[i].glyph == glyph)
			return heads[i].dir;
	return 0;
}

static int
opposite(int dir)
{
	return dir == NORTH ? SOUTH : dir == SOUTH ? NORTH : dir == EAST ? WEST : EAST;
}

static struct step
next_cell(struct step at, int dir)
{
	/* Moving off the sheet wraps to a large number: outside, so blank. */
	return (struct step){ at.col + (dir == EAST) - (dir == WEST),
			      at.row + (dir == SOUTH) - (dir == NORTH), dir };
}

static void
sheet_init(struct sheet *s, const char *text, struct drawing *d)
{
	size_t len = strlen(text), col = 0, row = 0;

	*s = (struct sheet){ .d = d };
	for (const char *line = text; *line != '\0'; s->rows++) {
		size_t n = strcspn(line, "\n"), width = text_width(line, n);

		if (width > s->cols)
			s->cols = (unsigned)width;
		line += n + (line[n] == '\n');
	}
	s->cells = malloc(((size_t)s->cols * s->rows + 1) * sizeof(*s->cells));
	s->box = calloc((size_t)s->cols * s->rows + 1, sizeof(*s->box));
	for (size_t i = 0; i < (size_t)s->cols * s->rows; i++)
		s->cells[i] = ' ';
	while (len > 0) {
		uint32_t cp;
		bool ok;
		size_t used = text_decode(text, len, &cp, &ok);
		unsigned width = text_cp_width(cp);

		text += used;
		len -= used;
		if (cp == '\n') {
			row++;
			col = 0;
			continue;
		}
		for (unsigned i = 0; i < width; i++)
			s->cells[row * s->cols + col + i] = i == 0 ? cp : 0;
		col += width;
	}
	d->cols = s->cols;
	d->rows = s->rows;
}

/* Is the glyph a box's corner (which of the four) or border? */
static bool
is_corner(uint32_t glyph, int which)
{
	static const uint32_t corners[4] = { 0x250c, 0x2510, 0x2514, 0x2518 };

	return glyph == '+' || glyph == corners[which];
}

static bool
is_border(uint32_t glyph, bool horizontal)
{
	return horizontal ? glyph == 0x2500 || glyph == '-' : glyph == 0x2502 || glyph == '|';
}

/* The box whose upper left corner is here; false when there is none. */
static bool
measure_box(const struct sheet *s, unsigned col, unsigned row, unsigned *cols, unsigned *rows)
{
	unsigned w = 1, h = 1;

	if (!is_corner(glyph_at(s, col, row), 0))
		return false;
	while (is_border(glyph_at(s, col + w, row), true))
		w++;
	while (is_border(glyph_at(s, col, row + h), false))
		h++;
	if (w < 2 || h < 2 || !is_corner(glyph_at(s, col + w, row), 1) ||
	    !is_corner(glyph_at(s, col, row + h), 2) ||
	    !is_corner(glyph_at(s, col + w, row + h), 3))
		return false;
	for (unsigned i = 1; i < w; i++)
		if (!is_border(glyph_at(s, col + i, row + h), true))
			return false;
	for (unsigned i = 1; i < h; i++)
		if (!is_border(glyph_at(s, col + w, row + i), false))
			return false;
	*cols = w + 1;
	*rows = h + 1;
	return true;
}

/* Text of one line inside a box without the blanks around it; caller frees. */
static char *
inside_line(const struct sheet *s, const struct drawing_node *n, unsigned row)
{
	struct buf b = BUF_INIT;
	size_t end = 0;

	for (unsigned col = n->col + 1; col + 1 < n->col + n->cols; col++) {
		uint32_t glyph = glyph_at(s, col, row);
		char bytes[4];

		if (glyph == 0 || (glyph == ' ' && b.len == 0))
			continue;
		buf_append(&b, bytes, text_encode(glyph, bytes));
		if (glyph != ' ')
			end = b.len;
	}
	if (end == 0) {
		buf_fini(&b);
		return NULL;
	}
	b.data[end] = '\0';
	return buf_steal(&b);
}

static void
read_box(struct sheet *s, struct drawing_node n)
{
	for (unsigned row = n.row + 1; row + 1 < n.row + n.rows; row++) {
		char *line = inside_line(s, &n, row);

		if (line != NULL && n.name == NULL)
			n.name = line;
		else if (line != NULL) {
			n.calls_itself |= strcmp(line, "@") == 0 ||
					  strcmp(line, "\xe2\x86\xba") == 0;
			free(line);
		}
	}
	if (n.name == NULL)
		return;
	vec_push(&s->d->nodes, n);
	for (unsigned row = n.row; row < n.row + n.rows; row++)
		for (unsigned col = n.col; col < n.col + n.cols; col++)
			s->box[(size_t)row * s->cols + col] = s->d->nodes.len;
}

/* Does the rectangle hold a corner of a smaller box? */
static bool
holds_box(const struct sheet *s, unsigned col, unsigned row, unsigned cols, unsigned rows)
{
	unsigned c, r;

	for (unsigned y = row + 1; y + 1 < row + rows; y++)
		for (unsigned x = col + 1; x + 1 < col + cols; x++)
			if (measure_box(s, x, y, &c, &r))
				return true;
	return false;
}

static void
read_boxes(struct sheet *s)
{
	for (unsigned row = 0; row < s->rows; row++)
		for (unsigned col = 0; col < s->cols; col++) {
			unsigned cols, rows;

			if (box_at(s, col, row) == 0 &&
			    measure_box(s, col, row, &cols, &rows) &&
			    !holds_box(s, col, row, cols, rows))
				read_box(s, (struct drawing_node){ .col = col, .row = row,
						.cols = cols, .rows = rows });
		}
}

/* Can a line that leaves a cell in this direction go on in the next one? */
static bool
goes_on(const struct sheet *s, struct step at, int dir)
{
	struct step next = next_cell(at, dir);
	uint32_t glyph = glyph_at(s, next.col, next.row);

	return box_at(s, next.col, next.row) == 0 &&
	       ((arms_of(glyph) & opposite(dir)) || head_of(glyph) == dir);
}

/* Directions in which the finger may leave the cell it has moved into. */
static int
ways_out(const struct sheet *s, struct step at)
{
	uint32_t glyph = glyph_at(s, at.col, at.row);
	int arms = arms_of(glyph), back = opposite(at.dir), ways = 0;

	if (!(arms & back))
		return 0;
	if (arms == 15)
		return at.dir;
	for (int dir = NORTH; dir <= WEST; dir *= 2) {
		if (dir == back || !(arms & dir))
			continue;
		/* ASCII corners look like tees: only what goes on is an arm. */
		if ((glyph == '.' || glyph == '\'') && !goes_on(s, at, dir))
			continue;
		ways |= dir;
	}
	return ways;
}

static void
add_edge(struct drawing *d, size_t from, size_t to)
{
	struct drawing_edge e = { from, to };

	if (!drawing_has_edge(d, from, to))
		vec_push(&d->edges, e);
}

/* Follows a line from the border of a box to all heads that it leads to. */
static void
follow(const struct sheet *s, struct step start, size_t from, uint8_t *seen)
{
	VEC(struct step) todo = VEC_INIT;
	VEC(size_t) touched = VEC_INIT;

	vec_push(&todo, start);
	while (todo.len > 0) {
		struct step at = todo.items[--todo.len];
		uint32_t glyph = glyph_at(s, at.col, at.row);
		size_t place = (size_t)at.row * s->cols + at.col;
		int ways;

		if (at.col >= s->cols || at.row >= s->rows) {
			s->d->loose_ends++;
			continue;
		}
		if (s->box[place] != 0)		/* where another source joins the trunk */
			continue;
		if (seen[place] & at.dir)
			continue;
		seen[place] |= (uint8_t)at.dir;
		vec_push(&touched, place);
		if (head_of(glyph) == at.dir) {
			struct step next = next_cell(at, at.dir);
			size_t to = box_at(s, next.col, next.row);

			if (to == 0)
				s->d->loose_ends++;
			else
				add_edge(s->d, from, to - 1);
			continue;
		}
		ways = ways_out(s, at);
		if (ways == 0)
			s->d->loose_ends++;
		for (int dir = NORTH; dir <= WEST; dir *= 2)
			if (ways & dir)
				vec_push(&todo, next_cell(at, dir));
	}
	for (size_t i = 0; i < touched.len; i++)
		seen[touched.items[i]] = 0;
	vec_fini(&touched);
	vec_fini(&todo);
}

/* A line leaves where a glyph with an arm towards the border touches it; one
 * blank between them is tolerated sideways. */
static void
try_border(const struct sheet *s, struct step outside, size_t box, uint8_t *seen)
{
	uint32_t glyph = glyph_at(s, outside.col, outside.row);

	if ((outside.dir & (EAST | WEST)) && glyph == ' ') {
		uint32_t next;

		outside = next_cell(outside, outside.dir);
		next = glyph_at(s, outside.col, outside.row);
		if (arms_of(next) != (EAST | WEST))
			return;
		glyph = next;
	}
	if (box_at(s, outside.col, outside.row) != 0)
		return;
	if ((arms_of(glyph) & opposite(outside.dir)) == 0 || head_of(glyph) != 0)
		return;
	follow(s, outside, box, seen);
}

static void
read_lines(struct sheet *s)
{
	uint8_t *seen = calloc((size_t)s->cols * s->rows + 1, 1);

	for (size_t i = 0; i < s->d->nodes.len; i++) {
		const struct drawing_node *n = &s->d->nodes.items[i];

		for (unsigned col = n->col; col < n->col + n->cols; col++) {
			try_border(s, (struct step){ col, n->row - 1, NORTH }, i, seen);
			try_border(s, (struct step){ col, n->row + n->rows, SOUTH }, i, seen);
		}
		for (unsigned row = n->row; row < n->row + n->rows; row++) {
			try_border(s, (struct step){ n->col - 1, row, WEST }, i, seen);
			try_border(s, (struct step){ n->col + n->cols, row, EAST }, i, seen);
		}
	}
	free(seen);
}

/* What is joined: each cell that is no box has two parts, of which a crossing
 * needs the second one for the line that leads up and down. */
struct joints {
	const struct sheet *s;
	size_t *root;
};

static int
arms_at(const struct sheet *s, size_t place)
{
	int head = head_of(s->cells[place]);

	return s->box[place] != 0 ? 0 : head != 0 ? opposite(head) : arms_of(s->cells[place]);
}

static size_t
root_of(const struct joints *j, size_t part)
{
	while (j->root[part] != part)
		part = j->root[part] = j->root[j->root[part]];
	return part;
}

static size_t
part_of(const struct joints *j, size_t place, int arm)
{
	return 2 * place + (arms_at(j->s, place) == 15 && (arm & (NORTH | SOUTH)));
}

static void
join(const struct joints *j, size_t place, size_t next, int arm)
{
	if ((arms_at(j->s, place) & arm) && (arms_at(j->s, next) & opposite(arm)))
		j->root[root_of(j, part_of(j, place, arm))] =
			root_of(j, part_of(j, next, opposite(arm)));
}

static int
compare_edges(const void *a, const void *b)
{
	const struct drawing_edge *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

/* The two lines of each crossing, once each. */
static void
count_crossings(struct sheet *s)
{
	size_t count = (size_t)s->cols * s->rows;
	struct joints j = { s, malloc((2 * count + 1) * sizeof(*j.root)) };
	VEC(struct drawing_edge) pairs = VEC_INIT;

	for (size_t i = 0; i < 2 * count; i++)
		j.root[i] = i;
	for (size_t i = 0; i < count; i++) {
		if ((i + 1) % s->cols != 0)
			join(&j, i, i + 1, EAST);
		if (i + s->cols < count)
			join(&j, i, i + s->cols, SOUTH);
	}
	for (size_t i = 0; i < count; i++) {
		size_t a = root_of(&j, 2 * i), b = root_of(&j, 2 * i + 1);
		struct drawing_edge pair = { a < b ? a : b, a < b ? b : a };

		if (arms_at(s, i) != 15)
			continue;
		s->d->crossings++;
		if (a != b)
			vec_push(&pairs, pair);
	}
	if (pairs.len > 0)
		qsort(pairs.items, pairs.len, sizeof(*pairs.items), compare_edges);
	for (size_t i = 0; i < pairs.len; i++)
		s->d->crossing_pairs += i == 0 ||
					compare_edges(&pairs.items[i - 1], &pairs.items[i]) != 0;
	vec_fini(&pairs);
	free(j.root);
}

void
drawing_read(struct drawing *d, const char *text)
{
	struct sheet s;

	memset(d, 0, sizeof(*d));
	sheet_init(&s, text, d);
	read_boxes(&s);
	read_lines(&s);
	count_crossings(&s);
	free(s.cells);
	free(s.box);
}

void
drawing_fini(struct drawing *d)
{
	for (size_t i = 0; i < d->nodes.len; i++)
		free(d->nodes.items[i].name);
	vec_fini(&d->nodes);
	vec_fini(&d->edges);
}

size_t
drawing_find(const struct drawing *d, const char *name)
{
	for (size_t i = 0; i < d->nodes.len; i++)
		if (strcmp(d->nodes.items[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

bool
drawing_has_edge(const struct drawing *d, size_t from, size_t to)
{
	for (size_t i = 0; i < d->edges.len; i++)
		if (d->edges.items[i].from == from && d->edges.items[i].to == to)
			return true;
	return false;
}
