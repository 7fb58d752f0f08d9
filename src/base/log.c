/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Diagnostics on stderr; see log.h.  The one place with state of its own:
 * stderr is one per process, and so are its name and what waits for it.
 */
#include "src/base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/text.h"

#define MAX_HELD 100

static struct {
	pthread_mutex_t lock;
	const char *program;
	bool is_held;
	char *held[MAX_HELD];	/* a ring; the oldest is at first */
	size_t first, count;
} lines = { .lock = PTHREAD_MUTEX_INITIALIZER, .program = "meshtop" };

static const char *const logger_names[LOGGER_COUNT] = {
	[LOGGER_ADMIN] = "admin", [LOGGER_CONFIG] = "config", [LOGGER_CONNECTION] = "connection",
	[LOGGER_FILE] = "file",
};
static const char *const level_names[LEVEL_COUNT] = {
	[LEVEL_TRACE] = "trace", [LEVEL_DEBUG] = "debug", [LEVEL_INFO] = "info",
	[LEVEL_WARNING] = "warning", [LEVEL_ERROR] = "error", [LEVEL_CRITICAL] = "critical",
	[LEVEL_OFF] = "off",
};
static atomic_uint levels[LOGGER_COUNT] = {
	[LOGGER_ADMIN] = LEVEL_WARNING, [LOGGER_CONFIG] = LEVEL_WARNING,
	[LOGGER_CONNECTION] = LEVEL_WARNING, [LOGGER_FILE] = LEVEL_WARNING,
};

static void
write_all(const char *s, size_t len)
{
	while (len > 0) {
		ssize_t done = write(STDERR_FILENO, s, len);

		if (done <= 0)	/* nobody left to tell */
			return;
		s += done;
		len -= (size_t)done;
	}
}

static void
hold_line(char *line)
{
	size_t at = (lines.first + lines.count) % MAX_HELD;

	if (lines.count == MAX_HELD) {
		free(lines.held[at]);
		lines.first = (lines.first + 1) % MAX_HELD;
	} else {
		lines.count++;
	}
	lines.held[at] = line;
}

static void
print_held(void)
{
	for (; lines.count > 0; lines.count--) {
		char *line = lines.held[lines.first];

		write_all(line, strlen(line));
		free(line);
		lines.held[lines.first] = NULL;
		lines.first = (lines.first + 1) % MAX_HELD;
	}
}

/* text is sanitized already. */
static void
put(const struct buf *text)
{
	struct buf line = BUF_INIT;

	pthread_mutex_lock(&lines.lock);
	buf_printf(&line, "%s: %s\n", lines.program, buf_str(text));
	if (lines.is_held)
		hold_line(buf_steal(&line));
	else
		write_all(line.data, line.len);
	pthread_mutex_unlock(&lines.lock);
	buf_fini(&line);
}

void
log_set_program(const char *name)
{
	pthread_mutex_lock(&lines.lock);
	lines.program = name;
	pthread_mutex_unlock(&lines.lock);
}

static __attribute__((format(printf, 1, 0))) void
print(const char *fmt, va_list ap)
{
	struct buf text = BUF_INIT;

	text_vprintf(&text, fmt, ap);
	put(&text);
	buf_fini(&text);
}

void
log_printf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print(fmt, ap);
	va_end(ap);
}

void
log_at(enum logger logger, enum log_level level, const char *fmt, ...)
{
	va_list ap;

	if (level < log_level_of(logger))
		return;
	va_start(ap, fmt);
	print(fmt, ap);
	va_end(ap);
}

void
log_error_at(enum logger logger, enum log_level level, const struct error *err)
{
	if (level >= log_level_of(logger))
		log_error(err);
}

const char *
log_logger_name(enum logger logger)
{
	return logger_names[logger];
}

const char *
log_level_name(enum log_level level)
{
	return level_names[level];
}

enum log_level
log_level_of(enum logger logger)
{
	return (enum log_level)levels[logger];
}

void
log_set_level(enum logger logger, enum log_level level)
{
	levels[logger] = level;
}

void
log_error(const struct error *err)
{
	struct buf text = BUF_INIT;

	error_text(&text, err);
	put(&text);
	buf_fini(&text);
}

void
log_hold(bool hold)
{
	pthread_mutex_lock(&lines.lock);
	lines.is_held = hold;
	if (!hold)
		print_held();
	pthread_mutex_unlock(&lines.lock);
}
