/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The console without a terminal: model, stack of screens, command line and
 * messages; keys in, a canvas out.
 *
 * console.c puts a terminal or a tape in front of it.
 */
#ifndef MESHTOP_TUI_APP_H
#define MESHTOP_TUI_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/model/problem.h"
#include "src/topology/layout.h"
#include "tui/config/keymap.h"

struct app;
struct buf;
struct canvas;
struct clock;
struct config;
struct error;
struct feed;
struct model;
struct mouse_press;
struct object;
struct screen;
struct viewer;

/* What the app cannot do itself; each may be NULL. */
struct app_host {
	void (*dirty)(void *arg);			/* the screen is no longer true */
	void (*quit)(void *arg);
	void (*suspend)(void *arg);
	void (*poll_soon)(void *arg);			/* calls app_poll() a little later */
	void (*frame_soon)(void *arg);			/* calls app_frame() after FLOW_FRAME_MS */
	/* `:record FILE` begins, "" ends; answer is one line; false: refused. */
	bool (*record)(void *arg, const char *path, struct buf *answer);
	/* Macros: `:macro NAME` begins, again ends; `:play NAME`. */
	bool (*macro)(void *arg, const char *name, struct buf *answer);
	bool (*play)(void *arg, const char *name, struct buf *answer);
	bool (*mark)(void *arg, const char *text, struct buf *answer);	/* into the recording */
	void (*repaint)(void *arg);			/* Ctrl-L */
	void (*copy)(void *arg, const char *text);	/* to the clipboard */
	void (*status)(void *arg, struct buf *out);	/* debug figures: bytes */
	/* The start screen's answer: a mesh directory, NULL for the demo. */
	void (*choose)(void *arg, const char *dir);
	bool (*set)(void *arg, const char *name, const char *value, struct buf *answer);
	/* Begins to edit a file with the person's editor; app_edited() is called
	 * when that has ended. */
	int (*edit)(void *arg, const char *path, struct error *err);
	void *arg;
};

struct app_options {
	const struct clock *clock;
	struct feed *feed;		/* taken over */
	struct model *model;		/* borrowed; the feed's */
	struct app_host host;
	unsigned cols, rows;
	enum glyph_level glyphs, richest_glyphs;	/* to begin with; that there are */
	const char *history_file;	/* of the command line; NULL: not kept */
	const char *saved_file;		/* of views and expressions; NULL: not kept */
	const struct config *config;	/* only read here; NULL: the defaults */
};

struct app *app_new(const struct app_options *options);
void app_free(struct app **ap);

/* The input door: keyboard, tapes and tests. */
void app_key(struct app *a, uint32_t key);
void app_paste(struct app *a, const char *text, size_t len);	/* raw */
void app_mouse(struct app *a, const struct mouse_press *press);
void app_resize(struct app *a, unsigned cols, unsigned rows);
void app_tick(struct app *a);		/* once a second: ages and figures */
/* Draws if anything changed; the canvas stays the app's. */
const struct canvas *app_canvas(struct app *a);
/* Plays all that is known from its begin. */
void app_time_begin(struct app *a, double speed);
bool app_is_playing(const struct app *a);	/* the past moves on or back */
void app_poll(struct app *a);		/* after poll_soon: asks work beside the console */
void app_frame(struct app *a);		/* after frame_soon: what moves moves on */
/* Is what is typed now a secret? */
bool app_is_masked(const struct app *a);
bool app_line_is_open(const struct app *a);	/* `:` or `/` */
bool app_is_settled(const struct app *a);
/* Bytes that the command line wrote past us: always 0. */
long app_prompt_stray_bytes(const struct app *a);
/* A line above the hints that a tape shows; "" removes it. */
void app_caption(struct app *a, const char *text);
void app_set_glyphs(struct app *a, enum glyph_level level);
/* Characters of ambiguous width take two cells there: they are marked. */
void app_set_wide_terminal(struct app *a, bool on);
/* The editor that host.edit began has ended with this exit status. */
void app_edited(struct app *a, int status);

/* For screens. */
struct model *app_model(struct app *a);
struct feed *app_feed(struct app *a);
const struct keymap *app_keymap(const struct app *a);
enum glyph_level app_glyphs(const struct app *a);
int64_t app_now_ms(const struct app *a);
void app_dirty(struct app *a);
/* Tells the screens MODEL_BACKGROUND soon; false: nobody can here. */
bool app_poll_soon(struct app *a);
/* Tells the screens MODEL_FRAME once, a little later; without a host never. */
void app_frame_soon(struct app *a);
void app_push(struct app *a, struct screen *s);		/* takes it over */
void app_pop(struct app *a, struct screen *s);		/* closes s and all above it */
struct screen *app_top(const struct app *a);
/* One line for people at the bottom until the next key; sanitized here. */
void app_say(struct app *a, enum severity severity, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same of a text of the program in which "{word}" stands for how that command is
 * given: the first of its keys, ":word" when it has none. */
void app_tell(struct app *a, enum severity severity, const char *text);
/* Says what may hold text from outside, then the hint (NULL: none): one as for
 * app_tell(). */
void app_say_how(struct app *a, enum severity severity, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Appends how a command is given, a text as for app_tell(). */
void app_put_key(const struct app *a, enum command_id id, struct buf *out);
void app_put_keys(const struct app *a, const char *text, struct buf *out);
/* Asks a yes-no question on the bottom line; fn gets the answer ("y" is yes,
 * every other key no), exactly once. */
void app_ask(struct app *a, const char *question, void (*fn)(void *arg, bool yes), void *arg);
/* Says what went wrong. */
void app_say_error(struct app *a, const struct error *err);
/* Opens the command line with a text to go on from. */
void app_open_line(struct app *a, const char *text);
/* Runs a line as typed behind `:`. */
void app_run(struct app *a, const char *line);
void app_command(struct app *a, enum command_id id, const char *args);
void app_copy(struct app *a, const char *text);
/* Appends the text of an object as it stands in its file; of an item of a List
 * what would stand there by itself. */
void app_object_text(const struct model *m, const struct object *o, struct buf *out);
/* The same of several, as documents of one stream. */
void app_object_texts(const struct model *m, const struct object *const *objects, size_t count,
		      struct buf *out);
/* A tab with the same and what is wrong with the object, at its lines. */
void app_add_yaml(struct viewer *v, const char *tab, const struct model *m, const struct object *o);
/* The question changed: asks the feed. */
void app_query(struct app *a);

#endif
