/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a name, a value or a target ends.  Private to src/http and its tests.
 *
 * Each scanner has a plain form, which says what is meant, and a form that
 * looks at 16 bytes at a time.  The wide form may read, but never judges or
 * writes, up to 15 bytes behind end.
 */
#ifndef MESHTOP_HTTP_SCAN_H
#define MESHTOP_HTTP_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "src/http/head.h"

/* The lower-case form of each token character (RFC 9110 5.6.2); else 0. */
extern const unsigned char http_token_lower[256];

/* As http_field_lookup(), where 8 bytes from name on may be read. */
enum http_field_id http_field_lookup_padded(const char *name, size_t len);

/* May a field value hold this byte?  Tab and obs-text (0x80-0xff) may stay. */
static inline bool
http_is_value_char(unsigned char c)
{
	return (c >= 0x20 && c != 0x7f) || c == '\t';
}

/* May a request target hold this byte?  Visible ASCII without '#'. */
static inline bool
http_is_target_char(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != '#';
}

/* First byte in [p, end) that is no token character; lower-cases before it. */
static inline char *
http_scan_name_plain(char *p, char *end)
{
	for (; p < end; p++) {
		unsigned char lower = http_token_lower[(unsigned char)*p];

		if (lower == 0)
			break;
		*p = (char)lower;
	}
	return p;
}

static inline char *
http_scan_value_plain(char *p, char *end)
{
	while (p < end && http_is_value_char((unsigned char)*p))
		p++;
	return p;
}

static inline char *
http_scan_target_plain(char *p, char *end)
{
	while (p < end && http_is_target_char((unsigned char)*p))
		p++;
	return p;
}

#ifdef __SSE2__

/* Bytes of v between low and high, both ASCII. */
static inline __m128i
http_scan_between(__m128i v, char low, char high)
{
	return _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8((char)(low - 1))),
			     _mm_cmplt_epi8(v, _mm_set1_epi8((char)(high + 1))));
}

/*
 * Letters, digits and '-' go by sixteens; the few names with other token
 * characters fall back to single steps.
 */
static inline char *
http_scan_name(char *p, char *end)
{
	while (p < end) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i upper = http_scan_between(v, 'A', 'Z');
		__m128i lower = _mm_or_si128(v, _mm_and_si128(upper, _mm_set1_epi8(0x20)));
		__m128i ok = _mm_or_si128(http_scan_between(lower, 'a', 'z'),
					  _mm_or_si128(http_scan_between(v, '0', '9'),
						       _mm_cmpeq_epi8(v, _mm_set1_epi8('-'))));
		unsigned stop = ~(unsigned)_mm_movemask_epi8(ok) | 0x10000u;
		size_t n = (size_t)__builtin_ctz(stop);
		unsigned change;

		if (n > (size_t)(end - p))
			n = (size_t)(end - p);
		change = (unsigned)_mm_movemask_epi8(upper) & ((1u << n) - 1);
		for (; change != 0; change &= change - 1)
			p[__builtin_ctz(change)] |= 0x20;
		p += n;
		if (n == 16)
			continue;
		if (p == end || http_token_lower[(unsigned char)*p] == 0)
			break;
		p++;	/* one of "!#$%&'*+.^_`|~" */
	}
	return p;
}

static inline char *
http_scan_value(char *p, char *end)
{
	for (; p < end; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
		__m128i del = _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f));
		__m128i tab = _mm_cmpeq_epi8(v, _mm_set1_epi8('\t'));
		unsigned stop = (unsigned)_mm_movemask_epi8(
			_mm_andnot_si128(tab, _mm_or_si128(control, del)));

		if (stop != 0) {
			p += __builtin_ctz(stop);
			break;
		}
	}
	return p < end ? p : end;
}

static inline char *
http_scan_target(char *p, char *end)
{
	for (; p < end; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		/* signed: below '!' also holds for every byte above 0x7f */
		__m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8('!'));
		__m128i del = _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f));
		__m128i hash = _mm_cmpeq_epi8(v, _mm_set1_epi8('#'));
		unsigned stop = (unsigned)_mm_movemask_epi8(
			_mm_or_si128(low, _mm_or_si128(del, hash)));

		if (stop != 0) {
			p += __builtin_ctz(stop);
			break;
		}
	}
	return p < end ? p : end;
}

#else

static inline char *
http_scan_name(char *p, char *end)
{
	return http_scan_name_plain(p, end);
}

static inline char *
http_scan_value(char *p, char *end)
{
	return http_scan_value_plain(p, end);
}

static inline char *
http_scan_target(char *p, char *end)
{
	return http_scan_target_plain(p, end);
}

#endif

#endif
