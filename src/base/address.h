/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Socket addresses: IPv4, IPv6 and Unix paths.
 */
#ifndef MESHTOP_BASE_ADDRESS_H
#define MESHTOP_BASE_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct error;

struct address {
	union {
		struct sockaddr sa;		/* sa_family AF_UNSPEC: none */
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	};
	socklen_t len;
};

#define ADDRESS_TEXT_BYTES 128

/* "127.0.0.1:80", "[::1]:80", "unix:/path"; without a port it is 0. */
int address_parse(struct address *a, const char *text, struct error *err);
/* Host part only: "127.0.0.1", "::1". */
int address_parse_host(struct address *a, const char *host, uint16_t port, struct error *err);
void address_text(const struct address *a, char out[ADDRESS_TEXT_BYTES]);
void address_host_text(const struct address *a, char out[ADDRESS_TEXT_BYTES]);
bool address_equal(const struct address *a, const struct address *b);
bool address_same_host(const struct address *a, const struct address *b);
uint16_t address_port(const struct address *a);		/* 0 for Unix paths */
void address_set_port(struct address *a, uint16_t port);
static inline bool
address_is_set(const struct address *a)
{
	return a->sa.sa_family != AF_UNSPEC;
}

#endif
