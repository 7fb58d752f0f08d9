/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Listeners and HTTP connections of pods.  One request at a time and
 * connection: what follows is read when the answer is written.
 */
#include "src/platform/server.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/address.h"
#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/slice.h"
#include "src/base/xalloc.h"
#include "src/http/body.h"
#include "src/http/parse.h"
#include "src/http/write.h"
#include "src/platform/pod.h"

#define PARSER_PAD 64		/* http_parse_request() may read that far */
#define READ_BYTES 4096
#define ACCEPT_BATCH 64
#define ACCEPT_PAUSE_NS (100 * NS_PER_MS)	/* when descriptors ran out */

struct server {
	struct pod *pod;
	struct watch watch;
	struct timer resume;
	struct server_conn *conns;
	int dir_fd;		/* of the socket's folder; -1: TCP */
	char *name;		/* the socket's, NULL: not ours to remove */
	bool is_closed;
};

struct server_conn {
	struct server *server;
	struct server_conn *next, **prev;
	struct watch watch;
	struct deferred reap;
	struct buf in, out;
	struct request *rq;	/* being read, or with the app */
	struct http_body body;
	bool is_readable;	/* the kernel may have more */
	bool is_busy;		/* rq is with the app */
	bool closes;		/* after what is in out */
	bool is_dead;
};

static void conn_run(struct server_conn *c);

/* Listening */

static void
reap_conn(struct deferred *d)
{
	struct server_conn *c = CONTAINER_OF(d, struct server_conn, reap);
	struct pod *p = c->server->pod;

	buf_fini(&c->in);
	buf_fini(&c->out);
	free(c);
	pod_release(p);
}

static void
request_free(struct request *rq)
{
	struct pod *p = rq->pod;

	free(rq->fields);
	free(rq->head);
	buf_fini(&rq->body);
	free(rq);
	pod_release(p);
}

static void
conn_close(struct server_conn *c)
{
	if (c->is_dead)
		return;
	c->is_dead = true;
	loop_close(&c->watch);
	if (c->rq != NULL && !c->is_busy)
		request_free(c->rq);
	else if (c->rq != NULL)
		c->rq->conn = NULL;
	c->rq = NULL;
	*c->prev = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	loop_defer(c->server->pod->host->loop, &c->reap, reap_conn);
}

static void
on_conn(struct watch *w, unsigned events)
{
	struct server_conn *c = CONTAINER_OF(w, struct server_conn, watch);

	if (events & (LOOP_READ | LOOP_HANGUP | LOOP_ERROR))
		c->is_readable = true;
	conn_run(c);
}

static void
conn_open(struct server *s, int fd)
{
	struct server_conn *c = xcalloc(1, sizeof(*c));

	c->server = s;
	if (loop_watch(s->pod->host->loop, &c->watch, fd, on_conn, NULL) < 0) {
		close(fd);
		free(c);
		return;
	}
	c->next = s->conns;
	c->prev = &s->conns;
	if (c->next != NULL)
		c->next->prev = &c->next;
	s->conns = c;
	pod_hold(s->pod);
}

static void
on_resume(struct timer *t)
{
	struct server *s = CONTAINER_OF(t, struct server, resume);

	if (!s->is_closed)
		loop_resume(&s->watch);
}

static void
on_accept(struct watch *w, unsigned events)
{
	struct server *s = CONTAINER_OF(w, struct server, watch);
	struct loop *loop = s->pod->host->loop;

	(void)events;
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
			    errno == ENOBUFS) {
				loop_pause(w);
				loop_timer_set(loop, &s->resume,
					       loop_now_ns(loop) + ACCEPT_PAUSE_NS, on_resume);
			}
			return;
		}
		if (s->pod->app->on_connection != NULL)
			s->pod->app->on_connection(s->pod, fd);
		else
			conn_open(s, fd);
	}
}

static int
server_start(struct pod *p, int fd, int dir_fd, const char *name, struct error *err)
{
	struct server *s = xcalloc(1, sizeof(*s));

	s->pod = p;
	s->dir_fd = dir_fd;
	s->name = name != NULL ? xstrdup(name) : NULL;
	if (loop_watch_level(p->host->loop, &s->watch, fd, on_accept, err) < 0) {
		close(fd);
		free(s->name);
		free(s);
		return -1;
	}
	vec_push(&p->servers, s);
	return 0;
}

