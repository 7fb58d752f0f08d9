/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HTTP as a client: one libcurl multi handle, never blocking unless asked.
 *
 * Only this file's body sees libcurl.  A console watches http_client_fd() in
 * its loop and calls http_client_work(); a command calls http_do().  Proxy
 * variables of the environment are not obeyed, redirects are not followed.
 */
#ifndef MESHTOP_CLIENT_HTTP_H
#define MESHTOP_CLIENT_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/vec.h"

struct error;
struct http_call;
struct http_client;

struct http_call_options {
	const char *method;		/* NULL: GET */
	const char *url;		/* http://HOST[:PORT]/PATH */
	const char *const *headers;	/* "name: value"; NULL-terminated; NULL: none */
	const char *body;		/* NULL: none */
	size_t body_len;
	const char *unix_socket;	/* dialled instead of the host; NULL */
	const char *dial_host;		/* address to dial instead of the URL's; NULL */
	uint16_t dial_port;		/* 0: the URL's */
	const char *source_address;	/* the socket is bound to it; NULL */
	const char *proxy;		/* http://HOST:PORT of an HTTP proxy; NULL */
	uint64_t timeout_ms;		/* of the whole call; 0: none */
	size_t max_body_bytes;		/* 0: 64 MiB; a longer body ends the call */
};

struct http_answer_header {
	char *name, *value;		/* name in lower case */
};

struct http_answer {
	unsigned status;		/* 0: there was none, see error */
	VEC(struct http_answer_header) headers;
	struct buf body;
	uint64_t duration_us;
	bool was_refused;		/* nobody listens there */
	char error[256];		/* "" when there is an answer */
};

void http_answer_fini(struct http_answer *a);

struct http_client *http_client_new(struct error *err);
void http_client_free(struct http_client **cp);		/* ends all calls, silently */

/* Called once, from http_client_work(); a is valid during the call. */
typedef void http_done(void *arg, const struct http_answer *a);

/* Everything in options is copied.  NULL and err when it is not a request. */
struct http_call *http_start(struct http_client *c, const struct http_call_options *options,
			     http_done *done, void *arg, struct error *err);
void http_cancel(struct http_call **callp);		/* done is not called */

/* Readable when http_client_work() has something to do. */
int http_client_fd(const struct http_client *c);
/* Milliseconds until it should be called at the latest; -1: no need. */
int http_client_delay_ms(const struct http_client *c);
void http_client_work(struct http_client *c);

/* One call, waited for.  0 when there is an answer of whatever status; -1
 * with err (ERROR_UNREACHABLE) else. */
int http_do(const struct http_call_options *options, struct http_answer *out,
	    struct error *err);

#endif
