/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command table and its keys.
 */
#include "tui/config/keymap.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "tui/term/key.h"

struct binding {
	uint32_t key;
	enum command_id id;
	char *line;		/* the command with its arguments; NULL: alone */
};

struct keymap {
	VEC(struct binding) bindings;	/* in the order of the table */
	struct keymap *defaults;	/* the table's keys once these are others; NULL */
};

static const struct command rows[CMD_COUNT] = {
#define COMMAND(id, ID, keys, scope, args, help) \
	[CMD_##ID] = { CMD_##ID, #id, keys, scope, args, help },
#include "tui/config/commands.tbl"
#undef COMMAND
};

static const char *const args_texts[ARG_COUNT] = {
	[ARG_NONE] = "",
	[ARG_NAMESPACES] = "[NAMESPACE,...]",
	[ARG_PAGE] = "[NAMESPACE ...] [/TEXT] [last DURATION]",
	[ARG_WINDOW] = "DURATION",
	[ARG_TYPE] = "app|versionedApp|workload|service",
	[ARG_LABELS] = "rate,distribution,time:p95,throughput|none",
	[ARG_TEXT] = "[TEXT]",
	[ARG_WIZARD] = "KIND SERVICE",
	[ARG_FILE] = "FILE",
	[ARG_EXPLAIN] = "WORKLOAD.NAMESPACE METHOD URL [\"NAME: VALUE\"]",
	[ARG_SERVICE] = "NAME.NAMESPACE [TAB]",
	[ARG_SERVICES] = "NAME.NAMESPACE,...",
	[ARG_WORKLOAD] = "NAME.NAMESPACE [TAB]",
	[ARG_APP] = "NAME.NAMESPACE [TAB]",
	[ARG_OBJECT] = "KIND NAME.NAMESPACE",
	[ARG_NUMBER] = "[N]",
	[ARG_EXTRA] = "NAME",
	[ARG_SCALE] = "NAME.NAMESPACE N",
	[ARG_SORT] = "[[-]COLUMN]",
	[ARG_ZOOM] = "box|line",
	[ARG_SETTING] = "NAME [VALUE]",
	[ARG_FOLD] = "none|app|namespace",
	[ARG_FIND] = "[EXPRESSION|TEXT]",
	[ARG_SAVE_FIND] = "NAME [EXPRESSION]",
	[ARG_VIEW] = "NAME",
	[ARG_MOMENT] = "[DATE T]HH:MM[:SS]|5m|now",
	[ARG_MACRO] = "NAME",
	[ARG_REPLAY] = "[SPAN] [FROM] [SPEED] [back]",
	[ARG_HOPS] = "[HOPS|off]",
};

const struct command *
command_row(enum command_id id)
{
	ASSERT(id > CMD_NONE && id < CMD_COUNT);
	return &rows[id];
}

/* Words are written with '-' where the table's identifiers have '_'. */
static bool
word_starts(const char *word, const char *typed, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char want = word[i] == '_' ? '-' : word[i];

		if (want == '\0' || (typed[i] == '_' ? '-' : typed[i]) != want)
			return false;
	}
	return true;
}

/* What hands know from other programs, where the first letters would not do. */
static const struct { const char *word; enum command_id id; } short_words[] = {
	{ "q", CMD_QUIT }, { "ns", CMD_NAMESPACE }, { "svc", CMD_SERVICES },
};

enum command_id
command_by_word(const char *word, size_t len, bool *is_ambiguous)
{
	enum command_id found = CMD_NONE;
	unsigned matches = 0;

	for (size_t i = 0; i < ARRAY_LEN(short_words); i++)
		if (strlen(short_words[i].word) == len && strncmp(short_words[i].word, word, len) == 0)
			return short_words[i].id;
	for (enum command_id id = CMD_NONE + 1; id < CMD_COUNT && len > 0; id++) {
		if (!word_starts(rows[id].word, word, len))
			continue;
		if (rows[id].word[len] == '\0')
			return id;
		if (matches++ == 0)
			found = id;
	}
	if (is_ambiguous != NULL)
		*is_ambiguous = matches > 1;
	return matches == 1 ? found : CMD_NONE;
}

void
command_put_word(enum command_id id, struct buf *out)
{
	for (const char *s = command_row(id)->word; *s != '\0'; s++)
		buf_putc(out, *s == '_' ? '-' : *s);
}

const char *
command_args_text(enum command_args args)
{
	ASSERT((unsigned)args < ARG_COUNT);
	return args_texts[args];
}

unsigned
command_key_scope(enum command_id id)
{
	return rows[id].scope == SCOPE_TYPED ? SCOPE_ANY : rows[id].scope;
}

static void
bind_keys(struct keymap *m, enum command_id id, const char *line, const char *s)
{
	while (*s != '\0') {
		size_t len = strcspn(s, " ");
		char name[24];
		uint32_t key;

		ASSERT(len > 0 && len < sizeof(name));
		memcpy(name, s, len);
		name[len] = '\0';
		key = key_parse(name);
		ASSERT(key != K_NONE);
		vec_push(&m->bindings, ((struct binding){ key, id, line != NULL ? xstrdup(line) : NULL }));
		s += len + (s[len] == ' ');
	}
}

