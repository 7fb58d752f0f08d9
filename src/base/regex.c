/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Regular expressions; see regex.h.  PCRE2 backtracks where RE2 does not, so
 * every match has a limit of steps and of memory.  Its tricks that make work
 * uncounted (auto-possession) are off, so that steps stand for time.
 *
 * Text that is not UTF-8 takes a way of its own, without compiled code: that
 * of PCRE2 10.42 misses characters in the upper half of Latin-1 for \W and \D
 * when PCRE2_MATCH_INVALID_UTF is set.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "src/base/regex.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <pcre2.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/regex_priv.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"

/* A step of compiled code takes about 2 ns, one of the interpreter 40 ns. */
#define COMPILED_STEPS 1000000u
#define INTERPRETED_STEPS 100000u
#define SEARCH_FACTOR 10u	/* times these for all starting places together */
#define LEAST_STEPS 500u	/* of one starting place in a search */
#define STEPS_PER_BYTE 4u	/* what an honest match of a long text may need */
#define LONG_TEXT 16384u
#define MAX_SUBJECT (64u << 20)
#define HEAP_KIB (32u << 10)	/* of the interpreter */
#define STACK_BYTES (8u << 20)	/* of compiled code, for long texts */
#define MAX_NESTING 1100u
#define GROUPS 10u		/* \0 to \9 */

struct regex {
	char *pattern;		/* in PCRE2's syntax */
	uint32_t options;
	pcre2_code *whole;	/* NULL when only searched with */
	pcre2_code *part;
	pcre2_match_context *limits;	/* of a text that is not long */
	uint32_t steps;
};

static pcre2_code *
compile(const char *pattern, uint32_t options, struct error *err)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	pcre2_code *code;
	PCRE2_SIZE offset;
	int rc;

	ASSERT(context != NULL);
	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	pcre2_set_parens_nest_limit(context, MAX_NESTING);
	code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
			     options | PCRE2_UTF | PCRE2_DOLLAR_ENDONLY |
			     PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_AUTO_POSSESS, &rc, &offset, context);
	pcre2_compile_context_free(context);
	if (code == NULL) {
		PCRE2_UCHAR what[160];

		pcre2_get_error_message(rc, what, sizeof(what));
		error_setf(err, ERROR_REFUSED, "regex: %s", (const char *)what);
		if (err != NULL)
			err->col = (unsigned)offset + 1;
		return NULL;
	}
	if ((options & PCRE2_MATCH_INVALID_UTF) == 0)
		pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);	/* without it: slower */
	return code;
}

static pcre2_match_context *
new_limits(uint32_t steps)
{
	pcre2_match_context *limits = pcre2_match_context_create(NULL);

	ASSERT(limits != NULL);
	pcre2_set_match_limit(limits, steps);
	pcre2_set_depth_limit(limits, steps);
	pcre2_set_heap_limit(limits, HEAP_KIB);
	return limits;
}

static struct regex *
new_regex(const char *part, uint32_t options, struct error *err)
{
	struct regex *re = xcalloc(1, sizeof(*re));
	size_t compiled_bytes = 0;

	re->pattern = xstrdup(part);
	re->options = options;
	re->part = compile(part, options, err);
	if (re->part == NULL) {
		regex_free(&re);
		return NULL;
	}
	pcre2_pattern_info(re->part, PCRE2_INFO_JITSIZE, &compiled_bytes);
	re->steps = compiled_bytes > 0 ? COMPILED_STEPS : INTERPRETED_STEPS;
	re->limits = new_limits(re->steps);
	return re;
}

struct regex *
regex_new(const char *pattern, struct error *err)
{
	struct buf part = BUF_INIT, whole = BUF_INIT;
	struct regex *re = NULL;

	if (regex_translate_re2(pattern, &part, err) == 0) {
		buf_printf(&whole, "(?:%s)\\z", buf_str(&part));
		re = new_regex(buf_str(&part), 0, err);
		if (re != NULL)
			re->whole = compile(buf_str(&whole), PCRE2_ANCHORED, err);
		if (re == NULL || re->whole == NULL) {
			if (err != NULL)	/* of a text that the user did not write */
				err->col = 1;
			regex_free(&re);
		}
	}
	buf_fini(&part);
	buf_fini(&whole);
	return re;
}

