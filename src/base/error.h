/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Expected failures: what went wrong, where in the input, and how the
 * program ends because of it.
 *
 * The one who detects a failure writes the fact with error_setf(), each
 * caller may prefix what it was doing, and only the top prints.
 */
#ifndef MESHTOP_BASE_ERROR_H
#define MESHTOP_BASE_ERROR_H

enum error_code {
	ERROR_NONE,
	ERROR_REFUSED,		/* the answer is no: check failed, limit hit, not found */
	ERROR_CONFLICT,		/* the object is no longer what the change was based on */
	ERROR_USAGE,		/* the caller's words are wrong */
	ERROR_SYNTAX,		/* input that cannot be read as what it claims to be */
	ERROR_IO,		/* a system call failed */
	ERROR_UNREACHABLE,	/* the target is not running or does not answer */
};

struct error {
	enum error_code code;
	char file[160];		/* input being read, "" if none */
	unsigned line, col;	/* 1-based; 0 when not known */
	char msg[400];
};

#define ERROR_INIT ((struct error){ .code = ERROR_NONE })

/*
 * All return -1, so a failing function can return the call itself.  err may
 * be NULL (the caller only wants the -1).  Text that comes from outside must
 * have passed text_sanitize() by the time the message is printed; error_text()
 * does that.
 */
int error_setf(struct error *err, enum error_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* As error_setf() with ": strerror(errno)" at the end and ERROR_IO. */
int error_errnof(struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int error_prefixf(struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Sets the place unless one is set already; file may be NULL. */
int error_at(struct error *err, const char *file, unsigned line, unsigned col);

struct buf;
/* Appends "FILE:LINE:COL: message" (what is known of it), sanitized. */
void error_text(struct buf *out, const struct error *err);

/* Exit status of a program that ends because of err (design.md section 4). */
int error_exit_status(const struct error *err);

#endif
