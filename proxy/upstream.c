/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections to endpoints and their pool; see upstream.h. */
#include "proxy/upstream.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/downstream.h"
#include "proxy/exchange.h"
#include "proxy/mirror.h"
#include "proxy/pool.h"
#include "proxy/splice.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/log.h"
#include "src/http/parse.h"

#define READS_A_TURN 2
#define COMPLAINT_NS (60 * NS_PER_S)
#define FIRST_BYTES 4096		/* of a response whose body is likely long */

static void
link_idle(struct upstream *u)
{
	struct upstream **head = u->is_mirror ? &u->endpoint->idle_mirrors : &u->endpoint->idle;

	u->next = *head;
	if (u->next != NULL)
		u->next->prev = &u->next;
	u->prev = head;
	*head = u;
	u->endpoint->idle_connections++;
}

static void
unlink_idle(struct upstream *u)
{
	*u->prev = u->next;
	if (u->next != NULL)
		u->next->prev = u->prev;
	u->prev = NULL;
	u->next = NULL;
	u->endpoint->idle_connections--;
}

/* --- time --- */

static void on_timer(struct timer *t);

/* Moves the deadline; the timer itself is only touched when it would come
 * too late. */
static void
set_deadline(struct upstream *u, uint64_t deadline_ns)
{
	u->deadline_ns = deadline_ns;
	if (deadline_ns != 0 &&
	    (!timer_is_armed(&u->timer) || u->timer.deadline_ns > deadline_ns))
		loop_timer_set(u->conn.worker->loop, &u->timer, deadline_ns, on_timer);
}

static void
on_timer(struct timer *t)
{
	struct upstream *u = CONTAINER_OF(t, struct upstream, timer);

	if (u->deadline_ns == 0)
		return;
	if (u->deadline_ns > loop_now_ns(u->conn.worker->loop)) {
		set_deadline(u, u->deadline_ns);
	} else if (u->conn.is_connecting) {
		u->endpoint->cluster->connect_timeouts++;
		exchange_on_connect_failed(u->exchange, ETIMEDOUT);
	} else if (u->exchange == NULL) {
		upstream_close(u);
	}
}

/* --- making one --- */

static void
complain(struct worker *w, const struct address *address, const char *option)
{
	char text[ADDRESS_TEXT_BYTES];

	if (loop_now_ns(w->loop) < w->complain_ns)
		return;
	w->complain_ns = loop_now_ns(w->loop) + COMPLAINT_NS;
	address_text(address, text);
	log_printf("tcpKeepalive of connections to %s: %s: %s", text, option, strerror(errno));
}

/* What the kernel refuses stays as the system has it. */
static void
keep_alive(int fd, const struct cluster_state *c, const struct address *address)
{
	const struct mesh_keepalive *k = &c->keepalive;
	const struct { const char *name; int level, option; uint32_t value; } options[] = {
		{ "on", SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ "probes", IPPROTO_TCP, TCP_KEEPCNT, k->probes },
		{ "time", IPPROTO_TCP, TCP_KEEPIDLE, k->idle_s },
		{ "interval", IPPROTO_TCP, TCP_KEEPINTVL, k->interval_s },
	};

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		int n = options[i].value < INT_MAX ? (int)options[i].value : INT_MAX;

		if (n > 0 && setsockopt(fd, options[i].level, options[i].option, &n, sizeof(n)) < 0)
			complain(c->worker, address, options[i].name);
	}
}

