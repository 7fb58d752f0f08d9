/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random draws: xoshiro256** (Blackman and Vigna), seedable so that a run
 * with one worker repeats.
 */
#ifndef MESHTOP_BASE_RNG_H
#define MESHTOP_BASE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t s[4];
};

void rng_seed(struct rng *r, uint64_t seed);
void rng_seed_random(struct rng *r);		/* from the kernel */
uint64_t rng_next(struct rng *r);
/* Uniform in [0, bound); bound > 0.  No modulo bias. */
uint64_t rng_below(struct rng *r, uint64_t bound);
/* UUID version 4 as text, without a NUL. */
#define RNG_UUID_BYTES 36
void rng_uuid(struct rng *r, char out[RNG_UUID_BYTES]);

#endif
