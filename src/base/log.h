/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Diagnostics on stderr: "PROGRAM: message", one line, sanitized.
 */
#ifndef MESHTOP_BASE_LOG_H
#define MESHTOP_BASE_LOG_H

#include <stdbool.h>

struct error;

void log_set_program(const char *name);		/* borrowed; "meshtop" at first */
void log_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const struct error *err);
/* Lines go nowhere while the console owns the terminal; they are kept (the
 * last 100) and printed when it is given back. */
void log_hold(bool hold);

#endif
