/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Options and their values; see config.h.  Display options follow behind them,
 * by their own table (display.h).
 */
#include "tui/config/config_priv.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/moment.h"
#include "src/base/xalloc.h"
#include "src/topology/build.h"
#include "src/topology/layout.h"
#include "tui/feed/display.h"
#include "tui/term/theme.h"

static bool
is_glyphs(const char *word)
{
	enum glyph_level level;

	return strcmp(word, "auto") == 0 || glyph_level_parse(word, &level);
}

static bool
is_theme(const char *word)
{
	enum theme theme;

	return theme_parse(word, &theme);
}

static bool
is_background(const char *word)
{
	enum background background;

	return background_parse(word, &background);
}

static bool
is_color(const char *word)
{
	return strcmp(word, "auto") == 0 || strcmp(word, "always") == 0 ||
	       strcmp(word, "never") == 0;
}

static bool
is_switch(const char *word)
{
	return strcmp(word, "on") == 0 || strcmp(word, "off") == 0;
}

static bool
is_auto_switch(const char *word)
{
	return strcmp(word, "auto") == 0 || is_switch(word);
}

static bool
is_type(const char *word)
{
	enum graph_type type;

	return graph_type_parse(word, &type);
}

static bool
is_labels(const char *words)
{
	unsigned bits;

	return edge_labels_parse(words, &bits);
}

static bool
is_window(const char *word)
{
	return moment_window_s(word) > 0;
}

static bool
is_namespaces(const char *words)
{
	return words[strspn(words, "abcdefghijklmnopqrstuvwxyz0123456789-, ")] == '\0';
}

const struct config_row config_rows[] = {
	{ "glyphs", "auto", is_glyphs, "auto, unicode, light or ascii", NULL },
	{ "color", "auto", is_color, "auto (not under NO_COLOR), always or never", NULL },
	{ "theme", "standard", is_theme, "standard, deuteranopia, tritanopia or mono", "set theme" },
	{ "background", "auto", is_background, "auto, dark or light", "set background" },
	{ "mouse", "off", is_switch, "on or off", "set mouse" },
	{ "sync", "auto", is_auto_switch, "whole frames at once: auto, on or off", NULL },
	{ "ask", "on", is_switch, "ask the terminal what it can: on or off", NULL },
	{ "refresh", "1s", is_window, "how often figures are read: 1s, 5s, 1m", "set refresh" },
	{ "type", "versionedApp", is_type, "app, versionedApp, workload or service", "type" },
	{ "labels", "rate", is_labels, "rate, distribution, time:avg|p50|p95|p99, throughput, "
	  "or none", "labels" },
	{ "since", "1m", is_window, "a time window: 90s, 5m, 2h, 1d", "since" },
	{ "namespaces", "all", is_namespaces, "all, or names separated by commas", "namespace" },
};
_Static_assert(ARRAY_LEN(config_rows) == CONFIG_ROWS, "a row more or less: CONFIG_ROWS");

const struct config_row *
config_find_row(const char *name)
{
	for (size_t i = 0; i < CONFIG_ROWS; i++) {
		if (strcmp(config_rows[i].name, name) == 0)
			return &config_rows[i];
	}
	return NULL;
}

size_t
config_display_count(void)
{
	size_t n = 0;

	while (display_name(n) != NULL)
		n++;
	return n;
}

void
config_each_line(const struct config *c, void (*fn)(void *arg, const char *line), void *arg)
{
	for (size_t i = 0; i < CONFIG_ROWS + config_display_count(); i++) {
		char *line;

		if (c->values[i] == NULL || (i < CONFIG_ROWS && config_rows[i].command == NULL))
			continue;
		line = i < CONFIG_ROWS ? xasprintf("%s %s", config_rows[i].command, c->values[i]) :
		       xasprintf("set %s %s", display_name(i - CONFIG_ROWS), c->values[i]);
		fn(arg, line);
		free(line);
	}
}

const char *
config_option(const struct config *c, const char *name)
{
	const struct config_row *o = config_find_row(name);

	ASSERT(o != NULL);
	return c != NULL && c->values[o - config_rows] != NULL ? c->values[o - config_rows] : o->standard;
}

int
config_set(struct config *c, const char *name, const char *value, struct error *err)
{
	const struct config_row *o = config_find_row(name);

	ASSERT(o != NULL);
	if (!o->is_good(value))
		return error_setf(err, ERROR_USAGE, "--%s '%s': must be %s", name, value, o->choices);
	c->values[o - config_rows] = arena_strdup(c->arena, value);
	return 0;
}
