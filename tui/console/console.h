/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The console as a whole: an app with a terminal in front of it, or without
 * one for tapes.
 */
#ifndef MESHTOP_TUI_CONSOLE_H
#define MESHTOP_TUI_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/feed/supervisor.h"

struct app;
struct buf;
struct clock;
struct config;
struct console;
struct error;
struct feed;
struct loop;
struct model;
struct player_host;

/* Something that plays into the input door, stepped by the console's loop. */
struct console_script {
	void *arg;
	/* Called once before the first step, with what to play against. */
	int (*start)(void *arg, const struct player_host *host, struct error *err);
	/* Does what is due; *next_ns: when to call again at the latest.  False:
	 * the script has ended and *status is the console's exit status. */
	bool (*step)(void *arg, uint64_t now_ns, uint64_t *next_ns, int *status);
	/* A key of the person's own ends it, and the console goes on. */
	bool is_yielding;
};

#define CONSOLE_GOES_ON (-1)	/* a script's status: it has ended, the console has not */

/* What the command line says before the configuration; NULL: nothing. */
struct console_look {
	const char *glyphs;		/* auto, unicode, light, ascii */
	const char *color;		/* auto, always, never */
	const char *theme;		/* standard, deuteranopia, tritanopia, mono */
	const char *background;		/* auto, dark, light */
	const char *mouse;		/* on, off */
};

/* ERROR_USAGE when a word is none of those. */
int console_look_check(const struct console_look *look, struct error *err);

struct console_options {
	const char *mesh_dir;		/* absolute or relative */
	const char *admin_socket;	/* NULL: MESH_DIR/.meshtop/admin.sock */
	const char *title;		/* NULL: the directory's name */
	bool owns_engine;		/* it ends with the console */
	struct feed_supervisor supervisor;
	struct console_script script;	/* step NULL: none */
	bool is_headless;		/* no terminal: needs a script */
	unsigned cols, rows;		/* headless; 0: 80x24 */
	struct console_look look;
	const char *data;		/* FILE.data of a recorded session instead of mesh_dir */
	double speed;			/* that it is played at */
	const char *record;		/* FILE.tape that the session is recorded in; NULL: none */
};

/* Runs until the person leaves or the script ends; returns the exit status.
 * Without a usable terminal: one line on stderr and 2. */
int console_main(const struct console_options *options);

/* The start screen.  0 when something was chosen: *dir (caller frees) is a
 * mesh directory, NULL the demo.  -1 when the person left (err untouched) or
 * there is no usable terminal (err, ERROR_USAGE). */
int console_choose(const struct console_look *look, char **dir, struct error *err);

/* The parts, for tests and other front ends. */
struct console_parts {
	struct loop *loop;
	const struct clock *clock;
	struct feed *feed;		/* taken over */
	struct model *model;		/* borrowed */
	struct feed_supervisor supervisor;
	struct console_script script;
	bool is_headless;
	bool is_start;			/* shows the start screen */
	unsigned cols, rows;
	const struct config *config;	/* the person's own; NULL: the defaults */
};

struct console *console_new(const struct console_parts *parts, struct error *err);
void console_free(struct console **cp);
/* Turns the loop until the end; returns the exit status. */
int console_run(struct console *c);

/* The door.  Keys as bytes a terminal would send, or by code (tui/term/key.h). */
void console_feed_bytes(struct console *c, const char *bytes, size_t len);
void console_resize(struct console *c, unsigned cols, unsigned rows);
/* The screen as text: rows lines, trailing blanks removed. */
void console_screen(struct console *c, struct buf *out);
bool console_is_settled(struct console *c);
void console_player_host(struct console *c, struct player_host *out);

#endif
