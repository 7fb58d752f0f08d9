/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples and their packed form; see pack.h. */
#include "src/telemetry/pack.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/telemetry/series.h"

/* Most bytes of one packed sample: every number at its longest. */
#define PACKED_MAX ((SAMPLE_FIELDS + 6 * METRIC_BUCKETS + 2 * LOGHIST_BUCKETS + 5) * 10)

void
sample_fini(struct sample *s)
{
	vec_fini(&s->fine);
}

static uint64_t
count_of(const struct value *v)
{
	double d;

	/* Counters are whole numbers; anything else counts nothing. */
	if (!value_to_double(v, &d) || !(d >= 0) || d > 9e15)
		return 0;
	return (uint64_t)(d + 0.5);
}

static void
read_fine(struct sample *s, const struct value *pairs)
{
	VALUE_EACH(pair, pairs) {
		struct fine_count c = { 0, 0 };
		uint64_t index = count_of(value_at(pair, 0));

		c.count = (uint32_t)count_of(value_at(pair, 1));
		if (index >= LOGHIST_BUCKETS ||
		    (s->fine.len > 0 && s->fine.items[s->fine.len - 1].index >= index))
			continue;
		c.index = (uint16_t)index;
		vec_push(&s->fine, c);
	}
}

static void
read_buckets(uint64_t to[METRIC_BUCKETS], const struct value *counts)
{
	unsigned b = 0;

	VALUE_EACH(count, counts)
		if (b < METRIC_BUCKETS)
			to[b++] = count_of(count);
}

void
sample_read(struct sample *s, const struct value *series)
{
	static const struct { const char *key, *sub; } names[SAMPLE_FIELDS] = {
		[SAMPLE_REQUESTS] = { "requests", NULL },
		[SAMPLE_DURATION_US] = { "duration", "sum" },
		[SAMPLE_REQUEST_BYTES] = { "request_bytes", "sum" },
		[SAMPLE_RESPONSE_BYTES] = { "response_bytes", "sum" },
		[SAMPLE_OPENED] = { "opened", NULL },
		[SAMPLE_CLOSED] = { "closed", NULL },
		[SAMPLE_SENT] = { "sent", NULL },
		[SAMPLE_RECEIVED] = { "received", NULL },
	};
	const struct value *duration = value_get(series, "duration");
	double ms;

	for (unsigned f = 0; f < SAMPLE_FIELDS; f++) {
		const struct value *v = value_get(series, names[f].key);

		s->field[f] = count_of(names[f].sub != NULL ? value_get(v, names[f].sub) : v);
	}
	if (value_to_double(value_get(duration, "sum"), &ms) && ms >= 0 && ms < 9e12)
		s->field[SAMPLE_DURATION_US] = (uint64_t)(ms * 1000 + 0.5);
	read_buckets(s->buckets, value_get(duration, "buckets"));
	read_buckets(s->request_sizes, value_get(series, "request_sizes"));
	read_buckets(s->response_sizes, value_get(series, "response_sizes"));
	read_fine(s, value_get(duration, "fine"));
}

static uint64_t
increase(uint64_t now, uint64_t before)
{
	return now >= before ? now - before : now;
}

bool
sample_subtract(struct sample *out, const struct sample *now, const struct sample *before)
{
	bool any = false;
	size_t b = 0;

	for (unsigned f = 0; f < SAMPLE_FIELDS; f++)
		any |= (out->field[f] = increase(now->field[f], before->field[f])) != 0;
	for (unsigned i = 0; i < METRIC_BUCKETS; i++) {
		out->buckets[i] = increase(now->buckets[i], before->buckets[i]);
		out->request_sizes[i] = increase(now->request_sizes[i], before->request_sizes[i]);
		out->response_sizes[i] = increase(now->response_sizes[i],
						  before->response_sizes[i]);
	}
	for (size_t i = 0; i < now->fine.len; i++) {
		struct fine_count c = now->fine.items[i];

		while (b < before->fine.len && before->fine.items[b].index < c.index)
			b++;
		if (b < before->fine.len && before->fine.items[b].index == c.index)
			c.count = (uint32_t)increase(c.count, before->fine.items[b].count);
		if (c.count > 0)
			vec_push(&out->fine, c);
	}
	return any;
}

static uint8_t *
put_number(uint8_t *p, uint64_t n)
{
	while (n >= 0x80) {
		*p++ = (uint8_t)(n | 0x80);
		n >>= 7;
	}
	*p++ = (uint8_t)n;
	return p;
}

static const uint8_t *
get_number(const uint8_t *p, uint64_t *n)
{
	unsigned shift = 0;

	*n = 0;
	do
		*n |= (uint64_t)(*p & 0x7f) << shift, shift += 7;
	while ((*p++ & 0x80) != 0);
	return p;
}

/* (gap + 1, count) pairs ended by 0 */
static uint8_t *
put_buckets(uint8_t *p, const uint64_t counts[METRIC_BUCKETS])
{
	unsigned last = 0;

	for (unsigned i = 0; i < METRIC_BUCKETS; i++) {
		if (counts[i] == 0)
			continue;
		p = put_number(put_number(p, i + 1 - last), counts[i]);
		last = i + 1;
	}
	return put_number(p, 0);
}

static const uint8_t *
add_buckets(const uint8_t *at, double to[METRIC_BUCKETS])
{
	uint64_t n, gap;
	unsigned place = 0;

	for (at = get_number(at, &gap); gap != 0; at = get_number(at, &gap)) {
		place += (unsigned)gap;
		at = get_number(at, &n);
		to[place - 1] += (double)n;
	}
	return at;
}

