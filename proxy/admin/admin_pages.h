/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pages of the admin socket: one row each in admin_pages.c.
 *
 * With proxy=WORKLOAD.NS a page reads as that workload's Envoy would answer;
 * without, text has every proxy after a line "# proxy WORKLOAD.NS" and JSON
 * is an object keyed by it.
 */
#ifndef MESHTOP_PROXY_ADMIN_PAGES_H
#define MESHTOP_PROXY_ADMIN_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/address.h"
#include "src/base/buf.h"
#include "src/base/slice.h"

struct engine;
struct json_writer;
struct mesh;
struct cluster_policy;
struct mesh_workload;
struct regex;
struct stats_choice;

/* The query of a request, decoded. */
struct admin_query {
	struct slice text;			/* all of it, borrowed */
	char *proxy, *filter, *format, *type, *id;	/* NULL: not given */
	char *resource, *mask, *name_regex;
	uint64_t since, limit;			/* 0: not given */
	bool used_only, has_endpoints;
	bool is_graceful, inbound_only, skips_exit;
	bool is_bad;				/* a number that is none */
};

#define ADMIN_PIECE_BYTES (256u * 1024)

struct admin_rest;				/* opaque: a page's proxies that follow */

struct admin_request {
	struct slice path, query;
	bool is_post;
	bool is_local;				/* by the Unix socket: may change something */
};

struct admin_reply {
	unsigned status;
	const char *content_type;		/* static */
	const char *fields;			/* further ones, static; "" */
	struct buf body;
	struct admin_rest *rest;		/* body is the first piece; NULL: all of it */
};

/* With a line of these three, the last two sanitized, instead of what was there. */
void admin_refuse(struct admin_reply *reply, unsigned status, const char *why, const char *word,
		  const char *more);

/* A page of every proxy comes in pieces. */
void admin_answer(struct engine *e, const struct admin_request *request,
		  struct admin_reply *reply);
enum admin_more { ADMIN_MORE, ADMIN_DONE, ADMIN_BROKEN };
/* Appends the next piece.  ADMIN_BROKEN: the configuration has changed, what was
 * written so far cannot be completed. */
enum admin_more admin_continue(struct admin_rest *rest, struct buf *out);
void admin_rest_free(struct admin_rest **rp);	/* accepts NULL inside */

/* What it does not know is passed over. */
void admin_query_parse(struct admin_query *q, struct slice text);
void admin_query_fini(struct admin_query *q);
bool admin_query_is_json(const struct admin_query *q);	/* format=json */
/* Cuts the first NAME=VALUE off, decoded and to be freed; false: there is none. */
bool admin_query_next(struct slice *text, char **name, char **value);

/* --- parts of pages, for one proxy; see the files of these names --- */

/* admin_clusters.c */
struct cluster_table;			/* figures by workload and cluster */
struct engine_cluster_figures;
struct mesh_cluster;
/* The replicas of a workload are added up.  Good until the mesh changes. */
struct cluster_table *cluster_table_new(struct engine *e);
void cluster_table_free(struct cluster_table **tp);
/* NULL: this workload has not used that cluster.  The endpoints of what it
 * gives are those of the cluster, in its order. */
const struct engine_cluster_figures *cluster_table_find(const struct cluster_table *t,
							const struct mesh_workload *w,
							const struct mesh_cluster *cluster);
/* Those of a workload's proxies, in the mesh's order; to be freed. */
const struct mesh_cluster **admin_clusters_of(const struct mesh *m, const struct mesh_workload *w,
					      size_t *count);
void admin_put_clusters_text(struct engine *e, const struct cluster_table *t,
			     const struct mesh_workload *w, struct buf *out);
void admin_put_clusters_json(struct engine *e, const struct cluster_table *t,
			     const struct mesh_workload *w, struct json_writer *json);

/* admin_http.c */
struct http_table;			/* requests by workload and direction */
struct http_stat {
	const char *direction, *name;	/* http.DIRECTION.NAME */
	bool is_gauge;
	uint64_t value;
};
#define HTTP_STATS 15
/* Good until the mesh changes. */
struct http_table *http_table_new(struct engine *e);
void http_table_free(struct http_table **tp);
/* By direction and name. */
void http_table_read(const struct http_table *t, const struct mesh_workload *w,
		     struct http_stat out[HTTP_STATS]);

