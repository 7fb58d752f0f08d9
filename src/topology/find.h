/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The find and hide language of the graph: Kiali's (spec/kiali.md 2.9) with
 * parentheses and saved expressions beyond it.
 *
 *	expression = clause {OR clause}		clause = term {AND term}
 *	term = NOT term | "(" expression ")" | "@" NAME | criterion
 *	criterion = OPERAND OPERATOR VALUE | [is|has] [!|not] FLAG
 *	operator = = != > >= < <=, contains *= startswith ^= endswith $= (also
 *		with ! or not before)
 *
 * What is joined by AND, or negated, must be about nodes only or about edges
 * only.  A number NaN means absent.  Words of the language may be written in
 * any case, values count as written; quotes keep blanks together.
 */
#ifndef MESHTOP_TOPOLOGY_FIND_H
#define MESHTOP_TOPOLOGY_FIND_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct find;
struct graph;
struct graph_node;

enum { FIND_NODES = 1, FIND_EDGES = 2 };	/* bits: what an expression is about */

/* Text of a saved expression, NULL when there is none of that name. */
typedef const char *find_saved_fn(void *arg, const char *name);

/* NULL and err with the column (counted in bytes from 1) on failure.  saved
 * may be NULL: only the presets are known then. */
struct find *find_parse(const char *text, find_saved_fn *saved, void *arg, struct error *err);
void find_free(struct find **fp);
/* What the picture must show so that what an expression looks at can be seen; bits. */
enum {
	FIND_SEES_TIME = 1, FIND_SEES_THROUGHPUT = 2, FIND_SEES_SECURITY = 4, FIND_SEES_RANKS = 8,
	FIND_SEES_IDLE = 16, FIND_SEES_BADGES = 32,
};
unsigned find_sees(const struct find *f);
/* i-th preset in the order of the table, NULL after the last. */
const char *find_preset_name(size_t i);
const char *find_preset_text(size_t i);

/* Does the text begin like an expression, or is it rather a part of a name? */
bool find_is_expression(const char *text);

/* Words for completion: operands, flags, AND, OR, NOT. */
const char *find_word(size_t i);		/* NULL after the last */

enum { RANK_BY_IN = 1, RANK_BY_OUT = 2 };	/* edges; bits */
/* ranks[i]: 1 for the node with the largest part of the edges, at most 100;
 * equal parts share a rank. */
void graph_ranks(const struct graph *g, unsigned by, unsigned *ranks);

struct find_data {		/* what the graph does not say itself; all optional */
	unsigned rank_by;	/* RANK_BY_* bits; 0: both */
	unsigned time_label;	/* EDGE_LABEL_TIME_* that rt means; 0: p95 */
	/* Value of a label of the workload or service behind the node, or NULL. */
	const char *(*label)(void *arg, const struct graph_node *n, const char *name);
	void *label_arg;
};

/* Sets nodes[i] and edges[i] to whether the expression is true of them; both
 * have room for all of g's, either may be NULL. */
void find_mark(const struct find *f, const struct graph *g, const struct find_data *data,
	       bool *nodes, bool *edges);

/* From what hide marks to what is left: a hidden node hides its edges, and
 * hidden edges hide nodes that had edges and have none in sight any more.
 * Turns the arrays around: afterwards true means "stays". */
void find_keep(const struct graph *g, bool *nodes, bool *edges);

#endif
