/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rows of a text with notes under its lines: each line is a row, each
 * note as many as its words need.  For viewer.c alone.
 */
#ifndef MESHTOP_TUI_SCREENS_VIEWER_ROWS_H
#define MESHTOP_TUI_SCREENS_VIEWER_ROWS_H

#include <stddef.h>

#include "src/base/vec.h"
#include "src/model/problem.h"

struct viewer_note {
	size_t line;		/* the note stands under it; 0: before the first */
	unsigned col;		/* cell that is meant, from 1; 0: none */
	enum severity severity;
	char *text;
};

struct viewer_row {
	size_t line;		/* from 1; of a note its line */
	const struct viewer_note *note;	/* NULL: the line itself */
	size_t from, len;	/* of a note: the piece of its text */
	unsigned indent;	/* of a note, in cells */
};

struct viewer_rows {
	VEC(struct viewer_row) items;
	unsigned cols;		/* they were made for; 0: not made */
};

/* Borrows the notes, which are in order of lines.  cols > 0. */
void viewer_rows_make(struct viewer_rows *r, size_t lines, const struct viewer_note *notes,
		      size_t note_count, unsigned cols);

#endif
