/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of `meshtop graph`; see graph_words.h. */
#include "src/graph_words.h"

#include <stddef.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/moment.h"
#include "src/base/slice.h"
#include "src/cli.h"
#include "src/model/object.h"
#include "src/tape/words.h"
#include "src/topology/find.h"
#include "src/topology/group.h"
#include "src/topology/layout.h"

static int
choose(const char *what, const char *word, const char *const *choices, size_t count, int *out,
       struct error *err)
{
	struct buf all = BUF_INIT;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(word, choices[i]) == 0) {
			*out = (int)i;
			buf_fini(&all);
			return 0;
		}
		buf_printf(&all, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", choices[i]);
	}
	error_setf(err, ERROR_USAGE, "%s %s: must be %s", what, word, buf_str(&all));
	buf_fini(&all);
	return -1;
}

static int
split_namespaces(struct graph_request *r, const char *list, struct error *err)
{
	for (const char *at = list; ; at++) {
		size_t len = strcspn(at, ",");
		const char *name = arena_strndup(r->arena, at, len);

		if (!name_is_dns_label(name))
			return error_setf(err, ERROR_USAGE, "-n %s: '%s' is not a namespace's name", list,
					  name);
		vec_push(&r->namespaces, name);
		at += len;
		if (*at == '\0')
			break;
	}
	r->options.namespaces = r->namespaces.items;
	r->options.namespace_count = r->namespaces.len;
	return 0;
}

/* "badges,ranks": words of a table, each once. */
struct show_word {
	const char *word;
	size_t offset;		/* of a bool in the request */
	unsigned rank_by;
};

#define SHOW(word, member, by) { word, offsetof(struct graph_request, member), by }
static const struct show_word show_words[] = {
	SHOW("badges", notes.has_badges, 0),
	SHOW("missing-sidecars", notes.has_missing_sidecars, 0),
	SHOW("security", has_security, 0),
	SHOW("ranks", notes.has_ranks, 0),
	SHOW("ranks:inbound", notes.has_ranks, RANK_BY_IN),
	SHOW("ranks:outbound", notes.has_ranks, RANK_BY_OUT),
	SHOW("idle-nodes", options.with_idle_nodes, 0),
	SHOW("idle-edges", options.with_idle_edges, 0),
};
#undef SHOW

static bool
read_show(const char *list, struct graph_request *r)
{
	if (strcmp(list, "none") == 0)
		return true;
	for (const char *at = list; ; at++) {
		size_t len = strcspn(at, ","), i = 0;

		while (i < ARRAY_LEN(show_words) && !slice_is((struct slice){ at, len }, show_words[i].word))
			i++;
		if (i == ARRAY_LEN(show_words))
			return false;
		*(bool *)((char *)r + show_words[i].offset) = true;
		r->notes.rank_by |= show_words[i].rank_by;
		at += len;
		if (*at == '\0')
			return true;
	}
}

/* Which protocols count, and which bytes of TCP. */
static bool
read_traffic(const char *list, struct graph_options *o)
{
	static const struct { const char *word; enum graph_tcp tcp; } tcp_words[] = {
		{ "tcp", GRAPH_TCP_SENT }, { "tcp:sent", GRAPH_TCP_SENT },
		{ "tcp:received", GRAPH_TCP_RECEIVED }, { "tcp:total", GRAPH_TCP_TOTAL },
	};

	o->no_http = o->no_grpc = true;
	o->tcp = GRAPH_TCP_NONE;
	for (const char *at = list; ; at++) {
		struct slice word = { at, strcspn(at, ",") };
		size_t i = 0;

		if (slice_is(word, "http")) {
			o->no_http = false;
		} else if (slice_is(word, "grpc")) {
			o->no_grpc = false;
		} else {
			while (i < ARRAY_LEN(tcp_words) && !slice_is(word, tcp_words[i].word))
				i++;
			if (i == ARRAY_LEN(tcp_words))
				return false;
			o->tcp = tcp_words[i].tcp;
		}
		at += word.len;
		if (*at == '\0')
			return true;
	}
}

