/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See taken.h. */
#include "tests/unit/http/taken.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/base/buf.h"
#include "tests/unit/http/padded.h"

static void __attribute__((format(printf, 2, 0)))
put_message(struct taken *t, const char *fmt, va_list ap)
{
	struct buf wire = BUF_INIT;

	buf_vprintf(&wire, fmt, ap);
	t->len = wire.len;
	t->data = padded_dup(buf_str(&wire), wire.len, 'x');
	buf_fini(&wire);
}

void
take_request(struct taken *t, const char *fmt, ...)
{
	const char *why;
	va_list ap;

	va_start(ap, fmt);
	put_message(t, fmt, ap);
	va_end(ap);
	if (http_parse_request(&t->head, t->data, t->len, &HTTP_LIMITS_DEFAULT, &t->consumed,
			       &why) != HTTP_DONE)
		fail_msg("not taken (%s): %.*s", why != NULL ? why : "", (int)t->len, t->data);
}

void
take_response(struct taken *t, enum http_method method, const char *fmt, ...)
{
	const char *why;
	va_list ap;

	va_start(ap, fmt);
	put_message(t, fmt, ap);
	va_end(ap);
	if (http_parse_response(&t->head, t->data, t->len, &HTTP_LIMITS_DEFAULT, method,
				&t->consumed, &why) != HTTP_DONE)
		fail_msg("not taken (%s): %.*s", why != NULL ? why : "", (int)t->len, t->data);
}

void
taken_fini(struct taken *t)
{
	free(t->data);
	t->data = NULL;
}