struct regex *
regex_new_search(const char *pattern, int ignore_case, struct error *err)
{
	return new_regex(pattern, ignore_case ? PCRE2_CASELESS : 0, err);
}

void
regex_free(struct regex **rp)
{
	struct regex *re = *rp;

	if (re == NULL)
		return;
	pcre2_code_free(re->whole);
	pcre2_code_free(re->part);
	pcre2_match_context_free(re->limits);
	free(re->pattern);
	free(re);
	*rp = NULL;
}

/* What is matched, and what with. */
struct job {
	const char *s;
	size_t len;
	const pcre2_code *code;
	pcre2_code *own_code;		/* made for a text that is not UTF-8 */
	pcre2_match_context *limits, *own_limits;
	pcre2_match_data *data;
	uint32_t options;
};

static bool
is_utf8(const char *s, size_t len)
{
	while (len > 0) {
		uint64_t eight;
		uint32_t cp;
		size_t used = sizeof(eight);
		bool ok = len >= sizeof(eight);

		if (ok) {
			memcpy(&eight, s, sizeof(eight));
			ok = (eight & 0x8080808080808080u) == 0;
		}
		if (!ok) {
			used = text_decode(s, len, &cp, &ok);
			if (!ok)
				return false;
		}
		s += used;
		len -= used;
	}
	return true;
}

static void
job_begin(struct job *j, const struct regex *re, const char *s, size_t len, uint32_t groups)
{
	memset(j, 0, sizeof(*j));
	j->s = s != NULL ? s : "";
	j->len = len;
	j->code = re->part;
	j->limits = re->limits;
	j->options = PCRE2_NO_UTF_CHECK;
	j->data = pcre2_match_data_create(groups, NULL);
	ASSERT(j->data != NULL);
}

static void
job_end(struct job *j)
{
	pcre2_code_free(j->own_code);
	pcre2_match_context_free(j->own_limits);
	pcre2_match_data_free(j->data);
}

/* Again, for long and honest texts, with a larger stack for compiled code. */
static int
match_deep(const struct job *j, size_t from)
{
	pcre2_match_context *context = pcre2_match_context_copy(j->limits);
	pcre2_jit_stack *stack = pcre2_jit_stack_create(64u << 10, STACK_BYTES, NULL);
	int rc = PCRE2_ERROR_NOMEMORY;

	if (context != NULL && stack != NULL) {
		pcre2_jit_stack_assign(context, NULL, stack);
		rc = pcre2_match(j->code, (PCRE2_SPTR)j->s, j->len, from, j->options, j->data,
				 context);
	}
	pcre2_jit_stack_free(stack);
	pcre2_match_context_free(context);
	return rc;
}

/* Whatever is neither a match nor none is a limit: never "no match". */
static enum regex_result
match(const struct job *j, size_t from)
{
	int rc;

	if (j->len > MAX_SUBJECT || j->code == NULL)
		return REGEX_LIMIT;
	rc = pcre2_match(j->code, (PCRE2_SPTR)j->s, j->len, from, j->options, j->data, j->limits);
	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = match_deep(j, from);
	if (rc == PCRE2_ERROR_NOMATCH || rc == PCRE2_ERROR_PARTIAL)
		return REGEX_NO;
	return rc >= 0 ? REGEX_YES : REGEX_LIMIT;
}

enum regex_result
regex_full_match(const struct regex *re, const char *s, size_t len)
{
	struct job j;
	enum regex_result result;

	if (len > MAX_SUBJECT)
		return REGEX_LIMIT;
	if (!is_utf8(s, len))	/* no pattern takes a byte that is not */
		return REGEX_NO;
	job_begin(&j, re, s, len, 1);
	if (len > LONG_TEXT)
		j.limits = j.own_limits =
			new_limits(re->steps + STEPS_PER_BYTE * (uint32_t)len);
	if (re->whole != NULL)
		j.code = re->whole;
	else
		j.options |= PCRE2_ANCHORED | PCRE2_ENDANCHORED;
	result = match(&j, 0);
	job_end(&j);
	return result;
}

