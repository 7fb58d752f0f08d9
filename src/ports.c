/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Privileged ports; see ports.h. */
#include "src/ports.h"

#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>

#define ELSEWHERE 20000

static unsigned
first_free_port(void)
{
	FILE *f = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "re");
	unsigned first = 1024;

	if (f != NULL) {
		if (fscanf(f, "%u", &first) != 1)
			first = 1024;
		fclose(f);
	}
	return first;
}

static bool
may_bind_any(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	unsigned long long set = 0;
	char line[128];

	if (f == NULL)
		return false;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "CapEff: %llx", &set) == 1)
			break;
	fclose(f);
	return (set >> CAP_NET_BIND_SERVICE & 1) != 0;
}

uint16_t
port_as_bound(uint16_t port)
{
	if (port == 0 || port >= first_free_port() || may_bind_any())
		return port;
	return (uint16_t)(port + ELSEWHERE);
}
