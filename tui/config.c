/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The person's own configuration; see config.h. */
#include "tui/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/base/yaml.h"
#include "src/topology/build.h"
#include "src/topology/find.h"
#include "src/topology/layout.h"
#include "tui/display.h"
#include "tui/key.h"
#include "tui/model.h"
#include "tui/theme.h"

#define FILE_MAX_BYTES (1u << 20)

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
	size_t digits = strspn(word, "0123456789");

	return digits > 0 && digits < 7 && word[digits] != '\0' && word[digits + 1] == '\0' &&
	       strchr("smhd", word[digits]) != NULL;
}

static bool
is_namespaces(const char *words)
{
	return words[strspn(words, "abcdefghijklmnopqrstuvwxyz0123456789-, ")] == '\0';
}

/* Options that are not display options; those follow by their own table. */
static const struct option {
	const char *name, *standard;
	bool (*is_good)(const char *value);
	const char *choices;		/* for messages and comments */
	const char *command;		/* that sets it; NULL: set at the start only */
} options[] = {
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
#define OPTIONS ARRAY_LEN(options)

static const struct option *
find_option(const char *name)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
	}
	return NULL;
}

static size_t
display_count(void)
{
	size_t n = 0;

	while (display_name(n) != NULL)
		n++;
	return n;
}

