/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets and HTTP of the admin server; see admin.h. */
#include "proxy/admin/admin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "proxy/admin/admin_pages.h"
#include "proxy/engine.h"
#include "src/base/address.h"
#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"
#include "src/http/parse.h"
#include "src/http/write.h"

#define SOCKET_NAME "admin.sock"
#define HEAD_BYTES 8192u
#define PADDING 64			/* the parser may look ahead */
#define IDLE_NS (60 * NS_PER_S)		/* between requests, and for a whole head */
#define STALL_NS (10 * NS_PER_S)	/* a reader that takes nothing */
#define BACKLOG 16
#define COMMON_FIELDS "cache-control: no-cache, max-age=0\r\nx-content-type-options: nosniff\r\n"

struct admin_conn {
	struct watch watch;
	struct timer timer;
	struct deferred reap;
	struct admin *admin;
	struct admin_conn *next, **prev;
	bool is_tcp, is_closing;	/* closes when out is written */
	bool is_chunked;		/* as rest is told in HTTP/1.1 */
	bool is_head;			/* the present request's method */
	struct admin_rest *rest;	/* of the answer; NULL: all of it is in out */
	struct buf out;
	size_t sent;
	size_t in_len;
	char in[HEAD_BYTES + PADDING];
};

struct admin_listener {
	struct watch watch;
	struct timer resume;
	struct admin *admin;
	bool is_tcp;
};

struct admin {
	struct engine *engine;
	struct loop *loop;
	struct admin_listener local, tcp;
	int dir_fd;			/* of .meshtop: its path may be longer than sun_path */
	struct stat socket;		/* ours, to remove nobody else's */
	char tcp_address[ADDRESS_TEXT_BYTES];
	struct admin_conn *conns;
	unsigned conn_count;
};

/* --- one connection --- */

static void
conn_detach(struct admin_conn *c)
{
	loop_timer_cancel(&c->timer);
	loop_close(&c->watch);
	*c->prev = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	c->admin->conn_count--;
}

static void
conn_free(struct admin_conn *c)
{
	admin_rest_free(&c->rest);
	buf_fini(&c->out);
	free(c);
}

static void
on_reap(struct deferred *d)
{
	conn_free(CONTAINER_OF(d, struct admin_conn, reap));
}

static void
conn_close(struct admin_conn *c)
{
	conn_detach(c);
	loop_defer(c->admin->loop, &c->reap, on_reap);
}

static void
on_timeout(struct timer *t)
{
	conn_close(CONTAINER_OF(t, struct admin_conn, timer));
}

static void
conn_set_timer(struct admin_conn *c, uint64_t after_ns)
{
	struct loop *l = c->admin->loop;

	loop_timer_set(l, &c->timer, loop_now_ns(l) + after_ns, on_timeout);
}

static void
conn_reply(struct admin_conn *c, unsigned status, const char *content_type, struct slice body,
	   const char *extra)
{
	http_write_reply(&c->out, status, content_type, body, extra, c->is_closing, c->is_head);
	conn_set_timer(c, STALL_NS);
}

static void
conn_refuse(struct admin_conn *c, unsigned status, const char *why, const char *extra)
{
	c->is_closing = true;
	conn_reply(c, status, "text/plain; charset=UTF-8", slice_of(why), extra);
}

static void
put_piece(struct admin_conn *c, const struct buf *piece)
{
	if (c->is_chunked && piece->len > 0)
		buf_printf(&c->out, "%zx\r\n", piece->len);
	buf_append(&c->out, buf_str(piece), piece->len);
	if (c->is_chunked && piece->len > 0)
		buf_puts(&c->out, "\r\n");
}

/* The head and the first piece of an answer whose length is not known; HTTP/1.0
 * has it up to the end of the connection. */
static void
conn_reply_in_pieces(struct admin_conn *c, struct admin_reply *reply, bool is_http10)
{
	c->is_chunked = !is_http10;
	buf_printf(&c->out, "HTTP/1.1 %u %s\r\ncontent-type: %s\r\n" COMMON_FIELDS "%s%s\r\n", reply->status,
		   http_reason(reply->status), reply->content_type,
		   c->is_chunked ? "transfer-encoding: chunked\r\n" : "",
		   c->is_closing ? "connection: close\r\n" : "");
	if (c->is_head) {
		admin_rest_free(&reply->rest);
	} else {
		c->rest = reply->rest;
		put_piece(c, &reply->body);
	}
	conn_set_timer(c, STALL_NS);
}

