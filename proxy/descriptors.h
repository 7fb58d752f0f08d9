/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who may have a descriptor when few are left, so that whoever was let in can
 * also be served.
 *
 * The kernel gives the lowest number that is free: a new descriptor's number
 * says how many are in use, whatever for and in whichever worker.  Each use
 * has a ceiling that no number of its own may reach.  Clients get seven
 * eighths of what there is beside files and listeners; the rest is for what
 * they need behind it, in the order in which a request needs it, so that no
 * step can take what the next one waits for.  Each worker may pass a ceiling
 * by the one connection from which it learns that it has come there.
 */
#ifndef MESHTOP_PROXY_DESCRIPTORS_H
#define MESHTOP_PROXY_DESCRIPTORS_H

#include <stdbool.h>

enum descriptor_use {
	DESCRIPTOR_CLIENT,	/* whoever comes to a service, a gateway, an egress listener */
	DESCRIPTOR_UPSTREAM,	/* one more connection to an endpoint that has some */
	DESCRIPTOR_INBOUND,	/* whoever comes to a workload, often from our own upstreams */
	DESCRIPTOR_LAST,	/* what is needed now, and cannot wait for another */
	DESCRIPTOR_USES,
};

struct descriptors {
	unsigned limit;				/* of the process */
	unsigned workers;			/* beside this one */
	unsigned ceilings[DESCRIPTOR_USES];
};

/* Takes the process's limit of now. */
void descriptors_init(struct descriptors *d);
/* Shares out what so many listeners leave. */
void descriptors_share(struct descriptors *d, unsigned listeners);
/* May the next one go to that use? */
bool descriptors_have_room(const struct descriptors *d, enum descriptor_use use);
/* Is it this that a system call failed of? */
bool descriptors_are_short(int error);

#endif
