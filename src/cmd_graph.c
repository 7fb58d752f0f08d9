/* SPDX-License-Identifier: GPL-3.0-or-later */
/* meshtop graph: one picture of the graph, or its data (design.md section 4). */
#include <stdint.h>
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
#include "src/base/log.h"
#include "src/base/xalloc.h"
#include "src/client/admin.h"
#include "src/commands.h"
#include "src/graph_words.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/store/history.h"
#include "src/target.h"
#include "src/telemetry/series.h"
#include "src/topology/graph.h"
#include "src/topology/grid.h"
#include "src/topology/group.h"
#include "src/topology/label_sum.h"
#include "src/topology/layout.h"
#include "src/topology/mark.h"
#include "src/topology/svg.h"
#include "tui/config/config.h"
#include "tui/config/state_dir.h"

#define INPUT_MAX_BYTES (64u << 20)

const struct cli_option cmd_graph_options[] = {
	{ "type", 0, "TYPE", "app, versionedApp (default), workload or service" },
	{ "labels", 0, "LIST", "rate (default), distribution, time:p95, throughput, or none" },
	{ "since", 0, "TIME", "the window, back from now (1m)" },
	{ "at", 0, "MOMENT", "the window's end: 17:03, 2026-11-24T17:03:20, 5m (ago); not now" },
	{ "reporter", 0, "WHO", "source, destination or both (default: as Kiali joins them)" },
	{ "no-service-nodes", 0, NULL, "without the nodes of services" },
	{ "traffic", 0, "LIST", "http, grpc, tcp (tcp:sent), tcp:received, tcp:total (http,grpc,tcp)" },
	{ "show", 0, "LIST", "badges,missing-sidecars, security, ranks[:outbound], idle-nodes, idle-edges, none" },
	{ "find", 0, "TEXT", "a star on what the expression, or this part of a name, is true of" },
	{ "hide", 0, "TEXT", "without what that is true of" },
	{ "around", 0, "NODE", "only what stands around the node of this name or id" },
	{ "hops", 0, "N", "how far around it (1)" },
	{ "fold", 0, "WHAT", "each app, or each namespace, as one counted node" },
	{ "output", 'o', "FORMAT", "text (default), light, ascii, json, dot, mermaid or svg" },
	{ "form", 0, "WHERE", "arrows lead right, down, or auto: as there is room (default)" },
	{ "width", 0, "N", "columns there are; what does not fit is folded and counted" },
	{ "boxes", 0, "LIST", "around what belongs together: app, namespace, cluster, or none" },
	{ "input", 0, "FILE", "draw a graph of {nodes, edges} instead" },
	{ "stats", 0, NULL, "figures of the drawing as JSON on stderr" },
	{ NULL, 0, NULL, NULL },
};

/* What there is to show. */
struct seen {
	struct graph *graph;
	struct graph_groups *groups;
	struct mesh *mesh;		/* NULL: an --input */
	/* Expressions that :save-find keeps, and those of the configuration. */
	struct config saved[2];
	bool *found_nodes, *found_edges;
};

static struct graph *
read_input(const char *path, struct error *err)
{
	struct buf text = BUF_INIT;
	struct graph *g = NULL;

	if (file_read_word(path, INPUT_MAX_BYTES, &text, err) == 0 &&
	    (g = graph_of_input(buf_str(&text), text.len, err)) == NULL)
		error_prefixf(err, "%s", path);
	else if (g != NULL && g->nodes.len == 0)
		log_printf("%s: a graph without nodes", path);
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

static bool
is_known(const char *ns, const struct snapshot *s, const struct graph *g)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->objects[i]->ns, ns) == 0)
			return true;
	for (size_t i = 0; i < g->nodes.len; i++)
		if (strcmp(g->nodes.items[i].ns, ns) == 0)
			return true;
	return snapshot_find(s, KIND_NAMESPACE, NULL, ns) != NULL;
}

/* Why less than was asked for is drawn, or nothing: that is no error. */
static void
tell_what_is_missing(const struct graph *g, const struct snapshot *s,
			const struct graph_request *r)
{
	struct buf unknown = BUF_INIT;

	for (size_t i = 0; i < r->namespaces.len; i++)
		if (!is_known(r->namespaces.items[i], s, g))
			buf_printf(&unknown, "%s%s", unknown.len > 0 ? ", " : "", r->namespaces.items[i]);
	if (unknown.len > 0)
		log_printf("graph: there is no namespace %s", buf_str(&unknown));
	else if (g->nodes.len == 0)
		log_printf("graph: no traffic in the last %llu s",
			   (unsigned long long)r->since_ms / 1000);
	buf_fini(&unknown);
}

