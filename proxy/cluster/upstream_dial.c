/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets on their way to an endpoint; see upstream.h. */
#include "proxy/cluster/upstream.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/room.h"
#include "proxy/runtime.h"
#include "proxy/worker.h"
#include "src/base/assert.h"
#include "src/base/log.h"

static void
complain(struct worker *w, const struct address *address, const char *option)
{
	char text[ADDRESS_TEXT_BYTES];

	if (!worker_may_complain(w, COMPLAINT_KEEPALIVE))
		return;
	address_text(address, text);
	log_at(LOGGER_CONNECTION, LEVEL_WARNING, "tcpKeepalive of connections to %s: %s: %s", text,
	       option, strerror(errno));
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

/* One that the use may have. */
static int
take_socket(const struct dial *d)
{
	int fd = socket(d->address->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || (unsigned)fd < d->worker->descriptors.ceilings[d->use])
		return fd;
	close(fd);
	errno = EMFILE;
	return -1;
}

static int
open_socket(const struct dial *d)
{
	int fd = take_socket(d);

	if (fd < 0 && descriptors_are_short(errno) && room_make(d->worker))
		fd = take_socket(d);
	return fd;
}

static int
dial_from(const struct address *source, const struct dial *d, bool *connected)
{
	const struct address *address = d->address;
	int fd = open_socket(d), one = 1, saved;

	if (fd < 0)
		return -1;
	if (address->sa.sa_family != AF_UNIX) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (d->cluster != NULL && d->cluster->keepalive.is_on)
			keep_alive(fd, d->cluster, address);
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
upstream_dial(const struct dial *d, bool *connected)
{
	int fd = dial_from(d->source, d, connected);

	/* From a loopback address nobody comes to another host. */
	if (fd < 0 && errno == EINVAL && d->source != NULL)
		fd = dial_from(NULL, d, connected);
	return fd;
}