/* False: it cannot be completed. */
static bool
conn_continue(struct admin_conn *c)
{
	struct buf piece = BUF_INIT;
	enum admin_more more;

	engine_pause_workers(c->admin->engine);
	more = admin_continue(c->rest, &piece);
	engine_resume_workers(c->admin->engine);
	put_piece(c, &piece);
	buf_fini(&piece);
	if (more == ADMIN_MORE)
		return true;
	if (more == ADMIN_DONE && c->is_chunked)
		buf_puts(&c->out, "0\r\n\r\n");
	admin_rest_free(&c->rest);
	return more == ADMIN_DONE;
}

/* An address or localhost: a page in somebody's browser comes with a name. */
static bool
is_own_authority(struct slice authority)
{
	struct address a;
	struct slice host;
	char text[64];
	int port;

	if (authority.len == 0)
		return true;
	host = http_authority_host(authority, &port);
	if (slice_eq_nocase(host, SLICE("localhost")))
		return true;
	if (host.len > 2 && host.ptr[0] == '[')
		host = (struct slice){ host.ptr + 1, host.len - 2 };
	if (host.len >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)host.len, host.ptr);
	return address_parse_host(&a, text, 0, NULL) == 0;
}

static void
conn_answer_page(struct admin_conn *c, const struct http_head *head)
{
	const struct admin_request request = {
		.path = head->path, .query = head->query,
		.is_post = head->method_id == HTTP_POST, .is_local = !c->is_tcp,
	};
	struct admin_reply reply = { .status = 200, .content_type = "text/plain; charset=UTF-8",
				     .fields = "" };
	struct buf fields = BUF_INIT;

	c->is_closing = !head->keep_alive || head->minor == 0;
	engine_pause_workers(c->admin->engine);
	admin_answer(c->admin->engine, &request, &reply);
	engine_resume_workers(c->admin->engine);
	buf_printf(&fields, COMMON_FIELDS "%s", reply.fields);
	if (reply.rest != NULL)
		conn_reply_in_pieces(c, &reply, head->minor == 0);
	else
		conn_reply(c, reply.status, reply.content_type,
			   (struct slice){ buf_str(&reply.body), reply.body.len }, buf_str(&fields));
	buf_fini(&fields);
	buf_fini(&reply.body);
}

/* As with Envoy, what only reads may be asked for by POST, too. */
static void
conn_answer(struct admin_conn *c, const struct http_head *head)
{
	bool has_body = head->framing != HTTP_NO_BODY &&
			!(head->framing == HTTP_LENGTH && head->content_length == 0);

	c->is_head = head->method_id == HTTP_HEAD;
	if (has_body) {
		conn_refuse(c, 400, "a body is not expected\n", "");
	} else if (!c->is_head && head->method_id != HTTP_GET && head->method_id != HTTP_POST) {
		conn_refuse(c, 405, "only GET, HEAD and POST\n", "allow: GET, HEAD, POST\r\n");
	} else if (c->is_tcp && !is_own_authority(head->authority)) {
		conn_refuse(c, 403, "ask by address, not by name\n", "");
	} else {
		conn_answer_page(c, head);
	}
}

/* False: there is no whole head yet. */
static bool
conn_take_request(struct admin_conn *c)
{
	struct http_limits limits = { HEAD_BYTES, HTTP_MAX_FIELDS, HEAD_BYTES };
	struct http_head head;
	size_t used = 0;
	const char *why = NULL;

	c->is_head = false;		/* what cannot be read gets a whole answer */
	switch (c->in_len > 0 ? http_parse_request(&head, c->in, c->in_len, &limits, &used, &why)
			      : HTTP_MORE) {
	case HTTP_MORE:
		if (c->in_len < HEAD_BYTES)
			return false;
		conn_refuse(c, 431, "the head is too large\n", "");
		break;
	case HTTP_DONE:
		conn_answer(c, &head);
		break;
	case HTTP_BAD_VERSION:
		conn_refuse(c, 505, "HTTP/1.1 is spoken here\n", "");
		break;
	case HTTP_TOO_LARGE:
		conn_refuse(c, 431, "the head is too large\n", "");
		break;
	case HTTP_URI_TOO_LONG:
		conn_refuse(c, 414, "the target is too long\n", "");
		break;
	default:
		conn_refuse(c, 400, "not a valid request\n", "");
		break;
	}
	c->in_len -= used;
	memmove(c->in, c->in + used, c->in_len);
	return true;
}

