/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The graph as a screen shows it: a copy of the model's without what is
 * hidden, folded, around one node, so that the model may be filled anew while
 * a layout borrows it.  Texts in it are sanitized.
 */
#ifndef MESHTOP_TUI_SHOWN_H
#define MESHTOP_TUI_SHOWN_H

#include "src/topology/part.h"

struct find;
struct graph;
struct model;

struct shown_options {
	enum graph_fold fold;
	graph_is_open_fn *is_open;	/* groups that stay unfolded; NULL: none */
	void *open_arg;
	const char *focus;		/* id of a node, NULL: everything */
	unsigned hops;			/* around it */
};

/* What the model's query hides goes: an expression of the find language, or
 * nodes whose label, id or namespace has its text (any case). */
struct graph *graph_shown(const struct model *m, const struct shown_options *options);

/* Makes all texts of a graph fit to be drawn: sanitized, and labels cut in the
 * middle when they are longer than any name should be. */
void shown_clean(struct graph *g);

/* The expression of a text typed as find or hide: itself, or one that looks
 * for the text in names.  NULL and err on failure. */
struct error;
struct find *shown_find(const struct model *m, const char *text, struct error *err);
/* Switches on what the text looks at: ranks, response time, idle nodes ...  True
 * when the feed must be asked anew. */
bool shown_switch_on(struct model *m, const char *text);
/* Fills nodes and edges (each as long as g's): what the text is true of. */
bool shown_mark(const struct model *m, const struct graph *g, const char *text, bool *nodes,
		bool *edges, struct error *err);

#endif
