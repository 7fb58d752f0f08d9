/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Unified differences between two texts, by line.
 */
#ifndef MESHTOP_BASE_DIFF_H
#define MESHTOP_BASE_DIFF_H

#include <stddef.h>

struct buf;

/* Appends a unified diff with context lines around each change; nothing when
 * the texts are equal.  Names stand behind --- and +++ (NULL: /dev/null). */
void diff_unified(struct buf *out, const char *before, const char *after,
		  const char *before_name, const char *after_name, unsigned context);

#endif
