/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HTTP client calls: a call is one exchange, a link one connection.  A kept
 * link that turns out to be closed is replaced once without anybody noticing.
 */
#include "src/platform/client.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/address.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"
#include "src/http/body.h"
#include "src/http/parse.h"
#include "src/platform/pod.h"
#include "src/platform/server.h"

#define PARSER_PAD 64
#define READ_BYTES 4096
#define MAX_ANSWER (256u * 1024)	/* bytes of a body; more is an error */
#define MAX_IDLE 64			/* kept connections of one pod */
#define IDLE_NS (15 * NS_PER_S)
#define DEADLINE_NS (120 * NS_PER_S)	/* nothing in the demo takes longer */
#define FALLBACK_PORTS 20000		/* the mesh serves a port below 1024 there */

struct link {
	struct watch watch;
	struct timer idle;
	struct deferred reap;
	struct pod *pod;		/* holds a reference while a call uses it */
	struct address to;
	struct link *next, **prev;	/* in the pod's idle list; prev NULL: not there */
	struct call *call;
	bool is_connected;
	bool is_reused;
};

struct call {
	struct pod *pod;
	struct link *link;
	struct address to;
	struct timer deadline;		/* also: the moment to report an early failure */
	struct deferred reap;
	struct buf out, in, answer;
	size_t sent;
	struct http_body body;
	enum http_method method;
	unsigned status;		/* 0 until a final head was read */
	bool keeps_link;
	bool was_connected;
	bool tried_fallback;
	const char *error;
	call_done *done;
	void *arg;
};

static void on_link(struct watch *w, unsigned events);

/* Names */

bool
service_url_parse(struct service_url *u, const char *text)
{
	const char *scheme = "http://";
	size_t host_len;
	unsigned long port = 80;

	if (strncmp(text, scheme, strlen(scheme)) == 0)
		text += strlen(scheme);
	host_len = strcspn(text, ":/");
	if (host_len == 0 || host_len >= sizeof(u->host))
		return false;
	memcpy(u->host, text, host_len);
	u->host[host_len] = '\0';
	text += host_len;
	if (*text == ':') {
		char *end;

		port = strtoul(text + 1, &end, 10);
		if (end == text + 1 || port < 1 || port > 65535)
			return false;
		text = end;
	}
	u->port = (uint16_t)port;
	return *text == '\0' || strcmp(text, "/") == 0;
}

bool
pod_resolve(const struct pod *p, const char *host, uint16_t port, struct address *out)
{
	if (address_parse_host(out, host, port, NULL) == 0)
		return true;
	return p->host->resolve(p->host->arg, p->ns, host, port, out);
}

int
pod_dial(const struct pod *p, const struct address *to)
{
	int on = 1;
	int fd = socket(to->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (to->sa.sa_family != AF_UNIX) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
		if (address_is_set(&p->address) &&
		    p->address.sa.sa_family == to->sa.sa_family &&
		    bind(fd, &p->address.sa, p->address.len) < 0)
			goto fail;
	}
	if (connect(fd, &to->sa, to->len) == 0 || errno == EINPROGRESS)
		return fd;
fail:
	on = errno;
	close(fd);
	errno = on;
	return -1;
}

/* Links */

static void
reap_link(struct deferred *d)
{
	free(CONTAINER_OF(d, struct link, reap));
}

static void
link_close(struct link *l)
{
	loop_close(&l->watch);
	loop_timer_cancel(&l->idle);
	if (l->prev != NULL) {
		*l->prev = l->next;
		if (l->next != NULL)
			l->next->prev = l->prev;
		l->prev = NULL;
		l->pod->idle_count--;
	}
	l->call = NULL;
	loop_defer(l->pod->host->loop, &l->reap, reap_link);
}

static void
on_idle(struct timer *t)
{
	link_close(CONTAINER_OF(t, struct link, idle));
}

