/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is the configuration right?  Two steps, as in Istio: the syntax of single
 * documents (fields, types, ranges: spec/dataplane.md section 1) and the
 * references between objects (Kiali's KIA codes and our MT1xxx, MT2xxx).
 */
#ifndef MESHTOP_ISTIO_CHECK_H
#define MESHTOP_ISTIO_CHECK_H

#include <stdbool.h>

struct object;
struct problems;
struct snapshot;

/* Syntax of one object against the tables of its kind; errors refuse it.
 * Fields that this version's engine does not obey yield an info row "not
 * obeyed by this version" at their path. */
void check_object(const struct object *o, struct problems *out);
/* The same; false when there is an error: for store_set_check(). */
bool check_object_is_good(const struct object *o, struct problems *out);
/* References between all objects. */
void check_references(const struct snapshot *s, struct problems *out);
/* Both, for every object. */
void check_all(const struct snapshot *s, struct problems *out);

#endif
