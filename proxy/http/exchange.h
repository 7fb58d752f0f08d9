/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One request and its response, on one side (outbound or inbound).
 *
 * Owned by neither connection: it knows the downstream that asked and the
 * upstream that answers, and each of them knows it while it lasts.  Its steps
 * are functions called by the connections; the order is that of
 * spec/dataplane.md section 12: route, draw, cluster, endpoint, pool, send,
 * response head, body, record.  It ends in exactly one record.
 */
#ifndef MESHTOP_PROXY_EXCHANGE_H
#define MESHTOP_PROXY_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/cluster/resolve.h"
#include "proxy/http/forward.h"
#include "proxy/runtime.h"
#include "proxy/telemetry/record.h"
#include "src/base/rng.h"
#include "src/http/head.h"
#include "src/mesh/route.h"

struct acceptor;
struct exchange_rules;
struct downstream;
struct upstream;
struct worker;

#define EXCHANGE_ATTEMPTS 3	/* kept; later ones replace the last */

struct exchange {
	struct worker *worker;
	struct runtime *runtime;	/* referenced: keeps the mesh */
	struct downstream *down;
	struct upstream *up;		/* NULL: none yet, or given back */
	enum record_side side;
	/* request */
	struct http_head *head;		/* own copy, with the bytes behind it */
	size_t head_size;		/* of the block */
	struct slice path;		/* as routed */
	struct slice new_path;		/* to be sent instead of the target's; ptr NULL: as it is */
	char *path_block;		/* of paths that had to be made; NULL */
	size_t path_block_size;
	struct slice authority;		/* to be sent instead; ptr NULL: as received */
	struct slice original_path;	/* with query, before a rewrite; ptr NULL */
	char made_id[RNG_UUID_BYTES];
	bool has_made_id, is_upgrade;
	/* decision */
	const struct mesh_instance *self, *peer;
	const struct mesh_service *service;
	struct route_decision decision;
	enum record_target target;
	struct binding *binding;	/* outbound; NULL: no cluster of the mesh */
	const struct mesh_cluster *cluster; /* as reported */
	struct endpoint *endpoint;	/* referenced while set */
	struct resolve_wait resolving;	/* its name */
	struct exchange_rules *rules;	/* what rules add; NULL: nothing yet */
	const struct mesh_endpoint *mesh_endpoint;
	uint64_t connect_timeout_ms, idle_timeout_ms;
	/* progress */
	bool request_done;		/* read to its end */
	bool is_held;			/* before the first attempt: takes no body yet */
	bool body_has_begun;		/* some of it has gone up */
	bool drops_request;		/* the upstream takes no more of it */
	bool response_started;		/* its head has been sent on */
	bool response_is_chunked;
	bool response_until_close;
	bool was_retried_fresh;
	bool is_tunnel;
	bool has_cors_origin;		/* the rule's policy allows its origin */
	bool is_mirror;			/* a copy: nobody waits for its answer */
	bool cuts_downstream;		/* it cannot be ended cleanly */
	uint8_t interim_count;
	int8_t grpc_status;		/* told to the client; -1: none */
	/* outcome */
	unsigned status;
	response_flags flags;
	const char *details, *transport_failure;
	unsigned attempt_count, carried_count;	/* of them, those that had a connection */
	struct record_attempt attempts[EXCHANGE_ATTEMPTS];
	uint64_t attempt_start_ns;
	uint64_t start_ns, upstream_head_ns, request_end_ns;
	uint64_t held_until_ns;		/* by an injected delay; 0: it was not */
	int64_t start_wall_ms;
	uint64_t request_wire_bytes, response_wire_bytes;
	uint64_t request_body_bytes, response_body_bytes;
	/* The response's head as sent, for the ring of requests; NULL: none yet,
	 * or nobody will ask.  Open: no field of it is secret. */
	char *answer;
	size_t answer_size, answer_len;	/* of the block; of the head */
	bool is_answer_open;
	/* The request's head as sent last, where a rule has changed its fields,
	 * for the access log; NULL: as received. */
	char *sent;
	size_t sent_size, sent_len;
};

/*
 * Begins with the request that stands parsed in worker->head; bytes is where
 * its head begins, head_len how long it is.  data: what was received behind it;
 * *used tells how much of that belongs to the request.  It may have ended when
 * this returns (d->exchange is NULL then).
 */
void exchange_begin(struct downstream *d, const char *bytes, size_t head_len,
		    const char *data, size_t len, size_t *used);
/* More of the request's body; returns what belongs to it. */
size_t exchange_request_bytes(struct exchange *ex, const char *data, size_t len);
/* Moves what has come of a long body without looking at it; false: it is to
 * be read.  The exchange may have ended. */
bool exchange_splice_request(struct exchange *ex);
bool exchange_splice_response(struct exchange *ex);
/* May more of the request be read? */
bool exchange_has_request_room(const struct exchange *ex);

/* From the downstream: */
void exchange_on_response_room(struct exchange *ex);	/* its queue went out */
void exchange_on_gone(struct exchange *ex);		/* the client went away */
void exchange_on_stalled(struct exchange *ex);		/* request body or reader too slow */
void exchange_on_tunnel(struct exchange *ex);		/* either side of a tunnel moved */

/* From the upstream: */
enum http_method exchange_method(const struct exchange *ex);
bool exchange_has_response_room(const struct exchange *ex);
void exchange_on_connected(struct exchange *ex);
void exchange_on_pool_ready(struct exchange *ex, struct upstream *u);
void exchange_on_pool_failed(struct exchange *ex, int error);
void exchange_on_pool_overflow(struct exchange *ex);
void exchange_on_connect_failed(struct exchange *ex, int error);
void exchange_on_request_room(struct exchange *ex);
void exchange_on_request_refused(struct exchange *ex);	/* writing failed */
void exchange_on_interim(struct exchange *ex, struct http_head *head, size_t head_len,
			 const char *data, size_t len);
