/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A small picture on a page: who calls what the page is about, and whom that
 * calls (spec/kiali.md 2.1, 3).
 */
#ifndef MESHTOP_TUI_SCREENS_MINI_GRAPH_H
#define MESHTOP_TUI_SCREENS_MINI_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/canvas.h"

struct arena;
struct detail;
struct graph;
struct layout;

struct mini_graph {		/* all zero: nothing yet */
	struct graph *graph;
	struct layout *layout;
	struct arena *texts;	/* that the layout borrows */
	char *selected;		/* id of a node; at first the page's own */
	unsigned cols, rows;	/* laid out for */
};

void mini_graph_fini(struct mini_graph *m);
/* Reads the surroundings of the page's node anew. */
void mini_graph_read(struct mini_graph *m, struct detail *d);
void mini_graph_draw(struct mini_graph *m, struct area a);
/* Selects the next (1) or previous (-1) node in reading order. */
void mini_graph_step(struct mini_graph *m, int by);
/* The line that opens the page of the selected node; NULL: it has none.  Caller
 * frees. */
char *mini_graph_page(const struct mini_graph *m);

#endif
