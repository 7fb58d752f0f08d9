/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The wait for a ClientHello, where a port looks at server names.  What is no
 * TLS goes on at once, what takes too long goes on without a name, as behind
 * Envoy's listener filter; who ends before is forgotten.
 */
#include <string.h>

#include "proxy/tcp/relay_priv.h"
#include "proxy/worker.h"

#define HELLO_NS (15 * NS_PER_S)	/* Envoy's listener_filters_timeout */

static void
go_on(struct relay *r, const char *name)
{
	size_t len = strlen(name);

	r->is_peeking = false;
	loop_timer_cancel(&r->timer);
	relay_renew(r);
	if (len > 0) {
		r->server_name_size = len + 1;
		r->server_name = slab_set_take(&r->worker->blocks, &r->server_name_size);
		memcpy(r->server_name, name, len + 1);
	}
	relay_route(r);
	relay_start(r);
}

/* False: more is needed. */
static bool
judge(struct relay *r)
{
	char name[CLIENT_HELLO_NAME_BYTES];

	if (!client_hello_is_due(&r->hello, r->early, r->early_len))
		return false;
	client_hello_read(r->early, r->early_len, name);
	go_on(r, name);
	return true;
}

void
relay_hello_begin(struct relay *r)
{
	r->is_peeking = true;
	relay_arm(r, r->start_ns + HELLO_NS);
	if (r->early_len > 0 && judge(r))
		return;
	r->down.can_read = true;
	relay_hello_more(r);
}

void
relay_hello_more(struct relay *r)
{
	char *hot = r->worker->hot;

	while (r->down.can_read) {
		ssize_t n = conn_read(&r->down, hot, CLIENT_HELLO_MAX_BYTES - r->early_len);

		if (n == CONN_NOTHING)
			return;
		if (n <= 0) {
			relay_close(r);
			return;
		}
		relay_keep_early(r, hot, (size_t)n);
		if (judge(r))
			return;
	}
}

void
relay_hello_late(struct relay *r)
{
	go_on(r, "");
}
