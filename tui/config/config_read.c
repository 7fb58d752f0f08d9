/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The configuration's YAML, section by section; see config.h.  All that is
 * unknown is wrong, with line and column.
 */
#include "tui/config/config_priv.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/base/yaml.h"
#include "src/topology/find.h"
#include "tui/feed/display.h"
#include "tui/feed/model.h"
#include "tui/term/key.h"

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
	const struct config_row *o = config_find_row(v->key);

	if (o == NULL)
		return wrong(v, c->file, err, "no option \"%s\"", v->key);
	if (text == NULL || !o->is_good(text))
		return wrong(v, c->file, err, "%s: must be %s", v->key, o->choices);
	c->values[o - config_rows] = arena_strdup(c->arena, text);
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
		c->values[CONFIG_ROWS + at] = arena_strdup(c->arena, display_value(&model, at));
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
		else if (len > 0 && key_parse(name) == K_CTRL('c'))
			status = wrong(v, c->file, err, "%s: %s always interrupts, twice it leaves",
				       v->key, name);
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
	if (strpbrk(v->key, " ()\"'") != NULL)
		return wrong(v, c->file, err, "\"%s\": a name of one word, to write @NAME", v->key);
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
