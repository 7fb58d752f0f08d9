/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups, names and flags; see re2_priv.h. */
#include "src/base/re2_priv.h"

#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"

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
enter_group(struct re2_reader *r)
{
	r->copies_in[++r->depth] = 1;
	r->is_folding[r->depth] = r->is_folding[r->depth - 1];
	r->has_item = false;
}

/* Behind the "<" of "(?P<name>". */
static int
open_named(struct re2_reader *r, size_t begin)
{
	struct slice name = { r->s + r->at, 0 };

	while (re2_is_letter(re2_peek(r, name.len)) || re2_is_digit(re2_peek(r, name.len)) ||
	       re2_peek(r, name.len) == '_')
		name.len++;
	if (name.len == 0 || re2_peek(r, name.len) != '>')
		return re2_refuse(r, begin, "a bad group name");
	for (unsigned i = 0; i < r->name_count; i++)
		if (slice_eq(r->names[i], name))
			return re2_refuse(r, begin, "two groups of the same name");
	ASSERT(r->name_count < ARRAY_LEN(r->names));
	r->names[r->name_count++] = name;
	r->at += name.len + 1;
	buf_putc(r->out, '(');
	enter_group(r);
	return 0;
}

/* "(?flags)" or "(?flags:" */
static int
open_flags(struct re2_reader *r, size_t begin)
{
	bool is_minus = false, has_flag = false, folds = r->is_folding[r->depth];

	r->at += 2;
	buf_puts(r->out, "(?");
	for (;; r->at++) {
		char c = re2_peek(r, 0);

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
	if (re2_is_digit(re2_peek(r, 0)))
		return re2_refuse(r, begin, "recursion is not in RE2's syntax");
	return re2_refuse(r, begin, "flags other than i, m, s and U");
}

int
re2_open_group(struct re2_reader *r)
{
	size_t begin = r->at;

	for (size_t i = 0; i < ARRAY_LEN(not_re2_groups); i++)
		if (re2_starts(r, not_re2_groups[i].begin))
			return re2_refuse(r, begin, not_re2_groups[i].what);
	if (re2_starts(r, "(?P<") || re2_starts(r, "(?<")) {
		r->at += r->s[r->at + 2] == 'P' ? 4 : 3;
		return open_named(r, begin);
	}
	if (re2_starts(r, "(?"))
		return open_flags(r, begin);
	r->at++;
	buf_putc(r->out, '(');
	enter_group(r);
	return 0;
}

int
re2_close_group(struct re2_reader *r)
{
	if (r->depth == 0)
		return re2_refuse(r, r->at, "a ) without its (");
	r->at++;
	buf_putc(r->out, ')');
	r->depth--;
	re2_got_item(r, r->copies_in[r->depth + 1]);
	return 0;
}