static int
wrong(const struct value *v, const char *file, struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static int
wrong(const struct value *v, const char *file, struct error *err, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	error_setf(err, ERROR_SYNTAX, "%s", buf_str(&b));
	buf_fini(&b);
	return error_at(err, file, v->line, v->col);
}

static int
read_option(struct config *c, const struct value *v, struct error *err)
{
	const char *text = value_text(v);
	const struct option *o = find_option(v->key);

	if (o == NULL)
		return wrong(v, c->file, err, "no option \"%s\"", v->key);
	if (text == NULL || !o->is_good(text))
		return wrong(v, c->file, err, "%s: must be %s", v->key, o->choices);
	c->values[o - options] = arena_strdup(c->arena, text);
	return 0;
}

static int
read_display(struct config *c, const struct value *v, struct error *err)
{
	const char *text = value_text(v);
	struct buf answer = BUF_INIT;
	struct model model;
	size_t at = 0;
	bool good;

	while (display_name(at) != NULL && strcmp(display_name(at), v->key) != 0)
		at++;
	if (display_name(at) == NULL)
		return wrong(v, c->file, err, "no display option \"%s\"", v->key);
	model_init(&model);
	good = text != NULL && display_set(&model, v->key, text, &answer);
	if (good)
		c->values[OPTIONS + at] = arena_strdup(c->arena, display_value(&model, at));
	else
		wrong(v, c->file, err, "%s", answer.len > 0 ? buf_str(&answer) : "write on or off");
	model_fini(&model);
	buf_fini(&answer);
	return good ? 0 : -1;
}

/* A text with blanks between the keys, or a list of them. */
static int
read_keys(struct config *c, const struct value *v, struct error *err)
{
	size_t word = strcspn(v->key, " ");
	bool is_line = v->key[word] != '\0';
	enum command_id id = command_by_word(v->key, word, NULL);
	struct buf keys = BUF_INIT;
	struct config_keys row = { .id = id, .at_line = v->line, .col = v->col };
	int status = 0;

	if (id == CMD_NONE || strlen(command_row(id)->word) != word)
		return wrong(v, c->file, err, "no command \"%s\"; meshtop --print-config lists them",
			     v->key);
	if (value_text(v) != NULL)
		buf_puts(&keys, value_text(v));
	VALUE_EACH(one, value_is_list(v) ? v : NULL)
		buf_printf(&keys, "%s%s", keys.len > 0 ? " " : "",
			   value_text(one) != NULL ? value_text(one) : "?");
	row.line = is_line ? arena_strdup(c->arena, v->key) : NULL;
	row.keys = arena_strdup(c->arena, buf_str(&keys));
	for (const char *s = row.keys; *s != '\0' && status == 0;) {
		size_t len = strcspn(s, " ");
		char *name = xstrndup(s, len);

		if (len > 0 && key_parse(name) == K_NONE)
			status = wrong(v, c->file, err, "%s: \"%s\" is no key; write a, F5, Ctrl-R, "
				       "Alt-x, PageDown", v->key, name);
		free(name);
		s += len + (s[len] == ' ');
	}
	buf_fini(&keys);
	vec_push(&c->keys, row);
	return status;
}

static const char *
no_saved(void *arg, const char *name)
{
	(void)arg;
	(void)name;
	return "idle";		/* the text itself is checked where it is saved */
}

static int
read_find(struct config *c, const struct value *v, struct error *err)
{
	struct config_text row = { v->key, value_text(v) };
	struct error inner = ERROR_INIT;
	struct find *f = row.text != NULL ? find_parse(row.text, no_saved, NULL, &inner) : NULL;

	if (f == NULL)
		return wrong(v, c->file, err, "%s: column %u: %s", v->key, inner.col,
			     row.text != NULL ? inner.msg : "write an expression");
	find_free(&f);
	row.name = arena_strdup(c->arena, row.name);
	row.text = arena_strdup(c->arena, row.text);
	vec_push(&c->finds, row);
	return 0;
}

/* A list of lines as typed behind `:`. */
static int
read_view(struct config *c, const struct value *v, struct error *err)
{
	struct config_text row = { arena_strdup(c->arena, v->key), NULL };
	struct buf lines = BUF_INIT;

	VALUE_EACH(line, value_is_list(v) ? v : NULL) {
		const char *text = value_text(line);

		if (text == NULL || command_by_word(text, strcspn(text, " "), NULL) == CMD_NONE) {
			buf_fini(&lines);
			return wrong(line, c->file, err, "%s: not a command line", v->key);
		}
		buf_printf(&lines, "%s%s", lines.len > 0 ? "\n" : "", text);
	}
	if (lines.len == 0)
		return wrong(v, c->file, err, "%s: a view is a list of command lines", v->key);
	row.text = arena_strdup(c->arena, buf_str(&lines));
	buf_fini(&lines);
	vec_push(&c->views, row);
	return 0;
}

static const struct {
	const char *name;
	int (*read)(struct config *c, const struct value *v, struct error *err);
} sections[] = {
	{ "options", read_option }, { "display", read_display }, { "keys", read_keys },
	{ "finds", read_find }, { "views", read_view },
};

static int
read_section(struct config *c, const struct value *v, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
		if (strcmp(v->key, sections[i].name) != 0)
			continue;
		if (v->kind != VALUE_NULL && !value_is_map(v))
			return wrong(v, c->file, err, "%s: names and values belong here", v->key);
		VALUE_EACH(child, v->kind == VALUE_NULL ? NULL : v)
			if (sections[i].read(c, child, err) < 0)
				return -1;
		return 0;
	}
	return wrong(v, c->file, err, "no section \"%s\": there are options, display, keys, finds, "
		     "views", v->key);
}

void
config_init(struct config *c)
{
	memset(c, 0, sizeof(*c));
	c->arena = arena_new();
	c->values = arena_alloc(c->arena, (OPTIONS + display_count()) * sizeof(*c->values));
}

int
config_parse(struct config *c, const char *text, size_t len, const char *file,
	     struct error *err)
{
	struct yaml_stream stream = { .docs = VEC_INIT };
	struct arena *trees = arena_new();
	struct keymap *m = NULL;
	int status;

	config_init(c);
	c->file = arena_strdup(c->arena, file);
	status = yaml_parse(trees, text, len, file, &stream, err);
	for (size_t i = 0; i < stream.docs.len && status == 0; i++) {
		const struct value *root = stream.docs.items[i].root;

		if (root != NULL && root->kind != VALUE_NULL && !value_is_map(root))
			status = wrong(root, file, err, "options, display, keys, finds or views "
				       "belong here");
		VALUE_EACH(v, status == 0 && value_is_map(root) ? root : NULL)
			if ((status = read_section(c, v, err)) < 0)
				break;
	}
	yaml_stream_fini(&stream);
	arena_free(&trees);
	if (status == 0 && (m = config_keymap(c, err)) == NULL)
		status = -1;
	keymap_free(&m);
	if (status < 0)
		config_fini(c);
	return status;
}