static void
link_keep(struct link *l)
{
	struct pod *p = l->pod;

	l->call = NULL;
	if (p->is_stopping || p->idle_count >= MAX_IDLE) {
		link_close(l);
		return;
	}
	l->next = p->idle;
	l->prev = &p->idle;
	if (l->next != NULL)
		l->next->prev = &l->next;
	p->idle = l;
	p->idle_count++;
	loop_timer_set(p->host->loop, &l->idle, loop_now_ns(p->host->loop) + IDLE_NS, on_idle);
}

static struct link *
link_take(struct pod *p, const struct address *to)
{
	for (struct link *l = p->idle; l != NULL; l = l->next) {
		if (!address_equal(&l->to, to))
			continue;
		*l->prev = l->next;
		if (l->next != NULL)
			l->next->prev = l->prev;
		l->prev = NULL;
		p->idle_count--;
		loop_timer_cancel(&l->idle);
		l->is_reused = true;
		return l;
	}
	return NULL;
}

static struct link *
link_open(struct pod *p, const struct address *to)
{
	struct link *l;
	int fd = pod_dial(p, to);

	if (fd < 0)
		return NULL;
	l = xcalloc(1, sizeof(*l));
	l->pod = p;
	l->to = *to;
	if (loop_watch(p->host->loop, &l->watch, fd, on_link, NULL) < 0) {
		close(fd);
		free(l);
		return NULL;
	}
	return l;
}

void
client_close_idle(struct pod *p)
{
	while (p->idle != NULL)
		link_close(p->idle);
}

/* Calls */

static void
reap_call(struct deferred *d)
{
	struct call *c = CONTAINER_OF(d, struct call, reap);
	struct pod *p = c->pod;

	buf_fini(&c->out);
	buf_fini(&c->in);
	buf_fini(&c->answer);
	free(c);
	pod_release(p);
}

static void
call_end(struct call *c)
{
	struct call_result r = { .status = c->status, .error = c->error != NULL ? c->error : "",
				 .was_connected = c->was_connected };

	loop_timer_cancel(&c->deadline);
	if (c->link != NULL) {
		if (c->error == NULL && c->keeps_link)
			link_keep(c->link);
		else
			link_close(c->link);
		c->link = NULL;
	}
	if (c->error != NULL)
		r.status = 0;
	else
		r.body = (struct slice){ c->answer.data, c->answer.len };
	loop_defer(c->pod->host->loop, &c->reap, reap_call);
	c->done(c->arg, &r);
}

static void
call_fail(struct call *c, const char *error)
{
	c->error = error;
	call_end(c);
}

static void
on_deadline(struct timer *t)
{
	struct call *c = CONTAINER_OF(t, struct call, deadline);

	call_fail(c, c->error != NULL ? c->error : "timed out");
}

/* Reports from the loop, because the caller is still on the stack. */
static void
call_fail_soon(struct call *c, const char *error)
{
	struct loop *loop = c->pod->host->loop;

	c->error = error;
	loop_timer_set(loop, &c->deadline, loop_now_ns(loop), on_deadline);
}

static bool
call_connect(struct call *c, bool may_reuse)
{
	struct link *l = may_reuse ? link_take(c->pod, &c->to) : NULL;

	if (l == NULL)
		l = link_open(c->pod, &c->to);
	if (l == NULL)
		return false;
	l->call = c;
	c->link = l;
	c->sent = 0;
	buf_clear(&c->in);
	return true;
}

/* A link died before any byte of the answer. */
static void
call_lost(struct call *c, const char *error)
{
	bool may_retry = c->link->is_reused && c->in.len == 0 && c->status == 0;
	uint16_t port = address_port(&c->to);

	if (!may_retry && !c->link->is_connected && port > 0 && port < 1024 &&
	    !c->tried_fallback) {
		c->tried_fallback = may_retry = true;
		address_set_port(&c->to, (uint16_t)(port + FALLBACK_PORTS));
	}
	if (!may_retry) {
		call_fail(c, error);
		return;
	}
	link_close(c->link);
	c->link = NULL;
	if (!call_connect(c, false))
		call_fail(c, "cannot connect");
}

