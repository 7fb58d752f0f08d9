/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text on edges (spec/kiali.md 2.4) and the words of graph options. */
#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/slice.h"
#include "src/topology/build.h"
#include "src/topology/graph.h"

static const char *const type_names[] = {
	[GRAPH_APP] = "app",
	[GRAPH_VERSIONED_APP] = "versionedApp",
	[GRAPH_WORKLOAD] = "workload",
	[GRAPH_SERVICE] = "service",
};

bool
graph_type_parse(const char *word, enum graph_type *out)
{
	for (size_t i = 0; i < ARRAY_LEN(type_names); i++)
		if (strcasecmp(word, type_names[i]) == 0) {
			*out = (enum graph_type)i;
			return true;
		}
	return false;
}

const char *
graph_type_name(enum graph_type t)
{
	return type_names[t];
}

static const struct { const char *word; unsigned bit; } label_words[] = {
	{ "rate", EDGE_LABEL_RATE },
	{ "distribution", EDGE_LABEL_DISTRIBUTION },
	{ "throughput", EDGE_LABEL_THROUGHPUT },
	{ "throughput:response", EDGE_LABEL_THROUGHPUT_OUT },
	{ "time", EDGE_LABEL_TIME_P95 },
	{ "time:avg", EDGE_LABEL_TIME_AVG },
	{ "time:p50", EDGE_LABEL_TIME_P50 },
	{ "time:p95", EDGE_LABEL_TIME_P95 },
	{ "time:p99", EDGE_LABEL_TIME_P99 },
};

bool
edge_labels_parse(const char *words, unsigned *bits)
{
	unsigned all = 0;

	if (strcmp(words, "none") == 0) {
		*bits = 0;
		return true;
	}
	for (const char *p = words; ; p++) {
		size_t len = strcspn(p, ","), i;

		for (i = 0; i < ARRAY_LEN(label_words); i++)
			if (slice_is((struct slice){ p, len }, label_words[i].word))
				break;
		if (i == ARRAY_LEN(label_words))
			return false;
		all |= label_words[i].bit;
		p += len;
		if (*p == '\0')
			break;
	}
	*bits = all;
	return true;
}

void
edge_labels_put(unsigned bits, struct buf *out)
{
	size_t begin = out->len;

	for (size_t i = 0; i < ARRAY_LEN(label_words); i++)
		if ((bits & label_words[i].bit) != 0 && strcmp(label_words[i].word, "time") != 0)
			buf_printf(out, "%s%s", out->len > begin ? "," : "", label_words[i].word);
	if (out->len == begin)
		buf_puts(out, "none");
}

/* Decimals with trailing zeros cut, as Kiali shows them. */
static void
put_number(struct buf *out, double v, int decimals, bool fixed_width)
{
	char text[48], *end;

	snprintf(text, sizeof(text), "%.*f", decimals, v);
	if (!fixed_width && strchr(text, '.') != NULL) {
		for (end = text + strlen(text) - 1; *end == '0'; end--)
			*end = '\0';
		if (*end == '.')
			*end = '\0';
	}
	if (fixed_width)
		buf_printf(out, "%5s", text);
	else
		buf_puts(out, text);
}

static void
put_rate(struct buf *out, double v, bool fixed_width)
{
	int decimals = 2;

	/* Small rates show more digits rather than a zero. */
	if (!fixed_width && v > 0 && v < 0.01)
		for (double least = 0.1; v < least && decimals < 5; least /= 10)
			decimals++;
	if (fixed_width && v >= 100)
		decimals = v >= 1000 ? 0 : 1;
	put_number(out, v, decimals, fixed_width);
}

static void
put_bytes(struct buf *out, double v, bool fixed_width)
{
	if (v >= 1024) {
		put_number(out, v / 1024, 2, fixed_width);
		buf_puts(out, "kps");
		return;
	}
	put_number(out, v, v < 1 && v > 0 ? 2 : 0, fixed_width);
	buf_puts(out, "bps");
}

static void
put_time(struct buf *out, double ms, bool fixed_width)
{
	if (ms < 1000) {
		put_number(out, ms, 0, fixed_width);
		buf_puts(out, "ms");
		return;
	}
	put_number(out, ms / 1000, 2, fixed_width);
	buf_puts(out, "s");
}

static double
time_of(const struct graph_edge *e, unsigned bits)
{
	if (bits & EDGE_LABEL_TIME_AVG)
		return e->times.avg;
	if (bits & EDGE_LABEL_TIME_P50)
		return e->times.p50;
	return bits & EDGE_LABEL_TIME_P99 ? e->times.p99 : e->times.p95;
}

static void
next_part(struct buf *out, size_t start)
{
	if (out->len > start)
		buf_puts(out, " | ");
}

void
edge_label_text(const struct graph_edge *e, unsigned bits, bool fixed_width, struct buf *out)
{
	const unsigned times = EDGE_LABEL_TIME_AVG | EDGE_LABEL_TIME_P50 | EDGE_LABEL_TIME_P95 |
			       EDGE_LABEL_TIME_P99;
	bool has_units = (bits & (bits - 1)) != 0;
	size_t start = out->len;
	double percent;

	if (e->is_idle || bits == 0)
		return;
	if ((bits & EDGE_LABEL_RATE) != 0 && e->protocol == EDGE_TCP) {
		put_bytes(out, e->rate, fixed_width);
	} else if ((bits & EDGE_LABEL_RATE) != 0) {
		put_rate(out, e->rate, fixed_width);
		buf_puts(out, has_units ? "rps" : "");
		percent = e->rate > 0 ? e->errors / e->rate * 100 : 0;
		if (percent > 0) {
			buf_putc(out, ' ');
			put_number(out, percent, percent < 1 ? 1 : 0, false);
			buf_puts(out, "%err");
		}
	}
	if ((bits & times) != 0 && time_of(e, bits) >= 0) {
		next_part(out, start);
		put_time(out, time_of(e, bits), fixed_width);
	}
	if ((bits & EDGE_LABEL_THROUGHPUT) != 0 && e->protocol != EDGE_TCP) {
		next_part(out, start);
		put_bytes(out, e->request_bytes, fixed_width);
	}
	if ((bits & EDGE_LABEL_THROUGHPUT_OUT) != 0 && e->protocol != EDGE_TCP) {
		next_part(out, start);
		put_bytes(out, e->response_bytes, fixed_width);
	}
	percent = e->share * 100;
	if ((bits & EDGE_LABEL_DISTRIBUTION) != 0 && percent > 0 && percent < 99.95) {
		next_part(out, start);
		put_number(out, percent, 1, false);
		buf_putc(out, '%');
	}
}