/* NULL when there is no place for one. */
static char *
own_path(bool *is_named)
{
	const char *named = getenv("MESHTOP_CONFIG"), *home = getenv("HOME");
	const char *dir = getenv("XDG_CONFIG_HOME");

	*is_named = named != NULL && named[0] != '\0';
	if (*is_named)
		return xstrdup(named);
	if (dir != NULL && dir[0] == '/')
		return xasprintf("%s/meshtop/config.yaml", dir);
	return home != NULL && home[0] == '/' ? xasprintf("%s/.config/meshtop/config.yaml", home) :
	       NULL;
}

char *
config_dir(void)
{
	bool is_named;
	char *path = own_path(&is_named), *slash = path != NULL ? strrchr(path, '/') : NULL;

	if (slash == NULL) {
		free(path);
		return is_named ? xstrdup(".") : NULL;
	}
	*slash = '\0';
	return path;
}

static int
read_whole(const char *path, struct buf *out, struct error *err)
{
	FILE *f = fopen(path, "re");
	char chunk[4096];
	size_t n;

	if (f == NULL)
		return error_errnof(err, "%s", path);
	while (out->len < FILE_MAX_BYTES && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_append(out, chunk, n);
	if (ferror(f) != 0) {
		error_errnof(err, "%s", path);
		fclose(f);
		return -1;
	}
	fclose(f);
	return 0;
}

int
config_load(struct config *c, const char *path, struct error *err)
{
	bool is_named = path != NULL;
	char *own = path != NULL ? xstrdup(path) : own_path(&is_named);
	struct buf text = BUF_INIT;
	struct error missing = ERROR_INIT;
	int status = 0;

	if (own == NULL) {
		config_init(c);
	} else if (read_whole(own, &text, &missing) == 0) {
		status = config_parse(c, buf_str(&text), text.len, own, err);
	} else if (is_named || errno != ENOENT) {
		*err = missing;
		err->code = ERROR_USAGE;
		status = -1;
	} else {
		config_init(c);
	}
	buf_fini(&text);
	free(own);
	return status;
}

void
config_fini(struct config *c)
{
	arena_free(&c->arena);
	vec_fini(&c->keys);
	vec_fini(&c->finds);
	vec_fini(&c->views);
	memset(c, 0, sizeof(*c));
}

static void
bind_row(struct keymap *m, const struct config_keys *row)
{
	if (row->line != NULL)
		keymap_bind_line(m, row->line, row->keys);
	else
		keymap_bind(m, row->id, row->keys);
}

struct keymap *
config_keymap(const struct config *c, struct error *err)
{
	struct keymap *m = keymap_new();
	enum command_id a, b;

	for (size_t i = 0; i < c->keys.len; i++)
		bind_row(m, &c->keys.items[i]);
	if (!keymap_conflict(m, &a, &b))
		return m;
	error_setf(err, ERROR_SYNTAX, "%s and %s claim the same key on one screen",
		   command_row(a)->word, command_row(b)->word);
	for (size_t i = c->keys.len; i > 0; i--) {
		const struct config_keys *k = &c->keys.items[i - 1];

		if (k->id == a || k->id == b) {
			error_at(err, c->file, k->at_line, k->col);
			break;
		}
	}
	keymap_free(&m);
	return NULL;
}

void
config_each_line(const struct config *c, void (*fn)(void *arg, const char *line), void *arg)
{
	for (size_t i = 0; i < OPTIONS + display_count(); i++) {
		char *line;

		if (c->values[i] == NULL || (i < OPTIONS && options[i].command == NULL))
			continue;
		line = i < OPTIONS ? xasprintf("%s %s", options[i].command, c->values[i]) :
		       xasprintf("set %s %s", display_name(i - OPTIONS), c->values[i]);
		fn(arg, line);
		free(line);
	}
}

const char *
config_option(const struct config *c, const char *name)
{
	const struct option *o = find_option(name);

	ASSERT(o != NULL);
	return c != NULL && c->values[o - options] != NULL ? c->values[o - options] : o->standard;
}

int
config_set(struct config *c, const char *name, const char *value, struct error *err)
{
	const struct option *o = find_option(name);

	ASSERT(o != NULL);
	if (!o->is_good(value))
		return error_setf(err, ERROR_USAGE, "--%s '%s': must be %s", name, value, o->choices);
	c->values[o - options] = arena_strdup(c->arena, value);
	return 0;
}

/* A YAML text that reads back as it is. */
static void
put_quoted(const char *s, struct buf *out)
{
	buf_putc(out, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *s);
	}
	buf_putc(out, '"');
}

