/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Error values; see error.h. */
#include "src/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/text.h"

int
error_setf(struct error *err, enum error_code code, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return -1;
	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	return -1;
}

int
error_errnof(struct error *err, const char *fmt, ...)
{
	int saved = errno;
	size_t used;
	va_list ap;

	if (err == NULL)
		return -1;
	err->code = ERROR_IO;
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	used = strlen(err->msg);
	snprintf(err->msg + used, sizeof(err->msg) - used, ": %s", strerror(saved));
	errno = saved;
	return -1;
}

int
error_prefixf(struct error *err, const char *fmt, ...)
{
	char old[sizeof(err->msg)];
	size_t used;
	va_list ap;

	if (err == NULL)
		return -1;
	memcpy(old, err->msg, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	used = strlen(err->msg);
	snprintf(err->msg + used, sizeof(err->msg) - used, ": %s", old);
	return -1;
}

int
error_at(struct error *err, const char *file, unsigned line, unsigned col)
{
	if (err == NULL)
		return -1;
	if (err->file[0] == '\0' && file != NULL)
		snprintf(err->file, sizeof(err->file), "%s", file);
	if (err->line == 0) {
		err->line = line;
		err->col = col;
	}
	return -1;
}

void
error_text(struct buf *out, const struct error *err)
{
	if (err->file[0] != '\0') {
		text_sanitize(out, err->file, strlen(err->file));
		if (err->line != 0)
			buf_printf(out, ":%u:%u", err->line, err->col);
		buf_puts(out, ": ");
	}
	text_sanitize(out, err->msg, strlen(err->msg));
}

int
error_exit_status(const struct error *err)
{
	static const int status[] = {
		[ERROR_NONE] = 0,     [ERROR_REFUSED] = 1, [ERROR_CONFLICT] = 1,
		[ERROR_USAGE] = 2,    [ERROR_SYNTAX] = 2,  [ERROR_IO] = 2,
		[ERROR_UNREACHABLE] = 3,
	};

	return status[err->code];
}
