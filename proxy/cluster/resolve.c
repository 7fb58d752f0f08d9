/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of endpoints; see resolve.h. */
#include "proxy/cluster/resolve.h"

#include <ares.h>
#include <netdb.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "proxy/runtime.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/vec.h"

#define FRESH_NS (30 * NS_PER_S)	/* addresses are asked for anew after that */
#define RETRY_NS (1 * NS_PER_S)		/* after a failure */
#define SOCKETS 16

struct resolution {
	char *host;
	VEC(struct address) addresses;
	size_t next;
	uint64_t fresh_until_ns;
	bool is_asking;
	struct resolve_wait *waits;
};

/* A descriptor of c-ares. */
struct resolver_socket {
	struct watch watch;		/* fd -1: free */
	struct resolver *resolver;
};

struct resolver {
	struct worker *worker;
	ares_channel channel;
	struct timer timer;
	struct resolver_socket sockets[SOCKETS];
};

struct query {
	struct worker *worker;
	struct endpoint *endpoint;	/* referenced */
};

struct resolution *
resolution_new(const char *host)
{
	struct resolution *r = xcalloc(1, sizeof(*r));

	r->host = xstrdup(host);
	return r;
}

void
resolution_free(struct resolution **rp)
{
	if (*rp == NULL)
		return;
	free((*rp)->host);
	vec_fini(&(*rp)->addresses);
	free(*rp);
	*rp = NULL;
}

const char *
resolution_host(const struct resolution *r)
{
	return r->host;
}

/* --- c-ares on the loop --- */

static void on_timer(struct timer *t);

static void
arm(struct resolver *r)
{
	struct timeval tv, longest = { 1, 0 };
	struct timeval *wait = ares_timeout(r->channel, &longest, &tv);
	uint64_t ns = (uint64_t)wait->tv_sec * NS_PER_S + (uint64_t)wait->tv_usec * 1000;

	loop_timer_set(r->worker->loop, &r->timer, loop_now_ns(r->worker->loop) + ns, on_timer);
}

static void
on_timer(struct timer *t)
{
	struct resolver *r = CONTAINER_OF(t, struct resolver, timer);
	fd_set none_read, none_write;

	ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	FD_ZERO(&none_read);
	FD_ZERO(&none_write);
	if (ares_fds(r->channel, &none_read, &none_write) > 0)
		arm(r);			/* queries are under way */
}

static void
on_socket(struct watch *w, unsigned events)
{
	struct resolver_socket *s = CONTAINER_OF(w, struct resolver_socket, watch);
	int fd = w->fd;

	ares_process_fd(s->resolver->channel,
			events & (LOOP_READ | LOOP_ERROR) ? fd : ARES_SOCKET_BAD,
			events & LOOP_WRITE ? fd : ARES_SOCKET_BAD);
}

/* c-ares tells which descriptors it wants to hear of; neither: it is closed. */
static void
on_socket_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct resolver *r = arg;
	struct resolver_socket *free_one = NULL;

	for (size_t i = 0; i < SOCKETS; i++) {
		struct resolver_socket *s = &r->sockets[i];

		if (s->watch.fd == fd) {
			if (!readable && !writable)
				loop_unwatch(&s->watch);
			return;
		}
		if (s->watch.fd < 0)
			free_one = s;
	}
	/* Without a place the query ends by its timeout. */
	if (free_one != NULL && (readable || writable))
		(void)!loop_watch(r->worker->loop, &free_one->watch, fd, on_socket, NULL);
}

static struct resolver *
resolver_of(struct worker *w)
{
	struct resolver *r = w->resolver;
	struct ares_options options;

	if (r != NULL)
		return r;
	r = xcalloc(1, sizeof(*r));
	r->worker = w;
	for (size_t i = 0; i < SOCKETS; i++) {
		r->sockets[i].resolver = r;
		r->sockets[i].watch.fd = -1;
	}
	memset(&options, 0, sizeof(options));
	options.sock_state_cb = on_socket_state;
	options.sock_state_cb_data = r;
	options.timeout = 2000;
	options.tries = 2;
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS ||
	    ares_init_options(&r->channel, &options, ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS |
			      ARES_OPT_TRIES) != ARES_SUCCESS) {
		free(r);
		return NULL;
	}
	w->resolver = r;
	return r;
}

