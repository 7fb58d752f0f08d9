/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls of a pod to services: HTTP/1.1 from the pod's own address, so that
 * the mesh knows the caller.  Connections are kept for a while and used again.
 */
#ifndef MESHTOP_PLATFORM_CLIENT_H
#define MESHTOP_PLATFORM_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/slice.h"

struct address;
struct error;
struct pod;
struct request;

/* "http://travels.travel-agency:8000" taken apart; port 80 when absent. */
struct service_url {
	char host[256];
	uint16_t port;
};

/* Also takes "name:port" without a scheme.  False when it is neither. */
bool service_url_parse(struct service_url *u, const char *text);

struct call_result {
	unsigned status;	/* 0: no answer, see error */
	struct slice body;	/* borrowed for the time of the callback */
	const char *error;	/* why there was no answer; "" */
	bool was_connected;	/* somebody accepted the connection */
};

typedef void call_done(void *arg, const struct call_result *r);

struct call_options {
	const char *base_url;		/* http://HOST[:PORT] */
	const char *path;		/* from the first slash, unencoded */
	const char *method;		/* NULL: GET */
	const struct request *inbound;	/* its demo and trace headers go on; NULL */
	const char *fields;		/* further "name: value\r\n" lines; NULL */
	struct slice body;
};

/* done is called once, always from the loop, never from here.  Holds the pod
 * until then. */
void call_start(struct pod *p, const struct call_options *o, call_done *done, void *arg);

/* A connecting, non-blocking socket, bound to the pod's address unless to is
 * a Unix path; -1 with errno. */
int pod_dial(const struct pod *p, const struct address *to);
/* Where the pod dials host:port; false when there is no such service. */
bool pod_resolve(const struct pod *p, const char *host, uint16_t port, struct address *out);

void client_close_idle(struct pod *p);

#endif
