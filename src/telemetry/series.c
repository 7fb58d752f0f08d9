/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The series store; see series.h.
 *
 * Each reading keeps only what was added since the reading before it, packed
 * into a few bytes (variable-length numbers, sparse histograms), so that a
 * window is the sum of the readings inside it.
 */
#include "src/telemetry/series.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/json_scan.h"
#include "src/base/slice.h"
#include "src/base/strmap.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/base/vec.h"
#include "src/telemetry/pack.h"

#define THIN_AFTER_MS (10 * 60 * 1000)	/* younger readings keep 1 s steps */
#define THIN_STEP_MS (15 * 1000)
#define ENGINE_ID_BYTES 64
#define ENGINE_FIRST_MS 1000	/* a new engine's first reading is of that time */
#define LABEL_MOST_BYTES 1024u	/* of a text; a longer one keeps its ends */
#define LABEL_HEAD_BYTES 256u
#define LABEL_TAIL_BYTES 128u

struct reading {
	int64_t time_ms;
	struct packed add;	/* increase since the reading before */
};

struct identity {
	const char *labels[LABEL_COUNT];	/* interned */
	uint64_t is_tcp, is_mirrored;		/* without padding: a key */
};

struct series {
	int64_t id;		/* the engine's number */
	struct identity identity;
	struct packed last;	/* cumulative, of the newest reading; no bytes: none */
	VEC(struct reading) readings;	/* oldest first */
	size_t first;		/* readings before this one were dropped */
	size_t thinned;		/* readings before this one are in THIN_STEP_MS steps */
	UT_hash_handle hh;
};

struct label {
	char *text;
	UT_hash_handle hh;
};

struct gap {			/* no engine ran; a crash: up to a minute more */
	int64_t from_ms, to_ms;
};

struct series_store {
	char engine[ENGINE_ID_BYTES];
	uint64_t generation;
	int64_t oldest_ms, newest_ms;
	struct series *current;		/* of the engine now running, by id */
	struct series *earlier;		/* of engines before it alone, by identity */
	VEC(struct series *) all;	/* both */
	VEC(struct gap) gaps;		/* between an engine and the next one */
	struct label *labels;
	size_t bytes, most_bytes;	/* of all packed readings */
};

struct series_store *
series_new(void)
{
	struct series_store *s = xcalloc(1, sizeof(*s));

	s->most_bytes = SERIES_MAX_BYTES;
	return s;
}

void
series_set_most(struct series_store *s, size_t bytes)
{
	s->most_bytes = bytes;
}

static void
series_clear_one(struct series *one)
{
	for (size_t i = one->first; i < one->readings.len; i++)
		packed_fini(&one->readings.items[i].add);
	vec_fini(&one->readings);
	packed_fini(&one->last);
	free(one);
}

void
series_free(struct series_store **sp)
{
	struct series_store *s = *sp;
	struct label *label, *next;

	if (s == NULL)
		return;
	HASH_CLEAR(hh, s->current);
	HASH_CLEAR(hh, s->earlier);
	for (size_t i = 0; i < s->all.len; i++)
		series_clear_one(s->all.items[i]);
	vec_fini(&s->all);
	vec_fini(&s->gaps);
	HASH_ITER(hh, s->labels, label, next) {
		HASH_DEL(s->labels, label);
		free(label->text);
		free(label);
	}
	free(s);
	*sp = NULL;
}

