/* SPDX-License-Identifier: GPL-3.0-or-later */
/* meshtop graph: one picture of the graph, or its data (design.md section 4). */
#include <fcntl.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/moment.h"
#include "src/base/vec.h"
#include "src/client/admin.h"
#include "src/commands.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/store/history.h"
#include "src/tape/words.h"
#include "src/target.h"
#include "src/telemetry/series.h"
#include "src/topology/build.h"
#include "src/topology/graph.h"
#include "src/topology/group.h"
#include "src/topology/grid.h"
#include "src/topology/label_sum.h"
#include "src/topology/layout.h"
#include "src/topology/svg.h"

#define INPUT_MAX_BYTES (64u << 20)

const struct cli_option cmd_graph_options[] = {
	{ "type", 0, "TYPE", "app, versionedApp (default), workload or service" },
	{ "labels", 0, "LIST", "rate (default), distribution, time:p95, throughput, or none" },
	{ "since", 0, "TIME", "the window, back from now (1m)" },
	{ "at", 0, "MOMENT", "the window's end: 17:03, 2026-11-24T17:03:20, 5m (ago); not now" },
	{ "reporter", 0, "WHO", "source, destination or both (default: as Kiali joins them)" },
	{ "no-service-nodes", 0, NULL, "without the nodes of services" },
	{ "output", 'o', "FORMAT", "text (default), ascii, json, dot, mermaid or svg" },
	{ "width", 0, "N", "columns there are; what does not fit is folded and counted" },
	{ "boxes", 0, "LIST", "around what belongs together: app, namespace, cluster, or none" },
	{ "input", 0, "FILE", "draw a graph of {nodes, edges} instead" },
	{ "stats", 0, NULL, "figures of the drawing as JSON on stderr" },
	{ NULL, 0, NULL, NULL },
};

enum graph_format { FORMAT_TEXT, FORMAT_ASCII, FORMAT_JSON, FORMAT_DOT, FORMAT_MERMAID, FORMAT_SVG };

struct graph_request {
	struct graph_options options;
	enum graph_format format;
	unsigned label_bits;
	unsigned width;
	bool has_boxes;			/* asked for, not by default */
	unsigned boxes;			/* graph_group_kind bits */
	uint64_t since_ms;
	int64_t at_ms;			/* 0: now */
	bool wants_stats;
	const char *input;
	VEC(const char *) namespaces;
	struct arena *arena;
};

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

static void
split_namespaces(struct graph_request *r, const char *list)
{
	for (const char *at = list; *at != '\0';) {
		size_t len = strcspn(at, ",");

		if (len > 0)
			vec_push(&r->namespaces, arena_strndup(r->arena, at, len));
		at += len + (at[len] == ',');
	}
	r->options.namespaces = r->namespaces.items;
	r->options.namespace_count = r->namespaces.len;
}

static int
read_options(const struct cli *c, struct graph_request *r, struct error *err)
{
	static const char *const reporters[] = { "both", "source", "destination" };
	static const char *const formats[] = { "text", "ascii", "json", "dot", "mermaid", "svg" };
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
		if (!words_duration(word, &ns) || ns < NS_PER_S)
			return error_setf(err, ERROR_USAGE, "--since %s: must be a duration from 1s",
					  word);
		r->since_ms = ns / NS_PER_MS;
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
	if ((word = cli_value(c, "namespace")) != NULL)
		split_namespaces(r, word);
	r->options.no_service_nodes = cli_has(c, "no-service-nodes");
	r->wants_stats = cli_has(c, "stats");
	r->input = cli_value(c, "input");
	return 0;
}

static struct graph *
read_input(const char *path, struct error *err)
{
	struct buf text = BUF_INIT;
	struct graph *g = NULL;

	if (file_read_word(path, INPUT_MAX_BYTES, &text, err) == 0 &&
	    (g = graph_of_input(buf_str(&text), text.len, err)) == NULL)
		error_prefixf(err, "%s", path);
	buf_fini(&text);
	return g;
}

/* The past from the ring file, the newest figures from the engine itself:
 * without a running engine there is nothing to show. */
static struct series_store *
observe(const struct target *t, struct error *err)
{
	struct series_store *s = series_new();
	char *ring = xasprintf("%s/.meshtop/telemetry", t->dir);
	struct buf now = BUF_INIT;

	series_feed_file(s, ring, NULL);
	free(ring);
	if (admin_get(t->dir, "/telemetry?since=0", &now, err) < 0 ||
	    series_feed(s, buf_str(&now), now.len, err) < 0)
		series_free(&s);
	buf_fini(&now);
	return s;
}

/* The mesh whose rules and replicas the picture shows: that of the moment. */
static struct mesh *
compile_then(struct target *t, struct snapshot *now, int64_t at_ms)
{
	struct store *store = at_ms != 0 ? target_store(t, true, NULL) : NULL;
	struct snapshot *then = now;
	struct history h;
	struct mesh *m;

	if (store != NULL && history_read(store, &h, NULL) == 0) {
		then = history_snapshot(&h, now, history_count_at(&h, at_ms));
		history_fini(&h);
	} else {
		snapshot_get(now);
	}
	m = target_compile(t, then, NULL);
	snapshot_put(&then);
	return m;
}

