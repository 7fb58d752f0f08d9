/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parser's two files share: parse.c cuts lines, judge.c decides what
 * the fields of a whole head mean for its body and its connection.
 */
#ifndef MESHTOP_HTTP_PARSE_PRIV_H
#define MESHTOP_HTTP_PARSE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/http/head.h"
#include "src/http/parse.h"

struct parser {
	char *p;		/* next byte to judge */
	char *end;		/* of the bytes that may be judged */
	bool is_at_limit;	/* end is where the limit stands, not the data's end */
	unsigned max_fields;
	uint64_t repeated;	/* known fields that came more than once */
	const char *why;
};

#define BIT(id) (UINT64_C(1) << (id))

static inline enum http_result
refuse(struct parser *ps, enum http_result result, const char *why)
{
	ps->why = why;
	return result;
}

static inline enum http_result
bad(struct parser *ps, const char *why)
{
	return refuse(ps, HTTP_BAD, why);
}

static inline struct slice
slice_between(const char *from, const char *to)
{
	return (struct slice){ from, (size_t)(to - from) };
}

static inline bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Sets framing from Content-Length and Transfer-Encoding; HTTP_NO_BODY when
 * there is neither. */
enum http_result http_judge_framing(struct http_head *h, struct parser *ps);
/* Sets keep_alive, upgrade and which fields are dropped.  False when a
 * Connection field is no list of tokens. */
bool http_judge_connection(struct http_head *h, struct parser *ps);

#endif
