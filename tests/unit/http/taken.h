/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A head that the parser takes, with the bytes that its pieces stand in. */
#ifndef TESTS_UNIT_HTTP_TAKEN_H
#define TESTS_UNIT_HTTP_TAKEN_H

#include <stddef.h>

#include "src/http/parse.h"

struct taken {
	struct http_head head;
	size_t len, consumed;		/* of the message */
	char *data;
};

/* The formatted message must be taken; taken_fini() it. */
void take_request(struct taken *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* As an answer to that method. */
void take_response(struct taken *t, enum http_method method, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void taken_fini(struct taken *t);

#endif
