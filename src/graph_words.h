/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words of `meshtop graph`: what is asked for, from the options.
 */
#ifndef MESHTOP_GRAPH_WORDS_H
#define MESHTOP_GRAPH_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/vec.h"
#include "src/topology/build.h"
#include "src/topology/notes.h"
#include "src/topology/part.h"

struct arena;
struct cli;
struct error;

enum graph_format {
	FORMAT_TEXT, FORMAT_LIGHT, FORMAT_ASCII, FORMAT_JSON, FORMAT_DOT, FORMAT_MERMAID, FORMAT_SVG,
};

struct graph_request {
	struct graph_options options;
	enum graph_format format;
	unsigned label_bits;
	struct note_options notes;
	bool has_security;
	int form;			/* enum layout_form */
	unsigned width;
	bool has_boxes;			/* asked for, not by default */
	unsigned boxes;			/* graph_group_kind bits */
	enum graph_fold fold;
	const char *find, *hide;	/* expressions or parts of names; NULL */
	const char *around;		/* id or label of a node; NULL: all */
	unsigned hops;
	uint64_t since_ms;
	int64_t at_ms;			/* 0: now */
	bool wants_stats;
	const char *input;
	VEC(const char *) namespaces;
	struct arena *arena;		/* the caller's */
};

/* ERROR_USAGE and the offending word on failure.  Borrows c's texts. */
int graph_words_read(const struct cli *c, struct graph_request *r, struct error *err);

#endif