void
resolver_free(struct resolver **rp)
{
	if (*rp == NULL)
		return;
	loop_timer_cancel(&(*rp)->timer);
	ares_destroy((*rp)->channel);
	ares_library_cleanup();
	free(*rp);
	*rp = NULL;
}

/* --- questions and answers --- */

static void
take_turn(struct endpoint *ep)
{
	struct resolution *r = ep->resolution;
	uint16_t port = address_port(&ep->address);

	ep->address = r->addresses.items[r->next++ % r->addresses.len];
	address_set_port(&ep->address, port);
}

static void
keep_addresses(struct resolution *r, const struct ares_addrinfo *info)
{
	r->addresses.len = 0;
	for (const struct ares_addrinfo_node *n = info->nodes; n != NULL; n = n->ai_next) {
		struct address a;

		if (n->ai_addrlen > sizeof(a.in6))
			continue;
		memset(&a, 0, sizeof(a));
		memcpy(&a.sa, n->ai_addr, n->ai_addrlen);
		a.len = n->ai_addrlen;
		vec_push(&r->addresses, a);
	}
}

static void
tell(struct endpoint *ep)
{
	struct resolution *r = ep->resolution;
	bool ok = r->addresses.len > 0;

	while (r->waits != NULL) {
		struct resolve_wait *wait = r->waits;

		resolve_cancel(wait);
		if (ok)
			take_turn(ep);
		wait->on_resolved(wait, ok);
	}
}

static void
on_answer(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
	struct query *q = arg;
	struct resolution *r = q->endpoint->resolution;
	uint64_t now = loop_now_ns(q->worker->loop);

	(void)timeouts;
	r->is_asking = false;
	if (status == ARES_SUCCESS && info->nodes != NULL)
		keep_addresses(r, info);
	r->fresh_until_ns = now + (status == ARES_SUCCESS ? FRESH_NS : RETRY_NS);
	if (info != NULL)
		ares_freeaddrinfo(info);
	if (status != ARES_EDESTRUCTION)
		tell(q->endpoint);
	endpoint_unref(q->endpoint);
	free(q);
}

static void
ask(struct worker *w, struct endpoint *ep)
{
	const struct ares_addrinfo_hints hints = {
		.ai_family = AF_INET,
		.ai_socktype = SOCK_STREAM,
	};
	struct resolver *r = resolver_of(w);
	struct query *q;

	if (r == NULL)
		return;
	q = xcalloc(1, sizeof(*q));
	q->worker = w;
	q->endpoint = ep;
	endpoint_ref(ep);
	ep->resolution->is_asking = true;
	ares_getaddrinfo(r->channel, ep->resolution->host, NULL, &hints, on_answer, q);
	arm(r);
}

enum resolve_state
resolve_endpoint(struct worker *w, struct endpoint *ep, struct resolve_wait *wait,
		 void (*on_resolved)(struct resolve_wait *wait, bool ok))
{
	struct resolution *r = ep->resolution;

	if (r == NULL)
		return RESOLVE_READY;
	/* The answer may come at once, from the hosts file. */
	if (!r->is_asking && loop_now_ns(w->loop) >= r->fresh_until_ns)
		ask(w, ep);
	if (r->addresses.len > 0) {
		take_turn(ep);
		return RESOLVE_READY;
	}
	if (!r->is_asking)
		return RESOLVE_FAILED;
	wait->on_resolved = on_resolved;
	wait->next = r->waits;
	if (wait->next != NULL)
		wait->next->prev = &wait->next;
	wait->prev = &r->waits;
	r->waits = wait;
	return RESOLVE_WAITS;
}

void
resolve_cancel(struct resolve_wait *wait)
{
	if (wait->prev == NULL)
		return;
	*wait->prev = wait->next;
	if (wait->next != NULL)
		wait->next->prev = wait->prev;
	wait->prev = NULL;
	wait->next = NULL;
}
