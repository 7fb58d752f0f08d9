/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One line of a tape as words.
 */
#ifndef MESHTOP_TAPE_WORDS_H
#define MESHTOP_TAPE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;

enum word_kind { WORD_BARE, WORD_QUOTED, WORD_REGEX };

struct word {
	enum word_kind kind;
	const char *text;	/* without quotes or slashes */
	unsigned col;		/* 1-based */
};

#define WORDS_MAX 64

struct words {
	struct word items[WORDS_MAX];
	size_t count;
};

/*
 * Splits a line: blanks between words; "...", '...' and `...` are quoted
 * without escapes, as VHS has them; behind Wait and Expect /.../ is a pattern
 * in which \/ stands for a slash; # begins a comment between words.  -1 with err (column set)
 * on a missing closing quote or too many words.
 */
int words_split(struct arena *a, const char *line, size_t len, struct words *out,
		struct error *err);

/* "0.5", "500ms", "2s", "1m" to nanoseconds; a bare number is seconds. */
bool words_duration(const char *text, unsigned long long *ns);
/* "120x40" */
bool words_size(const char *text, unsigned *cols, unsigned *rows);
/* Whether text is one of the choices, which end in NULL. */
bool words_one_of(const char *text, const char *const *choices);

#endif
