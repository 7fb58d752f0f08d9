/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lists whose items must differ in something.
 */
#ifndef MESHTOP_ISTIO_UNIQUE_H
#define MESHTOP_ISTIO_UNIQUE_H

struct checker;
struct value;

/* The text by which an item is known; NULL for none. */
typedef const char *(*unique_name)(const struct value *item);

/* Complains (MT0030) of each item whose text an earlier one has.  list is
 * the member of c's place that is called list_name ("" for the place
 * itself), the text stands in the item at name ("" for the item). */
void unique_check(struct checker *c, const struct value *list, const char *list_name,
		  const char *name, unique_name of);
const char *unique_own_text(const struct value *item);
const char *unique_member_name(const struct value *item);

#endif
