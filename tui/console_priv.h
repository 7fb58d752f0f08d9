/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What console.c (terminal, loop) and console_host.c (tapes) share.
 */
#ifndef MESHTOP_TUI_CONSOLE_PRIV_H
#define MESHTOP_TUI_CONSOLE_PRIV_H

#include "src/base/loop.h"
#include "tui/console.h"
#include "tui/editor.h"

struct buf;
struct canvas;
struct draw;
struct error;
struct recording;
struct key_decoder;
struct terminal;

struct console {
	struct loop *loop;
	struct model *model;
	struct feed *feed;
	struct app *app;
	struct terminal *term;		/* NULL: headless */
	struct draw *draw;
	struct key_decoder *decoder;
	struct console_supervisor supervisor;
	struct console_script script;
	struct timer tick, escape, step, poll, frame;
	struct deferred paint;
	struct editor editor;
	uint64_t escape_ns, frames;
	unsigned ticks;
	size_t last_frame_bytes;
	unsigned cols, rows;
	bool is_ending;
	bool has_chosen;		/* on the start screen */
	char *chosen;			/* directory; NULL: the demo */
	bool is_paused, was_paused;	/* a tape waits for the learner */
	int status;
	struct recording *recording;	/* NULL: none */
	struct canvas *shown;		/* the last frame that a tape's cast took */
};

/* Recording (console_record.c): a tape and, beside it, a cast. */
int console_record(struct console *c, const char *path, struct error *err);
/* was_typed: by a `:` line, which is not part of the session.  err may be NULL. */
int console_record_end(struct console *c, bool was_typed, struct error *err);
void console_record_key(struct console *c, uint32_t key);	/* before it acts */
void console_record_paste(struct console *c, const char *text, size_t len);
void console_record_resize(struct console *c, unsigned cols, unsigned rows);
void console_record_mark(struct console *c, const char *text);
void console_record_config(struct console *c);	/* once a second */
void console_record_frame(struct console *c);
/* Bytes that turn *last into what is on screen now, and *last into that. */
void console_frame(struct console *c, struct canvas **last, struct buf *out);

#endif
