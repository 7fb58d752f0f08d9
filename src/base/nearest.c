/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Edit distance without regard to case and underscores; see nearest.h. */
#include "src/base/nearest.h"

#include <string.h>

#define WORD_MAX_BYTES 48

/* Lower-cased without underscores; 0 when it does not fit. */
static size_t
fold(const char *s, char out[WORD_MAX_BYTES])
{
	size_t len = 0;

	for (; *s != '\0'; s++) {
		if (*s == '_' || *s == '-')
			continue;
		if (len == WORD_MAX_BYTES)
			return 0;
		out[len++] = *s >= 'A' && *s <= 'Z' ? (char)(*s - 'A' + 'a') : *s;
	}
	return len;
}

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Insertions, deletions and replacements from a to b. */
static size_t
distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t row[WORD_MAX_BYTES + 1];

	for (size_t i = 0; i <= b_len; i++)
		row[i] = i;
	for (size_t i = 0; i < a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t n = 0; n < b_len; n++) {
			size_t above = row[n + 1];

			row[n + 1] = min3(above + 1, row[n] + 1, diagonal + (a[i] != b[n]));
			diagonal = above;
		}
	}
	return row[b_len];
}

void
nearest_try(const char *word, const char *name, const char **found, size_t *best)
{
	char a[WORD_MAX_BYTES], b[WORD_MAX_BYTES];
	size_t a_len = fold(word, a), b_len = fold(name, b), d;

	if (a_len == 0 || b_len == 0)
		return;
	d = distance(a, a_len, b, b_len);
	/* A plural or a beginning is meant even when it is far. */
	if (d > (b_len + 1) / 3 && !(a_len >= 4 && b_len > a_len && memcmp(a, b, a_len) == 0))
		return;
	if (d < *best) {
		*best = d;
		*found = name;
	}
}
