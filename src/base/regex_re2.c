/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RE2's syntax (https://github.com/google/re2/wiki/Syntax): checked, and
 * spelled in PCRE2's where the two differ.  Literal characters are written as
 * \x{..}, so that nothing in them can mean something to PCRE2.
 */
#include "src/base/regex_priv.h"

#include <string.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/re2_priv.h"
#include "src/base/text.h"

#define MAX_REPEAT 1000		/* also of nested counts multiplied, as in RE2 */

int
re2_refuse(const struct re2_reader *r, size_t at, const char *what)
{
	error_setf(r->err, ERROR_REFUSED, "regex, at %zu: %s", at + 1, what);
	if (r->err != NULL)
		r->err->col = (unsigned)at + 1;
	return -1;
}

bool
re2_starts(const struct re2_reader *r, const char *what)
{
	size_t len = strlen(what);

	return r->len - r->at >= len && memcmp(r->s + r->at, what, len) == 0;
}

void
re2_got_item(struct re2_reader *r, unsigned copies)
{
	r->has_item = true;
	r->is_repeated = false;
	r->copies = copies;
	if (copies > r->copies_in[r->depth])
		r->copies_in[r->depth] = copies;
}

void
re2_put_char(struct re2_reader *r, uint32_t cp)
{
	char utf8[4];

	if (cp >= 0x80 && (cp < 0xd800 || cp >= 0xe000))
		buf_append(r->out, utf8, text_encode(cp, utf8));
	else if (cp < 0x80 && (re2_is_letter((char)cp) || re2_is_digit((char)cp)))
		buf_putc(r->out, (char)cp);
	else
		buf_printf(r->out, "\\x{%x}", (unsigned)cp);
}

void
re2_put_anchor(struct re2_reader *r, const char *anchor)
{
	buf_printf(r->out, "(?:%s)", anchor);
	re2_got_item(r, 1);
}

/* A count as RE2 reads it: no leading zeros, less than 10^9. */
static bool
read_count(const struct re2_reader *r, size_t *at, unsigned *count)
{
	size_t begin = *at;

	*count = 0;
	while (*at < r->len && re2_is_digit(r->s[*at])) {
		if (*count >= 100000000)
			return false;
		*count = *count * 10 + (unsigned)(r->s[(*at)++] - '0');
	}
	return *at == begin + 1 || (*at > begin && r->s[begin] != '0');
}

/* "{n}", "{n,}" (then *max is *min) or "{n,m}" at r->at: its bytes, 0 when it
 * is literal text. */
static size_t
read_braces(const struct re2_reader *r, unsigned *min, unsigned *max)
{
	size_t at = r->at + 1;

	if (!read_count(r, &at, min))
		return 0;
	*max = *min;
	if (at < r->len && r->s[at] == ',') {
		at++;
		if (at < r->len && r->s[at] != '}' && !read_count(r, &at, max))
			return 0;
	}
	return at < r->len && r->s[at] == '}' ? at + 1 - r->at : 0;
}

static int
put_repetition(struct re2_reader *r, size_t len, unsigned copies)
{
	if (!r->has_item)
		return re2_refuse(r, r->at, "nothing to repeat");
	if (r->is_repeated)
		return re2_refuse(r, r->at, r->s[r->at] == '+' ?
				  "possessive repetitions are not in RE2's syntax" :
				  "a repetition of a repetition");
	if (copies > MAX_REPEAT || copies * r->copies > MAX_REPEAT)
		return re2_refuse(r, r->at, "more than 1000 repetitions");
	if (copies > 1)
		re2_got_item(r, copies * r->copies);
	buf_append(r->out, r->s + r->at, len);
	r->at += len;
	if (re2_peek(r, 0) == '?') {
		buf_putc(r->out, '?');
		r->at++;
	}
	r->is_repeated = true;
	return 0;
}

static int
put_braces(struct re2_reader *r)
{
	unsigned min, max;
	size_t len = read_braces(r, &min, &max);

	if (len > 0 && max < min)
		return re2_refuse(r, r->at, "a repetition from more to less");
	if (len > 0)
		return put_repetition(r, len, max);
	re2_put_char(r, '{');
	r->at++;
	re2_got_item(r, 1);
	return 0;
}

static int
put_literal(struct re2_reader *r)
{
	uint32_t cp;
	bool ok;

	r->at += text_decode(r->s + r->at, r->len - r->at, &cp, &ok);
	re2_put_char(r, cp);
	re2_got_item(r, 1);
	return 0;
}

static int
put_next(struct re2_reader *r)
{
	char c = r->s[r->at];

	switch (c) {
	case '\\':
		return re2_put_escape(r);
	case '[':
		return re2_put_brackets(r);
	case '(':
		return re2_open_group(r);
	case ')':
		return re2_close_group(r);
	case '*':
	case '+':
	case '?':
		return put_repetition(r, 1, 1);
	case '{':
		return put_braces(r);
	case '^':
	case '$':
		r->at++;
		re2_put_anchor(r, c == '^' ? "^" : "$");
		return 0;
	case '.':
		r->at++;
		buf_putc(r->out, '.');
		re2_got_item(r, 1);
		return 0;
	case '|':
		r->at++;
		buf_putc(r->out, '|');
		r->has_item = false;
		return 0;
	default:
		return put_literal(r);
	}
}

int
regex_translate_re2(const char *pattern, struct buf *out, struct error *err)
{
	struct re2_reader r = { .s = pattern, .len = strlen(pattern), .out = out, .err = err };

	if (r.len > REGEX_MAX_BYTES)
		return re2_refuse(&r, REGEX_MAX_BYTES, "longer than 1024 bytes");
	for (size_t at = 0; at < r.len;) {
		uint32_t cp;
		bool ok;
		size_t used = text_decode(pattern + at, r.len - at, &cp, &ok);

		if (!ok)
			return re2_refuse(&r, at, "not valid UTF-8");
		at += used;
	}
	r.copies_in[0] = 1;
	while (r.at < r.len)
		if (put_next(&r) < 0)
			return -1;
	return r.depth == 0 ? 0 : re2_refuse(&r, r.len, "a ( without its )");
}
