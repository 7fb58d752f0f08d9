/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arenas: a chain of blocks, each twice as large as the one before. */
#include "src/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/xalloc.h"

#define FIRST_BLOCK_BYTES 1024
#define LARGEST_BLOCK_BYTES (256 * 1024)

struct block {
	struct block *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *blocks;	/* the one being filled comes first */
	size_t next_size;
};

struct arena *
arena_new(void)
{
	struct arena *a = xcalloc(1, sizeof(*a));

	a->next_size = FIRST_BLOCK_BYTES;
	return a;
}

static void
free_blocks(struct block *b)
{
	for (struct block *next; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
}

void
arena_reset(struct arena *a)
{
	struct block *b = a->blocks;

	if (b == NULL)
		return;
	free_blocks(b->next);
	b->next = NULL;
	memset(b->bytes, 0, b->used);
	b->used = 0;
}

void
arena_free(struct arena **ap)
{
	if (*ap == NULL)
		return;
	free_blocks((*ap)->blocks);
	free(*ap);
	*ap = NULL;
}

static struct block *
block_new(size_t size)
{
	struct block *b = xcalloc(1, sizeof(*b) + size);

	b->size = size;
	return b;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	size_t want = (size + align - 1) / align * align;
	struct block *b = a->blocks;
	void *p;

	ASSERT(want >= size);
	if (b == NULL || b->size - b->used < want) {
		if (want > a->next_size / 4 && b != NULL) {
			/* A large thing gets a block of its own behind the open one. */
			struct block *own = block_new(want);

			own->used = want;
			own->next = b->next;
			b->next = own;
			return own->bytes;
		}
		while (a->next_size < want)
			a->next_size *= 2;
		b = block_new(a->next_size);
		b->next = a->blocks;
		a->blocks = b;
		if (a->next_size < LARGEST_BLOCK_BYTES)
			a->next_size *= 2;
	}
	p = b->bytes + b->used;
	b->used += want;
	return p;
}

char *
arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *copy = arena_alloc(a, len + 1);

	memcpy(copy, s, len);
	return copy;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	ASSERT(len >= 0);
	s = arena_alloc(a, (size_t)len + 1);
	va_start(ap, fmt);
	vsnprintf(s, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return s;
}

