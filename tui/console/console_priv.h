/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of a console share; the loop is console.c's.
 */
#ifndef MESHTOP_TUI_CONSOLE_PRIV_H
#define MESHTOP_TUI_CONSOLE_PRIV_H

#include "src/base/loop.h"
#include "src/tape/recorder.h"
#include "src/topology/layout.h"
#include "tui/app/editor.h"
#include "tui/console/console.h"
#include "tui/term/probe.h"

struct buf;
struct canvas;
struct config;
struct draw;
struct error;
struct player;
struct recording;
struct tape;
struct key_decoder;
struct term_answer;
struct terminal;

struct console {
	struct loop *loop;
	struct model *model;
	struct feed *feed;
	struct app *app;
	struct terminal *term;		/* NULL: headless */
	struct draw *draw;
	struct key_decoder *decoder;
	struct feed_supervisor supervisor;
	struct console_script script;
	struct timer tick, escape, step, poll, frame;
	struct timer later;		/* a slow line is drawn on again */
	struct timer probing;		/* answers are waited for, then let go by */
	struct deferred paint;
	struct editor editor;
	uint64_t escape_ns, frames;
	unsigned ticks;
	size_t last_frame_bytes;
	unsigned cols, rows;
	struct probe probe;
	bool is_probing;
	/* What may follow the terminal's answers: nobody has decided it. */
	struct { bool answers, sync, background, glyphs; } wants;
	struct {
		struct recorder *tape;	/* being recorded; NULL */
		char *name;
		struct tape *played;	/* being played by player; NULL */
		struct player *player;
	} macro;
	uint32_t last_key;
	bool is_own_input;		/* bytes came from the terminal, not from a script */
	bool is_ending;
	bool has_chosen;		/* on the start screen */
	char *chosen;			/* directory; NULL: the demo */
	bool is_paused, was_paused;	/* a tape waits for the learner */
	int status;
	struct recording *recording;	/* NULL: none */
	struct canvas *shown;		/* the last frame that a tape's cast took */
};

void console_want_paint(void *arg);
void console_quit(void *arg);
void console_on_resize(void *arg);

/* Plays from now on, until it ends or the person takes over. */
void console_begin_script(struct console *c, const struct console_script *script);
/* The console goes on without it. */
void console_end_script(struct console *c);

/* Input (console_input.c). */
void console_open_input(struct console *c);
void console_on_bytes(void *arg, const char *bytes, size_t len);	/* of the terminal */

/* The app (console_app.c), with a start screen when the parts say so. */
void console_open_app(struct console *c, const struct console_parts *parts);

/* Macros (console_macro.c). */
bool console_macro(void *arg, const char *name, struct buf *answer);
bool console_play(void *arg, const char *name, struct buf *answer);
void console_play_end(struct console *c);
void console_macro_free(struct console *c);
void console_macro_key(struct console *c, uint32_t key);	/* before it acts */
void console_macro_paste(struct console *c, const char *text, size_t len);
/* Takes the command that is being obeyed out of a tape. */
void console_drop_command(struct console *c, struct recorder *tape);

/* The terminal (console_term.c). */
int console_open_terminal(struct console *c, const struct config *config, struct error *err);
enum glyph_level console_first_glyphs(struct console *c, const struct config *config,
				      enum glyph_level *richest);
/* Is other text than ASCII two cells wide there, unless the terminal says no? */
bool console_begins_wide(const struct console *c, enum glyph_level level);
void console_ask_terminal(struct console *c);
void console_on_answer(void *arg, const struct term_answer *answer);
bool console_change_setting(void *arg, const char *name, const char *value, struct buf *answer);

/* Recording (console_record.c): a tape and, beside it, a cast. */
int console_record(struct console *c, const char *path, struct error *err);
/* was_typed: by a `:` line, which is not part of the session.  err may be NULL. */
int console_record_end(struct console *c, bool was_typed, struct error *err);
void console_record_key(struct console *c, uint32_t key);	/* before it acts */
void console_record_paste(struct console *c, const char *text, size_t len);
void console_record_resize(struct console *c, unsigned cols, unsigned rows);
/* Where the next key goes. */
enum recorder_place console_key_place(const struct console *c);
void console_record_drop_command(struct console *c);	/* the one being obeyed */
void console_record_mark(struct console *c, const char *text);
void console_record_tick(struct console *c);	/* once a second */
void console_record_frame(struct console *c);
/* Bytes that turn *last into what is on screen now, and *last into that. */
void console_frame(struct console *c, struct canvas **last, struct buf *out);

#endif
