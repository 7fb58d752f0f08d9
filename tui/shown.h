/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The graph as a screen shows it: a copy of the model's without what is
 * hidden, so that the model may be filled anew while a layout borrows it.
 */
#ifndef MESHTOP_TUI_SHOWN_H
#define MESHTOP_TUI_SHOWN_H

struct graph;

/* hide: nodes whose label, id or namespace has this text (any case) go, and
 * edges with them; NULL or "" hides nothing.  Caller frees. */
struct graph *graph_shown(const struct graph *g, const char *hide);

#endif
