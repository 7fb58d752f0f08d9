/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines and the wrapped notes between them; see viewer_rows.h. */
#include "tui/screens/viewer_rows.h"

#include <string.h>

#include "src/base/text.h"

#define POINTER_CELLS 2		/* "^ " */

/* Bytes of the piece that fits, up to a blank where there is one. */
static size_t
piece(const char *s, size_t len, size_t cells)
{
	size_t fit = text_fit(s, len, cells), at;

	if (fit == len || fit == 0)
		return fit > 0 ? fit : len;
	for (at = fit; at > 0 && s[at] != ' '; at--)
		;
	return at > 0 ? at : fit;
}

static void
add_note(struct viewer_rows *r, const struct viewer_note *n, unsigned cols)
{
	/* What is meant far to the right leaves no room for words below it. */
	unsigned indent = n->col > 0 && n->col <= cols / 2 ? n->col - 1 : 0;
	size_t len = strlen(n->text), from = 0;

	do {
		size_t size = piece(n->text + from, len - from, cols > indent + POINTER_CELLS ?
				    cols - indent - POINTER_CELLS : 1);
		struct viewer_row row = { n->line, n, from, size, indent };

		vec_push(&r->items, row);
		from += size;
		while (from < len && n->text[from] == ' ')
			from++;
	} while (from < len);
}

void
viewer_rows_make(struct viewer_rows *r, size_t lines, const struct viewer_note *notes,
		 size_t note_count, unsigned cols)
{
	size_t next = 0;

	r->items.len = 0;
	r->cols = cols;
	for (size_t line = 0; line <= lines; line++) {
		struct viewer_row row = { .line = line };

		if (line > 0)
			vec_push(&r->items, row);
		for (; next < note_count && notes[next].line <= line; next++)
			add_note(r, &notes[next], cols);
	}
}
