/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Unicode text on its way to a person: decoding, width in cells, cutting,
 * and the one gate that every string from outside passes before it can
 * reach a terminal, a file or a log.
 */
#ifndef MESHTOP_BASE_TEXT_H
#define MESHTOP_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* Mark that stands for a character that must not be shown (U+FFFD). */
#define TEXT_MARK 0xFFFDu

/*
 * Decodes one code point of UTF-8 (RFC 3629: no overlong forms, surrogates
 * or values beyond U+10FFFF).  Returns the bytes taken, at least 1 when
 * len > 0; *cp is TEXT_MARK for an invalid byte and *ok then false.
 */
size_t text_decode(const char *s, size_t len, uint32_t *cp, bool *ok);
/* Writes 1 to 4 bytes; returns how many. */
size_t text_encode(uint32_t cp, char out[4]);

/* Cells a code point takes: 0 combining, 1, or 2 (East Asian wide). */
unsigned text_cp_width(uint32_t cp);
/* One of those that take one cell here and two on terminals set up for East
 * Asian text (UAX #11, class A): lines and arrows, Greek, Cyrillic. */
bool text_cp_is_ambiguous(uint32_t cp);
/*
 * Must this code point be hidden behind TEXT_MARK?  C0, C1, DEL, bidi
 * controls, zero-width, soft hyphen, U+2028/2029, tags, variation selectors,
 * private use, unassigned, surrogates (design.md section 3, Console).
 */
bool text_cp_is_unsafe(uint32_t cp);

/*
 * The gate.  Appends s to out; each unsafe code point and each invalid byte
 * becomes one TEXT_MARK, never a blank or nothing; at most 4 combining marks
 * stay on a base.  Output is valid UTF-8 without newlines.
 */
void text_sanitize(struct buf *out, const char *s, size_t len);
/* As text_sanitize(), but tabs and newlines of a multi-line text stay. */
void text_sanitize_lines(struct buf *out, const char *s, size_t len);
/* Prints through the gate: what is printed is sanitized as a whole. */
void text_vprintf(struct buf *out, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
/* A sanitized copy; the caller frees. */
char *text_clean(const char *s);

#define TEXT_MARKS_MAX 4u	/* combining marks on one base */
/* Counts them: true for one too many, or without a base.  *marks is
 * TEXT_MARKS_MAX at the beginning. */
bool text_is_excess_mark(unsigned *marks, uint32_t cp);

/* Cells of a sanitized string. */
size_t text_width(const char *s, size_t len);
/*
 * Appends s cut to at most cells wide, by grapheme: the middle goes, the end
 * (often a version) stays: "productpa~-v1".  mark is "~" or "…" (1 cell).
 */
void text_cut_middle(struct buf *out, const char *s, size_t cells, const char *mark);
/* Bytes of the longest prefix of whole graphemes that fits into cells. */
size_t text_fit(const char *s, size_t len, size_t cells);
/* Byte where the last graphemes of at most cells begin. */
size_t text_fit_end(const char *s, size_t len, size_t cells);

#endif