static void
put_row(struct buf *out, const char *name, const char *value, const char *comment)
{
	size_t begin = out->len;

	buf_printf(out, "  %s: ", name);
	put_quoted(value, out);
	while (out->len - begin < 38)
		buf_putc(out, ' ');
	buf_printf(out, "  # %s\n", comment);
}

static void
print_options(const struct config *c, struct buf *out)
{
	struct model model;

	buf_puts(out, "options:\n");
	for (size_t i = 0; i < OPTIONS; i++)
		put_row(out, options[i].name, c->values[i] != NULL ? c->values[i] :
			options[i].standard, options[i].choices);
	model_init(&model);
	buf_puts(out, "\ndisplay:\n");
	for (size_t i = 0; i < display_count(); i++)
		put_row(out, display_name(i), c->values[OPTIONS + i] != NULL ?
			c->values[OPTIONS + i] : display_value(&model, i), display_help(i));
	model_fini(&model);
}

static void
print_line(void *arg, const char *line, const char *keys)
{
	struct buf *out = arg;

	buf_puts(out, "  ");
	put_quoted(line, out);
	buf_puts(out, ": ");
	put_quoted(keys, out);
	buf_putc(out, '\n');
}

static void
print_keys(const struct keymap *m, struct buf *out)
{
	buf_puts(out, "\n# Keys separated by blanks; \"\" for none.  A command that is only typed may\n"
		 "# have a key, too: it works on all screens but forms and menus.  So may a whole\n"
		 "# line: \"play triage\": \"F5\".\nkeys:\n");
	for (enum command_id id = CMD_NONE + 1; id < CMD_COUNT; id++) {
		struct buf keys = BUF_INIT, word = BUF_INIT;

		buf_puts(&word, command_row(id)->word);
		for (size_t i = 0; i < word.len; i++)
			word.data[i] = word.data[i] == '_' ? '-' : word.data[i];
		keymap_keys(m, id, &keys);
		put_row(out, buf_str(&word), buf_str(&keys), command_row(id)->help);
		buf_fini(&keys);
		buf_fini(&word);
	}
	keymap_each_line(m, print_line, out);
}

void
config_print(const struct config *c, const struct keymap *m, struct buf *out)
{
	buf_printf(out, "# meshtop: what is in force, from %s\n",
		   c->file != NULL ? c->file : "the defaults (no file)");
	print_options(c, out);
	print_keys(m, out);
	buf_puts(out, "\n# Expressions of find and hide, used as @NAME.\nfinds:");
	buf_puts(out, c->finds.len == 0 ? " {}\n" : "\n");
	for (size_t i = 0; i < c->finds.len; i++)
		put_row(out, c->finds.items[i].name, c->finds.items[i].text, "find and hide");
	buf_puts(out, "\n# Lines as typed behind \":\", run by :view NAME.\nviews:");
	buf_puts(out, c->views.len == 0 ? " {}\n" : "\n");
	for (size_t i = 0; i < c->views.len; i++) {
		buf_printf(out, "  %s:\n", c->views.items[i].name);
		for (const char *s = c->views.items[i].text; *s != '\0';) {
			size_t len = strcspn(s, "\n");
			char *line = xstrndup(s, len);

			buf_puts(out, "  - ");
			put_quoted(line, out);
			buf_putc(out, '\n');
			free(line);
			s += len + (s[len] == '\n');
		}
	}
}
