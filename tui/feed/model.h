/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the screens show: the current graph, configuration and how fresh both
 * are; and the question the console asks (namespaces, window, type, ...).
 *
 * Filled by a feed (feed.h), read by screens.  Every text in it has passed
 * text_sanitize() or comes from a validated name.
 */
#ifndef MESHTOP_TUI_MODEL_H
#define MESHTOP_TUI_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/vec.h"
#include "src/model/problem.h"
#include "src/topology/build.h"

struct buf;
struct graph;
struct history;
struct mesh;
struct mesh_service;
struct value;

enum model_change {		/* bits: what a feed has filled anew */
	MODEL_GRAPH = 1, MODEL_CONFIG = 2, MODEL_STATE = 4, MODEL_HISTORY = 8,
	MODEL_REQUESTS = 16, MODEL_BACKGROUND = 1024,	/* ask your work beside the console */
	MODEL_FRAME = 2048,				/* what moves may move on */
};

enum feed_state {
	FEED_STARTING,		/* nothing seen yet */
	FEED_LIVE,
	FEED_LOST,		/* the engine does not answer; state_text says why */
	FEED_OFFLINE,		/* configuration only: there is no engine */
};

enum model_grpc { GRAPH_GRPC_REQUESTS, GRAPH_GRPC_NONE };

struct model_query {
	enum graph_type type;
	unsigned labels;		/* EDGE_LABEL_* bits */
	unsigned window_s;
	unsigned refresh_s;		/* between readings; 0: one second */
	bool no_service_nodes;
	bool is_frozen;
	int64_t at_ms;			/* a moment in the past; 0: now */
	VEC(char *) namespaces;		/* none: all but istio-system and kube-* */
	char *hide;			/* find expression or part of a name; NULL: nothing */
	bool shows_idle_nodes, hides_idle_edges, hides_badges, shows_ranks, shows_security;
	bool hides_app_boxes, hides_namespace_boxes, hides_cluster_boxes;
	bool shows_animation, hides_missing_sidecars;
	unsigned tcp;			/* enum graph_tcp */
	unsigned grpc;			/* enum model_grpc */
	bool hides_http;
	unsigned rank_by;		/* RANK_BY_* bits; 0: both */
	unsigned form;			/* enum layout_form */
};

struct model_saved {		/* an expression of find or hide, by name */
	char *name, *text;
};

struct model_texts {
	VEC(struct model_saved) rows;
};

/* A graph of the same window for lists and pages, whatever the picture shows. */
struct model_page {
	struct graph *graph;		/* NULL: not read yet */
	bool is_wanted;			/* somebody looked since it was read */
};

struct model {
	struct model_query query;
	struct graph *graph;		/* never NULL */
	struct model_page pages[GRAPH_TYPES][2];	/* without, with service nodes */
	struct mesh *mesh;		/* NULL while no configuration is known */
	struct problems problems;
	struct history *history;	/* NULL: none kept here */
	char title[64];			/* "travels", "~/mesh", "context:prod" */
	enum feed_state state;
	char state_text[160];		/* one line for people; "" when all is well */
	int64_t data_ms;		/* Unix time of the newest reading, 0: none */
	int64_t oldest_ms, newest_ms;	/* of all that the feed knows; 0: nothing */
	bool is_recorded;		/* there is no now: a recorded session */
	int64_t change_ms;		/* of the last change before what is shown, 0 */
	/* Recent requests as the engine tells them (proxy/telemetry/requests.h), newest last;
	 * NULL while unknown.  Raw text: sanitized where it is used. */
	const struct value *requests;
	bool wants_requests;		/* set by who looks at them; the feed asks, and clears it */
	bool wants_many_requests;	/* not a page of them, but enough to count with */
	struct model_texts saved, views;	/* views: command lines, a newline between */
	double window_s;		/* that the figures cover: shorter after a change */
};

void model_init(struct model *m);
void model_fini(struct model *m);
/* Takes the graph over; those of pages are of another moment, and go. */
void model_set_graph(struct model *m, struct graph *g);
void model_set_page(struct model *m, enum graph_type type, bool with_service_nodes,
		    struct graph *g);
/* Of those that are wanted, is there one that is not read yet? */
bool model_lacks_page(const struct model *m);

/* The question as the builder takes it, for the window that ends at to_ms.
 * Borrows the query. */
struct graph_options model_graph_options(const struct model *m, int64_t to_ms);

/* The same for a page, of the window that the model's figures cover. */
struct graph_options model_page_options(const struct model *m, enum graph_type type,
					bool with_service_nodes);

/* Replaces the chosen namespaces by words separated by commas or blanks; "" or
 * "all" chooses the default. */
void model_choose_namespaces(struct model *m, const char *words);
bool model_has_namespace(const struct model *m, const char *ns);	/* chosen? */
void model_set_hide(struct model *m, const char *text);
/* Keeps an expression under a name; "" forgets it. */
void model_save_find(struct model *m, const char *name, const char *text);
void model_save_view(struct model *m, const char *name, const char *text);
const char *model_saved_view(const struct model *m, const char *name);
const char *model_saved_find(const struct model *m, const char *name);	/* NULL: none */

/* By NAME.NS, or by a NAME that only one service of the chosen namespaces has;
 * NULL: none, or several. */
const struct mesh_service *model_find_service(const struct model *m, const char *name);

typedef void model_name_fn(void *arg, const char *name);
/* Known names, each once, in order. */
void model_each_namespace(const struct model *m, model_name_fn *fn, void *arg);
void model_each_service(const struct model *m, model_name_fn *fn, void *arg);	/* NAME.NS */
void model_each_workload(const struct model *m, model_name_fn *fn, void *arg);
void model_each_app(const struct model *m, model_name_fn *fn, void *arg);
/* Names of headers (header NULL), or values of that header, in recent requests
 * to a service (NAME.NS; NULL: any), the most frequent first.  Sanitized. */
void model_each_seen(struct model *m, const char *service, const char *header,
		     model_name_fn *fn, void *arg);
void model_each_object(const struct model *m, const char *kind_word, model_name_fn *fn,
		       void *arg);

#endif
