/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RE2's syntax (https://github.com/google/re2/wiki/Syntax): checked, and
 * spelled in PCRE2's where the two differ.  Literal characters are written as
 * \x{..}, so that nothing in them can mean something to PCRE2.
 */
#include "src/base/regex_priv.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/regex.h"
#include "src/base/slice.h"
#include "src/base/text.h"

#define MAX_REPEAT 1000		/* also of nested counts multiplied, as in RE2 */
#define MAX_NAMES (REGEX_MAX_BYTES / 6)

struct reader {
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

static int
refuse(const struct reader *r, size_t at, const char *what)
{
	error_setf(r->err, ERROR_REFUSED, "regex, at %zu: %s", at + 1, what);
	if (r->err != NULL)
		r->err->col = (unsigned)at + 1;
	return -1;
}

static char
peek(const struct reader *r, size_t ahead)
{
	return r->len - r->at > ahead ? r->s[r->at + ahead] : '\0';
}

static bool
starts(const struct reader *r, const char *what)
{
	size_t len = strlen(what);

	return r->len - r->at >= len && memcmp(r->s + r->at, what, len) == 0;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void
got_item(struct reader *r, unsigned copies)
{
	r->has_item = true;
	r->is_repeated = false;
	r->copies = copies;
	if (copies > r->copies_in[r->depth])
		r->copies_in[r->depth] = copies;
}

static void
put_char(struct reader *r, uint32_t cp)
{
	char utf8[4];

	if (cp >= 0x80 && (cp < 0xd800 || cp >= 0xe000))
		buf_append(r->out, utf8, text_encode(cp, utf8));
	else if (cp < 0x80 && (is_letter((char)cp) || is_digit((char)cp)))
		buf_putc(r->out, (char)cp);
	else
		buf_printf(r->out, "\\x{%x}", (unsigned)cp);
}

/* Escapes. */

static const struct { char letter; const char *what; } not_re2[] = {
	{ 'k', "back-references are not in RE2's syntax" },
	{ 'g', "back-references are not in RE2's syntax" },
	{ 'C', "\\C (a single byte) is not allowed" },
	{ 'K', "\\K is not in RE2's syntax" },
	{ 'G', "\\G is not in RE2's syntax" },
	{ 'Z', "\\Z is not in RE2's syntax; use \\z" },
	{ 'R', "\\R is not in RE2's syntax" },
	{ 'X', "\\X is not in RE2's syntax" },
	{ 'h', "\\h is not in RE2's syntax" },
	{ 'H', "\\H is not in RE2's syntax" },
	{ 'E', "\\E without \\Q" },
};

static int
refuse_escape(const struct reader *r, size_t at)
{
	char letter = at + 1 < r->len ? r->s[at + 1] : '\0';

	if (letter == '\0')
		return refuse(r, at, "a backslash at the end");
	if (is_digit(letter))
		return refuse(r, at, "back-references are not in RE2's syntax");
	for (size_t i = 0; i < ARRAY_LEN(not_re2); i++)
		if (not_re2[i].letter == letter)
			return refuse(r, at, not_re2[i].what);
	return refuse(r, at, "an escape that is not in RE2's syntax");
}

/* Behind "\x": two digits, or any number in braces. */
static bool
read_hex(struct reader *r, uint32_t *cp)
{
	bool is_braced = peek(r, 0) == '{';
	unsigned digits = 0;

	*cp = 0;
	r->at += is_braced;
	while (slice_hex_digit(peek(r, 0)) >= 0 && (is_braced || digits < 2)) {
		*cp = *cp << 4 | (unsigned)slice_hex_digit(peek(r, 0));
		if (*cp > 0x10ffff)
			return false;
		digits++;
		r->at++;
	}
	if (!is_braced)
		return digits == 2;
	return digits > 0 && peek(r, 0) == '}' && r->at++ < r->len;
}

/* The single character that an escape at r->at stands for. */
static int
read_escaped_char(struct reader *r, uint32_t *cp)
{
	static const char letters[] = "a\af\fn\nr\rt\tv\v";
	size_t begin = r->at;
	char c = peek(r, 1);

	if (c == '\0' || (unsigned char)c >= 0x80)
		return refuse_escape(r, begin);
	r->at += 2;
	if (c == 'x')
		return read_hex(r, cp) ? 0 : refuse(r, begin, "a bad \\x escape");
	if (is_digit(c)) {	/* octal; a lone digit would be a back-reference */
		if (c > '7' || (c != '0' && (peek(r, 0) < '0' || peek(r, 0) > '7')))
			return refuse_escape(r, begin);
		*cp = (uint32_t)(c - '0');
		for (int i = 0; i < 2 && peek(r, 0) >= '0' && peek(r, 0) <= '7'; i++)
			*cp = *cp * 8 + (uint32_t)(r->s[r->at++] - '0');
		return 0;
	}
	if (!is_letter(c)) {
		*cp = (unsigned char)c;
		return 0;
	}
	for (const char *p = letters; *p != '\0'; p += 2) {
		if (*p == c) {
			*cp = (unsigned char)p[1];
			return 0;
		}
	}
	return refuse_escape(r, begin);
}

/* Names as RE2 spells them; PCRE2 is less strict about case and takes the
 * four-letter codes of scripts as well. */
static bool
is_property(struct slice name)
{
	static const char categories[] =
		" C Cc Cf Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps"
		" S Sc Sk Sm So Z Zl Zp Zs Yi Any Ahom Cham Lisu Newa Thai Toto ";
	char word[8];

	if (name.len == 0 || name.ptr[0] < 'A' || name.ptr[0] > 'Z')
		return false;
	for (size_t i = 1; i < name.len; i++) {		/* Old_Persian */
		char c = name.ptr[i], before = name.ptr[i - 1];

		if (slice_is(name, "SignWriting"))
			break;
		if (before == '_' ? c < 'A' || c > 'Z' : c < 'a' && c != '_')
			return false;
	}
	if (name.ptr[name.len - 1] == '_')
		return false;
	if (name.len == 3 || name.len > 4)	/* PCRE2 knows the scripts */
		return true;
	word[0] = ' ';
	memcpy(word + 1, name.ptr, name.len);
	memcpy(word + 1 + name.len, " ", 2);
	return strstr(categories, word) != NULL;
}

static bool
is_script(struct slice name)
{
	return (name.len > 2 && !slice_is(name, "Any")) || slice_is(name, "Yi");
}

/* "\pL", "\p{Greek}", "\P{^Lu}" at r->at. */
static int
put_property(struct reader *r)
{
	size_t begin = r->at;
	bool is_negated = peek(r, 1) == 'P', is_braced = peek(r, 2) == '{';
	struct slice name = { NULL, 0 };

	r->at += is_braced ? 3 : 2;
	if (is_braced && peek(r, 0) == '^') {
		is_negated = !is_negated;
		r->at++;
	}
	name.ptr = r->s + r->at;
	while (is_letter(peek(r, name.len)) || peek(r, name.len) == '_') {
		name.len++;
		if (!is_braced)
			break;
	}
	if ((is_braced && peek(r, name.len) != '}') || !is_property(name))
		return refuse(r, begin, "an unknown \\p class");
	r->at += name.len + is_braced;
	if (r->is_folding[r->depth] && (slice_is(name, "Lu") || slice_is(name, "Ll") ||
					slice_is(name, "Lt")))
		name = SLICE("L&");	/* PCRE2 does not fold properties */
	/* PCRE2 would take a bare script name for its extensions too. */
	buf_printf(r->out, "\\%c{%s%.*s}", is_negated ? 'P' : 'p',
		   is_script(name) ? "sc:" : "", (int)name.len, name.ptr);
	return 0;
}

/* A class of Perl's or Unicode's at r->at; 0 when it is none. */
static int
put_class_escape(struct reader *r, bool in_brackets)
{
	char c = peek(r, 1);

	if (c == 'p' || c == 'P')
		return put_property(r) < 0 ? -1 : 1;
	if (c == '\0' || strchr("dDwWsS", c) == NULL)
		return 0;
	r->at += 2;
	if (c == 's')		/* without \v, which PCRE2 has in it */
		buf_puts(r->out, in_brackets ? "\\t\\n\\f\\r\\x20" : "[\\t\\n\\f\\r\\x20]");
	else if (c == 'S')
		buf_puts(r->out, in_brackets ?
			 "\\x00-\\x08\\x0b\\x0e-\\x1f\\x21-\\x{10ffff}" : "[^\\t\\n\\f\\r\\x20]");
	else
		buf_printf(r->out, "\\%c", c);
	return 1;
}

static int
put_quoted(struct reader *r)
{
	for (r->at += 2; r->at < r->len; ) {
		uint32_t cp;
		bool ok;

		if (starts(r, "\\E")) {
			r->at += 2;
			break;
		}
		r->at += text_decode(r->s + r->at, r->len - r->at, &cp, &ok);
		put_char(r, cp);
		got_item(r, 1);
	}
	return 0;
}

/* Zero-width items; a repetition may follow, which PCRE2 wants on a group. */
static void
put_anchor(struct reader *r, const char *anchor)
{
	buf_printf(r->out, "(?:%s)", anchor);
	got_item(r, 1);
}

static int
put_escape(struct reader *r)
{
	static const char *const anchors[] = { "\\A", "\\z", "\\b", "\\B" };
	uint32_t cp;
	int rc;

	if (starts(r, "\\Q"))
		return put_quoted(r);
	for (size_t i = 0; i < ARRAY_LEN(anchors); i++) {
		if (starts(r, anchors[i])) {
			r->at += 2;
			put_anchor(r, anchors[i]);
			return 0;
		}
	}
	rc = put_class_escape(r, false);
	if (rc == 0) {
		rc = read_escaped_char(r, &cp);
		if (rc == 0)
			put_char(r, cp);
	}
	got_item(r, 1);
	return rc < 0 ? -1 : 0;
}

/* Bracketed classes. */

static int
read_class_char(struct reader *r, uint32_t *cp)
{
	bool ok;

	if (peek(r, 0) == '\\')
		return read_escaped_char(r, cp);
	r->at += text_decode(r->s + r->at, r->len - r->at, cp, &ok);
	return 0;
}

/* "[:alpha:]" at r->at; 0 when it is none. */
static int
put_posix_class(struct reader *r)
{
	static const char *const names[] = {
		"alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower",
		"print", "punct", "space", "upper", "word", "xdigit",
	};
	const char *name = r->s + r->at + 2, *end;
	struct slice word;

	if (!starts(r, "[:"))
		return 0;
	end = strstr(name, ":]");
	if (end == NULL)
		return 0;
	word = (struct slice){ name, (size_t)(end - name) };
	if (word.len > 0 && *word.ptr == '^') {
		word.ptr++;
		word.len--;
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!slice_is(word, names[i]))
			continue;
		buf_append(r->out, r->s + r->at, (size_t)(end + 2 - (r->s + r->at)));
		r->at = (size_t)(end + 2 - r->s);
		return 1;
	}
	return refuse(r, r->at, "an unknown [:class:]");
}

static int
put_range(struct reader *r)
{
	size_t begin = r->at;
	uint32_t low, high;

	if (read_class_char(r, &low) < 0)
		return -1;
	put_char(r, low);
	if (peek(r, 0) != '-' || peek(r, 1) == ']' || peek(r, 1) == '\0')
		return 0;
	r->at++;
	if (read_class_char(r, &high) < 0)
		return -1;
	if (high < low)
		return refuse(r, begin, "a range that runs backwards");
	buf_putc(r->out, '-');
	put_char(r, high);
	return 0;
}

static int
put_brackets(struct reader *r)
{
	size_t begin = r->at++;
	bool is_first = true;

	buf_putc(r->out, '[');
	if (peek(r, 0) == '^') {
		buf_putc(r->out, '^');
		r->at++;
	}
	while (r->at < r->len && (is_first || r->s[r->at] != ']')) {
		int rc = put_posix_class(r);

		is_first = false;
		if (rc == 0 && peek(r, 0) == '\\')
			rc = put_class_escape(r, true);
		if (rc == 0)
			rc = put_range(r);
		if (rc < 0)
			return -1;
	}
	if (r->at == r->len)
		return refuse(r, begin, "a [ without its ]");
	r->at++;
	buf_putc(r->out, ']');
	got_item(r, 1);
	return 0;
}

/* Groups. */

static const struct { const char *begin, *what; } not_re2_groups[] = {
	{ "(?=", "look-ahead is not in RE2's syntax" },
	{ "(?!", "look-ahead is not in RE2's syntax" },
	{ "(?<=", "look-behind is not in RE2's syntax" },
	{ "(?<!", "look-behind is not in RE2's syntax" },
	{ "(?>", "atomic groups are not in RE2's syntax" },
	{ "(?|", "branch-reset groups are not in RE2's syntax" },
	{ "(?(", "conditionals are not in RE2's syntax" },
	{ "(?#", "comments are not in RE2's syntax" },
	{ "(?R", "recursion is not in RE2's syntax" },
	{ "(?&", "recursion is not in RE2's syntax" },
	{ "(?P>", "recursion is not in RE2's syntax" },
	{ "(?+", "recursion is not in RE2's syntax" },
	{ "(?P=", "back-references are not in RE2's syntax" },
	{ "(?C", "callouts are not in RE2's syntax" },
	{ "(*", "(*VERB) is not in RE2's syntax" },
};

static void
enter_group(struct reader *r)
{
	r->copies_in[++r->depth] = 1;
	r->is_folding[r->depth] = r->is_folding[r->depth - 1];
	r->has_item = false;
}

/* Behind the "<" of "(?P<name>". */
static int
open_named(struct reader *r, size_t begin)
{
	struct slice name = { r->s + r->at, 0 };

	while (is_letter(peek(r, name.len)) || is_digit(peek(r, name.len)) ||
	       peek(r, name.len) == '_')
		name.len++;
	if (name.len == 0 || peek(r, name.len) != '>')
		return refuse(r, begin, "a bad group name");
	for (unsigned i = 0; i < r->name_count; i++)
		if (slice_eq(r->names[i], name))
			return refuse(r, begin, "two groups of the same name");
	ASSERT(r->name_count < ARRAY_LEN(r->names));
	r->names[r->name_count++] = name;
	r->at += name.len + 1;
	buf_putc(r->out, '(');
	enter_group(r);
	return 0;
}

/* "(?flags)" or "(?flags:" */
static int
open_flags(struct reader *r, size_t begin)
{
	bool is_minus = false, has_flag = false, folds = r->is_folding[r->depth];

	r->at += 2;
	buf_puts(r->out, "(?");
	for (;; r->at++) {
		char c = peek(r, 0);

		if (c == ':' || c == ')') {
			if (is_minus && !has_flag)
				break;
			buf_putc(r->out, c);
			r->at++;
			if (c == ':')
				enter_group(r);
			r->is_folding[r->depth] = folds;
			r->has_item = false;
			return 0;
		}
		if (c == '-' && !is_minus) {
			is_minus = true;
			has_flag = false;
		} else if (c != '\0' && strchr("imsU", c) != NULL) {
			has_flag = true;
			folds = c == 'i' ? !is_minus : folds;
		} else {
			break;
		}
		buf_putc(r->out, c);
	}
	if (is_digit(peek(r, 0)))
		return refuse(r, begin, "recursion is not in RE2's syntax");
	return refuse(r, begin, "flags other than i, m, s and U");
}

static int
open_group(struct reader *r)
{
	size_t begin = r->at;

	for (size_t i = 0; i < ARRAY_LEN(not_re2_groups); i++)
		if (starts(r, not_re2_groups[i].begin))
			return refuse(r, begin, not_re2_groups[i].what);
	if (starts(r, "(?P<") || starts(r, "(?<")) {
		r->at += r->s[r->at + 2] == 'P' ? 4 : 3;
		return open_named(r, begin);
	}
	if (starts(r, "(?"))
		return open_flags(r, begin);
	r->at++;
	buf_putc(r->out, '(');
	enter_group(r);
	return 0;
}

static int
close_group(struct reader *r)
{
	if (r->depth == 0)
		return refuse(r, r->at, "a ) without its (");
	r->at++;
	buf_putc(r->out, ')');
	r->depth--;
	got_item(r, r->copies_in[r->depth + 1]);
	return 0;
}

/* Repetitions. */

/* A count as RE2 reads it: no leading zeros, less than 10^9. */
static bool
read_count(const struct reader *r, size_t *at, unsigned *count)
{
	size_t begin = *at;

	*count = 0;
	while (*at < r->len && is_digit(r->s[*at])) {
		if (*count >= 100000000)
			return false;
		*count = *count * 10 + (unsigned)(r->s[(*at)++] - '0');
	}
	return *at == begin + 1 || (*at > begin && r->s[begin] != '0');
}

/* "{n}", "{n,}" (then *max is *min) or "{n,m}" at r->at: its bytes, 0 when it
 * is literal text. */
static size_t
read_braces(const struct reader *r, unsigned *min, unsigned *max)
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
put_repetition(struct reader *r, size_t len, unsigned copies)
{
	if (!r->has_item)
		return refuse(r, r->at, "nothing to repeat");
	if (r->is_repeated)
		return refuse(r, r->at, r->s[r->at] == '+' ?
			      "possessive repetitions are not in RE2's syntax" :
			      "a repetition of a repetition");
	if (copies > MAX_REPEAT || copies * r->copies > MAX_REPEAT)
		return refuse(r, r->at, "more than 1000 repetitions");
	if (copies > 1)
		got_item(r, copies * r->copies);
	buf_append(r->out, r->s + r->at, len);
	r->at += len;
	if (peek(r, 0) == '?') {
		buf_putc(r->out, '?');
		r->at++;
	}
	r->is_repeated = true;
	return 0;
}

static int
put_braces(struct reader *r)
{
	unsigned min, max;
	size_t len = read_braces(r, &min, &max);

	if (len > 0 && max < min)
		return refuse(r, r->at, "a repetition from more to less");
	if (len > 0)
		return put_repetition(r, len, max);
	put_char(r, '{');
	r->at++;
	got_item(r, 1);
	return 0;
}

/* The rest. */

static int
put_literal(struct reader *r)
{
	uint32_t cp;
	bool ok;

	r->at += text_decode(r->s + r->at, r->len - r->at, &cp, &ok);
	put_char(r, cp);
	got_item(r, 1);
	return 0;
}

static int
put_next(struct reader *r)
{
	char c = r->s[r->at];

	switch (c) {
	case '\\':
		return put_escape(r);
	case '[':
		return put_brackets(r);
	case '(':
		return open_group(r);
	case ')':
		return close_group(r);
	case '*':
	case '+':
	case '?':
		return put_repetition(r, 1, 1);
	case '{':
		return put_braces(r);
	case '^':
	case '$':
		r->at++;
		put_anchor(r, c == '^' ? "^" : "$");
		return 0;
	case '.':
		r->at++;
		buf_putc(r->out, '.');
		got_item(r, 1);
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
	struct reader r = { .s = pattern, .len = strlen(pattern), .out = out, .err = err };

	if (r.len > REGEX_MAX_BYTES)
		return refuse(&r, REGEX_MAX_BYTES, "longer than 1024 bytes");
	for (size_t at = 0; at < r.len;) {
		uint32_t cp;
		bool ok;
		size_t used = text_decode(pattern + at, r.len - at, &cp, &ok);

		if (!ok)
			return refuse(&r, at, "not valid UTF-8");
		at += used;
	}
	r.copies_in[0] = 1;
	while (r.at < r.len)
		if (put_next(&r) < 0)
			return -1;
	return r.depth == 0 ? 0 : refuse(&r, r.len, "a ( without its )");
}