int
server_open_unix(struct pod *p, int dir_fd, const char *name, struct error *err)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char *fresh = xasprintf("%s.new", name);
	int len = snprintf(un.sun_path, sizeof(un.sun_path), "/proc/self/fd/%d/%s", dir_fd,
			   fresh);
	int fd = -1, result = -1;

	if (len < 0 || (size_t)len >= sizeof(un.sun_path)) {
		error_setf(err, ERROR_REFUSED, "socket name %s is too long", name);
		goto out;
	}
	(void)unlinkat(dir_fd, fresh, 0);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&un, sizeof(un)) < 0 ||
	    listen(fd, 512) < 0 || renameat(dir_fd, fresh, dir_fd, name) < 0) {
		error_errnof(err, "socket %s", name);
		if (fd >= 0)
			close(fd);
		goto out;
	}
	result = server_start(p, fd, dir_fd, name, err);
out:
	free(fresh);
	return result;
}

int
server_open_tcp(struct pod *p, const struct address *at, struct error *err)
{
	char text[ADDRESS_TEXT_BYTES];
	int fd = socket(at->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	address_text(at, text);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, &at->sa, at->len) < 0 || listen(fd, 512) < 0) {
		error_errnof(err, "listen on %s", text);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return server_start(p, fd, -1, NULL, err);
}

void
server_close(struct server *s)
{
	if (s->is_closed)
		return;
	s->is_closed = true;
	loop_timer_cancel(&s->resume);
	loop_close(&s->watch);
	if (s->name != NULL)
		(void)unlinkat(s->dir_fd, s->name, 0);
	for (struct server_conn *c = s->conns, *next; c != NULL; c = next) {
		next = c->next;
		c->closes = true;
		if (!c->is_busy && c->out.len == 0)
			conn_close(c);
	}
}

void
server_disown_socket(struct server *s)
{
	free(s->name);
	s->name = NULL;
}

void
server_free(struct server **sp)
{
	struct server *s = *sp;

	if (s == NULL)
		return;
	server_close(s);
	ASSERT(s->conns == NULL);	/* they hold the pod */
	free(s->name);
	free(s);
	*sp = NULL;
}

/* Requests */

static struct slice
rebase(struct slice s, const char *from, char *to)
{
	return (struct slice){ to + (s.ptr - from), s.len };
}

/* Takes the head out of the connection's buffer, which goes on to be used. */
static struct request *
request_new(struct server_conn *c, const struct http_head *head, size_t head_bytes)
{
	struct request *rq = xcalloc(1, sizeof(*rq));

	rq->pod = c->server->pod;
	pod_hold(rq->pod);
	rq->conn = c;
	rq->head = xmalloc(head_bytes + 1);
	memcpy(rq->head, c->in.data, head_bytes);
	rq->method_id = head->method_id;
	rq->path = rebase(head->path, c->in.data, rq->head);
	rq->fields = xcalloc(head->field_count + 1, sizeof(*rq->fields));
	for (unsigned i = 0; i < head->field_count; i++)
		rq->fields[rq->field_count++] = (struct request_field){
			rebase(head->fields[i].name, c->in.data, rq->head),
			rebase(head->fields[i].value, c->in.data, rq->head),
		};
	return rq;
}

struct slice
request_header(const struct request *rq, const char *name)
{
	for (unsigned i = 0; i < rq->field_count; i++)
		if (slice_is(rq->fields[i].name, name))
			return rq->fields[i].value;
	return SLICE_NONE;
}

char *
request_path_tail(const struct request *rq, const char *prefix)
{
	struct slice want = slice_of(prefix);
	char *out, *to;

	if (!slice_starts(rq->path, want) || rq->path.len == want.len)
		return NULL;
	out = to = xmalloc(rq->path.len - want.len + 1);
	for (size_t i = want.len; i < rq->path.len; i++) {
		char c = rq->path.ptr[i];

		if (c == '%' && i + 2 < rq->path.len) {
			int hi = slice_hex_digit(rq->path.ptr[i + 1]);
			int lo = slice_hex_digit(rq->path.ptr[i + 2]);

			c = hi < 0 || lo < 0 ? '\0' : (char)(hi << 4 | lo);
			i += 2;
		} else if (c == '%' || c == '/') {
			c = '\0';
		}
		if (c == '\0') {
			free(out);
			return NULL;
		}
		*to++ = c;
	}
	*to = '\0';
	return out;
}

void
request_reply(struct request *rq, unsigned status, const char *content_type,
	      struct slice body)
{
	struct server_conn *c = rq->conn;

	if (c == NULL) {
		request_free(rq);
		return;
	}
	if (c->server->is_closed)
		c->closes = true;
	http_write_reply(&c->out, status, content_type, body, "", c->closes,
			 rq->method_id == HTTP_HEAD);
	c->rq = NULL;
	c->is_busy = false;
	request_free(rq);
	conn_run(c);
}

