/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parsed form of an expression: find_parse.c makes it, find.c uses it.
 */
#ifndef MESHTOP_TOPOLOGY_FIND_PRIV_H
#define MESHTOP_TOPOLOGY_FIND_PRIV_H

#include "src/topology/find.h"

struct arena;

enum find_id {
#define FIND(ID, words, about, type, help) FIND_ID_##ID,
#include "src/topology/find.tbl"
#undef FIND
	FIND_ID_LABEL,		/* label:NAME */
	FIND_ID_COUNT,
};

enum find_type { FIND_TEXT, FIND_NUMBER, FIND_KIND, FIND_FLAG };

enum find_op {
	FIND_EQUAL, FIND_LESS, FIND_LESS_EQUAL, FIND_GREATER, FIND_GREATER_EQUAL,
	FIND_CONTAINS, FIND_STARTS, FIND_ENDS, FIND_IS,
};

enum find_term_kind { TERM_TEST, TERM_NOT, TERM_AND, TERM_OR };

struct find_term {
	enum find_term_kind kind;
	unsigned targets;			/* FIND_NODES, FIND_EDGES */
	struct find_term *left, *right;		/* NOT: left only */
	enum find_id id;			/* the rest: TERM_TEST */
	enum find_op op;
	bool is_negated;
	const char *label;			/* of label:NAME */
	const char *text;			/* value */
	double number;				/* NAN: absent */
};

struct find {
	struct arena *arena;
	struct find_term *root;
};

#endif
