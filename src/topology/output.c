/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The graph as JSON and DOT, and graphs read from a file. */
#include <string.h>
#include <uthash.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/slice.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/topology/build.h"
#include "src/topology/graph.h"

static const char *const kind_names[NODE_KIND_COUNT] = {
	[NODE_WORKLOAD] = "workload", [NODE_SERVICE] = "service", [NODE_APP] = "app",
	[NODE_VERSION] = "version", [NODE_SERVICE_ENTRY] = "serviceEntry",
	[NODE_UNKNOWN] = "unknown",
};

static const char *const protocol_names[EDGE_PROTOCOL_COUNT] = {
	[EDGE_HTTP] = "http", [EDGE_GRPC] = "grpc", [EDGE_TCP] = "tcp",
};

static const char *const health_names[] = {
	[HEALTH_NA] = "NA", [HEALTH_HEALTHY] = "Healthy", [HEALTH_NOT_READY] = "NotReady",
	[HEALTH_DEGRADED] = "Degraded", [HEALTH_FAILURE] = "Failure",
};

static void
put_node(struct json_writer *w, const struct graph_node *n)
{
	json_open(w, NULL, '{');
	json_string(w, "id", n->id);
	json_string(w, "label", n->label);
	json_string(w, "kind", kind_names[n->kind]);
	json_string(w, "namespace", n->ns);
	json_string(w, "workload", n->workload);
	json_string(w, "service", n->service);
	json_string(w, "app", n->app);
	json_string(w, "version", n->version);
	json_string(w, "health", health_names[n->health]);
	json_double(w, "in_rate", n->in_rate, 5);
	json_double(w, "out_rate", n->out_rate, 5);
	json_double(w, "in_bytes", n->in_bytes, 3);
	json_double(w, "out_bytes", n->out_bytes, 3);
	json_open(w, "badges", '[');
	for (size_t i = 0; i < GRAPH_BADGES; i++)
		if (n->badges & graph_badges[i].badge)
			json_string(w, NULL, graph_badges[i].letters);
	json_close(w, ']');
	json_close(w, '}');
}

static void
put_time(struct json_writer *w, const char *key, double ms)
{
	if (ms < 0)
		json_null(w, key);
	else
		json_double(w, key, ms, 3);
}

/* codes: {CODE: {FLAGS: share}}; responses are sorted by code and flags, and
 * hosts of one code and flag set are joined. */
static void
put_codes(struct json_writer *w, const struct graph_edge *e)
{
	json_open(w, "codes", '{');
	for (size_t i = 0; i < e->response_count;) {
		const char *code = e->responses[i].code;

		json_open(w, code, '{');
		while (i < e->response_count && strcmp(e->responses[i].code, code) == 0) {
			const char *flags = e->responses[i].flags;
			double share = 0;

			for (; i < e->response_count && strcmp(e->responses[i].code, code) == 0 &&
			       strcmp(e->responses[i].flags, flags) == 0; i++)
				share += e->responses[i].share;
			json_double(w, flags, share, 5);
		}
		json_close(w, '}');
	}
	json_close(w, '}');
}

static void
put_edge(struct json_writer *w, const struct graph *g, const struct graph_edge *e)
{
	json_open(w, NULL, '{');
	json_string(w, "from", g->nodes.items[e->from].id);
	json_string(w, "to", g->nodes.items[e->to].id);
	json_string(w, "protocol", protocol_names[e->protocol]);
	json_double(w, "rate", e->rate, 5);
	json_double(w, "errors", e->errors, 5);
	if (e->share < 0)
		json_null(w, "share");
	else
		json_double(w, "share", e->share, 5);
	put_time(w, "avg_ms", e->times.avg);
	put_time(w, "p50_ms", e->times.p50);
	put_time(w, "p95_ms", e->times.p95);
	put_time(w, "p99_ms", e->times.p99);
	put_time(w, "est_p50_ms", e->times.est_p50);
	put_time(w, "est_p95_ms", e->times.est_p95);
	put_time(w, "est_p99_ms", e->times.est_p99);
	json_double(w, "bytes_rate", e->request_bytes, 3);
	put_codes(w, e);
	if (e->mtls < 0)
		json_null(w, "mtls");
	else
		json_double(w, "mtls", e->mtls, 3);
	json_string(w, "source_principal", e->source_principal);
	json_string(w, "destination_principal", e->destination_principal);
	json_bool(w, "mirrored", e->is_mirrored);
	json_string(w, "health", health_names[e->health]);
	json_close(w, '}');
}