static struct graph *
build(struct target *t, struct graph_request *r, struct mesh **mesh, struct error *err)
{
	struct series_store *s = NULL;
	struct snapshot *snap = NULL;
	struct problems problems = PROBLEMS_INIT;
	struct graph *g = NULL;

	if (t->kind != TARGET_DIRECTORY) {
		error_setf(err, ERROR_USAGE, "-f: files have no traffic to draw; use --mesh DIR or --input");
		return NULL;
	}
	if (target_load(t, &snap, &problems, err) == 0 && (s = observe(t, err)) != NULL) {
		*mesh = compile_then(t, snap, r->at_ms);
		r->options.to_ms = r->at_ms != 0 ? r->at_ms : series_newest_ms(s);
		r->options.from_ms = r->options.to_ms - (int64_t)r->since_ms;
		if (r->at_ms != 0 && r->at_ms < series_oldest_ms(s))
			error_setf(err, ERROR_USAGE, "--at: nothing is known of the time before %lld s ago",
				   (long long)(series_newest_ms(s) - series_oldest_ms(s)) / 1000);
		else
			g = graph_build(s, *mesh, &r->options);
	}
	if (g != NULL)
		tell_what_is_missing(g, snap, r);
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

/* Everything beside an edge. */
static void
put_label(const struct graph_edge *e, const struct graph_request *r, struct buf *out)
{
	edge_label_text(e, r->label_bits, false, out);
	if (r->has_security)
		edge_security_put(e, out);
	if (r->notes.has_badges)
		edge_breaker_put(e, out);
}

static const char **
edge_labels(const struct graph *g, const struct graph_request *r)
{
	const char **labels = arena_alloc(r->arena, (g->edges.len + 1) * sizeof(*labels));
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < g->edges.len; i++) {
		buf_clear(&text);
		put_label(&g->edges.items[i], r, &text);
		labels[i] = text.len > 0 ? arena_strdup(r->arena, buf_str(&text)) : NULL;
	}
	buf_fini(&text);
	return labels;
}

/* Of the stub of a bus, which has the sum of several edges. */
static void
put_sum(const struct graph_edge *e, unsigned bits, struct buf *out)
{
	edge_label_text(e, bits, false, out);
}

static const char *
saved_find(void *arg, const char *name)
{
	const struct seen *seen = arg;

	for (size_t k = 0; k < ARRAY_LEN(seen->saved); k++)
		for (size_t i = 0; i < seen->saved[k].finds.len; i++)
			if (strcmp(seen->saved[k].finds.items[i].name, name) == 0)
				return seen->saved[k].finds.items[i].text;
	return NULL;
}

/* The node of that id or label. */
static size_t
find_node(const struct graph *g, const char *name)
{
	for (size_t i = 0; i < g->nodes.len; i++)
		if (strcmp(g->nodes.items[i].id, name) == 0 || strcmp(g->nodes.items[i].label, name) == 0)
			return i;
	return SIZE_MAX;
}

static void
replace(struct seen *seen, struct graph *g)
{
	graph_free(&seen->graph);
	seen->graph = g;
}

static int
keep_around(struct seen *seen, const struct graph_request *r, struct error *err)
{
	size_t centre = find_node(seen->graph, r->around), count = seen->graph->nodes.len;
	bool *nodes;

	if (centre == SIZE_MAX)
		return error_setf(err, ERROR_REFUSED, "--around %s: there is no such node; -o json tells "
				  "ids and labels", r->around);
	nodes = xmalloc((count + 1) * sizeof(*nodes));
	memset(nodes, true, count * sizeof(*nodes));
	graph_around(seen->graph, centre, r->hops, nodes);
	replace(seen, graph_part(seen->graph, nodes, NULL));
	free(nodes);
	return 0;
}

/* Expressions may name saved ones. */
static int
read_saved(struct seen *seen, const struct graph_request *r, struct error *err)
{
	bool has_names = (r->find != NULL && strchr(r->find, '@') != NULL) ||
			 (r->hide != NULL && strchr(r->hide, '@') != NULL);
	char *kept = has_names ? state_dir_path("views.yaml") : NULL;
	int status = 0;

	if (kept != NULL && access(kept, F_OK) == 0)
		status = config_load(&seen->saved[0], kept, err);
	if (status == 0 && has_names)
		status = config_load(&seen->saved[1], NULL, err);
	free(kept);
	return status;
}

/* Hides, folds, looks around a node and marks what is found, in this order. */
static int
choose_part(struct seen *seen, const struct graph_request *r, struct error *err)
{
	const struct mark_context c = {
		.mesh = seen->mesh, .rank_by = r->notes.rank_by,
		.time_label = r->label_bits & (EDGE_LABEL_TIME_AVG | EDGE_LABEL_TIME_P50 |
					       EDGE_LABEL_TIME_P99),
		.saved = saved_find, .saved_arg = seen,
	};
	struct error bad = ERROR_INIT;

	if (read_saved(seen, r, err) < 0)
		return -1;
	if (r->hide != NULL) {
		bool had_nodes = seen->graph->nodes.len > 0;

		replace(seen, graph_without(seen->graph, &c, r->hide, &bad));
		if (bad.code != ERROR_NONE)
			return error_setf(err, ERROR_USAGE, "--hide: column %u: %s", bad.col, bad.msg);
		if (had_nodes && seen->graph->nodes.len == 0)
			log_printf("--hide %s: nothing is left", r->hide);
	}
	if (r->fold != FOLD_NONE)
		replace(seen, graph_fold(seen->graph, r->fold, NULL, NULL));
	if (r->around != NULL && keep_around(seen, r, err) < 0)
		return -1;
	if (r->find == NULL)
		return 0;
	seen->found_nodes = arena_alloc(r->arena, seen->graph->nodes.len + 1);
	seen->found_edges = arena_alloc(r->arena, seen->graph->edges.len + 1);
	if (!graph_mark(seen->graph, &c, r->find, seen->found_nodes, seen->found_edges, &bad))
		return error_setf(err, ERROR_USAGE, "--find: column %u: %s", bad.col, bad.msg);
	return 0;
}

