/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claiming a block of loopback addresses; see block.h. */
#include "proxy/block.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/error.h"

#define FIRST_BLOCK 64
#define LAST_BLOCK 255
#define CLAIM_PORT 1024

static int
try_block(unsigned block)
{
	struct sockaddr_in address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_port = htons(CLAIM_PORT);
	address.sin_addr.s_addr = htonl(127u << 24 | block << 16 | 255u << 8 | 254u);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 1) == 0)
		return fd;
	close(fd);
	return -1;
}

int
block_claim(unsigned wanted, unsigned *block, struct error *err)
{
	int fd = -1;

	*block = wanted;
	if (wanted >= FIRST_BLOCK && wanted <= LAST_BLOCK)
		fd = try_block(wanted);
	for (unsigned b = FIRST_BLOCK; fd < 0 && b <= LAST_BLOCK; b++) {
		*block = b;
		fd = try_block(b);
	}
	if (fd < 0)
		return error_setf(err, ERROR_REFUSED,
				  "no block of loopback addresses is free "
				  "(127.64.0.0/16 to 127.255.0.0/16)");
	return fd;
}