/* False when the call has ended. */
static bool
call_write(struct call *c)
{
	while (c->sent < c->out.len) {
		ssize_t n = send(c->link->watch.fd, c->out.data + c->sent, c->out.len - c->sent,
				 MSG_NOSIGNAL);

		if (n < 0) {
			if (errno == EAGAIN)
				return true;
			call_lost(c, "connection broken while sending");
			return false;
		}
		c->sent += (size_t)n;
	}
	return true;
}

/* Interim answers are passed over.  False when the call has ended. */
static bool
call_read_head(struct call *c)
{
	static const struct http_limits limits = { HTTP_MAX_HEAD_BYTES, HTTP_MAX_FIELDS, 16384 };
	struct http_head head;
	enum http_result r;
	const char *why;
	size_t used;

	while (c->status == 0 && c->in.len > 0) {
		buf_reserve(&c->in, PARSER_PAD);
		r = http_parse_response(&head, c->in.data, c->in.len, &limits, c->method, &used,
					&why);
		if (r == HTTP_MORE)
			return true;
		if (r != HTTP_DONE) {
			call_fail(c, "not an HTTP answer");
			return false;
		}
		if (head.status >= 200) {
			c->status = head.status;
			c->keeps_link = head.keep_alive && head.framing != HTTP_UNTIL_CLOSE;
			http_body_init(&c->body, &head);
		}
		buf_consume(&c->in, used);
	}
	return true;
}

/* False when the call has ended. */
static bool
call_read_body(struct call *c)
{
	while (c->status != 0) {
		struct slice payload;
		size_t used = 0;
		enum http_body_result r = http_body_step(&c->body, c->in.data, c->in.len, &used,
							 &payload);

		if (r == HTTP_BODY_DATA)
			buf_append(&c->answer, payload.ptr, payload.len);
		buf_consume(&c->in, used);
		if (r == HTTP_BODY_DONE) {
			c->keeps_link = c->keeps_link && c->in.len == 0 && c->sent == c->out.len;
			call_end(c);
			return false;
		}
		if (r == HTTP_BODY_BAD || c->answer.len > MAX_ANSWER) {
			call_fail(c, r == HTTP_BODY_BAD ? "bad framing" : "answer too large");
			return false;
		}
		if (r == HTTP_BODY_MORE)
			return true;
	}
	return true;
}

static void
call_closed_by_peer(struct call *c)
{
	if (c->status != 0 && c->body.framing == HTTP_UNTIL_CLOSE)
		call_end(c);
	else
		call_lost(c, "connection closed before the answer");
}

static void
call_read(struct call *c)
{
	for (;;) {
		ssize_t n;

		buf_reserve(&c->in, READ_BYTES);
		n = recv(c->link->watch.fd, c->in.data + c->in.len, READ_BYTES, 0);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			call_closed_by_peer(c);
			return;
		}
		c->in.len += (size_t)n;
		c->in.data[c->in.len] = '\0';
		if (!call_read_head(c) || !call_read_body(c))
			return;
	}
}

static void
on_link(struct watch *w, unsigned events)
{
	struct link *l = CONTAINER_OF(w, struct link, watch);
	struct call *c = l->call;

	if (c == NULL) {	/* idle: whatever comes, it is of no use any more */
		if (events & (LOOP_READ | LOOP_HANGUP | LOOP_ERROR))
			link_close(l);
		return;
	}
	if (!l->is_connected && (events & (LOOP_WRITE | LOOP_ERROR | LOOP_HANGUP))) {
		int error = 0;
		socklen_t len = sizeof(error);

		if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error != 0) {
			call_lost(c, "connection refused");
			return;
		}
		l->is_connected = (events & LOOP_WRITE) != 0;
		c->was_connected = l->is_connected;
	}
	if (!l->is_connected)
		return;
	if (call_write(c) && (events & (LOOP_READ | LOOP_HANGUP | LOOP_ERROR)))
		call_read(c);
}

