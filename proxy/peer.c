/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking up the other end of a loopback connection; see peer.h. */
#include "proxy/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/xalloc.h"

struct peer_lookup {
	int fd;			/* -1: not opened yet, or not to be had */
};

enum lookup_result { LOOKUP_FAILED, LOOKUP_FOUND, LOOKUP_ABSENT };

struct peer_lookup *
peer_lookup_new(void)
{
	struct peer_lookup *p = xcalloc(1, sizeof(*p));

	p->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
	return p;
}

void
peer_lookup_free(struct peer_lookup **pp)
{
	if (*pp == NULL)
		return;
	if ((*pp)->fd >= 0)
		close((*pp)->fd);
	free(*pp);
	*pp = NULL;
}

/* The entry of the peer's own socket: our addresses with sides changed. */
static bool
ask(struct peer_lookup *p, int fd)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 body;
	} request;
	struct sockaddr_in local, remote;
	socklen_t len = sizeof(local);

	memset(&request, 0, sizeof(request));
	if (p->fd < 0 || getsockname(fd, (struct sockaddr *)&local, &len) < 0 ||
	    local.sin_family != AF_INET)
		return false;
	len = sizeof(remote);
	if (getpeername(fd, (struct sockaddr *)&remote, &len) < 0 ||
	    ntohl(remote.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
		return false;
	request.header.nlmsg_len = sizeof(request);
	request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	request.header.nlmsg_flags = NLM_F_REQUEST;
	request.body.sdiag_family = AF_INET;
	request.body.sdiag_protocol = IPPROTO_TCP;
	request.body.idiag_states = ~0u;
	request.body.id.idiag_sport = remote.sin_port;
	request.body.id.idiag_dport = local.sin_port;
	request.body.id.idiag_src[0] = remote.sin_addr.s_addr;
	request.body.id.idiag_dst[0] = local.sin_addr.s_addr;
	request.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
	request.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	return send(p->fd, &request, sizeof(request), 0) == (ssize_t)sizeof(request);
}

static enum lookup_result
look_up(struct peer_lookup *p, int fd, struct inet_diag_msg *out)
{
	union {
		struct nlmsghdr header;
		char bytes[4096];
	} answer;
	ssize_t n;

	if (!ask(p, fd))
		return LOOKUP_FAILED;
	/* The kernel has answered before send() returned. */
	n = recv(p->fd, &answer, sizeof(answer), 0);
	if (n < (ssize_t)sizeof(answer.header))
		return LOOKUP_FAILED;
	if (answer.header.nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *e = NLMSG_DATA(&answer.header);

		return e->error == -ENOENT ? LOOKUP_ABSENT : LOOKUP_FAILED;
	}
	if (answer.header.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
	    n < (ssize_t)NLMSG_LENGTH(sizeof(*out)))
		return LOOKUP_FAILED;
	memcpy(out, NLMSG_DATA(&answer.header), sizeof(*out));
	return LOOKUP_FOUND;
}

bool
peer_is_open(struct peer_lookup *p, int fd)
{
	struct inet_diag_msg entry;

	switch (look_up(p, fd, &entry)) {
	case LOOKUP_FOUND:
		return entry.idiag_inode != 0;
	case LOOKUP_ABSENT:
		return false;
	case LOOKUP_FAILED:
		break;
	}
	return true;
}

bool
peer_has_taken_all(struct peer_lookup *p, int fd)
{
	struct tcp_info info = { .tcpi_bytes_sent = 0 };
	socklen_t len = sizeof(info);
	struct inet_diag_msg entry;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
		return true;
	/* The connect counts as one byte, and so does our own end. */
	if (info.tcpi_notsent_bytes > 0 ||
	    info.tcpi_bytes_acked <= info.tcpi_bytes_sent - info.tcpi_bytes_retrans)
		return false;
	switch (look_up(p, fd, &entry)) {
	case LOOKUP_FOUND:
		return entry.idiag_rqueue == 0;
	case LOOKUP_ABSENT:	/* closed with bytes unread, else it would wait for our end */
		return false;
	case LOOKUP_FAILED:
		break;
	}
	return true;
}

bool
peer_uid(struct peer_lookup *p, int fd, uint32_t *uid)
{
	struct inet_diag_msg entry;

	if (look_up(p, fd, &entry) != LOOKUP_FOUND)
		return false;
	*uid = entry.idiag_uid;
	return true;
}
