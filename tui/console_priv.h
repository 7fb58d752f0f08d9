/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What console.c (terminal, loop) and console_host.c (tapes) share.
 */
#ifndef MESHTOP_TUI_CONSOLE_PRIV_H
#define MESHTOP_TUI_CONSOLE_PRIV_H

#include "src/base/loop.h"
#include "tui/console.h"
#include "tui/editor.h"

struct draw;
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
	struct timer tick, escape, step, poll;
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
};

#endif
