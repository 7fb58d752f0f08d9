/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Allocation that succeeds or ends the program with a message.
 *
 * Safe because everything that grows has a stated maximum; hitting a maximum
 * is an expected error, running out of memory is not.
 */
#ifndef MESHTOP_BASE_XALLOC_H
#define MESHTOP_BASE_XALLOC_H

#include <stddef.h>

void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
/* At an address that is a multiple of align (a power of two), as size is;
 * free() takes it back. */
void *xaligned(size_t align, size_t size) __attribute__((malloc, returns_nonnull));
/* count * size, checked for overflow. */
void *xrealloc(void *p, size_t count, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *s, size_t len) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *fmt, ...)
	__attribute__((malloc, returns_nonnull, format(printf, 1, 2)));

#endif