void
graph_put_json(const struct graph *g, struct buf *out)
{
	struct json_writer w;

	json_begin(&w, out, true);
	json_open(&w, NULL, '{');
	json_double(&w, "window_s", g->window_s, 3);
	json_string(&w, "type", g->type);
	json_open(&w, "nodes", '[');
	for (size_t i = 0; i < g->nodes.len; i++)
		put_node(&w, &g->nodes.items[i]);
	json_close(&w, ']');
	json_open(&w, "edges", '[');
	for (size_t i = 0; i < g->edges.len; i++)
		put_edge(&w, g, &g->edges.items[i]);
	json_close(&w, ']');
	json_close(&w, '}');
	buf_putc(out, '\n');
}

static void
put_quoted(struct buf *out, const char *s)
{
	buf_putc(out, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *s);
	}
	buf_putc(out, '"');
}

/* dot reads no text of more than 16 kB, and nobody a name of more than these cells. */
#define DOT_CELLS 500u

static void
put_cut(struct buf *out, const char *s)
{
	struct buf cut = BUF_INIT;

	text_cut_middle(&cut, s, DOT_CELLS, "...");
	put_quoted(out, buf_str(&cut));
	buf_fini(&cut);
}

/* The node's name in the file: its id, or its number when that is cut. */
static void
put_dot_name(const struct graph *g, size_t node, struct buf *out)
{
	if (strlen(g->nodes.items[node].id) <= DOT_CELLS)
		put_quoted(out, g->nodes.items[node].id);
	else
		buf_printf(out, "n%zu", node);
}

void
graph_put_dot(const struct graph *g, unsigned label_bits, struct buf *out)
{
	static const char *const shapes[NODE_KIND_COUNT] = {
		[NODE_WORKLOAD] = "ellipse", [NODE_SERVICE] = "diamond", [NODE_APP] = "box",
		[NODE_VERSION] = "box", [NODE_SERVICE_ENTRY] = "trapezium",
		[NODE_UNKNOWN] = "ellipse",
	};
	struct buf label = BUF_INIT;

	buf_puts(out, "digraph mesh {\n\trankdir=LR;\n");
	for (size_t i = 0; i < g->nodes.len; i++) {
		const struct graph_node *n = &g->nodes.items[i];

		buf_putc(out, '\t');
		put_dot_name(g, i, out);
		buf_puts(out, " [label=");
		put_cut(out, n->label);
		buf_printf(out, ", shape=%s];\n", shapes[n->kind]);
	}
	for (size_t i = 0; i < g->edges.len; i++) {
		const struct graph_edge *e = &g->edges.items[i];

		buf_putc(out, '\t');
		put_dot_name(g, e->from, out);
		buf_puts(out, " -> ");
		put_dot_name(g, e->to, out);
		buf_clear(&label);
		edge_label_text(e, label_bits, false, &label);
		buf_puts(out, " [label=");
		put_quoted(out, buf_str(&label));
		buf_printf(out, ", style=%s];\n", e->is_mirrored ? "dotted" :
			   e->protocol == EDGE_TCP ? "bold" : "solid");
	}
	buf_puts(out, "}\n");
	buf_fini(&label);
}

struct input_name {
	const char *id;		/* as written, or as the picture says it */
	size_t index;
	UT_hash_handle hh;
};

struct input_names {
	struct input_name *written, *shown;
};

static void
add_name(struct graph *g, struct input_name **names, const char *id, size_t index)
{
	struct input_name *n = arena_alloc(g->arena, sizeof(*n));

	n->id = arena_strdup(g->arena, id);
	n->index = index;
	HASH_ADD_KEYPTR(hh, *names, n->id, strlen(n->id), n);
}

/* What the picture says for an id: two that differ only in what is not shown
 * stay two. */
static void
put_shown_name(const struct input_names *names, const char *id, struct buf *out)
{
	struct input_name *taken;

	text_sanitize(out, id, strlen(id));
	HASH_FIND_STR(names->shown, buf_str(out), taken);
	for (unsigned n = 2; taken != NULL; n++) {
		buf_clear(out);
		text_sanitize(out, id, strlen(id));
		buf_printf(out, " (%u)", n);
		HASH_FIND_STR(names->shown, buf_str(out), taken);
	}
}

