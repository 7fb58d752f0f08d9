/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON without a tree: finding members and items in a text, so that large
 * documents are read piece by piece.
 *
 * Strict: what is found is whole and well formed.  Texts are borrowed.
 */
#ifndef MESHTOP_BASE_JSON_SCAN_H
#define MESHTOP_BASE_JSON_SCAN_H

#include <stdbool.h>

#include "src/base/slice.h"

struct buf;

/* Is the text one value, blanks around it allowed? */
bool json_scan(struct slice text);
/* The value of the first member of that name of an object that json_scan() has
 * accepted; names with escapes are not found. */
bool json_scan_member(struct slice object, const char *name, struct slice *value);
/* The next item of an array that json_scan() has accepted.  *rest is the array at
 * first and what is behind the item afterwards. */
bool json_scan_item(struct slice *rest, struct slice *item);
/* Appends the text of a string literal that json_scan() has accepted.  False when it
 * is no string, or is not UTF-8 once its escapes are resolved. */
bool json_scan_string(struct slice literal, struct buf *out);

#endif
