/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The person's own configuration (YAML): options that the console begins
 * with, keys of every command, expressions for find and hide, views.
 *
 * $MESHTOP_CONFIG names the file, else $XDG_CONFIG_HOME/meshtop/config.yaml
 * or ~/.config/meshtop/config.yaml is read when it is there.  Everything
 * unknown is an error with line and column, and so are two commands that
 * claim one key on one screen.
 */
#ifndef MESHTOP_TUI_CONFIG_H
#define MESHTOP_TUI_CONFIG_H

#include <stddef.h>

#include "src/base/vec.h"
#include "tui/config/keymap.h"

struct arena;
struct buf;
struct error;
struct model;

struct config_keys {
	enum command_id id;
	const char *line;	/* a command with its arguments; NULL: alone */
	const char *keys;	/* "n Ctrl-N"; "": none */
	unsigned at_line, col;
};

struct config_text {		/* a find expression, or lines of a view */
	const char *name, *text;
};

struct config {
	struct arena *arena;
	const char *file;		/* NULL: no file was read */
	const char **values;		/* of the options; NULL: the default */
	VEC(struct config_keys) keys;
	VEC(struct config_text) finds, views;
};

/* Nothing but the defaults. */
void config_init(struct config *c);
/* path NULL: the person's own file.  -1 and err when a file that was named
 * cannot be read, or is wrong. */
int config_load(struct config *c, const char *path, struct error *err);
int config_parse(struct config *c, const char *text, size_t len, const char *file,
		 struct error *err);
/* The folder of the person's own file; NULL when there is no place for one. */
char *config_dir(void);
void config_fini(struct config *c);

/* The keys in force; NULL and err when two commands claim one. */
struct keymap *config_keymap(const struct config *c, struct error *err);
/* Command lines that set what the options say, each told to fn. */
void config_each_line(const struct config *c, void (*fn)(void *arg, const char *line), void *arg);
/* The value in force of an option that there is; c NULL: the default. */
const char *config_option(const struct config *c, const char *name);
/* As the command line says: before what the file says.  ERROR_USAGE. */
int config_set(struct config *c, const char *name, const char *value, struct error *err);
/* All that is in force, as a file that can be read again, with comments. */
void config_print(const struct config *c, const struct keymap *m, struct buf *out);

#endif
