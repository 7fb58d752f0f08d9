/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From RE2's syntax to PCRE2's.
 */
#ifndef MESHTOP_BASE_REGEX_PRIV_H
#define MESHTOP_BASE_REGEX_PRIV_H

struct buf;
struct error;

/*
 * Appends a pattern that means to PCRE2 (UTF, LF as the newline,
 * DOLLAR_ENDONLY) what this one means to RE2::RE2(pattern, RE2::Quiet).
 * Groups keep their numbers and lose their names.  -1 with err (ERROR_REFUSED,
 * col) when RE2 would not take it.
 */
int regex_translate_re2(const char *pattern, struct buf *out, struct error *err);

#endif
