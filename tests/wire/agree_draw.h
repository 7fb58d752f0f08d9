/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random meshes and requests for agree.c. */
#ifndef MESHTOP_TESTS_WIRE_AGREE_DRAW_H
#define MESHTOP_TESTS_WIRE_AGREE_DRAW_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct rng;

struct drawn_request {
	unsigned from, service;		/* last numbers of addresses */
	const char *method, *target, *host;
	const char *headers[4];		/* "name: value" */
	size_t header_count;
	bool is_at_gateway;		/* from a stranger at NET.9 */
	bool is_tls;			/* of the above only from and service count */
	const char *server_name;	/* NULL: none */
};

/* Services a, b and c (without endpoints) at NET.1 to NET.3, callers at NET.5
 * (shop) and NET.6 (far), a gateway shop/front at NET.7, endpoints at NET.11, .12, .21 and .22.  Port 8080 is
 * of HTTP, 8443 of TLS.  Rule I of a VirtualService is named NAME-I. */
void draw_mesh(struct rng *rng, const char *net, struct buf *out);
void draw_request(struct rng *rng, struct drawn_request *out);

#endif
