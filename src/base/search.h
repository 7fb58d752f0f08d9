/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a person types to find things by their words:
 *
 *	TEXT		a part, in either case
 *	!TEXT		what has no such part
 *	-f TEXT		its letters in this order, with others between
 *	-l LABELS	labels, as kubectl selects: app=x,tier!=db,version,!canary
 */
#ifndef MESHTOP_BASE_SEARCH_H
#define MESHTOP_BASE_SEARCH_H

#include <stdbool.h>

struct search {
	enum { SEARCH_PART, SEARCH_FUZZY, SEARCH_LABELS } kind;
	bool is_inverse;
	const char *text;	/* borrowed from what was typed */
};

struct search search_of(const char *typed);
/* Before it is turned round: the caller asks for each text of a thing, and
 * takes the opposite of them all where is_inverse is set.  False for labels. */
bool search_fits(const struct search *s, const char *text);

typedef const char *search_label_fn(void *arg, const char *name);	/* NULL: it has none */
/* For labels alone. */
bool search_fits_labels(const struct search *s, search_label_fn *label, void *arg);

#endif