/* What of the graph is drawn, and what is drawn beside it. */
static int
read_part(const struct cli *c, struct graph_request *r, struct error *err)
{
	static const char *const forms[] = {
		[LAYOUT_AUTO] = "auto", [LAYOUT_LEFT_RIGHT] = "right", [LAYOUT_TOP_DOWN] = "down",
	};
	const char *word;
	long long n;

	word = cli_value(c, "show");
	if (!read_show(word != NULL ? word : "badges,missing-sidecars", r))
		return error_setf(err, ERROR_USAGE, "--show %s: must be none or a list of badges, "
				  "missing-sidecars, security, ranks[:inbound|outbound], idle-nodes and "
				  "idle-edges", word);
	if ((word = cli_value(c, "traffic")) != NULL && !read_traffic(word, &r->options))
		return error_setf(err, ERROR_USAGE, "--traffic %s: must be a list of http, grpc and "
				  "tcp[:sent|received|total]", word);
	if ((word = cli_value(c, "form")) != NULL &&
	    choose("--form", word, forms, ARRAY_LEN(forms), &r->form, err) < 0)
		return -1;
	if ((word = cli_value(c, "fold")) != NULL && !graph_fold_parse(word, &r->fold))
		return error_setf(err, ERROR_USAGE, "--fold %s: must be none, app or namespace", word);
	r->hops = 1;
	if ((word = cli_value(c, "hops")) != NULL) {
		if (cli_number("--hops", word, 1, 99, &n, err) < 0)
			return -1;
		r->hops = (unsigned)n;
	}
	r->find = cli_value(c, "find");
	r->hide = cli_value(c, "hide");
	r->around = cli_value(c, "around");
	if (cli_has(c, "hops") && r->around == NULL)
		return error_setf(err, ERROR_USAGE, "--hops: counts from a node; add --around NODE");
	return 0;
}

int
graph_words_read(const struct cli *c, struct graph_request *r, struct error *err)
{
	static const char *const reporters[] = { "both", "source", "destination" };
	static const char *const formats[] = { "text", "light", "ascii", "json", "dot", "mermaid",
						"svg" };
	const char *word;
	unsigned long long ns;
	long long n;
	int choice;

	r->options.type = GRAPH_VERSIONED_APP;
	r->label_bits = EDGE_LABEL_RATE;
	r->since_ms = 60000;
	if ((word = cli_value(c, "type")) != NULL && !graph_type_parse(word, &r->options.type))
		return error_setf(err, ERROR_USAGE,
				  "--type %s: must be app, versionedApp, workload or service", word);
	if ((word = cli_value(c, "labels")) != NULL && !edge_labels_parse(word, &r->label_bits))
		return error_setf(err, ERROR_USAGE, "--labels %s: must be none or a list of rate, "
				  "distribution, time:avg|p50|p95|p99 and throughput[:response]", word);
	if ((word = cli_value(c, "since")) != NULL) {
		r->since_ms = words_duration(word, &ns) ? ns / NS_PER_MS : (uint64_t)moment_span_ms(word);
		if (r->since_ms < 1000)
			return error_setf(err, ERROR_USAGE, "--since %s: must be a duration from 1s",
					  word);
	}
	if ((word = cli_value(c, "at")) != NULL &&
	    moment_parse(word, clock_wall_ms(&clock_system), &r->at_ms, err) < 0)
		return error_prefixf(err, "--at %s", word);
	if ((word = cli_value(c, "reporter")) != NULL) {
		if (choose("--reporter", word, reporters, ARRAY_LEN(reporters), &choice, err) < 0)
			return -1;
		r->options.reporter = (enum graph_reporter)choice;
	}
	if ((word = cli_value(c, "output")) != NULL) {
		if (choose("-o", word, formats, ARRAY_LEN(formats), &choice, err) < 0)
			return -1;
		r->format = (enum graph_format)choice;
	}
	if ((word = cli_value(c, "width")) != NULL) {
		if (cli_number("--width", word, 20, 10000, &n, err) < 0)
			return -1;
		r->width = (unsigned)n;
	}
	if ((word = cli_value(c, "boxes")) != NULL && !graph_groups_parse(word, &r->boxes))
		return error_setf(err, ERROR_USAGE, "--boxes %s: must be none or a list of app, "
				  "namespace and cluster", word);
	r->has_boxes = word != NULL;
	if ((word = cli_value(c, "namespace")) != NULL && split_namespaces(r, word, err) < 0)
		return -1;
	r->options.no_service_nodes = cli_has(c, "no-service-nodes");
	r->wants_stats = cli_has(c, "stats");
	r->input = cli_value(c, "input");
	return read_part(c, r, err);
}
