/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Regular expressions; see regex.h.  PCRE2 backtracks where RE2 does not, so
 * every match has a limit of steps and of memory.  Its tricks that make work
 * uncounted (auto-possession) are off, so that steps stand for time.
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
			     options | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF |
			     PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C |
			     PCRE2_NO_AUTO_POSSESS, &rc, &offset, context);
	pcre2_compile_context_free(context);
	if (code == NULL) {
		PCRE2_UCHAR what[160];

		pcre2_get_error_message(rc, what, sizeof(what));
		error_setf(err, ERROR_REFUSED, "regex: %s", (const char *)what);
		if (err != NULL)
			err->col = (unsigned)offset + 1;
		return NULL;
	}
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
	free(re);
	*rp = NULL;
}

/* Again, for long and honest texts, with a larger stack for compiled code. */
static int
match_deep(const pcre2_code *code, PCRE2_SPTR s, size_t len, size_t from, uint32_t options,
	   pcre2_match_data *data, pcre2_match_context *limits)
{
	pcre2_match_context *context = pcre2_match_context_copy(limits);
	pcre2_jit_stack *stack = pcre2_jit_stack_create(64u << 10, STACK_BYTES, NULL);
	int rc = PCRE2_ERROR_NOMEMORY;

	if (context != NULL && stack != NULL) {
		pcre2_jit_stack_assign(context, NULL, stack);
		rc = pcre2_match(code, s, len, from, options, data, context);
	}
	pcre2_jit_stack_free(stack);
	pcre2_match_context_free(context);
	return rc;
}

/* Whatever is neither a match nor none is a limit: never "no match". */
static enum regex_result
match(const pcre2_code *code, const char *s, size_t len, size_t from, uint32_t options,
      pcre2_match_data *data, pcre2_match_context *limits)
{
	static const char nothing[1];
	PCRE2_SPTR subject = (PCRE2_SPTR)(s != NULL ? s : nothing);
	int rc;

	if (len > MAX_SUBJECT)
		return REGEX_LIMIT;
	rc = pcre2_match(code, subject, len, from, options, data, limits);
	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = match_deep(code, subject, len, from, options, data, limits);
	if (rc == PCRE2_ERROR_NOMATCH || rc == PCRE2_ERROR_PARTIAL)
		return REGEX_NO;
	return rc >= 0 ? REGEX_YES : REGEX_LIMIT;
}

enum regex_result
regex_full_match(const struct regex *re, const char *s, size_t len)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	pcre2_match_context *limits = re->limits, *own = NULL;
	const PCRE2_SIZE *range;
	enum regex_result result;

	ASSERT(data != NULL);
	if (len > LONG_TEXT && len <= MAX_SUBJECT)
		limits = own = new_limits(re->steps + STEPS_PER_BYTE * (uint32_t)len);
	range = pcre2_get_ovector_pointer(data);
	if (re->whole != NULL)
		result = match(re->whole, s, len, 0, 0, data, limits);
	else
		result = match(re->part, s, len, 0, PCRE2_ANCHORED | PCRE2_ENDANCHORED, data,
			       limits);
	pcre2_match_context_free(own);
	/* A fragment between bytes that are not UTF-8 is not the whole. */
	if (result == REGEX_YES && (range[0] != 0 || range[1] != len))
		result = REGEX_NO;
	pcre2_match_data_free(data);
	return result;
}

/* PCRE2 counts the steps of each starting place anew; they share one limit. */
static pcre2_match_context *
search_limits(const struct regex *re, size_t len)
{
	size_t steps = (size_t)re->steps * SEARCH_FACTOR / (1 + len);

	steps = steps < re->steps ? steps : re->steps;
	return new_limits(steps > LEAST_STEPS ? (uint32_t)steps : LEAST_STEPS);
}

enum regex_result
regex_search(const struct regex *re, const char *s, size_t len)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	pcre2_match_context *limits = search_limits(re, len);
	enum regex_result result;

	ASSERT(data != NULL);
	result = match(re->part, s, len, 0, 0, data, limits);
	pcre2_match_context_free(limits);
	pcre2_match_data_free(data);
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

enum regex_result
regex_replace_all(const struct regex *re, const char *s, size_t len, const char *rewrite,
		  struct buf *out)
{
	pcre2_match_data *data;
	pcre2_match_context *limits;
	const PCRE2_SIZE *found;
	enum regex_result result, any = REGEX_NO;
	size_t at = 0, last_end = SIZE_MAX, before = out->len;

	if (regex_check_rewrite(re, rewrite, NULL) < 0) {
		buf_append(out, s, len);
		return REGEX_NO;
	}
	data = pcre2_match_data_create(GROUPS, NULL);
	ASSERT(data != NULL);
	limits = search_limits(re, len);
	found = pcre2_get_ovector_pointer(data);
	while (at <= len) {
		result = match(re->part, s, len, at, 0, data, limits);
		if (result == REGEX_LIMIT)
			any = REGEX_LIMIT;
		if (result != REGEX_YES)
			break;
		buf_append(out, s + at, found[0] - at);
		if (found[0] == last_end && found[1] == last_end) {
			/* Not an empty match right behind another: a character on. */
			uint32_t cp;
			bool ok;
			size_t used = at < len ? text_decode(s + at, len - at, &cp, &ok) : 1;

			if (at < len)
				buf_append(out, s + at, used);
			at += used;
			continue;
		}
		put_rewrite(out, rewrite, s, data);
		any = REGEX_YES;
		at = last_end = found[1];
	}
	if (any == REGEX_LIMIT) {	/* nothing half-done */
		out->len = before;
		if (out->data != NULL)
			out->data[before] = '\0';
	} else if (at < len) {
		buf_append(out, s + at, len - at);
	}
	pcre2_match_context_free(limits);
	pcre2_match_data_free(data);
	return any;
}
