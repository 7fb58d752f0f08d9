/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Display options of the picture; see display.h. */
#include "tui/feed/display.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "src/topology/build.h"
#include "src/topology/find.h"
#include "src/topology/layout.h"
#include "tui/feed/model.h"

struct choice {
	const char *word;
	unsigned value;
	const char *refusal;	/* why it cannot be; NULL: it can */
};

static const struct choice rank_words[] = {
	{ "both", 0, NULL }, { "inbound", RANK_BY_IN, NULL }, { "outbound", RANK_BY_OUT, NULL },
};
/* Kiali's words; on and off are ours of before. */
#define NO_MESSAGES "no proxy here reports gRPC messages: what can be counted are requests"
static const struct choice grpc_words[] = {
	{ "requests", GRAPH_GRPC_REQUESTS, NULL }, { "none", GRAPH_GRPC_NONE, NULL },
	{ "on", GRAPH_GRPC_REQUESTS, NULL }, { "off", GRAPH_GRPC_NONE, NULL },
	{ "sent", 0, NO_MESSAGES }, { "received", 0, NO_MESSAGES }, { "total", 0, NO_MESSAGES },
};
static const struct choice tcp_words[] = {
	{ "sent", GRAPH_TCP_SENT, NULL }, { "received", GRAPH_TCP_RECEIVED, NULL },
	{ "total", GRAPH_TCP_TOTAL, NULL }, { "none", GRAPH_TCP_NONE, NULL },
};

static const struct choice form_words[] = {
	{ "auto", LAYOUT_AUTO, NULL }, { "right", LAYOUT_LEFT_RIGHT, NULL },
	{ "down", LAYOUT_TOP_DOWN, NULL },
};

static const struct option {
	const char *name, *help;
	size_t offset;		/* of a bool in the query, or of one of the choices */
	bool is_inverted;	/* the bool says that it is off */
	const struct choice *choices;
	size_t choice_count;
	const char *refusal;	/* why there is nothing to show; NULL: there is */
} options[] = {
#define SWITCH(name, help, member, is_inverted) \
	{ name, help, offsetof(struct model_query, member), is_inverted, NULL, 0, NULL }
#define CHOICE(name, help, member, choices) \
	{ name, help, offsetof(struct model_query, member), false, choices, ARRAY_LEN(choices), NULL }
#define NONE(name, help, refusal) { name, help, 0, false, NULL, 0, refusal }
	SWITCH("service-nodes", "Service nodes between callers and workloads", no_service_nodes, true),
	NONE("operation-nodes", "Operation nodes: this mesh reports none", "no proxy here classifies requests by operation "
	     "(request_operation is empty, as in Istio by default)"),
	NONE("waypoints", "Waypoint proxies: this mesh has none",
	     "this mesh has sidecars; waypoints belong to Istio's ambient mode"),
	SWITCH("idle-nodes", "Services and workloads without traffic", shows_idle_nodes, false),
	SWITCH("idle-edges", "Edges without traffic in the window", hides_idle_edges, true),
	SWITCH("app-boxes", "Frames around the versions of an app, where there is room", hides_app_boxes, true),
	SWITCH("namespace-boxes", "Frames around namespaces, where there is room", hides_namespace_boxes,
	       true),
	SWITCH("cluster-boxes", "Frames around clusters, where there is room", hides_cluster_boxes, true),
	SWITCH("badges", "Badges of rules and proxies", hides_badges, true),
	SWITCH("missing-sidecars", "Badge of workloads without a proxy", hides_missing_sidecars, true),
	SWITCH("security", "Share of traffic with mTLS on the edges", shows_security, false),
	SWITCH("animation", "Traffic as moving dots, x for errors", shows_animation, false),
	SWITCH("ranks", "Rank of each node by its edges", shows_ranks, false),
	CHOICE("rank-by", "Edges that make the rank", rank_by, rank_words),
	SWITCH("http", "HTTP traffic", hides_http, true),
	CHOICE("grpc", "gRPC traffic: what makes the rate", grpc, grpc_words),
	CHOICE("form", "Where arrows lead: as there is room, right, down", form, form_words),
	CHOICE("tcp", "TCP traffic: bytes that make the rate", tcp, tcp_words),
#undef SWITCH
#undef CHOICE
#undef NONE
};

const char *
display_name(size_t i)
{
	return i < ARRAY_LEN(options) ? options[i].name : NULL;
}

const char *
display_help(size_t i)
{
	return options[i].help;
}

static void *
member_of(const struct model *m, size_t i)
{
	return (char *)(uintptr_t)&m->query + options[i].offset;
}

/* Index of the choice that is in force. */
static size_t
choice_of(const struct model *m, size_t i)
{
	unsigned value = *(unsigned *)member_of(m, i);
	size_t k = 0;

	while (k + 1 < options[i].choice_count && options[i].choices[k].value != value)
		k++;
	return k;
}

bool
display_can_change(size_t i)
{
	return options[i].refusal == NULL;
}

const char *
display_value(const struct model *m, size_t i)
{
	if (options[i].refusal != NULL)
		return "none";
	if (options[i].choices != NULL)
		return options[i].choices[choice_of(m, i)].word;
	return *(bool *)member_of(m, i) != options[i].is_inverted ? "on" : "off";
}

static bool
set_choice(struct model *m, size_t i, const char *value, struct buf *answer)
{
	const struct option *o = &options[i];

	for (size_t k = 0; k < o->choice_count; k++) {
		if (strcmp(value, o->choices[k].word) == 0 && o->choices[k].refusal != NULL) {
			buf_puts(answer, o->choices[k].refusal);
			return false;
		}
		if (strcmp(value, o->choices[k].word) == 0) {
			*(unsigned *)member_of(m, i) = o->choices[k].value;
			return true;
		}
	}
	buf_printf(answer, "%s: write", o->name);
	for (size_t k = 0; k < o->choice_count; k++)
		buf_printf(answer, "%s %s", k == 0 ? "" : k + 1 == o->choice_count ? " or" : ",",
			   o->choices[k].word);
	return false;
}

bool
display_set(struct model *m, const char *name, const char *value, struct buf *answer)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		bool on = value[0] == '\0' || strcmp(value, "on") == 0 || strcmp(value, "true") == 0;

		if (strcmp(options[i].name, name) != 0)
			continue;
		if (options[i].refusal != NULL) {
			buf_puts(answer, options[i].refusal);
			return false;
		}
		if (options[i].choices != NULL)
			return set_choice(m, i, value, answer);
		if (!on && strcmp(value, "off") != 0 && strcmp(value, "false") != 0) {
			buf_printf(answer, "%s: write on or off", name);
			return false;
		}
		*(bool *)member_of(m, i) = on != options[i].is_inverted;
		return true;
	}
	return false;
}

const char *
display_next(const struct model *m, size_t i)
{
	if (options[i].choices != NULL)
		return options[i].choices[(choice_of(m, i) + 1) % options[i].choice_count].word;
	return strcmp(display_value(m, i), "on") == 0 ? "off" : "on";
}
