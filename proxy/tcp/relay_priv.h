/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Between relay.c, relay_hello.c, relay_route.c and relay_report.c.
 */
#ifndef MESHTOP_PROXY_RELAY_PRIV_H
#define MESHTOP_PROXY_RELAY_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "proxy/cluster/resolve.h"
#include "proxy/conn.h"
#include "proxy/http/downstream.h"
#include "proxy/tcp/client_hello.h"
#include "proxy/telemetry/record.h"
#include "src/base/address.h"

struct relay {
	struct conn down, up;
	struct worker *worker;
	struct acceptor *acceptor;	/* referenced */
	struct runtime *runtime;	/* referenced */
	struct relay *next, **prev;	/* of the worker */
	struct endpoint *endpoint;	/* referenced; NULL: straight through */
	struct address address, source;
	union downstream_peer down_peer;
	struct timer timer;
	struct resolve_wait resolving;	/* the endpoint's name */
	struct client_hello_progress hello;	/* in early */
	char *early;			/* read before it was a relay, or NULL */
	size_t early_len, early_size;
	char *server_name;		/* that the client asked for; NULL: none */
	size_t server_name_size;
	uint64_t connect_timeout_ms, idle_timeout_ms;
	unsigned parts;			/* connections that still hold this memory */
	uint64_t max_duration_ns;	/* 0: none */
	bool holds_connection;		/* of the cluster's limit */
	bool has_upstream, is_opened, is_closed, is_reported;
	bool is_broken;			/* a side was reset: so is the other */
	bool is_peeking;		/* waits for the ClientHello */
	/* for the record */
	enum record_side side;
	enum record_target target;
	const struct mesh_instance *caller;	/* whose address it comes from; NULL: nobody's */
	const struct mesh_instance *self, *peer;
	const struct mesh_service *service;
	const struct mesh_cluster *cluster;
	const struct mesh_endpoint *mesh_endpoint;
	const struct object *rule;
	response_flags flags;
	const char *details;		/* NULL: none */
	int connect_error;		/* why the connect has failed; 0: it has not, or was too slow */
	bool is_immediate;		/* the error came with the call itself */
	int64_t start_wall_ms;
	uint64_t start_ns, moved_ns;
	uint64_t received, sent;	/* from and to the client */
	uint64_t reported_received, reported_sent;
};

enum relay_moment { RELAY_OPENED, RELAY_INTERIM, RELAY_CLOSED };

/* relay.c */
void relay_fail(struct relay *r, response_flags flags);	/* to be closed by who asked */
void relay_close(struct relay *r);
void relay_arm(struct relay *r, uint64_t deadline_ns);
/* More bytes that were read before there is anybody to send them to. */
void relay_keep_early(struct relay *r, const char *data, size_t len);
/* Connects, after relay_route(). */
void relay_start(struct relay *r);
/* relay_hello.c */
void relay_hello_begin(struct relay *r);
void relay_hello_more(struct relay *r);
void relay_hello_late(struct relay *r);
/* relay_route.c: who calls, and whether the port looks at server names */
bool relay_wants_hello(struct relay *r);
/* After a wait: under the acceptor's present configuration. */
void relay_renew(struct relay *r);
/* Sets flags when it goes nowhere. */
void relay_route(struct relay *r);
/* relay_report.c */
void relay_report(struct relay *r, enum relay_moment moment);
bool relay_has_news(const struct relay *r);
void relay_peer_address(const struct relay *r, struct address *out);

#endif