void exchange_on_response(struct exchange *ex, struct http_head *head, size_t head_len,
			  const char *data, size_t len);
void exchange_on_response_bytes(struct exchange *ex, const char *data, size_t len);
void exchange_on_response_bad(struct exchange *ex);
void exchange_on_response_end(struct exchange *ex, bool clean);	/* end of stream, or a reset */

/* --- between the files of the exchange --- */

/* Why the engine itself answers; one row each in failures.tbl. */
enum failure {
#define FAILURE(id, status, flags, body, details) FAILURE_##id,
#include "proxy/http/failures.tbl"
#undef FAILURE
	FAILURE_COUNT,
};

/* Chooses cluster and endpoint, or answers, or holds the exchange. */
void exchange_route(struct exchange *ex);
/* What follows on faults: cluster and endpoint, or an answer. */
void exchange_choose(struct exchange *ex);
/* A held exchange goes on behind its faults: chooses and launches. */
void exchange_enter_cluster(struct exchange *ex);
void exchange_use_cluster(struct exchange *ex, const struct mesh_cluster *cluster);
/* An endpoint of ex->binding, other than the last where that can be; false:
 * none is usable. */
bool exchange_pick_endpoint(struct exchange *ex);
/* The present endpoint is dialled; data may go along. */
void exchange_launch(struct exchange *ex, const char *data, size_t len, size_t *used);
/* As exchange_launch() on another endpoint, after a pause. */
void exchange_launch_again(struct exchange *ex);
/*
 * A connection of the pool may have been closed by the peer in the very
 * moment in which it was used.  Then nothing of an answer has come, and a
 * request that may be repeated goes out once more, on a fresh connection.
 * False: this is not such a case; a peer that has taken the request and then
 * ended the connection (has_ended) in order has given its answer.
 */
bool exchange_try_fresh(struct exchange *ex, bool has_ended);
/* Gives the connection back to the pool when request and answer are whole, else
 * closes it.  The exchange may go on; it may have none. */
void exchange_release_upstream(struct exchange *ex);
/* Keeps a parsed head, whose bytes are elsewhere. */
void exchange_keep_head(struct exchange *ex, const struct http_head *head, const char *bytes,
			size_t len);
/* Keeps a copy of the response's head, which the pieces are. */
void exchange_keep_answer(struct exchange *ex, const struct iovec *pieces, unsigned count,
			  size_t bytes, bool is_open);
/* The same of a request's. */
void exchange_keep_sent(struct exchange *ex, const struct iovec *pieces, unsigned count,
			size_t bytes);
/* A copy of the request and of how it was routed, behind a downstream of its
 * own; nothing of its body has been sent. */
struct exchange *exchange_new_copy(const struct exchange *ex, struct downstream *d);
uint16_t exchange_dialled_port(const struct exchange *ex);
bool exchange_is_at_gateway(const struct exchange *ex);
struct slice exchange_scheme(const struct exchange *ex);	/* route_scheme() */
/* Host without its port; *port is the number, 0 when there is none. */
struct slice exchange_split_authority(struct slice authority, unsigned *port);
/* Path and Host as the rule rewrites them.  False: it has failed (and ended). */
bool exchange_rewrite(struct exchange *ex);
void exchange_redirect(struct exchange *ex);
/* The next try: endpoint, connection, head; sends data along (may be empty). */
void exchange_attempt(struct exchange *ex, const char *data, size_t len, size_t *used);
bool exchange_is_grpc(const struct exchange *ex);
int8_t exchange_read_grpc_status(struct slice text);	/* -1: it is none */
/* Answers instead of an upstream and ends; after the response has started it
 * cuts the connection. */
void exchange_fail(struct exchange *ex, enum failure why);
/* A request of gRPC is told in its own words: 200 with grpc-status. */
void exchange_answer(struct exchange *ex, unsigned status, struct slice body,
		     const char *extra_fields);
/* As it stands, whoever asks. */
void exchange_answer_plain(struct exchange *ex, unsigned status, struct slice body,
			   const char *extra_fields);
/* The same where there is a rule, which has its say on all fields, extra_fields too. */
void exchange_answer_by_rule(struct exchange *ex, unsigned status, struct slice body,
			     const char *extra_fields);
/* Its last byte was taken. */
void exchange_on_request_end(struct exchange *ex);
void exchange_finish(struct exchange *ex);
/* "server: envoy\r\n", as this proxy says it. */
struct slice exchange_server_line(const struct exchange *ex);
void exchange_note_attempt(struct exchange *ex, unsigned status, response_flags flags);
/* As exchange_note_attempt() for an answer; grpc_status -1: its head has none. */
void exchange_note_answer(struct exchange *ex, unsigned status, int grpc_status);
/* Hands the record to the worker's sink. */
void exchange_report(struct exchange *ex);
/* Of a rule that has prefixes of statistics: counts it under its match's. */
void exchange_count_route(struct exchange *ex);
/* By which everybody knows the request; the client's or our own. */
struct slice exchange_request_id(const struct exchange *ex);
/* What an upstream's time is counted from: whatever came last of the request. */
uint64_t exchange_service_start_ns(const struct exchange *ex);
/* What is known so far; rec borrows from ex and from addresses. */
struct exchange_addresses {
	struct address remote, local;
};
void exchange_fill_record(const struct exchange *ex, struct exchange_addresses *addresses,
			  struct record *rec);
/* A request that could not be parsed has no exchange, but a record. */
void exchange_report_bad_request(struct downstream *d, unsigned status, response_flags flags,
				 const char *details, uint64_t bytes);

#endif
