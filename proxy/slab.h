/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory of one worker that comes and goes with connections and requests:
 * free lists by size, so that steady traffic allocates nothing.
 */
#ifndef MESHTOP_PROXY_SLAB_H
#define MESHTOP_PROXY_SLAB_H

#include <stddef.h>

#define SLAB_CLASSES 9		/* 512 bytes to 128 KiB */

/* Blocks of one size. */
struct slab {
	size_t size;
	unsigned free_count, keep;	/* more than keep free ones go back to the system */
	struct slab_block *free_blocks;
};

void slab_init(struct slab *s, size_t size, unsigned keep);
void slab_fini(struct slab *s);
void *slab_take(struct slab *s);	/* not cleared */
void slab_give(struct slab *s, void *block);

/* Blocks of any size up to 128 KiB; larger ones come from malloc. */
struct slab_set {
	struct slab classes[SLAB_CLASSES];
};

void slab_set_init(struct slab_set *set);
void slab_set_fini(struct slab_set *set);
/* *size becomes what may really be used; pass it to slab_set_give(). */
void *slab_set_take(struct slab_set *set, size_t *size);
void slab_set_give(struct slab_set *set, void *block, size_t size);

#endif
