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
/* As http_is_authority(), where 15 bytes behind s may be read. */
bool http_is_authority_padded(struct slice s);

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

/* May the name of a host hold this byte? */
static inline bool
http_is_host_char(unsigned char c)
{
	unsigned char letter = c | 0x20;

	return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '.' || c == '_' || c == '~';
}

/* How many bytes of host characters p starts with. */
static inline size_t
http_scan_host_plain(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && http_is_host_char((unsigned char)p[n]))
		n++;
	return n;
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

/* Is there a pair of letters that tells of a secret (redact.c): "ke" of token,
 * "wo" of password, "cr" of secret?  Few other names have one. */
static inline bool
http_scan_has_hint_plain(const char *p, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++)
		if ((p[i] == 'k' && p[i + 1] == 'e') || (p[i] == 'w' && p[i + 1] == 'o') ||
		    (p[i] == 'c' && p[i + 1] == 'r'))
			return true;
	return false;
}

#ifdef __SSE2__

/* 16 bytes of ones, 16 of zeros: a window into them selects leading bytes. */
extern const unsigned char http_scan_ones[32];

/* Bytes of v from low to high: shifted to start at 0 they stay under a bound. */
static inline __m128i
http_scan_between(__m128i v, char low, char high)
{
	__m128i shifted = _mm_sub_epi8(v, _mm_set1_epi8(low));

	return _mm_cmpeq_epi8(_mm_min_epu8(shifted, _mm_set1_epi8((char)(high - low))), shifted);
}

/* The letters of v; *lower is v with all of them in lower case. */
static inline __m128i
http_scan_letters(__m128i v, __m128i *lower)
{
	__m128i low = _mm_or_si128(v, _mm_set1_epi8(0x20));
	__m128i letters = http_scan_between(low, 'a', 'z');

	*lower = _mm_or_si128(v, _mm_and_si128(letters, _mm_set1_epi8(0x20)));
	return letters;
}

/*
 * Letters, digits and '-' go by sixteens; the few names with other token
 * characters fall back to single steps.
 */
static inline char *
http_scan_name(char *p, char *end)
{
	while (end - p >= 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p), lower, ok;
		unsigned stop;

		ok = _mm_or_si128(http_scan_letters(v, &lower),
				  _mm_or_si128(http_scan_between(v, '0', '9'),
					       _mm_cmpeq_epi8(v, _mm_set1_epi8('-'))));
		stop = ~(unsigned)_mm_movemask_epi8(ok) & 0xffff;
		if (stop != 0) {
			/* of the bytes in front of the stop, all of them ok */
			__m128i before = _mm_loadu_si128((const __m128i *)(const void *)
				(http_scan_ones + 16 - __builtin_ctz(stop)));

			lower = _mm_or_si128(_mm_and_si128(before, lower),
					     _mm_andnot_si128(before, v));
		}
		_mm_storeu_si128((__m128i *)(void *)p, lower);
		if (stop == 0) {
			p += 16;
			continue;
		}
		p += __builtin_ctz(stop);
		if (http_token_lower[(unsigned char)*p] == 0)
			return p;
		p++;	/* one of "!#$%&'*+.^_`|~" */
	}
	return http_scan_name_plain(p, end);
}

/* Where is a, and b behind it? */
static inline __m128i
http_scan_pair(__m128i v, __m128i next, char a, char b)
{
	return _mm_and_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(a)),
			     _mm_cmpeq_epi8(next, _mm_set1_epi8(b)));
}

/* A byte stands behind the name, whatever it is. */
static inline bool
http_scan_has_hint(const char *p, size_t len)
{
	for (size_t n = 0; n < len; n += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + n));
		__m128i next = _mm_loadu_si128((const __m128i *)(const void *)(p + n + 1));
		unsigned found = (unsigned)_mm_movemask_epi8(
			_mm_or_si128(http_scan_pair(v, next, 'k', 'e'),
				     _mm_or_si128(http_scan_pair(v, next, 'w', 'o'),
						  http_scan_pair(v, next, 'c', 'r'))));

		if (found != 0)
			return n + (size_t)__builtin_ctz(found) + 1 < len;
	}
	return false;
}

static inline size_t
http_scan_host(const char *p, size_t len)
{
	for (size_t n = 0; n < len; n += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + n)), lower, ok;
		unsigned stop;

		ok = _mm_or_si128(http_scan_letters(v, &lower),
				  http_scan_between(v, '-', '9'));
		ok = _mm_andnot_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('/')), ok);
		stop = ~(unsigned)_mm_movemask_epi8(ok) & 0xffff;
		if (stop == 0)
			continue;
		n += (size_t)__builtin_ctz(stop);
		if (n >= len)
			return len;
		/* '_' and '~' are rare: step by step from there */
		return n + http_scan_host_plain(p + n, len - n);
	}
	return len;
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
		__m128i hash = _mm_cmpeq_epi8(v, _mm_set1_epi8('#'));
		unsigned ok = (unsigned)_mm_movemask_epi8(
			_mm_andnot_si128(hash, http_scan_between(v, '!', '~')));
		unsigned stop = ~ok & 0xffff;

		if (stop != 0) {
			p += __builtin_ctz(stop);
			break;
		}
	}
	return p < end ? p : end;
}

#else

static inline bool
http_scan_has_hint(const char *p, size_t len)
{
	return http_scan_has_hint_plain(p, len);
}

static inline size_t
http_scan_host(const char *p, size_t len)
{
	return http_scan_host_plain(p, len);
}

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
