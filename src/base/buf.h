/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A growing byte string.  Always followed by a NUL that is not counted.
 */
#ifndef MESHTOP_BASE_BUF_H
#define MESHTOP_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *data;	/* NULL while nothing was ever written */
	size_t len;
	size_t cap;
};

#define BUF_INIT ((struct buf){ NULL, 0, 0 })

void buf_fini(struct buf *b);			/* leaves an empty buf */
void buf_clear(struct buf *b);			/* keeps the memory */
void buf_reserve(struct buf *b, size_t more);	/* room for more bytes and a NUL */
void buf_append(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_fill(struct buf *b, char c, size_t count);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
void buf_consume(struct buf *b, size_t len);	/* drops len bytes at the front */
const char *buf_str(const struct buf *b);	/* borrowed; "" when empty */
char *buf_steal(struct buf *b);			/* caller frees; b is empty after */

#endif
