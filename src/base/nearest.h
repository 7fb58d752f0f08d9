/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Did you mean": the known name that is nearest to a mistyped one.
 */
#ifndef MESHTOP_BASE_NEAREST_H
#define MESHTOP_BASE_NEAREST_H

#include <stddef.h>

/* Replaces *found by name when name is nearer to word and near enough to be
 * meant.  *best is the distance so far: start with SIZE_MAX. */
void nearest_try(const char *word, const char *name, const char **found, size_t *best);

#endif