/* 1: out is written; 0: the socket is full; -1: gone. */
static int
conn_push(struct admin_conn *c)
{
	while (c->sent < c->out.len) {
		ssize_t n = send(c->watch.fd, c->out.data + c->sent, c->out.len - c->sent,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
		c->sent += (size_t)n;
		conn_set_timer(c, STALL_NS);
	}
	buf_fini(&c->out);		/* a large answer's memory is not kept */
	c->sent = 0;
	return 1;
}

/* As conn_push() for all of the answer. */
static int
conn_write(struct admin_conn *c)
{
	int is_on = conn_push(c);

	while (is_on > 0 && c->rest != NULL)
		is_on = conn_continue(c) ? conn_push(c) : -1;
	return is_on > 0 && c->is_closing ? -1 : is_on;
}

/* 1: more came; 0: nothing more for now; -1: the end. */
static int
conn_read(struct admin_conn *c)
{
	ssize_t n;

	do
		n = recv(c->watch.fd, c->in + c->in_len, HEAD_BYTES - c->in_len, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
	if (n == 0)
		return -1;
	c->in_len += (size_t)n;
	return 1;
}

static void
on_conn(struct watch *w, unsigned events)
{
	struct admin_conn *c = CONTAINER_OF(w, struct admin_conn, watch);
	int is_on = 1;

	(void)events;		/* reading and writing say what there is */
	while (is_on > 0) {
		if (c->out.len > 0) {
			is_on = conn_write(c);
			if (is_on > 0)
				conn_set_timer(c, IDLE_NS);
		} else if (!conn_take_request(c)) {
			is_on = conn_read(c);
		}
	}
	if (is_on < 0)
		conn_close(c);
}

/* --- listeners --- */

static bool
is_allowed_peer(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

static void
conn_open(struct admin *a, int fd, bool is_tcp)
{
	struct admin_conn *c;

	if (a->conn_count >= ADMIN_MAX_CONNECTIONS || (!is_tcp && !is_allowed_peer(fd))) {
		close(fd);
		return;
	}
	c = xcalloc(1, sizeof(*c));
	c->admin = a;
	c->is_tcp = is_tcp;
	if (loop_watch(a->loop, &c->watch, fd, on_conn, NULL) < 0) {
		close(fd);
		free(c);
		return;
	}
	c->next = a->conns;
	c->prev = &a->conns;
	if (c->next != NULL)
		c->next->prev = &c->next;
	a->conns = c;
	a->conn_count++;
	conn_set_timer(c, IDLE_NS);
}

static void
on_resume(struct timer *t)
{
	loop_resume(&CONTAINER_OF(t, struct admin_listener, resume)->watch);
}

static void
on_listener(struct watch *w, unsigned events)
{
	struct admin_listener *l = CONTAINER_OF(w, struct admin_listener, watch);
	struct loop *loop = l->admin->loop;

	(void)events;
	for (unsigned i = 0; i < BACKLOG; i++) {
		int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			conn_open(l->admin, fd, l->is_tcp);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			loop_pause(w);
			loop_timer_set(loop, &l->resume, loop_now_ns(loop) + NS_PER_S, on_resume);
		}
		return;
	}
}

static int
listen_on(struct admin *a, struct admin_listener *l, int fd, struct error *err)
{
	l->admin = a;
	if (listen(fd, BACKLOG) < 0)
		return error_errnof(err, "admin listener");
	return loop_watch_level(a->loop, &l->watch, fd, on_listener, err);
}

/* A socket file that nobody listens on is left from a crash. */
static int
remove_stale(struct admin *a, const struct sockaddr_un *path, struct error *err)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;
	int rc = 0;

	if (fd < 0)
		return error_errnof(err, "admin socket");
	if (connect(fd, (const struct sockaddr *)path, sizeof(*path)) == 0 || errno == EAGAIN)
		rc = error_setf(err, ERROR_REFUSED, "%s/" SOCKET_NAME " is served by another engine",
				engine_state_path(a->engine));
	else if (fstatat(a->dir_fd, SOCKET_NAME, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		 !S_ISSOCK(st.st_mode))
		rc = error_setf(err, ERROR_REFUSED, "%s/" SOCKET_NAME " is not a socket; move it away",
				engine_state_path(a->engine));
	else
		unlinkat(a->dir_fd, SOCKET_NAME, 0);
	close(fd);
	return rc;
}

static int
open_local(struct admin *a, struct error *err)
{
	const char *dir = engine_state_path(a->engine);
	struct sockaddr_un path = { .sun_family = AF_UNIX };
	int fd;

	a->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (a->dir_fd < 0)
		return error_errnof(err, "%s", dir);
	snprintf(path.sun_path, sizeof(path.sun_path), "/proc/self/fd/%d/" SOCKET_NAME, a->dir_fd);
	if (remove_stale(a, &path, err) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* The file takes the mode that the socket has. */
	if (fd < 0 || fchmod(fd, 0600) < 0 ||
	    bind(fd, (const struct sockaddr *)&path, sizeof(path)) < 0 ||
	    fstatat(a->dir_fd, SOCKET_NAME, &a->socket, AT_SYMLINK_NOFOLLOW) < 0) {
		error_errnof(err, "%s/" SOCKET_NAME, dir);
	} else if (listen_on(a, &a->local, fd, err) == 0) {
		return 0;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

/* 127.0.0.1:PORT or [::1]:PORT; port 0: any. */
static int
parse_tcp(const char *text, struct address *out, struct error *err)
{
	if (address_parse(out, text, err) < 0)
		return error_prefixf(err, "admin address");
	if (out->sa.sa_family == AF_INET ? strchr(text, ':') == NULL : strstr(text, "]:") == NULL)
		return error_setf(err, ERROR_USAGE, "admin address: %s is not ADDR:PORT", text);
	return 0;
}

static int
open_tcp(struct admin *a, const char *text, struct error *err)
{
	struct address address;
	int fd, on = 1;
	bool is_any_port;

	if (parse_tcp(text, &address, err) < 0)
		return -1;
	is_any_port = address_port(&address) == 0;
	fd = socket(address.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, &address.sa, address.len) < 0) {
		error_errnof(err, "admin address %s", text);
	} else if (listen_on(a, &a->tcp, fd, err) == 0) {
		address.len = sizeof(address.in6);
		if (getsockname(fd, &address.sa, &address.len) == 0)
			address_text(&address, a->tcp_address);
		if (is_any_port)
			log_printf("admin pages at http://%s/", a->tcp_address);
		return 0;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

struct admin *
admin_open(struct engine *e, const char *tcp, struct error *err)
{
	struct admin *a = xcalloc(1, sizeof(*a));

	a->engine = e;
	a->loop = engine_loop(e);
	a->dir_fd = -1;
	a->local.watch.fd = a->tcp.watch.fd = -1;
	a->tcp.is_tcp = true;
	if (open_local(a, err) < 0 || (tcp != NULL && open_tcp(a, tcp, err) < 0))
		admin_close(&a);
	return a;
}

void
admin_close(struct admin **ap)
{
	struct admin *a = *ap;
	struct stat st;

	if (a == NULL)
		return;
	while (a->conns != NULL) {
		struct admin_conn *c = a->conns;

		conn_detach(c);
		conn_free(c);
	}
	loop_timer_cancel(&a->local.resume);
	loop_timer_cancel(&a->tcp.resume);
	if (a->local.watch.fd >= 0)
		loop_close(&a->local.watch);
	if (a->tcp.watch.fd >= 0)
		loop_close(&a->tcp.watch);
	if (a->socket.st_ino != 0 &&
	    fstatat(a->dir_fd, SOCKET_NAME, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_ino == a->socket.st_ino && st.st_dev == a->socket.st_dev)
		unlinkat(a->dir_fd, SOCKET_NAME, 0);
	if (a->dir_fd >= 0)
		close(a->dir_fd);
	free(a);
	*ap = NULL;
}

const char *
admin_tcp_address(const struct admin *a)
{
	return a->tcp_address;
}
