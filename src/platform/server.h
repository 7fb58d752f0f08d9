/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The servers of a pod: HTTP/1.1 for most apps, bare connections for the
 * database.  HTTP requests pass the pod's waiting line before the app sees
 * them.
 */
#ifndef MESHTOP_PLATFORM_SERVER_H
#define MESHTOP_PLATFORM_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/slice.h"
#include "src/http/head.h"
#include "src/platform/station.h"

struct address;
struct error;
struct pod;
struct server;

/* Longest request body that is taken; more is answered 413. */
#define SERVER_MAX_BODY (64u * 1024)

/* Listens for pod on the Unix socket NAME in the folder dir_fd, replacing what
 * had that name.  The pod owns the server.  -1 with err. */
int server_open_unix(struct pod *p, int dir_fd, const char *name, struct error *err);
/* The same on an address with its port. */
int server_open_tcp(struct pod *p, const struct address *at, struct error *err);
/* Stops listening and closes connections as they become idle. */
void server_close(struct server *s);
/* The socket's name belongs to somebody else now: do not remove it. */
void server_disown_socket(struct server *s);
void server_free(struct server **sp);

struct server_conn;

struct request_field {
	struct slice name;	/* lower case */
	struct slice value;
};

/* A request on its way through an app.  Owns its texts. */
struct request {
	struct pod *pod;		/* holds a reference */
	struct server_conn *conn;	/* NULL: the client is gone */
	enum http_method method_id;
	struct slice path;		/* without query */
	struct request_field *fields;
	unsigned field_count;
	char *head;			/* memory of the slices */
	struct buf body;
	struct station_job job;
	struct deferred reap;
};

/* Value of the first field of that lower-case name; empty when absent. */
struct slice request_header(const struct request *rq, const char *name);
/*
 * "/hotels/San%20Marino" with prefix "/hotels/": decodes what stands behind
 * the prefix to a new string, freed by the caller.  NULL when the path is
 * another one, has more parts, is empty there or is badly encoded.
 */
char *request_path_tail(const struct request *rq, const char *prefix);
/* Answers and frees the request; body is copied. */
void request_reply(struct request *rq, unsigned status, const char *content_type,
		   struct slice body);
/* {"error": message} as JSON. */
void request_reply_error(struct request *rq, unsigned status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