/* Not inside of a UTF-8 sequence: at, or a little before it. */
static size_t
whole_at(const char *text, size_t at)
{
	while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

/* No name of a mesh is that long; whoever reads it would do so at every key.
 * What stands in the middle is told apart by its hash. */
static void
clean_label(struct buf *out, const char *text)
{
	size_t len = strlen(text), head, tail;

	if (len <= LABEL_MOST_BYTES) {
		text_sanitize(out, text, len);
		return;
	}
	head = whole_at(text, LABEL_HEAD_BYTES);
	tail = whole_at(text, len - LABEL_TAIL_BYTES);
	text_sanitize(out, text, head);
	buf_printf(out, "~%016llx~", (unsigned long long)strmap_hash(text, len, 0));
	text_sanitize(out, text + tail, len - tail);
}

/* One copy of each label text, sanitized: it comes from outside. */
static const char *
intern(struct series_store *s, const char *text)
{
	struct label *label;
	struct buf clean = BUF_INIT;

	clean_label(&clean, text);
	HASH_FIND(hh, s->labels, buf_str(&clean), clean.len, label);
	if (label == NULL) {
		label = xcalloc(1, sizeof(*label));
		label->text = xstrdup(buf_str(&clean));
		HASH_ADD_KEYPTR(hh, s->labels, label->text, clean.len, label);
	}
	buf_fini(&clean);
	return label->text;
}

static void
read_labels(struct series_store *s, const char *to[LABEL_COUNT], const struct value *labels)
{
	unsigned l = 0;

	for (unsigned i = 0; i < LABEL_COUNT; i++)
		to[i] = intern(s, "");
	if (value_is_map(labels)) {
		for (unsigned i = 0; i < LABEL_COUNT; i++) {
			const char *text = value_get_text(labels, metric_label_name(i));

			if (text != NULL)
				to[i] = intern(s, text);
		}
		return;
	}
	VALUE_EACH(label, labels) {
		if (l == LABEL_COUNT)
			break;
		to[l++] = intern(s, value_text(label) != NULL ? value_text(label) : "");
	}
}

/* One that an earlier engine counted goes on, from zero. */
static struct series *
series_named(struct series_store *s, const struct identity *identity)
{
	struct series *one;

	HASH_FIND(hh, s->earlier, identity, sizeof(*identity), one);
	if (one != NULL) {
		HASH_DEL(s->earlier, one);
		packed_fini(&one->last);
		return one;
	}
	one = xcalloc(1, sizeof(*one));
	one->identity = *identity;
	vec_push(&s->all, one);
	return one;
}

/* NULL when its labels were never told: such a series cannot be placed. */
static struct series *
series_of(struct series_store *s, const struct value *v)
{
	const struct value *labels = value_get(v, "labels");
	const char *type = value_get_text(v, "type");
	struct identity identity = { .is_tcp = type != NULL && strcmp(type, "tcp") == 0 };
	bool is_mirrored = false;
	struct series *one;
	int64_t id;

	if (!value_to_int(value_get(v, "id"), &id))
		return NULL;
	HASH_FIND(hh, s->current, &id, sizeof(id), one);
	if (one != NULL || labels == NULL)
		return one;
	value_to_bool(value_get(v, "mirrored"), &is_mirrored);
	identity.is_mirrored = is_mirrored;
	read_labels(s, identity.labels, labels);
	one = series_named(s, &identity);
	one->id = id;
	HASH_ADD(hh, s->current, id, sizeof(one->id), one);
	return one;
}

static void
series_add(struct series_store *s, struct series *one, const struct value *v,
	   int64_t time_ms, bool is_baseline)
{
	struct sample now = { 0 }, before = { 0 }, add = { 0 };
	struct reading r = { .time_ms = time_ms };

	sample_read(&now, v);
	if (one->last.bytes != NULL)
		sample_unpack(&before, &one->last);
	if (!is_baseline && sample_subtract(&add, &now, &before)) {
		packed_make(&r.add, &add);
		s->bytes += packed_bytes(&r.add);
		vec_push(&one->readings, r);
	}
	packed_fini(&one->last);
	packed_make(&one->last, &now);
	sample_fini(&add);
	sample_fini(&before);
	sample_fini(&now);
}

/* Joins readings of one 15 s step; true when anything became smaller. */
static bool
series_thin(struct series_store *s, struct series *one, int64_t before_ms)
{
	size_t to = one->thinned > one->first ? one->thinned : one->first;
	size_t from = to, was = one->readings.len;

	while (from < one->readings.len && one->readings.items[from].time_ms < before_ms) {
		struct reading *r = &one->readings.items[from++];
		struct reading *prev = to > one->first ? &one->readings.items[to - 1] : NULL;

		if (prev != NULL && prev->time_ms / THIN_STEP_MS == r->time_ms / THIN_STEP_MS) {
			s->bytes -= packed_bytes(&prev->add) + packed_bytes(&r->add);
			packed_join(&prev->add, &r->add);
			packed_fini(&r->add);
			prev->time_ms = r->time_ms;
			s->bytes += packed_bytes(&prev->add);
		} else {
			one->readings.items[to++] = *r;
		}
	}
	one->thinned = to;
	memmove(&one->readings.items[to], &one->readings.items[from],
		(one->readings.len - from) * sizeof(struct reading));
	one->readings.len -= from - to;
	return one->readings.len < was;
}

static void
series_drop_before(struct series_store *s, struct series *one, int64_t before_ms)
{
	while (one->first < one->readings.len &&
	       one->readings.items[one->first].time_ms < before_ms) {
		s->bytes -= packed_bytes(&one->readings.items[one->first].add);
		packed_fini(&one->readings.items[one->first++].add);
	}
	if (one->first > 64 && one->first > one->readings.len / 2) {
		memmove(one->readings.items, &one->readings.items[one->first],
			(one->readings.len - one->first) * sizeof(struct reading));
		one->readings.len -= one->first;
		one->thinned -= one->thinned > one->first ? one->first : one->thinned;
		one->first = 0;
	}
}

/* Keeps the store below its maximum: thinner steps first, then a shorter past. */
static void
make_room(struct series_store *s)
{
	for (size_t i = 0; i < s->all.len; i++)
		series_thin(s, s->all.items[i], s->newest_ms - THIN_AFTER_MS);
	while (s->bytes > s->most_bytes) {
		int64_t cut = s->oldest_ms + (s->newest_ms - s->oldest_ms) / 8 + 1;

		for (size_t i = 0; i < s->all.len; i++)
			series_drop_before(s, s->all.items[i], cut);
		s->oldest_ms = cut;
	}
	while (s->gaps.len > 0 && s->gaps.items[0].to_ms <= s->oldest_ms)
		vec_remove(&s->gaps, 0);
}

/* A restarted engine counts from zero: its numbers start a new set of series. */
static void
follow_engine(struct series_store *s, const char *engine, int64_t time_ms)
{
	struct gap down = { s->newest_ms, time_ms - ENGINE_FIRST_MS };

	if (strcmp(s->engine, engine) == 0)
		return;
	if (s->newest_ms != 0 && down.to_ms > down.from_ms)
		vec_push(&s->gaps, down);
	HASH_CLEAR(hh, s->current);
	HASH_CLEAR(hh, s->earlier);
	for (size_t i = 0; i < s->all.len; i++)
		HASH_ADD(hh, s->earlier, identity, sizeof(struct identity), s->all.items[i]);
	s->generation = 0;
	snprintf(s->engine, sizeof(s->engine), "%s", engine);
}

static bool
read_number(struct slice object, const char *name, int64_t *out)
{
	struct slice text;
	char digits[24], *end;

	if (!json_scan_member(object, name, &text) || text.len == 0 || text.len >= sizeof(digits))
		return false;
	memcpy(digits, text.ptr, text.len);
	digits[text.len] = '\0';
	errno = 0;
	*out = strtoll(digits, &end, 10);
	return errno == 0 && *end == '\0';
}

static int
read_head(struct slice text, struct telemetry *h, struct error *err)
{
	struct slice engine;

	if (!json_scan(text))
		return error_setf(err, ERROR_SYNTAX, "telemetry: not JSON, or not whole");
	if (!json_scan_member(text, "engine", &engine) || !json_scan_string(engine, &h->engine) ||
	    !read_number(text, "time_ms", &h->time_ms) ||
	    !read_number(text, "generation", &h->generation) || h->time_ms <= 0)
		return error_setf(err, ERROR_SYNTAX, "telemetry: engine, time_ms or generation is missing");
	if (!json_scan_member(text, "series", &h->series) || h->series.ptr[0] != '[')
		h->series = SLICE("[]");
	return 0;
}

/* One of the series, with a tree of its own: that of all would be many times as
 * large as the text. */
static void
feed_one(struct series_store *s, struct slice text, int64_t time_ms, bool is_baseline)
{
	struct arena *a = arena_new();
	const struct value *v = json_parse(a, text.ptr, text.len, NULL);
	struct series *one = v != NULL ? series_of(s, v) : NULL;

	if (one != NULL)
		series_add(s, one, v, time_ms, is_baseline);
	arena_free(&a);
}

int
telemetry_read(struct telemetry *t, const char *json, size_t len, struct error *err)
{
	*t = (struct telemetry){ .engine = BUF_INIT };
	if (read_head((struct slice){ json, len }, t, err) == 0)
		return 0;
	buf_fini(&t->engine);
	return -1;
}

static void
begin_feed(struct series_store *s, struct telemetry *t)
{
	t->is_begun = true;
	/* What was counted before anybody looked has no place in time. */
	t->is_baseline = s->newest_ms == 0;
	follow_engine(s, buf_str(&t->engine), t->time_ms);
}

static void
end_feed(struct series_store *s, struct telemetry *t)
{
	if (s->oldest_ms == 0)
		s->oldest_ms = t->time_ms;
	if (t->time_ms > s->newest_ms)
		s->newest_ms = t->time_ms;
	s->generation = (uint64_t)t->generation;
	if (s->bytes > s->most_bytes / 2)
		make_room(s);
	buf_fini(&t->engine);
}

bool
series_feed_part(struct series_store *s, struct telemetry *t, size_t most)
{
	struct slice item;

	if (!t->is_begun)
		begin_feed(s, t);
	for (size_t i = 0; i < most; i++) {
		if (!json_scan_item(&t->series, &item)) {
			end_feed(s, t);
			return false;
		}
		feed_one(s, item, t->time_ms, t->is_baseline);
	}
	return true;
}

int
series_feed(struct series_store *s, const char *json, size_t len, struct error *err)
{
	struct telemetry t;

	if (telemetry_read(&t, json, len, err) < 0)
		return -1;
	while (series_feed_part(s, &t, SIZE_MAX))
		continue;
	return 0;
}

int
series_feed_file(struct series_store *s, const char *path, struct error *err)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	if (f == NULL)
		return error_errnof(err, "%s", path);
	while ((len = getline(&line, &cap, f)) > 0)
		series_feed(s, line, (size_t)len, NULL);	/* a torn line says nothing */
	free(line);
	fclose(f);
	return 0;
}

