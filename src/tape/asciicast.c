/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Terminal recordings; see asciicast.h. */
#include "src/tape/asciicast.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"

struct cast {
	FILE *file;
	char *path;
	struct buf pending;	/* bytes of a code point that is not whole yet */
};

static FILE *
open_file(const char *path, bool is_private)
{
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | (is_private ? O_NOFOLLOW : 0);
	int fd = open(path, flags, is_private ? 0600 : 0666);
	/* One that was there before may be open to others. */
	bool is_safe = fd >= 0 && (!is_private || fchmod(fd, 0600) == 0);
	FILE *f = is_safe ? fdopen(fd, "w") : NULL;

	if (f == NULL && fd >= 0)
		close(fd);
	if (f != NULL)		/* whoever dies has written what was seen */
		setvbuf(f, NULL, _IOLBF, BUFSIZ);
	return f;
}

struct cast *
cast_open(const char *path, bool is_private, unsigned cols, unsigned rows, const char *title,
	  int64_t wall_ms, struct error *err)
{
	struct cast *c = xcalloc(1, sizeof(*c));
	struct buf head = BUF_INIT;
	struct json_writer w;

	c->path = xstrdup(path);
	c->file = open_file(path, is_private);
	if (c->file == NULL) {
		error_errnof(err, "%s", path);
		free(c->path);
		free(c);
		return NULL;
	}
	json_begin(&w, &head, false);
	json_open(&w, NULL, '{');
	json_int(&w, "version", 2);
	json_uint(&w, "width", cols);
	json_uint(&w, "height", rows);
	json_int(&w, "timestamp", wall_ms / 1000);
	json_string(&w, "title", title);
	json_open(&w, "env", '{');
	json_string(&w, "TERM", "xterm-256color");
	json_close(&w, '}');
	json_close(&w, '}');
	fprintf(c->file, "%s\n", buf_str(&head));
	buf_fini(&head);
	return c;
}

/* Terminal bytes are kept as they are: \u escapes for controls, UTF-8 else. */
static void
put_bytes(struct buf *out, const char *s, size_t len)
{
	buf_putc(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			buf_printf(out, "\\u%04x", c);
		else
			buf_putc(out, s[i]);
	}
	buf_putc(out, '"');
}

/* Bytes of whole code points at the start of s; invalid ones count as whole. */
static size_t
whole(const char *s, size_t len)
{
	size_t at = 0;

	while (at < len) {
		unsigned char c = (unsigned char)s[at];
		size_t need = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 1;
		uint32_t cp;
		bool ok;

		if (need > len - at)
			return at;
		at += text_decode(s + at, len - at, &cp, &ok);
	}
	return at;
}

static void
put_event(struct cast *c, uint64_t at_ns, char kind, const char *data, size_t len)
{
	struct buf line = BUF_INIT;

	buf_printf(&line, "[%.6f, \"%c\", ", (double)at_ns / 1e9, kind);
	put_bytes(&line, data, len);
	buf_puts(&line, "]\n");
	fwrite(buf_str(&line), 1, line.len, c->file);
	buf_fini(&line);
}

void
cast_output(struct cast *c, uint64_t at_ns, const char *bytes, size_t len)
{
	size_t ready;

	buf_append(&c->pending, bytes, len);
	ready = whole(buf_str(&c->pending), c->pending.len);
	if (ready > 0)
		put_event(c, at_ns, 'o', buf_str(&c->pending), ready);
	buf_consume(&c->pending, ready);
}

void
cast_mark(struct cast *c, uint64_t at_ns, const char *text)
{
	struct buf clean = BUF_INIT;

	text_sanitize(&clean, text, strlen(text));
	put_event(c, at_ns, 'm', buf_str(&clean), clean.len);
	buf_fini(&clean);
}

void
cast_resize(struct cast *c, uint64_t at_ns, unsigned cols, unsigned rows)
{
	char size[32];

	snprintf(size, sizeof(size), "%ux%u", cols, rows);
	put_event(c, at_ns, 'r', size, strlen(size));
}

int
cast_close(struct cast **cp, struct error *err)
{
	struct cast *c = *cp;
	int result = 0;

	if (c == NULL)
		return 0;
	if (ferror(c->file) != 0 || fclose(c->file) != 0)
		result = error_errnof(err, "%s", c->path);
	buf_fini(&c->pending);
	free(c->path);
	free(c);
	*cp = NULL;
	return result;
}
