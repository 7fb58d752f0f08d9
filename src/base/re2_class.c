/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands for characters: escapes, classes, brackets; see re2_priv.h.
 */
#include "src/base/re2_priv.h"

#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/text.h"

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
refuse_escape(const struct re2_reader *r, size_t at)
{
	char letter = at + 1 < r->len ? r->s[at + 1] : '\0';

	if (letter == '\0')
		return re2_refuse(r, at, "a backslash at the end");
	if (re2_is_digit(letter))
		return re2_refuse(r, at, "back-references are not in RE2's syntax");
	for (size_t i = 0; i < ARRAY_LEN(not_re2); i++)
		if (not_re2[i].letter == letter)
			return re2_refuse(r, at, not_re2[i].what);
	return re2_refuse(r, at, "an escape that is not in RE2's syntax");
}

/* Behind "\x": two digits, or any number in braces. */
static bool
read_hex(struct re2_reader *r, uint32_t *cp)
{
	bool is_braced = re2_peek(r, 0) == '{';
	unsigned digits = 0;

	*cp = 0;
	r->at += is_braced;
	while (slice_hex_digit(re2_peek(r, 0)) >= 0 && (is_braced || digits < 2)) {
		*cp = *cp << 4 | (unsigned)slice_hex_digit(re2_peek(r, 0));
		if (*cp > 0x10ffff)
			return false;
		digits++;
		r->at++;
	}
	if (!is_braced)
		return digits == 2;
	return digits > 0 && re2_peek(r, 0) == '}' && r->at++ < r->len;
}

/* The single character that an escape at r->at stands for. */
static int
read_escaped_char(struct re2_reader *r, uint32_t *cp)
{
	static const char letters[] = "a\af\fn\nr\rt\tv\v";
	size_t begin = r->at;
	char c = re2_peek(r, 1);

	if (c == '\0' || (unsigned char)c >= 0x80)
		return refuse_escape(r, begin);
	r->at += 2;
	if (c == 'x')
		return read_hex(r, cp) ? 0 : re2_refuse(r, begin, "a bad \\x escape");
	if (re2_is_digit(c)) {	/* octal; a lone digit would be a back-reference */
		if (c > '7' || (c != '0' && (re2_peek(r, 0) < '0' || re2_peek(r, 0) > '7')))
			return refuse_escape(r, begin);
		*cp = (uint32_t)(c - '0');
		for (int i = 0; i < 2 && re2_peek(r, 0) >= '0' && re2_peek(r, 0) <= '7'; i++)
			*cp = *cp * 8 + (uint32_t)(r->s[r->at++] - '0');
		return 0;
	}
	if (!re2_is_letter(c)) {
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
put_property(struct re2_reader *r)
{
	size_t begin = r->at;
	bool is_negated = re2_peek(r, 1) == 'P', is_braced = re2_peek(r, 2) == '{';
	struct slice name = { NULL, 0 };

	r->at += is_braced ? 3 : 2;
	if (is_braced && re2_peek(r, 0) == '^') {
		is_negated = !is_negated;
		r->at++;
	}
	name.ptr = r->s + r->at;
	while (re2_is_letter(re2_peek(r, name.len)) || re2_peek(r, name.len) == '_') {
		name.len++;
		if (!is_braced)
			break;
	}
	if ((is_braced && re2_peek(r, name.len) != '}') || !is_property(name))
		return re2_refuse(r, begin, "an unknown \\p class");
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
put_class_escape(struct re2_reader *r, bool in_brackets)
{
	char c = re2_peek(r, 1);

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
put_quoted(struct re2_reader *r)
{
	for (r->at += 2; r->at < r->len; ) {
		uint32_t cp;
		bool ok;

		if (re2_starts(r, "\\E")) {
			r->at += 2;
			break;
		}
		r->at += text_decode(r->s + r->at, r->len - r->at, &cp, &ok);
		re2_put_char(r, cp);
		re2_got_item(r, 1);
	}
	return 0;
}

int
re2_put_escape(struct re2_reader *r)
{
	static const char *const anchors[] = { "\\A", "\\z", "\\b", "\\B" };
	uint32_t cp;
	int rc;

	if (re2_starts(r, "\\Q"))
		return put_quoted(r);
	for (size_t i = 0; i < ARRAY_LEN(anchors); i++) {
		if (re2_starts(r, anchors[i])) {
			r->at += 2;
			re2_put_anchor(r, anchors[i]);
			return 0;
		}
	}
	rc = put_class_escape(r, false);
	if (rc == 0) {
		rc = read_escaped_char(r, &cp);
		if (rc == 0)
			re2_put_char(r, cp);
	}
	re2_got_item(r, 1);
	return rc < 0 ? -1 : 0;
}

static int
read_class_char(struct re2_reader *r, uint32_t *cp)
{
	bool ok;

	if (re2_peek(r, 0) == '\\')
		return read_escaped_char(r, cp);
	r->at += text_decode(r->s + r->at, r->len - r->at, cp, &ok);
	return 0;
}

/* "[:alpha:]" at r->at; 0 when it is none. */
static int
put_posix_class(struct re2_reader *r)
{
	static const char *const names[] = {
		"alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower",
		"print", "punct", "space", "upper", "word", "xdigit",
	};
	const char *name = r->s + r->at + 2, *end;
	struct slice word;

	if (!re2_starts(r, "[:"))
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
	return re2_refuse(r, r->at, "an unknown [:class:]");
}

static int
put_range(struct re2_reader *r)
{
	size_t begin = r->at;
	uint32_t low, high;

	if (read_class_char(r, &low) < 0)
		return -1;
	re2_put_char(r, low);
	if (re2_peek(r, 0) != '-' || re2_peek(r, 1) == ']' || re2_peek(r, 1) == '\0')
		return 0;
	r->at++;
	if (read_class_char(r, &high) < 0)
		return -1;
	if (high < low)
		return re2_refuse(r, begin, "a range that runs backwards");
	buf_putc(r->out, '-');
	re2_put_char(r, high);
	return 0;
}

int
re2_put_brackets(struct re2_reader *r)
{
	size_t begin = r->at++;
	bool is_first = true;

	buf_putc(r->out, '[');
	if (re2_peek(r, 0) == '^') {
		buf_putc(r->out, '^');
		r->at++;
	}
	while (r->at < r->len && (is_first || r->s[r->at] != ']')) {
		int rc = put_posix_class(r);

		is_first = false;
		if (rc == 0 && re2_peek(r, 0) == '\\')
			rc = put_class_escape(r, true);
		if (rc == 0)
			rc = put_range(r);
		if (rc < 0)
			return -1;
	}
	if (r->at == r->len)
		return re2_refuse(r, begin, "a [ without its ]");
	r->at++;
	buf_putc(r->out, ']');
	re2_got_item(r, 1);
	return 0;
}