/* Writing the request */

/* Is this (lower-case) request header one that the demo's services pass on? */
static bool
header_is_propagated(struct slice name)
{
	static const char *const names[] = {
		"portal", "device", "user", "travel", "x-request-id",
		"traceparent", "tracestate", "baggage", "b3", "x-b3-traceid", "x-b3-spanid",
		"x-b3-parentspanid", "x-b3-sampled", "x-b3-flags", "x-ot-span-context",
		"grpc-trace-bin", "x-cloud-trace-context",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (slice_is(name, names[i]))
			return true;
	return slice_starts(name, SLICE("x-datadog-"));
}

static void
put_path(struct buf *out, const char *path)
{
	for (; *path != '\0'; path++) {
		unsigned char c = (unsigned char)*path;

		if (c > ' ' && c < 0x7f && strchr("%?#\"<>\\^`{|}", c) == NULL)
			buf_putc(out, (char)c);
		else
			buf_printf(out, "%%%02X", c);
	}
}

static void
put_request(struct buf *out, const struct call_options *o, const struct service_url *u)
{
	buf_printf(out, "%s ", o->method != NULL ? o->method : "GET");
	put_path(out, o->path);
	buf_printf(out, " HTTP/1.1\r\nhost: %s", u->host);
	if (u->port != 80)
		buf_printf(out, ":%u", u->port);
	buf_puts(out, "\r\nuser-agent: meshtop-demo\r\n");
	for (unsigned i = 0; o->inbound != NULL && i < o->inbound->field_count; i++) {
		const struct request_field *f = &o->inbound->fields[i];

		if (header_is_propagated(f->name))
			buf_printf(out, "%.*s: %.*s\r\n", (int)f->name.len, f->name.ptr,
				   (int)f->value.len, f->value.ptr);
	}
	buf_puts(out, o->fields != NULL ? o->fields : "");
	if (o->body.len > 0)
		buf_printf(out, "content-type: application/json\r\ncontent-length: %zu\r\n",
			   o->body.len);
	buf_puts(out, "\r\n");
	buf_append(out, o->body.ptr, o->body.len);
}

/* A kept link will not be announced as writable again, and nothing may be
 * reported yet.  False when a closed one could not be replaced. */
static bool
call_write_early(struct call *c)
{
	ssize_t n = send(c->link->watch.fd, c->out.data, c->out.len, MSG_NOSIGNAL);

	c->was_connected = true;
	if (n >= 0) {
		c->sent = (size_t)n;
		return true;
	}
	if (errno == EAGAIN)
		return true;
	link_close(c->link);
	c->link = NULL;
	return call_connect(c, false);
}

void
call_start(struct pod *p, const struct call_options *o, call_done *done, void *arg)
{
	struct call *c = xcalloc(1, sizeof(*c));
	struct loop *loop = p->host->loop;
	struct service_url u;

	c->pod = p;
	pod_hold(p);
	c->done = done;
	c->arg = arg;
	c->method = o->method == NULL || strcmp(o->method, "GET") == 0 ? HTTP_GET
								       : HTTP_OTHER_METHOD;
	if (!service_url_parse(&u, o->base_url)) {
		call_fail_soon(c, "not a URL of the form http://NAME:PORT");
		return;
	}
	put_request(&c->out, o, &u);
	if (!pod_resolve(p, u.host, u.port, &c->to)) {
		call_fail_soon(c, "no such service");
		return;
	}
	if (!call_connect(c, true)) {
		call_fail_soon(c, "cannot connect");
		return;
	}
	loop_timer_set(loop, &c->deadline, loop_now_ns(loop) + DEADLINE_NS, on_deadline);
	if (c->link->is_connected && !call_write_early(c))
		call_fail_soon(c, "cannot connect");
}
