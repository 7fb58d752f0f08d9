/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Free lists; see slab.h. */
#include "proxy/slab.h"

#include <stdlib.h>

#include "src/base/xalloc.h"

#define SMALLEST_SHIFT 9
#define KEPT_BYTES (1u << 20)	/* of each class */

struct slab_block {
	struct slab_block *next;
};

void
slab_init(struct slab *s, size_t size, unsigned keep)
{
	*s = (struct slab){ .size = size, .keep = keep };
}

void
slab_fini(struct slab *s)
{
	struct slab_block *b;

	while ((b = s->free_blocks) != NULL) {
		s->free_blocks = b->next;
		free(b);
	}
	s->free_count = 0;
}

void *
slab_take(struct slab *s)
{
	struct slab_block *b = s->free_blocks;

	if (b == NULL)
		return xmalloc(s->size);
	s->free_blocks = b->next;
	s->free_count--;
	return b;
}

void
slab_give(struct slab *s, void *block)
{
	struct slab_block *b = block;

	if (s->free_count >= s->keep) {
		free(b);
		return;
	}
	b->next = s->free_blocks;
	s->free_blocks = b;
	s->free_count++;
}

void
slab_set_init(struct slab_set *set)
{
	for (unsigned i = 0; i < SLAB_CLASSES; i++) {
		size_t size = (size_t)1 << (SMALLEST_SHIFT + i);

		slab_init(&set->classes[i], size, (unsigned)(KEPT_BYTES / size));
	}
}

void
slab_set_fini(struct slab_set *set)
{
	for (unsigned i = 0; i < SLAB_CLASSES; i++)
		slab_fini(&set->classes[i]);
}

static unsigned
class_of(size_t size)
{
	if (size <= (size_t)1 << SMALLEST_SHIFT)
		return 0;
	return 64u - (unsigned)__builtin_clzll((unsigned long long)size - 1) - SMALLEST_SHIFT;
}

void *
slab_set_take(struct slab_set *set, size_t *size)
{
	unsigned class = class_of(*size);

	if (class >= SLAB_CLASSES)
		return xmalloc(*size);
	*size = set->classes[class].size;
	return slab_take(&set->classes[class]);
}

void
slab_set_give(struct slab_set *set, void *block, size_t size)
{
	unsigned class = class_of(size);

	if (block == NULL)
		return;
	if (class >= SLAB_CLASSES)
		free(block);
	else
		slab_give(&set->classes[class], block);
}
