/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Regular expressions with RE2's syntax, matched by PCRE2.
 *
 * A pattern that RE2 refuses (back-references, look-around, atomic groups,
 * possessive quantifiers, conditionals, \C, callouts, too long or too large)
 * is refused here, so that what runs in meshtop runs in Istio.  Matching is
 * bounded by a step limit; hitting it is an answer of its own.
 */
#ifndef MESHTOP_BASE_REGEX_H
#define MESHTOP_BASE_REGEX_H

#include <stddef.h>

struct buf;
struct error;
struct regex;

#define REGEX_MAX_BYTES 1024	/* Istio's limit for StringMatch.regex */

enum regex_result { REGEX_NO, REGEX_YES, REGEX_LIMIT };

/* NULL and err (ERROR_REFUSED; col = 1-based offset, line 0, so that the caller
 * can still say where the pattern stands) on a bad pattern. */
struct regex *regex_new(const char *pattern, struct error *err);
void regex_free(struct regex **rp);
/* The whole of s must match (RE2::FullMatch).  Safe from several threads. */
enum regex_result regex_full_match(const struct regex *re, const char *s, size_t len);
/* Does any part of s match? */
enum regex_result regex_search(const struct regex *re, const char *s, size_t len);
/* 0 when \0..\9 in rewrite are groups of re and each other backslash has one
 * behind it, else -1 with err. */
int regex_check_rewrite(const struct regex *re, const char *rewrite, struct error *err);
/* Appends s with all matches replaced; \0..\9 in rewrite are groups
 * (RE2::GlobalReplace).  s unchanged when there is no match or the rewrite is
 * bad, nothing on REGEX_LIMIT. */
enum regex_result regex_replace_all(const struct regex *re, const char *s, size_t len,
				    const char *rewrite, struct buf *out);
/* Compiled without the RE2 check, case-insensitive when asked: for tapes and
 * find lines, where users bring their own patterns. */
struct regex *regex_new_search(const char *pattern, int ignore_case, struct error *err);

#endif