static int
dial_from(const struct address *source, const struct address *address,
	  const struct cluster_state *cluster, bool *connected)
{
	int fd = socket(address->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, saved;

	if (fd < 0)
		return -1;
	if (address->sa.sa_family != AF_UNIX) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (cluster != NULL && cluster->keepalive.is_on)
			keep_alive(fd, cluster, address);
		if (source != NULL && source->sa.sa_family == address->sa.sa_family) {
			/* Refused when the caller lives on another host: then
			 * the kernel chooses. */
			setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
			(void)!bind(fd, &source->sa, source->len);
		}
	}
	*connected = connect(fd, &address->sa, address->len) == 0;
	if (*connected || errno == EINPROGRESS)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int
upstream_dial(const struct address *address, const struct address *source,
	      const struct cluster_state *cluster, bool *connected)
{
	int fd = dial_from(source, address, cluster, connected);

	/* From a loopback address nobody comes to another host. */
	if (fd < 0 && errno == EINVAL && source != NULL)
		fd = dial_from(NULL, address, cluster, connected);
	return fd;
}

static void hand_over(struct upstream *u, uint64_t until_ns);
static void note_local_port(struct upstream *u);
static void on_readable(struct conn *c);
static void on_writable(struct conn *c);
static void on_broken(struct conn *c);
static void release(struct conn *c);

static const struct conn_ops upstream_ops = {
	.on_readable = on_readable,
	.on_writable = on_writable,
	.on_broken = on_broken,
	.release = release,
};

static struct upstream *
upstream_new(struct endpoint *ep, int fd)
{
	struct worker *w = ep->cluster->worker;
	struct upstream *u = slab_take(&w->upstreams);

	memset(u, 0, sizeof(*u));
	if (!conn_open(&u->conn, w, &upstream_ops, fd)) {
		slab_give(&w->upstreams, u);
		errno = ENOMEM;
		return NULL;
	}
	u->endpoint = ep;
	endpoint_ref(ep);
	ep->active_connections++;
	ep->cluster->active_connections++;
	return u;
}

struct upstream *
upstream_connect(struct worker *w, struct endpoint *ep, uint64_t connect_timeout_ms,
		 bool is_mirror)
{
	bool connected;
	int fd = upstream_dial(&ep->address, &ep->cluster->source, ep->cluster, &connected);
	struct upstream *u = fd >= 0 ? upstream_new(ep, fd) : NULL;

	if (u == NULL)
		return NULL;
	ep->connections++;
	ep->cluster->connections++;
	note_local_port(u);
	u->is_mirror = is_mirror;
	if (is_mirror)
		u->mirror_key = mirror_register(w, fd);
	if (ep->cluster->breaker.max_duration_ns > 0)
		u->expires_ns = loop_now_ns(w->loop) + ep->cluster->breaker.max_duration_ns;
	u->conn.is_connecting = !connected;
	if (!connected) {
		ep->cluster->pending_requests++;
		set_deadline(u, loop_now_ns(w->loop) + connect_timeout_ms * NS_PER_MS);
	}
	return u;
}

/* A turn may be so late that its events come before timers that are due. */
bool
upstream_is_idle(struct endpoint *ep, bool is_mirror)
{
	struct upstream **first = is_mirror ? &ep->idle_mirrors : &ep->idle;

	while (*first != NULL && (*first)->deadline_ns != 0 &&
	       (*first)->deadline_ns <= loop_now_ns((*first)->conn.worker->loop))
		upstream_close(*first);
	return *first != NULL;
}

struct upstream *
upstream_take(struct endpoint *ep, bool is_mirror)
{
	struct upstream *u = is_mirror ? ep->idle_mirrors : ep->idle;

	if (u == NULL)
		return NULL;
	unlink_idle(u);
	u->deadline_ns = 0;
	return u;
}

/* Has it bytes, or an end, that nobody waits for? */
static bool
is_spoiled(struct upstream *u)
{
	char byte;

	if (u->conn.read_ended || u->conn.is_hung_up || u->conn.has_error)
		return true;
	return u->conn.can_read && conn_read(&u->conn, &byte, 1) != CONN_NOTHING;
}

static void
keep_idle(struct upstream *u, uint64_t until_ns)
{
	link_idle(u);
	if (until_ns != 0)
		set_deadline(u, until_ns);
	pool_wake(u->endpoint->cluster);
}

void
upstream_give(struct upstream *u, uint64_t idle_timeout_ms)
{
	uint64_t now = loop_now_ns(u->conn.worker->loop), until = u->expires_ns;

	ASSERT(u->exchange == NULL);
	u->has_head = u->has_bytes = false;
	if (until != 0 && now >= until)
		u->is_spent = true;
	if (u->is_spent || u->endpoint->bindings == 0 || u->conn.worker->is_draining ||
	    !conn_settle(&u->conn) || conn_is_blocked(&u->conn) || is_spoiled(u)) {
		upstream_close(u);
		return;
	}
	if (idle_timeout_ms > 0 && (until == 0 || now + idle_timeout_ms * NS_PER_MS < until))
		until = now + idle_timeout_ms * NS_PER_MS;
	if (pool_is_left(u->endpoint)) {
		hand_over(u, until);
		return;
	}
	keep_idle(u, until);
}

static void
end_pending(struct upstream *u)
{
	if (u->is_pending)
		breaker_release(&u->endpoint->cluster->breaker, BREAKER_PENDING);
	u->is_pending = false;
}

/* What it holds here, whatever becomes of the socket. */
static void
leave_endpoint(struct upstream *u)
{
	if (u->prev != NULL)
		unlink_idle(u);
	loop_timer_cancel(&u->timer);
	slab_set_give(&u->conn.worker->blocks, u->pending, u->pending_size);
	u->pending = NULL;
	u->endpoint->active_connections--;
	u->endpoint->cluster->active_connections--;
}

void
upstream_close(struct upstream *u)
{
	struct endpoint *ep = u->endpoint;

	if (u->conn.is_dead)
		return;
	if (u->conn.is_connecting)
		ep->cluster->pending_requests--;
	end_pending(u);
	leave_endpoint(u);
	ep->cluster->connections_closed++;
	u->exchange = NULL;
	if (u->is_mirror)
		mirror_unregister(u->conn.worker, u->mirror_key);
	conn_close(&u->conn);
	pool_uncount(ep);	/* not before: another worker may open one at once */
	pool_wake(ep->cluster);
}

/* --- between workers --- */

static void
note_lost(struct endpoint *ep, const struct parcel *p)
{
	ep->cluster->connections_closed++;
	if (p->is_mirror)
		mirror_unregister(ep->cluster->worker, p->mirror_key);
}

static void
drop_one(struct endpoint *ep, const struct parcel *p)
{
	note_lost(ep, p);
	close(p->fd);
}

static void
hand_over(struct upstream *u, uint64_t until_ns)
{
	struct endpoint *ep = u->endpoint;
	struct parcel p = { .local_port = u->local_port, .requests = u->requests,
			    .expires_ns = u->expires_ns, .idle_until_ns = until_ns,
			    .is_mirror = u->is_mirror, .mirror_key = u->mirror_key };

	leave_endpoint(u);
	p.fd = conn_let_go(&u->conn);
	if (taker_hand(&ep->taker, ep->cluster->common, &p)) {
		ep->pooled--;
		return;
	}
	drop_one(ep, &p);	/* nobody waits any more */
	pool_uncount(ep);
}

void
upstream_adopt(struct endpoint *ep, const struct parcel *p)
{
	struct upstream *u = upstream_new(ep, p->fd);

	if (u == NULL) {	/* the socket is closed */
		note_lost(ep, p);
		pool_uncount(ep);
		return;
	}
	u->local_port = p->local_port;
	u->requests = p->requests;
	u->expires_ns = p->expires_ns;
	u->is_mirror = p->is_mirror;
	u->mirror_key = p->mirror_key;
	if (u->conn.worker->is_draining)
		upstream_close(u);
	else
		keep_idle(u, p->idle_until_ns);
}

void
upstream_drop(struct endpoint *ep, struct parcel *parcels)
{
	struct parcel *next;

	for (struct parcel *p = parcels; p != NULL; p = next) {
		next = p->next;
		drop_one(ep, p);
		breaker_release(&ep->cluster->breaker, BREAKER_CONNECTIONS);
		free(p);
	}
}

void
upstream_hand_idle(struct endpoint *ep)
{
	struct upstream *u;

	while ((u = ep->idle != NULL ? ep->idle : ep->idle_mirrors) != NULL &&
	       taker_is_needed(&ep->taker))
		hand_over(u, u->deadline_ns);
}

static void
release(struct conn *c)
{
	struct upstream *u = CONTAINER_OF(c, struct upstream, conn);

	endpoint_unref(u->endpoint);
	slab_give(&c->worker->upstreams, u);
}

bool
upstream_local_address(const struct upstream *u, struct address *out)
{
	*out = u->endpoint->cluster->source;
	if (!address_is_set(out) || u->endpoint->address.sa.sa_family == AF_UNIX)
		return false;
	if (u->local_port == 0)
		return conn_local_address(&u->conn, out);
	address_set_port(out, u->local_port);
	return true;
}

/* Our port is known once the connect has been tried. */
static void
note_local_port(struct upstream *u)
{
	struct address local;

	if (u->endpoint->address.sa.sa_family != AF_UNIX && conn_local_address(&u->conn, &local) &&
	    address_same_host(&local, &u->endpoint->cluster->source))
		u->local_port = address_port(&local);
}

/* --- events --- */

static void
on_connect_ended(struct upstream *u)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(u->conn.watch.fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error != 0) {
		exchange_on_connect_failed(u->exchange, error);
		return;
	}
	u->conn.is_connecting = false;
	u->deadline_ns = 0;
	u->endpoint->cluster->pending_requests--;
	end_pending(u);
	exchange_on_connected(u->exchange);
}

