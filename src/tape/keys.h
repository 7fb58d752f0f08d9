/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys by VHS's names and what a terminal sends for them, both ways
 * (keys.tbl has the names).
 */
#ifndef MESHTOP_TAPE_KEYS_H
#define MESHTOP_TAPE_KEYS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;

/* "Ctrl+Alt+x", "Shift+Tab", "Enter", "Up@100ms": the bytes, in the arena or
 * static, and in *suffix what follows the key's name.  NULL: no key. */
const char *keys_bytes(struct arena *a, const char *word, const char **suffix);
/* Appends the name of the one key that sends these bytes; false when no tape
 * can name it. */
bool keys_name(const char *bytes, size_t len, struct buf *out);

#endif