uint64_t
series_generation(const struct series_store *s)
{
	return s->generation;
}

int64_t
series_newest_ms(const struct series_store *s)
{
	return s->newest_ms;
}

int64_t
series_oldest_ms(const struct series_store *s)
{
	return s->oldest_ms;
}

size_t
series_count(const struct series_store *s)
{
	return s->all.len;
}

/* First reading after from_ms. */
static size_t
first_after(const struct series *one, int64_t from_ms)
{
	size_t low = one->first, high = one->readings.len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (one->readings.items[mid].time_ms <= from_ms)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void
describe(struct series_delta *d, const struct series *one)
{
	d->is_tcp = one->identity.is_tcp != 0;
	d->is_mirrored = one->identity.is_mirrored != 0;
	d->labels = one->identity.labels;
}

static void
start_delta(struct series_delta *d, const struct series *one)
{
	memset(d, 0, sizeof(*d));
	describe(d, one);
}

static int64_t
down_ms(const struct series_store *s, int64_t from_ms, int64_t to_ms)
{
	int64_t sum = 0;

	for (size_t i = 0; i < s->gaps.len; i++) {
		int64_t from = s->gaps.items[i].from_ms > from_ms ? s->gaps.items[i].from_ms : from_ms;
		int64_t to = s->gaps.items[i].to_ms < to_ms ? s->gaps.items[i].to_ms : to_ms;

		sum += to > from ? to - from : 0;
	}
	return sum;
}

void
series_window(const struct series_store *s, int64_t from_ms, int64_t to_ms, bool with_idle,
	      double *window_s, void (*each)(const struct series_delta *, void *), void *arg)
{
	struct series_delta *d = xmalloc(sizeof(*d));

	if (from_ms < s->oldest_ms)
		from_ms = s->oldest_ms;
	if (to_ms > s->newest_ms)
		to_ms = s->newest_ms;
	*window_s = to_ms > from_ms ? (double)(to_ms - from_ms - down_ms(s, from_ms, to_ms)) / 1000.0 : 0;
	for (size_t i = 0; i < s->all.len; i++) {
		const struct series *one = s->all.items[i];
		bool is_idle = true;

		start_delta(d, one);
		for (size_t r = first_after(one, from_ms);
		     r < one->readings.len && one->readings.items[r].time_ms <= to_ms; r++) {
			packed_sum(&one->readings.items[r].add, d);
			is_idle = false;
		}
		if (!is_idle || with_idle)
			each(d, arg);
	}
	free(d);
}

void
series_steps(const struct series_store *s, int64_t from_ms, int64_t step_ms, size_t count,
	     bool (*wanted)(const struct series_delta *, void *),
	     void (*each)(const struct series_delta *, size_t, void *), void *arg)
{
	struct series_delta *d = xmalloc(sizeof(*d));
	int64_t to_ms = from_ms + step_ms * (int64_t)count;

	for (size_t i = 0; i < s->all.len; i++) {
		const struct series *one = s->all.items[i];
		size_t r;

		describe(d, one);
		if (one->readings.len == one->first || !wanted(d, arg))
			continue;
		start_delta(d, one);
		r = first_after(one, from_ms);
		while (r < one->readings.len && one->readings.items[r].time_ms <= to_ms) {
			size_t step = (size_t)((one->readings.items[r].time_ms - from_ms - 1) / step_ms);
			int64_t end_ms = from_ms + step_ms * (int64_t)(step + 1);

			while (r < one->readings.len && one->readings.items[r].time_ms <= end_ms)
				packed_sum(&one->readings.items[r++].add, d);
			each(d, step, arg);
			start_delta(d, one);
		}
	}
	free(d);
}
