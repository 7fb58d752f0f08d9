/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random draws; see rng.h. */
#include "src/base/rng.h"

#include <string.h>
#include <sys/random.h>

#include "src/base/assert.h"

static uint64_t
rotate(uint64_t x, int by)
{
	return (x << by) | (x >> (64 - by));
}

/* SplitMix64 spreads a small seed over the whole state. */
void
rng_seed(struct rng *r, uint64_t seed)
{
	for (int i = 0; i < 4; i++) {
		uint64_t z = (seed += 0x9e3779b97f4a7c15u);

		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
		r->s[i] = z ^ (z >> 31);
	}
}

void
rng_seed_random(struct rng *r)
{
	uint64_t seed;

	ASSERT(getrandom(&seed, sizeof(seed), 0) == (ssize_t)sizeof(seed));
	rng_seed(r, seed);
}

uint64_t
rng_next(struct rng *r)
{
	uint64_t result = rotate(r->s[1] * 5, 7) * 9;
	uint64_t t = r->s[1] << 17;

	r->s[2] ^= r->s[0];
	r->s[3] ^= r->s[1];
	r->s[1] ^= r->s[2];
	r->s[0] ^= r->s[3];
	r->s[2] ^= t;
	r->s[3] = rotate(r->s[3], 45);
	return result;
}

uint64_t
rng_below(struct rng *r, uint64_t bound)
{
	uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
	uint64_t x;

	do
		x = rng_next(r);
	while (x >= limit);
	return x % bound;
}

/* Eight hexadecimal digits of n, most significant first, all at once: each
 * nibble gets a byte of its own, and letters are 39 beyond the digits. */
static void
put_hex8(char *out, uint32_t n)
{
	uint64_t x = n;

	x = (x | x << 16) & 0x0000ffff0000ffffu;
	x = (x | x << 8) & 0x00ff00ff00ff00ffu;
	x = (x | x << 4) & 0x0f0f0f0f0f0f0f0fu;
	x += 0x3030303030303030u + ((x + 0x0606060606060606u) >> 4 & 0x0101010101010101u) * 39;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	x = __builtin_bswap64(x);
#endif
	memcpy(out, &x, sizeof(x));
}

void
rng_uuid(struct rng *r, char out[RNG_UUID_BYTES])
{
	uint64_t high = rng_next(r), low = rng_next(r);
	char hex[32];

	high = (high & ~0xf000ull) | 0x4000;
	low = (low & ~(3ull << 62)) | 2ull << 62;
	put_hex8(hex, (uint32_t)(high >> 32));
	put_hex8(hex + 8, (uint32_t)high);
	put_hex8(hex + 16, (uint32_t)(low >> 32));
	put_hex8(hex + 24, (uint32_t)low);
	memcpy(out, hex, 8);
	out[8] = '-';
	memcpy(out + 9, hex + 8, 4);
	out[13] = '-';
	memcpy(out + 14, hex + 12, 4);
	out[18] = '-';
	memcpy(out + 19, hex + 16, 4);
	out[23] = '-';
	memcpy(out + 24, hex + 20, 12);
}