static struct graph *
build(struct target *t, struct graph_request *r, struct error *err)
{
	struct series_store *s = NULL;
	struct snapshot *snap = NULL;
	struct problems problems = PROBLEMS_INIT;
	struct graph *g = NULL;
	struct mesh *m = NULL;

	if (t->kind != TARGET_DIRECTORY) {
		error_setf(err, ERROR_USAGE, "-f: files have no traffic to draw; use --mesh DIR or --input");
		return NULL;
	}
	if (target_load(t, &snap, &problems, err) == 0 && (s = observe(t, err)) != NULL) {
		m = compile_then(t, snap, r->at_ms);
		r->options.to_ms = r->at_ms != 0 ? r->at_ms : series_newest_ms(s);
		r->options.from_ms = r->options.to_ms - (int64_t)r->since_ms;
		if (r->at_ms != 0 && r->at_ms < series_oldest_ms(s))
			error_setf(err, ERROR_USAGE, "--at: nothing is known of the time before %lld s ago",
				   (long long)(series_newest_ms(s) - series_oldest_ms(s)) / 1000);
		else
			g = graph_build(s, m, &r->options);
	}
	mesh_put(&m);
	series_free(&s);
	snapshot_put(&snap);
	problems_fini(&problems);
	return g;
}

static void
put_stats(const struct layout *l, double layout_ms)
{
	struct layout_stats stats;
	struct json_writer w;
	struct buf out = BUF_INIT;

	layout_get_stats(l, &stats);
	json_begin(&w, &out, false);
	json_open(&w, NULL, '{');
	json_uint(&w, "crossings", stats.crossings);
	json_uint(&w, "layers", stats.layers);
	json_uint(&w, "width", stats.width);
	json_uint(&w, "height", stats.height);
	json_uint(&w, "hidden_nodes", stats.hidden_nodes);
	json_uint(&w, "hidden_edges", stats.hidden_edges);
	json_double(&w, "layout_ms", layout_ms, 3);
	json_close(&w, '}');
	fprintf(stderr, "%s\n", buf_str(&out));
	buf_fini(&out);
}

/* Texts beside the edges; they live in arena. */
static const char **
edge_labels(const struct graph *g, unsigned bits, struct arena *arena)
{
	const char **labels = arena_alloc(arena, (g->edges.len + 1) * sizeof(*labels));
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < g->edges.len; i++) {
		buf_clear(&text);
		edge_label_text(&g->edges.items[i], bits, false, &text);
		labels[i] = text.len > 0 ? arena_strdup(arena, buf_str(&text)) : NULL;
	}
	buf_fini(&text);
	return labels;
}

static void
put_label(const struct graph_edge *e, unsigned bits, struct buf *out)
{
	edge_label_text(e, bits, false, out);
}

static int
draw(const struct graph *g, const struct graph_request *r, struct buf *out, struct error *err)
{
	struct layout_options options = { .cols = r->width };
	struct label_sum sum = { .g = g, .arena = r->arena, .put = put_label,
				 .bits = r->label_bits };
	uint64_t begin = clock_mono_ns(&clock_system);
	struct graph_groups *groups = NULL;
	struct layout *l;
	struct grid *grid;

	if (r->label_bits != 0) {
		groups = graph_groups_new(g, r->has_boxes ? r->boxes : graph_groups_default(g));
		options.groups = groups;
		options.insists_on_groups = r->has_boxes;
		options.edge_labels = edge_labels(g, r->label_bits, r->arena);
		label_sum_use(&sum, &options);
	}
	l = layout_new(g, &options, NULL, err);
	if (l == NULL) {
		graph_groups_free(&groups);
		return -1;
	}
	if (r->wants_stats)
		put_stats(l, (double)(clock_mono_ns(&clock_system) - begin) / 1e6);
	grid = layout_draw(l, r->format == FORMAT_ASCII ? GLYPHS_ASCII : GLYPHS_UNICODE, GRID_NO_OWNER);
	if (r->format == FORMAT_SVG)
		grid_put_svg(grid, "meshtop: who calls whom", out);
	else
		grid_emit_text(grid, out);
	grid_free(&grid);
	layout_free(&l);
	graph_groups_free(&groups);
	return 0;
}

static int
put_graph(const struct graph *g, const struct graph_request *r, struct buf *out, struct error *err)
{
	switch (r->format) {
	case FORMAT_JSON:
		graph_put_json(g, out);
		return 0;
	case FORMAT_DOT:
		graph_put_dot(g, r->label_bits, out);
		return 0;
	case FORMAT_MERMAID:
		graph_put_mermaid(g, r->label_bits, out);
		return 0;
	case FORMAT_SVG:
	case FORMAT_TEXT:
	case FORMAT_ASCII:
		break;
	}
	return draw(g, r, out, err);
}

int
cmd_graph(struct cli *c)
{
	struct graph_request r = { .arena = arena_new(), .namespaces = VEC_INIT };
	struct target t = { 0 };
	struct error err = ERROR_INIT;
	struct graph *g = NULL;
	struct buf out = BUF_INIT;
	int status = EXIT_YES;

	if (read_options(c, &r, &err) == 0) {
		if (r.input != NULL)
			g = read_input(r.input, &err);
		else if (target_choose(&t, c, TARGET_READS_FILES, &err) == 0)
			g = build(&t, &r, &err);
	}
	if (g == NULL || put_graph(g, &r, &out, &err) < 0)
		status = cli_fail(&err);
	else
		status = cli_print(&out, EXIT_YES);
	graph_free(&g);
	target_fini(&t);
	buf_fini(&out);
	vec_fini(&r.namespaces);
	arena_free(&r.arena);
	return status;
}