/* PCRE2 counts the steps of each starting place anew; they share one limit. */
static void
job_begin_search(struct job *j, const struct regex *re, const char *s, size_t len,
		 uint32_t groups)
{
	size_t steps = re->steps;

	job_begin(j, re, s, len, groups);
	if (!is_utf8(s, len)) {
		j->own_code = compile(re->pattern, re->options | PCRE2_MATCH_INVALID_UTF, NULL);
		j->code = j->own_code;
		j->options = 0;
		steps = INTERPRETED_STEPS;
	}
	if (len >= SEARCH_FACTOR)
		steps = steps * SEARCH_FACTOR / len;
	if (steps < LEAST_STEPS)
		steps = LEAST_STEPS;
	j->limits = j->own_limits = new_limits((uint32_t)steps);
}

enum regex_result
regex_search(const struct regex *re, const char *s, size_t len)
{
	struct job j;
	enum regex_result result;

	job_begin_search(&j, re, s, len, 1);
	result = match(&j, 0);
	job_end(&j);
	return result;
}

/* Replacing. */

int
regex_check_rewrite(const struct regex *re, const char *rewrite, struct error *err)
{
	uint32_t groups = 0;

	pcre2_pattern_info(re->part, PCRE2_INFO_CAPTURECOUNT, &groups);
	for (const char *p = rewrite; *p != '\0'; p++) {
		if (*p != '\\')
			continue;
		p++;
		if (*p == '\\')
			continue;
		if (*p < '0' || *p > '9')
			return error_setf(err, ERROR_REFUSED,
					  "rewrite: a backslash needs a digit or a backslash behind it");
		if ((uint32_t)(*p - '0') > groups)
			return error_setf(err, ERROR_REFUSED,
					  "rewrite: \\%c, but the regex has only %u groups", *p,
					  (unsigned)groups);
	}
	return 0;
}

static void
put_rewrite(struct buf *out, const char *rewrite, const char *s, pcre2_match_data *data)
{
	const PCRE2_SIZE *groups = pcre2_get_ovector_pointer(data);

	for (const char *p = rewrite; *p != '\0'; p++) {
		unsigned n;

		if (*p != '\\') {
			buf_putc(out, *p);
			continue;
		}
		p++;
		if (*p == '\\') {
			buf_putc(out, '\\');
			continue;
		}
		n = (unsigned)(*p - '0');
		if (groups[2 * n] != PCRE2_UNSET)
			buf_append(out, s + groups[2 * n], groups[2 * n + 1] - groups[2 * n]);
	}
}

/* Copies the text from at up to the next match and replaces that, unless it
 * is empty right behind another match: then a character is copied instead.
 * at moves on; *last_end is the end of the last match. */
static enum regex_result
replace_next(const struct job *j, size_t *at, size_t *last_end, const char *rewrite,
	     struct buf *out)
{
	const PCRE2_SIZE *found = pcre2_get_ovector_pointer(j->data);
	enum regex_result result = match(j, *at);
	size_t used = 1;
	uint32_t cp;
	bool ok;

	if (result != REGEX_YES)
		return result;
	buf_append(out, j->s + *at, found[0] - *at);
	if (found[0] != *last_end || found[1] != *last_end) {
		put_rewrite(out, rewrite, j->s, j->data);
		*at = *last_end = found[1];
		return REGEX_YES;
	}
	*at = found[0];
	if (*at < j->len) {
		used = text_decode(j->s + *at, j->len - *at, &cp, &ok);
		buf_append(out, j->s + *at, used);
	}
	*at += used;
	return REGEX_YES;
}

enum regex_result
regex_replace_all(const struct regex *re, const char *s, size_t len, const char *rewrite,
		  struct buf *out)
{
	struct job j;
	enum regex_result result = REGEX_YES;
	size_t at = 0, last_end = SIZE_MAX, before = out->len;

	if (regex_check_rewrite(re, rewrite, NULL) < 0) {
		buf_append(out, s, len);
		return REGEX_NO;
	}
	job_begin_search(&j, re, s, len, GROUPS);
	while (at <= len && result == REGEX_YES)
		result = replace_next(&j, &at, &last_end, rewrite, out);
	job_end(&j);
	if (result == REGEX_LIMIT) {	/* nothing half-done */
		out->len = before;
		if (out->data != NULL)
			out->data[before] = '\0';
		return REGEX_LIMIT;
	}
	if (at < len)
		buf_append(out, s + at, len - at);
	return last_end != SIZE_MAX ? REGEX_YES : REGEX_NO;
}