/* What the request wants beside names and lines. */
static void
decorate(const struct seen *seen, const struct graph_request *r, struct label_sum *sum,
	 struct layout_options *o)
{
	*sum = (struct label_sum){ .g = seen->graph, .arena = r->arena, .put = put_sum,
				   .bits = r->label_bits };
	o->groups = seen->groups;
	o->insists_on_groups = r->has_boxes;
	o->edge_labels = edge_labels(seen->graph, r);
	o->node_notes = graph_notes(seen->graph, &r->notes, r->arena);
	o->node_marks = graph_marks(seen->graph, r->arena);
	if (!r->has_security)
		label_sum_use(sum, o);
}

static bool
is_picture(enum graph_format f)
{
	return f != FORMAT_JSON && f != FORMAT_DOT && f != FORMAT_MERMAID;
}

static void
put_picture(const struct layout *l, const struct seen *seen, const struct graph_request *r,
	    struct buf *out)
{
	static const enum glyph_level levels[] = {
		[FORMAT_TEXT] = GLYPHS_UNICODE, [FORMAT_LIGHT] = GLYPHS_LIGHT,
		[FORMAT_ASCII] = GLYPHS_ASCII, [FORMAT_SVG] = GLYPHS_UNICODE,
	};
	struct grid *grid = layout_draw(l, levels[r->format], GRID_NO_OWNER);

	if (r->find != NULL)
		grid_put_stars(grid, 0, 0, l, seen->graph, seen->found_nodes, seen->found_edges);
	if (r->format == FORMAT_SVG)
		grid_put_svg(grid, "meshtop: who calls whom", out);
	else
		grid_emit_text(grid, out);
	grid_free(&grid);
}

/* The picture, or what --stats has to say of it beside another format. */
static int
draw(struct seen *seen, const struct graph_request *r, struct buf *out, struct error *err)
{
	struct layout_options options = { .form = (enum layout_form)r->form, .cols = r->width };
	uint64_t begin = clock_mono_ns(&clock_system);
	struct label_sum sum;
	struct layout *l;

	if (r->label_bits != 0) {
		seen->groups = graph_groups_new(seen->graph, r->has_boxes ? r->boxes :
						graph_groups_default(seen->graph));
		decorate(seen, r, &sum, &options);
	}
	l = layout_new(seen->graph, &options, NULL, err);
	if (l == NULL)
		return -1;
	if (r->wants_stats)
		put_stats(l, (double)(clock_mono_ns(&clock_system) - begin) / 1e6);
	if (is_picture(r->format))
		put_picture(l, seen, r, out);
	layout_free(&l);
	return 0;
}

static int
put_graph(struct seen *seen, const struct graph_request *r, struct buf *out, struct error *err)
{
	if (r->format == FORMAT_JSON)
		graph_put_json(seen->graph, out);
	else if (r->format == FORMAT_DOT)
		graph_put_dot(seen->graph, r->label_bits, out);
	else if (r->format == FORMAT_MERMAID)
		graph_put_mermaid(seen->graph, r->label_bits, out);
	return is_picture(r->format) || r->wants_stats ? draw(seen, r, out, err) : 0;
}

static void
seen_fini(struct seen *seen)
{
	graph_free(&seen->graph);
	graph_groups_free(&seen->groups);
	mesh_put(&seen->mesh);
	for (size_t i = 0; i < ARRAY_LEN(seen->saved); i++)
		config_fini(&seen->saved[i]);
}

int
cmd_graph(struct cli *c)
{
	struct graph_request r = { .arena = arena_new(), .namespaces = VEC_INIT };
	struct target t = { 0 };
	struct seen seen = { .graph = NULL };
	struct error err = ERROR_INIT;
	struct buf out = BUF_INIT;
	int status;

	if (graph_words_read(c, &r, &err) == 0) {
		if (r.input != NULL)
			seen.graph = read_input(r.input, &err);
		else if (target_choose(&t, c, TARGET_READS_FILES, &err) == 0)
			seen.graph = build(&t, &r, &seen.mesh, &err);
	}
	if (seen.graph == NULL || choose_part(&seen, &r, &err) < 0 || put_graph(&seen, &r, &out, &err) < 0)
		status = cli_fail(&err);
	else
		status = cli_print(&out, EXIT_YES);
	seen_fini(&seen);
	target_fini(&t);
	buf_fini(&out);
	vec_fini(&r.namespaces);
	arena_free(&r.arena);
	return status;
}
