/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A small picture on a page: who calls what the page is about, and whom that
 * calls (spec/kiali.md 2.1, 3).
 */
#ifndef MESHTOP_TUI_SCREENS_MINI_GRAPH_H
#define MESHTOP_TUI_SCREENS_MINI_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/term/canvas.h"

struct app;
struct background;
struct detail;
struct graph;
struct mini_picture;

struct mini_graph {		/* all zero: nothing yet */
	struct app *app;
	struct graph *graph;		/* of the newest figures */
	struct mini_picture *picture;	/* what is drawn; NULL before the first */
	struct mini_picture *coming;	/* under way in worker */
	struct background *worker;
	int64_t quiet_until_ms;		/* no new layout for figures alone */
	bool wants_layout;		/* the graph was read anew */
	char *selected;			/* id of a node; at first the page's own */
};

void mini_graph_fini(struct mini_graph *m);
/* Reads the surroundings of the page's node anew. */
void mini_graph_read(struct mini_graph *m, struct detail *d);
/* On MODEL_BACKGROUND: shows the coming picture when it is there. */
void mini_graph_collect(struct mini_graph *m);
/* Small pictures are laid out at once, others beside the console: the one
 * before stays until then. */
void mini_graph_draw(struct mini_graph *m, struct area a);
/* Selects the next (1) or previous (-1) node in reading order. */
void mini_graph_step(struct mini_graph *m, int by);
/* The line that opens the page of the selected node; NULL: it has none.  Caller
 * frees. */
char *mini_graph_page(const struct mini_graph *m);

#endif