struct keymap *
keymap_new(void)
{
	struct keymap *m = xcalloc(1, sizeof(*m));

	for (enum command_id id = CMD_NONE + 1; id < CMD_COUNT; id++)
		bind_keys(m, id, NULL, rows[id].keys);
	return m;
}

void
keymap_free(struct keymap **mp)
{
	if (*mp == NULL)
		return;
	for (size_t i = 0; i < (*mp)->bindings.len; i++)
		free((*mp)->bindings.items[i].line);
	vec_fini(&(*mp)->bindings);
	keymap_free(&(*mp)->defaults);
	free(*mp);
	*mp = NULL;
}

void
keymap_bind(struct keymap *m, enum command_id id, const char *keys)
{
	if (m->defaults == NULL)
		m->defaults = keymap_new();
	for (size_t i = m->bindings.len; i > 0; i--) {
		if (m->bindings.items[i - 1].id == id && m->bindings.items[i - 1].line == NULL)
			vec_remove(&m->bindings, i - 1);
	}
	bind_keys(m, id, NULL, keys);
}

void
keymap_bind_line(struct keymap *m, const char *line, const char *keys)
{
	bind_keys(m, command_by_word(line, strcspn(line, " "), NULL), line, keys);
}

static const struct binding *
find_binding(const struct keymap *m, unsigned scope, uint32_t key)
{
	for (size_t i = 0; i < m->bindings.len; i++) {
		const struct binding *b = &m->bindings.items[i];

		if (b->key == key && (command_key_scope(b->id) & scope) != 0)
			return b;
	}
	return NULL;
}

enum command_id
keymap_find(const struct keymap *m, unsigned scope, uint32_t key)
{
	const struct binding *b = find_binding(m, scope, key);

	return b != NULL ? b->id : CMD_NONE;
}

const char *
keymap_line(const struct keymap *m, unsigned scope, uint32_t key)
{
	const struct binding *b = find_binding(m, scope, key);

	return b != NULL ? b->line : NULL;
}

static bool
is_told_before(const struct keymap *m, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (m->bindings.items[k].line != NULL &&
		    strcmp(m->bindings.items[k].line, m->bindings.items[i].line) == 0)
			return true;
	}
	return false;
}

void
keymap_each_line(const struct keymap *m,
		 void (*fn)(void *arg, const char *line, const char *keys), void *arg)
{
	for (size_t i = 0; i < m->bindings.len; i++) {
		const struct binding *b = &m->bindings.items[i];
		struct buf keys = BUF_INIT;

		if (b->line == NULL || is_told_before(m, i))
			continue;
		for (size_t k = i; k < m->bindings.len; k++) {
			const struct binding *other = &m->bindings.items[k];

			if (other->line == NULL || strcmp(other->line, b->line) != 0)
				continue;
			buf_puts(&keys, keys.len > 0 ? " " : "");
			key_name(other->key, &keys);
		}
		fn(arg, b->line, buf_str(&keys));
		buf_fini(&keys);
	}
}

void
keymap_keys(const struct keymap *m, enum command_id id, struct buf *out)
{
	size_t count = 0;

	for (size_t i = 0; i < m->bindings.len; i++) {
		if (m->bindings.items[i].id != id || m->bindings.items[i].line != NULL)
			continue;
		if (count++ > 0)
			buf_putc(out, ' ');
		key_name(m->bindings.items[i].key, out);
	}
}

bool
keymap_put_first_key(const struct keymap *m, enum command_id id, struct buf *out)
{
	for (size_t i = 0; i < m->bindings.len; i++) {
		if (m->bindings.items[i].id != id || m->bindings.items[i].line != NULL)
			continue;
		key_name(m->bindings.items[i].key, out);
		return true;
	}
	return false;
}

bool
keymap_put_key_for(const struct keymap *m, unsigned scope, const char *name, struct buf *out)
{
	enum command_id id = m->defaults != NULL ?
		keymap_find(m->defaults, scope, key_parse(name)) : CMD_NONE;

	if (id == CMD_NONE || keymap_find(m, scope, key_parse(name)) == id) {
		buf_puts(out, name);
		return true;
	}
	for (size_t i = 0; i < m->bindings.len; i++) {
		const struct binding *b = &m->bindings.items[i];

		if (b->id == id && b->line == NULL && find_binding(m, scope, b->key) == b) {
			key_name(b->key, out);
			return true;
		}
	}
	return false;
}

static bool
is_same(const struct binding *x, const struct binding *y)
{
	if (x->line == NULL || y->line == NULL)
		return x->id == y->id && x->line == y->line;
	return strcmp(x->line, y->line) == 0;
}

bool
keymap_conflict(const struct keymap *m, enum command_id *a, enum command_id *b)
{
	for (size_t i = 0; i < m->bindings.len; i++) {
		for (size_t j = i + 1; j < m->bindings.len; j++) {
			const struct binding *x = &m->bindings.items[i], *y = &m->bindings.items[j];

			if (x->key == y->key && !is_same(x, y) &&
			    (command_key_scope(x->id) & command_key_scope(y->id)) != 0) {
				*a = x->id;
				*b = y->id;
				return true;
			}
		}
	}
	return false;
}
