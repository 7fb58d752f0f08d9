/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory for things that die together.
 */
#ifndef MESHTOP_BASE_ARENA_H
#define MESHTOP_BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena **ap);		/* accepts NULL inside */
/* Frees what was allocated; keeps room for about as much again. */
void arena_reset(struct arena *a);
/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((returns_nonnull));
char *arena_strdup(struct arena *a, const char *s) __attribute__((returns_nonnull));
char *arena_strndup(struct arena *a, const char *s, size_t len)
	__attribute__((returns_nonnull));
char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((returns_nonnull, format(printf, 2, 3)));

#endif
