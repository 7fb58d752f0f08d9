/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Traffic as dots that move along the lines of a layout (spec/kiali.md 2.5):
 * the more traffic, the closer they follow each other; the share of errors
 * are dots of their own.
 *
 * Knows no time: it is stepped once a frame.  Equal steps give equal dots.
 */
#ifndef MESHTOP_TOPOLOGY_FLOW_H
#define MESHTOP_TOPOLOGY_FLOW_H

#include <stdbool.h>
#include <stddef.h>

struct flow;
struct graph;
struct graph_edge;
struct layout;
struct layout_rect;

#define FLOW_FRAME_MS 125	/* a dot goes one cell in that time */
#define FLOW_MOST_DOTS 24u	/* at once in sight: what a frame may cost */
#define FLOW_MOST_EDGES 1000u	/* a larger picture stands still */

struct flow *flow_new(void);
void flow_free(struct flow **fp);

/* From here on the lines are those of l, which is only read now.  Dots of lines
 * that are as they were go on. */
void flow_set(struct flow *f, const struct layout *l, const struct graph *g);

/* One frame further with the rates of g, whose edges are those of the layout;
 * new dots begin only on lines that are seen in sight.  False when nothing
 * moves: no dot is under way and nothing flows. */
bool flow_step(struct flow *f, const struct graph *g, const struct layout_rect *sight);

typedef void flow_dot_fn(void *arg, size_t edge, unsigned col, unsigned row, bool is_error);
void flow_each(const struct flow *f, flow_dot_fn *fn, void *arg);

/* Between two dots: 1000 * base * scale / rate, within 40 and 5000 ms; 0: there
 * are none.  base is 1 for requests and 20 for bytes. */
double flow_delay_ms(const struct graph_edge *e, double scale);

#endif