void
request_reply_error(struct request *rq, unsigned status, const char *fmt, ...)
{
	struct buf text = BUF_INIT, body = BUF_INIT;
	struct json_writer w;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	json_begin(&w, &body, false);
	json_open(&w, NULL, '{');
	json_string(&w, "error", buf_str(&text));
	json_close(&w, '}');
	request_reply(rq, status, "application/json", (struct slice){ body.data, body.len });
	buf_fini(&text);
	buf_fini(&body);
}

/* Connections */

static void
on_served(struct station_job *j)
{
	struct request *rq = CONTAINER_OF(j, struct request, job);

	rq->pod->app->on_request(rq->pod, rq);
}

static void
conn_refuse(struct server_conn *c, unsigned status)
{
	c->closes = true;
	if (c->rq != NULL)
		request_free(c->rq);
	c->rq = NULL;
	http_write_reply(&c->out, status, NULL, SLICE_NONE, "", true, false);
}

enum feed { FEED_MORE, FEED_GOT };

static unsigned
status_of_bad_head(enum http_result r)
{
	switch (r) {
	case HTTP_BAD_VERSION: return 505;
	case HTTP_BAD_CODING: return 501;
	case HTTP_TOO_LARGE: return 431;
	case HTTP_URI_TOO_LONG: return 414;
	default: return 400;
	}
}

static enum feed
feed_head(struct server_conn *c)
{
	static const struct http_limits limits = { HTTP_MAX_HEAD_BYTES, HTTP_MAX_FIELDS, 16384 };
	struct http_head head;
	enum http_result r;
	const char *why;
	size_t used;

	if (c->in.len == 0)
		return FEED_MORE;
	buf_reserve(&c->in, PARSER_PAD);
	r = http_parse_request(&head, c->in.data, c->in.len, &limits, &used, &why);
	if (r == HTTP_MORE)
		return FEED_MORE;
	if (r != HTTP_DONE) {
		conn_refuse(c, status_of_bad_head(r));
		return FEED_GOT;
	}
	c->rq = request_new(c, &head, used);
	http_body_init(&c->body, &head);
	if (!head.keep_alive)
		c->closes = true;
	if (head.expects_continue && head.framing != HTTP_NO_BODY)
		buf_puts(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
	buf_consume(&c->in, used);
	return FEED_GOT;
}

static enum feed
feed_body(struct server_conn *c)
{
	for (;;) {
		struct slice payload;
		size_t used = 0;
		enum http_body_result r = http_body_step(&c->body, c->in.data, c->in.len,
							 &used, &payload);

		if (r == HTTP_BODY_BAD) {
			conn_refuse(c, 400);
			return FEED_GOT;
		}
		if (r == HTTP_BODY_DATA) {
			if (c->rq->body.len + payload.len > SERVER_MAX_BODY) {
				conn_refuse(c, 413);
				return FEED_GOT;
			}
			buf_append(&c->rq->body, payload.ptr, payload.len);
		}
		buf_consume(&c->in, used);
		if (r == HTTP_BODY_MORE)
			return FEED_MORE;
		if (r == HTTP_BODY_DONE)
			break;
	}
	c->is_busy = true;
	station_enter(&c->server->pod->station, &c->rq->job,
		      host_draw_ns(c->server->pod->host, 1, 3), on_served);
	return FEED_GOT;
}

/* False when the connection is closed. */
static bool
conn_flush(struct server_conn *c)
{
	while (c->out.len > 0) {
		ssize_t n = send(c->watch.fd, c->out.data, c->out.len, MSG_NOSIGNAL);

		if (n < 0) {
			if (errno == EAGAIN)
				return true;
			conn_close(c);
			return false;
		}
		buf_consume(&c->out, (size_t)n);
	}
	if (c->closes && !c->is_busy && c->rq == NULL) {
		conn_close(c);
		return false;
	}
	buf_fini(&c->out);
	return true;
}

/* False when there is nothing to be read now. */
static bool
conn_read(struct server_conn *c)
{
	ssize_t n;

	if (!c->is_readable)
		return false;
	buf_reserve(&c->in, READ_BYTES);
	n = recv(c->watch.fd, c->in.data + c->in.len, READ_BYTES, 0);
	if (n > 0) {
		c->in.len += (size_t)n;
		c->in.data[c->in.len] = '\0';
		return true;
	}
	c->is_readable = false;
	if (n == 0 || errno != EAGAIN)
		conn_close(c);
	else if (c->in.len == 0)
		buf_fini(&c->in);
	return false;
}

static void
conn_run(struct server_conn *c)
{
	while (!c->is_dead) {
		if (!conn_flush(c) || c->out.len > 0 || c->is_busy)
			return;
		if ((c->rq == NULL ? feed_head(c) : feed_body(c)) == FEED_MORE &&
		    !conn_read(c))
			return;
	}
}
