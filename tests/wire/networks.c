/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * networks COUNT: takes so many loopback networks that no other test has.
 *
 * Prints the first three numbers of each (127.33.7), a line each, and holds
 * them until its input ends: as the engine does with its blocks (proxy/block.h)
 * by a listener at an address of theirs, which only one process can have.
 * They are of 127.16 to 127.63: unit tests stay below, blocks begin at 127.64.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST 16u
#define LAST 63u
#define NETWORKS ((LAST - FIRST + 1) * 256)
#define CLAIM_HOST 254u
#define CLAIM_PORT 1024

static bool
take(unsigned network)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(CLAIM_PORT) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(127u << 24 | FIRST << 16 | network << 8 | CLAIM_HOST);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 1) == 0)
		return true;
	close(fd);
	return false;
}

int
main(int argc, char **argv)
{
	unsigned wanted = argc == 2 ? (unsigned)atoi(argv[1]) : 1, first = (unsigned)getpid();
	char rest[64];

	/* From another one each time: ports of the last test's may not be free yet. */
	for (unsigned i = 0; wanted > 0 && i < NETWORKS; i++) {
		unsigned network = (first + i) % NETWORKS;

		if (!take(network))
			continue;
		printf("127.%u.%u\n", FIRST + network / 256, network % 256);
		wanted--;
	}
	fflush(stdout);
	if (wanted > 0)
		return 1;
	while (read(STDIN_FILENO, rest, sizeof(rest)) > 0)
		;
	return 0;
}
