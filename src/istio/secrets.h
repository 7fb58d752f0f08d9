/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Documents without their secrets: for recordings and whatever else leaves
 * the hands of the person who may read them.
 */
#ifndef MESHTOP_ISTIO_SECRETS_H
#define MESHTOP_ISTIO_SECRETS_H

struct arena;
struct value;

/*
 * A copy in which the values of secret names (src/http/redact.h) are replaced: of
 * headers and query parameters in rules, of annotations and data, of environment
 * variables.  NULL when there are none: the document may be shown as it is.
 */
struct value *secrets_removed(struct arena *a, const struct value *document);

#endif