static void
on_writable(struct conn *c)
{
	struct upstream *u = CONTAINER_OF(c, struct upstream, conn);

	if (c->is_connecting)
		on_connect_ended(u);
	else if (u->exchange != NULL)
		exchange_on_request_room(u->exchange);
}

/* A response may have come before the peer stopped reading. */
static void
on_broken(struct conn *c)
{
	struct upstream *u = CONTAINER_OF(c, struct upstream, conn);

	if (u->exchange == NULL)
		upstream_close(u);
	else
		exchange_on_request_refused(u->exchange);
}

static void
keep_pending(struct upstream *u, const char *data, size_t len)
{
	struct slab_set *blocks = &u->conn.worker->blocks;

	if (len > u->pending_size) {
		slab_set_give(blocks, u->pending, u->pending_size);
		u->pending_size = len;
		u->pending = slab_set_take(blocks, &u->pending_size);
	}
	memcpy(u->pending, data, len);
	u->pending_len = len;
}

static void
drop_pending(struct upstream *u)
{
	slab_set_give(&u->conn.worker->blocks, u->pending, u->pending_size);
	u->pending = NULL;
	u->pending_len = u->pending_size = 0;
}

/* Bytes of a response in the hot buffer. */
static void
take_bytes(struct upstream *u, char *data, size_t len)
{
	static const struct http_limits limits = { HTTP_MAX_HEAD_BYTES, HTTP_MAX_FIELDS, 16384 };
	struct exchange *ex = u->exchange;
	struct http_head *head = &u->conn.worker->head;

	u->has_bytes = true;
	while (!u->has_head && u->exchange == ex) {
		const char *why;
		size_t used;
		enum http_result r = http_parse_response(head, data, len, &limits,
							 exchange_method(ex), &used, &why);

		if (r == HTTP_MORE) {
			keep_pending(u, data, len);
			return;
		}
		if (r != HTTP_DONE) {
			exchange_on_response_bad(ex);
			return;
		}
		data += used;
		len -= used;
		if (head->status < 200) {
			exchange_on_interim(ex, head, used, data, len);
			if (u->is_tunnel || u->exchange != ex || len == 0)
				return;
			continue;
		}
		u->has_head = true;
		u->has_long_bodies = head->framing == HTTP_LENGTH &&
				     head->content_length >= SPLICE_MIN_BYTES + FIRST_BYTES;
		http_body_init(&u->body, head);
		exchange_on_response(ex, head, used, data, len);
		return;
	}
	if (u->exchange == ex)
		exchange_on_response_bytes(ex, data, len);
}