/* admin_routes.c */
struct route_stat_table;		/* routes with a statPrefix, by caller */
/* Those of all workers together; good whatever they do then. */
struct route_stat_table *route_stat_table_new(struct engine *e);
void route_stat_table_free(struct route_stat_table **tp);
/* What that workload has counted, by name. */
const struct route_stat *route_stat_table_find(const struct route_stat_table *t,
					       const struct mesh_workload *w, size_t *count);

/* admin_stats.c */
struct stats_tables {
	const struct cluster_table *clusters;
	const struct http_table *http;
	const struct route_stat_table *routes;
};
/* By name. */
void admin_put_stats_text(struct engine *e, const struct stats_tables *t,
			  const struct mesh_workload *w, const struct stats_choice *choice,
			  struct buf *out);
void admin_put_stats_json(struct engine *e, const struct stats_tables *t,
			  const struct mesh_workload *w, const struct stats_choice *choice,
			  struct json_writer *json);
/* w NULL: all proxies, with a label "proxy". */
void admin_put_stats_prometheus(struct engine *e, const struct stats_tables *t,
				const struct mesh_workload *w, const struct stats_choice *choice,
				struct buf *out);

/* admin_limits.c; w NULL: every caller. */
void admin_put_limits(struct engine *e, const struct mesh_workload *w, struct buf *out);

/* admin_config.c */
struct engine_listener;
/* Has that workload's proxy this listener?  Services are dialled by every
 * proxy; the others serve one workload. */
bool admin_is_listener_of(const struct engine_listener *l, const struct mesh_workload *w);
void admin_put_listeners_text(struct engine *e, const struct mesh_workload *w,
			      struct buf *out);
void admin_put_listeners_json(struct engine *e, const struct mesh_workload *w,
			      struct json_writer *json);
void admin_put_server_info(struct engine *e, const struct mesh_workload *w,
			   struct json_writer *json);
void admin_put_pods(struct engine *e, struct buf *out);
/* "outbound_127.64.0.5_80" */
#define LISTENER_NAME_BYTES (2 * ADDRESS_TEXT_BYTES)
void admin_listener_name(const struct engine_listener *l, char out[LISTENER_NAME_BYTES]);
void admin_put_socket_address(struct json_writer *json, const char *key, const struct address *a);

/* "circuit_breakers": {"thresholds": [...]} of so many priorities of requests; the
 * first is the default one, the only one that is configured. */
void admin_put_thresholds(const struct cluster_policy *p, size_t priorities,
			  struct json_writer *json);

/* admin_logging.c: changes levels as the query asks, and lists them; false: it asks
 * for what is not there. */
bool admin_change_logging(struct slice query, struct buf *out);

struct dump_choice {			/* zeroed: all; what it points to is its own */
	char *resource, *mask;		/* NULL: not given */
	struct regex *names;		/* NULL: any */
	bool has_endpoints;
};
enum dump_outcome {
	DUMP_WHOLE,
	DUMP_MISFIT,			/* the mask does not fit what it is for */
	DUMP_TOO_LARGE,			/* to choose from it, see json_parse() */
};

/* admin_dump_query.c */
/* False: refused.  A mask for all proxies has to fit one. */
bool admin_choose_dump(struct engine *e, const struct admin_query *q, bool is_of_all,
		       struct dump_choice *out, struct admin_reply *reply);
void dump_choice_fini(struct dump_choice *choice);
void admin_dump_failure(const struct dump_choice *choice, enum dump_outcome outcome,
			struct buf *out);
void admin_refuse_dump(const struct dump_choice *choice, enum dump_outcome outcome,
		       struct admin_reply *reply);

/* admin_dump.c */
/* Could a dump be like that?  Else status and text as Envoy gives them. */
bool admin_check_dump(const struct dump_choice *choice, unsigned *status, struct buf *why);
/* "configs": [...], and "error" where some of it is missing. */
enum dump_outcome admin_put_config_dump(struct engine *e, const struct mesh_workload *w,
					const struct dump_choice *choice,
					struct json_writer *json);

#endif
