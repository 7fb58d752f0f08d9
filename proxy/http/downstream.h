/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A client's HTTP/1.1 connection: heads are read here, one exchange at a time
 * is served, what is pipelined behind it waits.
 */
#ifndef MESHTOP_PROXY_DOWNSTREAM_H
#define MESHTOP_PROXY_DOWNSTREAM_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "proxy/conn.h"
#include "src/base/address.h"
#include "src/http/body.h"

struct acceptor;
struct exchange;
struct mesh_instance;
struct runtime;
struct worker;

/* What the timer watches over. */
enum downstream_wait {
	WAIT_NOTHING,		/* the upstream's turn */
	WAIT_WATCH,		/* the same; then its end is looked out for */
	WAIT_SNIFF,		/* first bytes that tell the protocol */
	WAIT_REQUEST,		/* the first byte of a request */
	WAIT_HEAD,		/* the rest of a head */
	WAIT_BODY,		/* more of a request's body */
	WAIT_READER,		/* the client to take what is queued */
	WAIT_SENT,		/* the last answer to leave, at the end of this turn */
	WAIT_LINGER,		/* the client to close, after we have */
};

union downstream_peer {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct downstream {
	struct conn conn;
	struct acceptor *acceptor;	/* referenced */
	struct exchange *exchange;	/* NULL: between requests */
	struct downstream *next, **prev; /* of the worker */
	char *pending;			/* bytes read and not used */
	uint32_t pending_len, pending_size;
	uint32_t pending_tried;		/* that many did not make a head */
	uint32_t requests;
	struct http_body body;		/* of the request */
	struct timer timer;
	uint64_t deadline_ns;
	const struct mesh_instance *caller; /* see downstream_caller() */
	uint32_t caller_serial;
	union downstream_peer peer;
	uint8_t wait;			/* enum downstream_wait */
	bool is_sniffing;
	bool closes;			/* after this exchange */
	bool is_last;			/* the client says that no request follows */
	bool is_http10;			/* the present request's version */
	bool has_asked_half_close;	/* whether the client is still there */
	bool is_mirror;			/* its requests are copies (inbound) */
};

/* Takes over an accepted socket.  sniffs: the port's protocol is not known. */
void downstream_open(struct worker *w, struct acceptor *a, int fd,
		     const union downstream_peer *peer, bool sniffs);
void downstream_close(struct downstream *d);
/* In the middle of a message.  reset: where its end would look clean. */
void downstream_cut(struct downstream *d, bool reset);
/* Its exchange has ended: the next request, or the end. */
void downstream_next(struct downstream *d);
/* Bytes that were read and not used go to another connection.  False: it is broken. */
bool downstream_pass_pending(struct downstream *d, struct conn *to);
/* Reads on, after the upstream has taken its queue. */
void downstream_resume(struct downstream *d);
/* After something was sent: a client that does not take it is watched. */
void downstream_sent(struct downstream *d);
/* Closes when idle. */
void downstream_drain(struct downstream *d);
/* When it began to wait for a request (loop_now_ns); 0: it does not, or without
 * a limit. */
uint64_t downstream_idle_since(const struct downstream *d);
/* Whose address the peer has under the acceptor's present mesh; NULL: unknown. */
const struct mesh_instance *downstream_caller(struct downstream *d);
void downstream_peer_address(const struct downstream *d, struct address *out);

#endif
