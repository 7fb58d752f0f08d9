/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From cells to terminal bytes: curses, told to write into memory.
 *
 * A frame is what changed since the frame before, as one piece of bytes that
 * the caller writes at once; no bytes when nothing changed.
 */
#ifndef MESHTOP_TUI_DRAW_H
#define MESHTOP_TUI_DRAW_H

#include <stdbool.h>

#include "tui/term/theme.h"

struct buf;
struct canvas;
struct draw;
struct error;

struct draw_options {
	bool has_colour;	/* false under NO_COLOR */
	bool has_true_colour;	/* the environment says so (COLORTERM) */
	bool is_synchronized;	/* wrap frames in begin and end of mode 2026 */
};

/* One at a time in a process (curses is global).  type: terminal type. */
struct draw *draw_new(const char *type, const struct draw_options *options, struct error *err);
void draw_free(struct draw **dp);
/* Appends the bytes that turn the last frame into this canvas. */
void draw_frame(struct draw *d, const struct canvas *c, struct buf *out);
/* The next frame repaints everything. */
void draw_forget(struct draw *d);
void draw_set_theme(struct draw *d, enum theme theme);
/* BACKGROUND_UNKNOWN: the terminal's own sixteen colours. */
void draw_set_background(struct draw *d, enum background background);
void draw_set_synchronized(struct draw *d, bool on);

#endif