static void
read_some(struct upstream *u)
{
	char *hot = u->conn.worker->hot;
	size_t base = u->pending_len, room = HOT_BYTES - base;
	ssize_t n;

	/* Where the last body was long, this one may come to be spliced. */
	if (u->has_long_bodies && !u->has_head && base == 0)
		room = FIRST_BYTES;
	/* What the answer will need comes while it is read. */
	__builtin_prefetch(u->exchange->down);
	__builtin_prefetch(u->exchange->head);
	n = conn_read(&u->conn, hot + base, room);
	if (n == CONN_NOTHING)
		return;
	if (n < 0 || n == CONN_END) {
		exchange_on_response_end(u->exchange, n == CONN_END);
		return;
	}
	if (base > 0) {
		memcpy(hot, u->pending, base);
		drop_pending(u);
	}
	take_bytes(u, hot, base + (size_t)n);
}

static void
on_readable(struct conn *c)
{
	struct upstream *u = CONTAINER_OF(c, struct upstream, conn);
	struct exchange *ex = u->exchange;

	/* It may be read again only because its last answer took several turns. */
	if (ex == NULL) {
		if (is_spoiled(u))
			upstream_close(u);
		return;
	}
	if (u->is_tunnel) {
		exchange_on_tunnel(ex);
		return;
	}
	for (int i = 0; i < READS_A_TURN; i++) {
		if (!c->can_read || !exchange_has_response_room(ex))
			return;
		if (!exchange_splice_response(ex))
			read_some(u);
		if (c->is_dead || u->exchange != ex || u->is_tunnel)
			return;
	}
	conn_again(c);
}

void
upstream_resume(struct upstream *u)
{
	if (!u->conn.is_dead && u->conn.can_read)
		on_readable(&u->conn);
}
