/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of endpoints outside the mesh, resolved by c-ares on the worker's
 * loop.  Addresses are used in turn; they are asked for anew when they are
 * old, and meanwhile used on.
 */
#ifndef MESHTOP_PROXY_RESOLVE_H
#define MESHTOP_PROXY_RESOLVE_H

#include <stdbool.h>

struct endpoint;
struct resolution;
struct resolver;
struct worker;

/* Embedded in whoever waits; zeroed at first. */
struct resolve_wait {
	struct resolve_wait *next, **prev;
	void (*on_resolved)(struct resolve_wait *wait, bool ok);
};

struct resolution *resolution_new(const char *host);
void resolution_free(struct resolution **rp);	/* nobody waits any more */
const char *resolution_host(const struct resolution *r);

enum resolve_state { RESOLVE_READY, RESOLVE_WAITS, RESOLVE_FAILED };

/*
 * Makes ep->address one that can be dialled.  READY at once when it has no
 * name, or addresses are known; WAITS: on_resolved is called later; FAILED
 * when the name has no address.
 */
enum resolve_state resolve_endpoint(struct worker *w, struct endpoint *ep,
				    struct resolve_wait *wait,
				    void (*on_resolved)(struct resolve_wait *wait, bool ok));
void resolve_cancel(struct resolve_wait *wait);	/* accepts one that does not wait */

void resolver_free(struct resolver **rp);

#endif
