/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is known of one exchange when it ends, once for each side's proxy.
 *
 * The data path fills it in and hands it to record_sink; metrics, access log
 * and the ring of recent requests are made from it and from nothing else.
 * All pointers are borrowed and valid only during the call.
 */
#ifndef MESHTOP_PROXY_RECORD_H
#define MESHTOP_PROXY_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/address.h"
#include "src/base/slice.h"
#include "src/http/head.h"
#include "src/mesh/mesh.h"
#include "src/mesh/route.h"
#include "src/model/response_flags.h"

enum record_side { SIDE_OUTBOUND, SIDE_INBOUND, SIDE_COUNT };
enum record_protocol { RECORD_HTTP, RECORD_GRPC, RECORD_TCP };
enum record_target { TARGET_SERVICE, TARGET_PASSTHROUGH, TARGET_BLACK_HOLE };

struct record_attempt {
	const struct mesh_endpoint *endpoint;	/* NULL: none was found */
	unsigned status;			/* 0: no response */
	response_flags flags;
	uint32_t duration_us;
};

#define RECORD_MAX_ATTEMPTS 16

struct record {
	enum record_side side;
	enum record_protocol protocol;
	enum record_target target;
	bool is_mirrored;			/* this request is a mirror's copy */
	bool is_mutual_tls;			/* between the two proxies */
	/* who: the proxy that reports, and the other side as far as known */
	const struct mesh_workload *self;	/* never NULL */
	const struct mesh_instance *self_instance;
	const struct mesh_instance *peer;	/* outbound: chosen endpoint's; inbound: the
						 * caller's; NULL: unknown */
	const struct mesh_service *service;	/* destination service; NULL: unknown */
	const struct mesh_cluster *cluster;	/* outbound; NULL: none or unknown */
	const struct http_rule *rule;		/* outbound HTTP; NULL: no route */
	int match;				/* see struct route_decision */
	const struct object *tcp_rule;		/* outbound TCP VirtualService */
	/* what happened */
	unsigned status;			/* 0: none was sent (DC) */
	int grpc_status;			/* -1: none */
	response_flags flags;
	const char *details;			/* static or pool text: "via_upstream" ... */
	const char *transport_failure;		/* NULL: none */
	struct record_attempt attempts[RECORD_MAX_ATTEMPTS];
	unsigned attempt_count;
	unsigned tries;				/* begun; the last ones stand in attempts */
	/* when: engine's monotonic clock; 0 = did not happen */
	int64_t start_wall_ms;
	uint64_t start_ns, end_ns;
	uint64_t upstream_head_ns;		/* response head arrived */
	uint64_t request_end_ns;		/* whole request received */
	uint64_t service_start_ns;		/* that, or the end of an injected delay */
	/* how much */
	/* Metrics: heads and bodies; TCP: bytes since the last report. */
	uint64_t request_wire_bytes, response_wire_bytes;
	/* Access log: bodies; TCP: bytes of the whole connection. */
	uint64_t request_body_bytes, response_body_bytes;
	/* HTTP */
	const struct http_head *head;		/* request; NULL for TCP or a bad request */
	struct slice path;			/* as routed, without query */
	struct slice original_path;		/* where a rule has rewritten it: with query; none */
	struct slice sent_path;			/* then: what it is now, without query */
	struct slice authority;			/* as rewritten */
	struct slice request_id;
	/* The fields as they were sent last, as lines, where a rule has changed
	 * them; empty: as received. */
	struct slice sent_lines;
	/* The answer's fields as the client got them, as lines; empty: none, or
	 * not kept.  Open: none of them is secret. */
	struct slice answer_lines;
	bool is_answer_open;
	/* TCP */
	struct slice server_name;		/* of the ClientHello; empty: none, or not looked at */
	/* addresses */
	const struct address *downstream_remote, *downstream_local;
	const struct address *upstream, *upstream_local;	/* NULL: none */
	/* TCP reports: one when the connection begins (both set), one every 5 s
	 * (is_interim), one at its end (neither; or is_opening alone, when it
	 * ends as it begins).  Only the last one is logged. */
	bool is_opening;			/* opened + 1 */
	bool is_interim;			/* it goes on; else closed + 1 */
};

#endif