/* A bitmap of the fields that are not zero, the fields, then the histograms. */
void
packed_make(struct packed *out, const struct sample *s)
{
	uint8_t *scratch = xmalloc(PACKED_MAX), *p = scratch;
	unsigned bits = 0, last = 0;

	for (unsigned f = 0; f < SAMPLE_FIELDS; f++)
		bits |= (unsigned)(s->field[f] != 0) << f;
	p = put_number(p, bits);
	for (unsigned f = 0; f < SAMPLE_FIELDS; f++)
		if (s->field[f] != 0)
			p = put_number(p, s->field[f]);
	p = put_buckets(p, s->buckets);
	p = put_buckets(p, s->request_sizes);
	p = put_buckets(p, s->response_sizes);
	for (size_t i = 0; i < s->fine.len; i++) {
		unsigned at = s->fine.items[i].index + 1u;

		p = put_number(put_number(p, at - last), s->fine.items[i].count);
		last = at;
	}
	p = put_number(p, 0);
	out->len = (uint32_t)(p - scratch);
	out->bytes = xmalloc(out->len);
	memcpy(out->bytes, scratch, out->len);
	free(scratch);
}

static const uint8_t *
get_buckets(const uint8_t *at, uint64_t to[METRIC_BUCKETS])
{
	uint64_t gap;
	unsigned place = 0;

	for (at = get_number(at, &gap); gap != 0; at = get_number(at, &gap)) {
		place += (unsigned)gap;
		at = get_number(at, &to[place - 1]);
	}
	return at;
}

void
sample_unpack(struct sample *s, const struct packed *p)
{
	const uint8_t *at = p->bytes;
	uint64_t bits, n, gap;
	unsigned place = 0;

	at = get_number(at, &bits);
	for (unsigned f = 0; f < SAMPLE_FIELDS; f++)
		if ((bits >> f & 1) != 0)
			at = get_number(at, &s->field[f]);
	at = get_buckets(at, s->buckets);
	at = get_buckets(at, s->request_sizes);
	at = get_buckets(at, s->response_sizes);
	for (at = get_number(at, &gap); gap != 0; at = get_number(at, &gap)) {
		place += (unsigned)gap;
		at = get_number(at, &n);
		vec_push(&s->fine, ((struct fine_count){ (uint16_t)(place - 1), (uint32_t)n }));
	}
}

void
packed_fini(struct packed *p)
{
	free(p->bytes);
	p->bytes = NULL;
	p->len = 0;
}

size_t
packed_bytes(const struct packed *p)
{
	return p->len + 16 + sizeof(int64_t) + sizeof(struct packed);
}

void
packed_sum(const struct packed *p, struct series_delta *d)
{
	double *const to[SAMPLE_FIELDS] = {
		&d->requests, &d->duration_sum_ms, &d->request_bytes, &d->response_bytes,
		&d->opened, &d->closed, &d->sent, &d->received,
	};
	const uint8_t *at = p->bytes;
	uint64_t bits, n, gap;
	unsigned place = 0;

	at = get_number(at, &bits);
	for (unsigned f = 0; f < SAMPLE_FIELDS; f++) {
		if ((bits >> f & 1) == 0)
			continue;
		at = get_number(at, &n);
		*to[f] += f == SAMPLE_DURATION_US ? (double)n / 1000.0 : (double)n;
	}
	at = add_buckets(at, d->duration_buckets);
	at = add_buckets(at, d->request_sizes);
	at = add_buckets(at, d->response_sizes);
	for (at = get_number(at, &gap); gap != 0; at = get_number(at, &gap)) {
		place += (unsigned)gap;
		at = get_number(at, &n);
		d->fine[place - 1] += (uint32_t)n;
	}
}

void
packed_join(struct packed *to, const struct packed *more)
{
	struct series_delta *d = xcalloc(1, sizeof(*d));
	struct sample s = { 0 };

	packed_sum(to, d);
	packed_sum(more, d);
	s.field[SAMPLE_REQUESTS] = (uint64_t)d->requests;
	s.field[SAMPLE_DURATION_US] = (uint64_t)(d->duration_sum_ms * 1000 + 0.5);
	s.field[SAMPLE_REQUEST_BYTES] = (uint64_t)d->request_bytes;
	s.field[SAMPLE_RESPONSE_BYTES] = (uint64_t)d->response_bytes;
	s.field[SAMPLE_OPENED] = (uint64_t)d->opened;
	s.field[SAMPLE_CLOSED] = (uint64_t)d->closed;
	s.field[SAMPLE_SENT] = (uint64_t)d->sent;
	s.field[SAMPLE_RECEIVED] = (uint64_t)d->received;
	for (unsigned i = 0; i < METRIC_BUCKETS; i++) {
		s.buckets[i] = (uint64_t)d->duration_buckets[i];
		s.request_sizes[i] = (uint64_t)d->request_sizes[i];
		s.response_sizes[i] = (uint64_t)d->response_sizes[i];
	}
	for (unsigned i = 0; i < LOGHIST_BUCKETS; i++)
		if (d->fine[i] > 0)
			vec_push(&s.fine, ((struct fine_count){ (uint16_t)i, d->fine[i] }));
	packed_fini(to);
	packed_make(to, &s);
	sample_fini(&s);
	free(d);
}
