/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Documents in, problem rows out, as text: one line a row,
 * "SEVERITY CODE PATH LINE:COL", in order of place.
 */
#ifndef MESHTOP_TESTS_ISTIO_ROWS_H
#define MESHTOP_TESTS_ISTIO_ROWS_H

/* Heads of documents; the spec's first line is line 5. */
#define HEAD(kind) "apiVersion: networking.istio.io/v1\nkind: " kind \
	"\nmetadata: {name: a, namespace: x}\nspec:\n"
#define VS_OF(rest) HEAD("VirtualService") "  hosts: [reviews]\n  http:\n" rest
#define ROUTE "    route: [{destination: {host: reviews}}]\n"
#define DR_OF(rest) HEAD("DestinationRule") "  host: reviews\n" rest

/* A case: the documents and all rows wanted, without info rows unless the
 * text begins with "info". */
struct rows_case {
	const char *name, *documents, *want;
};

/* Of each object alone; of what they say of each other; all of a mesh; the
 * same of documents that are none. */
enum rows_of { ROWS_OF_OBJECTS, ROWS_OF_REFERENCES, ROWS_OF_MESH, ROWS_OF_DOCUMENTS };

/* Prints both texts where they differ; fails at the end. */
void rows_expect(const struct rows_case *cases, unsigned long count, enum rows_of what);

#endif
