/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may have a descriptor; see descriptors.h. */
#include "proxy/descriptors.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#define NO_LIMIT (1u << 30)
#define OWN_FILES 24u		/* loops, locks, logs, the admin socket */
#define WORKER_FILES 5u		/* of a further worker: loop, pipe, the kernel's ear */
#define SPARE 16u		/* at the top, for reading a changed configuration */
#define STEPS 3u		/* behind a client, each with a ceiling of its own */

static unsigned
at_most(unsigned n, unsigned most)
{
	return n < most ? n : most;
}

void
descriptors_share(struct descriptors *d, unsigned listeners)
{
	unsigned top = d->limit - at_most(SPARE, d->limit / 8);
	unsigned files = OWN_FILES + d->workers * WORKER_FILES + listeners;
	unsigned room = top - at_most(files, top / 2);
	unsigned reserve = room / 8, least = (2 + d->workers) * STEPS;

	if (reserve < least)
		reserve = at_most(least, room / 2);
	d->ceilings[DESCRIPTOR_CLIENT] = top - reserve;
	d->ceilings[DESCRIPTOR_UPSTREAM] = top - reserve / STEPS * 2;
	d->ceilings[DESCRIPTOR_INBOUND] = top - reserve / STEPS;
	d->ceilings[DESCRIPTOR_LAST] = top;
}

void
descriptors_init(struct descriptors *d)
{
	struct rlimit limit;

	d->limit = NO_LIMIT;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < NO_LIMIT)
		d->limit = (unsigned)limit.rlim_cur;
	descriptors_share(d, 0);
}

bool
descriptors_have_room(const struct descriptors *d, enum descriptor_use use)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	if (fd < 0)
		return false;
	close(fd);
	return (unsigned)fd < d->ceilings[use];
}

bool
descriptors_are_short(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}
