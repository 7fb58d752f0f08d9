/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rewriting a ring file thinner; see ring_thin.h.
 *
 * Figures are cumulative, so of several lines the newest object of each
 * series says all; only labels, which stand in the first, are carried over.
 * Lines are our own writing (stats_telemetry.c) and are cut apart as text: in
 * JSON no text value can hold an unescaped quote, so a key with its quotes
 * is found by searching.
 */
#include "proxy/telemetry/ring_thin.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "src/base/buf.h"
#include "src/base/vec.h"

#define STEP_MS 15000

struct merged {
	unsigned long id;
	char *labels;			/* "labels":[...], with the comma; NULL */
	struct buf object;		/* without labels */
	size_t labels_at;		/* where in object they belong */
	UT_hash_handle hh;
};

struct ring_thin {
	char *engine;			/* of the lines being merged; NULL: none */
	long long step;			/* their time in steps; -1 for RING_FOLD */
	struct buf head;		/* of the newest of them, up to "series":[ */
	struct merged *index;
	VEC(struct merged *) order;
};

struct ring_thin *
ring_thin_new(void)
{
	return xcalloc(1, sizeof(struct ring_thin));
}

static void
clear(struct ring_thin *t)
{
	HASH_CLEAR(hh, t->index);
	for (size_t i = 0; i < t->order.len; i++) {
		free(t->order.items[i]->labels);
		buf_fini(&t->order.items[i]->object);
		free(t->order.items[i]);
	}
	t->order.len = 0;
	free(t->engine);
	t->engine = NULL;
}

void
ring_thin_free(struct ring_thin **tp)
{
	struct ring_thin *t = *tp;

	if (t == NULL)
		return;
	clear(t);
	vec_fini(&t->order);
	buf_fini(&t->head);
	free(t);
	*tp = NULL;
}

static void
finish(struct ring_thin *t, struct buf *out)
{
	if (t->engine == NULL)
		return;
	buf_append(out, t->head.data, t->head.len);
	for (size_t i = 0; i < t->order.len; i++) {
		const struct merged *m = t->order.items[i];
		size_t at = m->labels_at;

		if (i > 0)
			buf_putc(out, ',');
		buf_append(out, m->object.data, at);
		if (m->labels != NULL)
			buf_puts(out, m->labels);
		buf_append(out, m->object.data + at, m->object.len - at);
	}
	buf_puts(out, "]}\n");
	clear(t);
}

void
ring_thin_end(struct ring_thin *t, struct buf *out)
{
	finish(t, out);
}

/* --- taking a line apart --- */

static const char *
find(struct slice s, const char *text)
{
	return memmem(s.ptr, s.len, text, strlen(text));
}

/* Behind the bracket that closes the one at start; NULL when it does not. */
static const char *
skip_brackets(const char *start, const char *end)
{
	unsigned depth = 0;
	bool in_text = false;

	for (const char *p = start; p < end; p++) {
		if (in_text) {
			if (*p == '\\')
				p++;
			else if (*p == '"')
				in_text = false;
		} else if (*p == '"') {
			in_text = true;
		} else if (*p == '{' || *p == '[') {
			depth++;
		} else if ((*p == '}' || *p == ']') && --depth == 0) {
			return p + 1;
		}
	}
	return NULL;
}

static struct merged *
merged_of(struct ring_thin *t, unsigned long id)
{
	struct merged *m;

	HASH_FIND(hh, t->index, &id, sizeof(id), m);
	if (m == NULL) {
		m = xcalloc(1, sizeof(*m));
		m->id = id;
		HASH_ADD(hh, t->index, id, sizeof(m->id), m);
		vec_push(&t->order, m);
	}
	return m;
}

static void
merge_object(struct ring_thin *t, struct slice object)
{
	static const char begin[] = "{\"id\":", mirrored[] = "\"mirrored\":", labels[] = "\"labels\":[";
	const char *end = object.ptr + object.len, *at, *after, *comma;
	struct merged *m;

	at = find(object, mirrored);
	if (!slice_starts(object, slice_of(begin)) || at == NULL)
		return;
	comma = memchr(at, ',', (size_t)(end - at));
	if (comma == NULL)
		return;
	comma++;
	m = merged_of(t, strtoul(object.ptr + strlen(begin), NULL, 10));
	buf_clear(&m->object);
	m->labels_at = (size_t)(comma - object.ptr);
	at = find(object, labels);
	if (at != comma) {		/* none */
		buf_append(&m->object, object.ptr, object.len);
		return;
	}
	after = skip_brackets(at + strlen(labels) - 1, end);
	if (after == NULL || *after != ',') {
		buf_append(&m->object, object.ptr, object.len);
		return;
	}
	after++;
	free(m->labels);
	m->labels = xstrndup(at, (size_t)(after - at));
	buf_append(&m->object, object.ptr, m->labels_at);
	buf_append(&m->object, after, (size_t)(end - after));
}

struct line {
	struct slice head, engine;	/* head ends with [ of the series */
	const char *series, *end;	/* of the objects */
	long long time_ms;
};

static bool
read_line(struct slice text, struct line *l)
{
	static const char begin[] = "{\"engine\":\"", time[] = "\"time_ms\":", list[] = "\"series\":[";
	const char *engine = text.ptr + strlen(begin), *quote, *at;

	if (!slice_starts(text, slice_of(begin)) || !slice_ends(text, SLICE("]}")))
		return false;
	quote = memchr(engine, '"', text.len - strlen(begin));
	at = find(text, time);
	l->series = find(text, list);
	if (quote == NULL || at == NULL || l->series == NULL)
		return false;
	l->engine = (struct slice){ engine, (size_t)(quote - engine) };
	l->time_ms = strtoll(at + strlen(time), NULL, 10);
	l->series += strlen(list);
	l->end = text.ptr + text.len - 2;
	l->head = (struct slice){ text.ptr, (size_t)(l->series - text.ptr) };
	return l->time_ms > 0;
}

static void
merge_line(struct ring_thin *t, const struct line *l)
{
	const char *at = l->series;

	buf_clear(&t->head);
	buf_append(&t->head, l->head.ptr, l->head.len);
	while (at < l->end) {
		const char *after = *at == '{' ? skip_brackets(at, l->end) : NULL;

		if (after == NULL)
			return;
		merge_object(t, (struct slice){ at, (size_t)(after - at) });
		at = after + (after < l->end && *after == ',');
	}
}

void
ring_thin_line(struct ring_thin *t, struct slice line, enum ring_region region, struct buf *out)
{
	struct line l;
	long long step;

	if (!read_line(line, &l))
		return;
	if (region == RING_KEEP) {
		finish(t, out);
		buf_append(out, line.ptr, line.len);
		buf_putc(out, '\n');
		return;
	}
	step = region == RING_FOLD ? -1 : l.time_ms / STEP_MS;
	if (t->engine != NULL && (!slice_is(l.engine, t->engine) || step != t->step)) {
		/* Of what is folded only the last engine has a future. */
		if (t->step == -1 && step == -1)
			clear(t);
		else
			finish(t, out);
	}
	if (t->engine == NULL)
		t->engine = xstrndup(l.engine.ptr, l.engine.len);
	t->step = step;
	merge_line(t, &l);
}
