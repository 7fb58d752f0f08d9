/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What would happen to a request, by the engine's own routing function;
 * nothing is sent.  `meshtop explain` and the console's request list ask it.
 */
#ifndef MESHTOP_MESH_EXPLAIN_H
#define MESHTOP_MESH_EXPLAIN_H

#include <stddef.h>

struct buf;
struct error;
struct mesh;
struct mesh_workload;
struct value;

struct explain_question {
	const char *method;		/* NULL: GET */
	const char *url;		/* "[http://]HOST[:PORT][/PATH]", or https:// for a
					 * TLS connection (explain_stream.c) */
	const char *const *headers;	/* "NAME: VALUE" */
	size_t header_count;
};

/* Appends the object of design.md section 4.  -1 and err (ERROR_USAGE,
 * ERROR_REFUSED) when it is not a request or the caller obeys no rule. */
int explain_put_json(const struct mesh *m, const struct mesh_workload *from,
		     const struct explain_question *question, struct buf *out,
		     struct error *err);
/* The same for people, made from it. */
void explain_put_text(const struct value *json, struct buf *out);

#endif