static size_t
input_node(struct graph *g, struct input_names *names, const char *id)
{
	struct buf shown = BUF_INIT;
	struct input_name *n;
	size_t index;

	HASH_FIND_STR(names->written, id, n);
	if (n != NULL)
		return n->index;
	put_shown_name(names, id, &shown);
	index = graph_add_node(g, NODE_WORKLOAD, buf_str(&shown));
	add_name(g, &names->written, id, index);
	add_name(g, &names->shown, buf_str(&shown), index);
	buf_fini(&shown);
	return index;
}

/* Sanitized; what was there before when absent. */
static void
input_word(struct graph *g, const struct value *v, const char *key, const char **word)
{
	const char *text = value_get_text(v, key);
	struct buf clean = BUF_INIT;

	if (text == NULL)
		return;
	text_sanitize(&clean, text, strlen(text));
	*word = arena_strdup(g->arena, buf_str(&clean));
	buf_fini(&clean);
}

/* null is as good as absent. */
static int
input_number(const struct value *v, const char *key, double *out, struct error *err)
{
	const struct value *n = value_get(v, key);

	if (n == NULL || n->kind == VALUE_NULL)
		return 0;
	if (!value_to_double(n, out) || *out < 0)
		return error_setf(err, ERROR_SYNTAX, "%s of an edge must be a number from 0", key);
	return 0;
}

static int
input_edge(struct graph *g, struct input_names *names, const struct value *v, struct error *err)
{
	const char *from = value_get_text(v, "from"), *to = value_get_text(v, "to");
	const char *protocol = value_get_text(v, "protocol");
	enum edge_protocol p = EDGE_HTTP;
	struct graph_edge *e;
	size_t a, b;

	if (from == NULL || to == NULL)
		return error_setf(err, ERROR_SYNTAX, "an edge needs from and to");
	for (; protocol != NULL && strcmp(protocol, protocol_names[p]) != 0; p++)
		if (p + 1 == EDGE_PROTOCOL_COUNT)
			return error_setf(err, ERROR_SYNTAX, "protocol %s: must be http, grpc or tcp",
					  protocol);
	a = input_node(g, names, from);
	b = input_node(g, names, to);
	e = graph_add_edge(g, a, b, p);
	if (input_number(v, "rate", &e->rate, err) < 0 || input_number(v, "errors", &e->errors, err) < 0)
		return -1;
	value_to_bool(value_get(v, "mirrored"), &e->is_mirrored);
	e->is_idle = value_get(v, "rate") == NULL;
	return 0;
}

static bool
is_list_or_absent(const struct value *root, const char *key)
{
	return value_get(root, key) == NULL || value_is_list(value_get(root, key));
}

struct graph *
graph_of_input(const char *json, size_t len, struct error *err)
{
	struct arena *a = arena_new();
	struct graph *g = graph_new();
	struct input_names names = { NULL, NULL };
	const struct value *root = json_parse(a, json, len, err);
	int bad = root == NULL ? -1 : 0;

	g->type = "input";
	if (bad == 0 && value_get(root, "nodes") == NULL && value_get(root, "edges") == NULL)
		bad = error_setf(err, ERROR_SYNTAX, "neither nodes nor edges: not a graph");
	else if (bad == 0 && !(is_list_or_absent(root, "nodes") && is_list_or_absent(root, "edges")))
		bad = error_setf(err, ERROR_SYNTAX, "nodes and edges must be lists");
	VALUE_EACH(n, bad == 0 ? value_get(root, "nodes") : NULL) {
		const char *id = value_get_text(n, "id");
		size_t node;

		if (id == NULL) {
			bad = error_setf(err, ERROR_SYNTAX, "a node needs an id");
			break;
		}
		node = input_node(g, &names, id);
		input_word(g, n, "namespace", &g->nodes.items[node].ns);
		input_word(g, n, "app", &g->nodes.items[node].app);
	}
	VALUE_EACH(e, bad == 0 ? value_get(root, "edges") : NULL)
		if ((bad = input_edge(g, &names, e, err)) < 0)
			break;
	HASH_CLEAR(hh, names.written);
	HASH_CLEAR(hh, names.shown);
	arena_free(&a);
	if (bad < 0) {
		graph_free(&g);
		return NULL;
	}
	graph_finish(g);
	return g;
}
