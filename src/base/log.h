/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Diagnostics on stderr: "PROGRAM: message", one line, sanitized.
 */
#ifndef MESHTOP_BASE_LOG_H
#define MESHTOP_BASE_LOG_H

#include <stdbool.h>

struct error;

/* What lines are about, and how much they matter: each logger is silent below a
 * level of its own, at first below LEVEL_WARNING, as Istio's proxies are. */
enum logger { LOGGER_ADMIN, LOGGER_CONFIG, LOGGER_CONNECTION, LOGGER_FILE, LOGGER_COUNT };
enum log_level {
	LEVEL_TRACE, LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARNING, LEVEL_ERROR, LEVEL_CRITICAL, LEVEL_OFF,
	LEVEL_COUNT,
};

const char *log_logger_name(enum logger logger);
const char *log_level_name(enum log_level level);
enum log_level log_level_of(enum logger logger);
void log_set_level(enum logger logger, enum log_level level);
void log_at(enum logger logger, enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void log_error_at(enum logger logger, enum log_level level, const struct error *err);

/* Those without a logger are always written. */
void log_set_program(const char *name);		/* borrowed; "meshtop" at first */
void log_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const struct error *err);
/* Lines go nowhere while the console owns the terminal; they are kept (the
 * last 100) and printed when it is given back. */
void log_hold(bool hold);

#endif
