/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The reader of RE2's syntax as its files see it.  Functions that put or open
 * something take it off the pattern at r->at and append PCRE2's spelling to
 * r->out; they return -1 with r->err when RE2 would not take it.
 */
#ifndef MESHTOP_BASE_RE2_PRIV_H
#define MESHTOP_BASE_RE2_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/regex.h"
#include "src/base/slice.h"

struct buf;
struct error;

#define MAX_NAMES (REGEX_MAX_BYTES / 6)

struct re2_reader {
	const char *s;
	size_t len, at;
	struct buf *out;
	struct error *err;
	bool has_item;			/* something that a repetition can follow */
	bool is_repeated;		/* and it has one already */
	unsigned copies;		/* times the last item is repeated by counts */
	unsigned depth;			/* open groups */
	unsigned copies_in[REGEX_MAX_BYTES + 1]; /* most of any item at that depth */
	bool is_folding[REGEX_MAX_BYTES + 1];	/* (?i) at that depth */
	struct slice names[MAX_NAMES];
	unsigned name_count;
};

/* -1, with what is wrong at that byte of the pattern. */
int re2_refuse(const struct re2_reader *r, size_t at, const char *what);
bool re2_starts(const struct re2_reader *r, const char *what);
/* Something was put that a repetition can follow, repeated that often within. */
void re2_got_item(struct re2_reader *r, unsigned copies);
/* A literal character, which can mean nothing else to PCRE2. */
void re2_put_char(struct re2_reader *r, uint32_t cp);
/* A zero-width item, on a group: PCRE2 wants that where a repetition follows. */
void re2_put_anchor(struct re2_reader *r, const char *anchor);

int re2_put_escape(struct re2_reader *r);	/* at a backslash */
int re2_put_brackets(struct re2_reader *r);	/* at [ */
int re2_open_group(struct re2_reader *r);	/* at ( */
int re2_close_group(struct re2_reader *r);	/* at ) */

static inline bool
re2_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
re2_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline char
re2_peek(const struct re2_reader *r, size_t ahead)
{
	return r->len - r->at > ahead ? r->s[r->at + ahead] : '\0';
}

#endif
