/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of a tape's line; see words.h. */
#include "src/tape/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* From the opening quote at *pos to behind the closing one. */
static int
quoted(struct arena *a, const char *line, size_t len, size_t *pos, struct word *w,
       struct error *err)
{
	char quote = line[*pos];
	size_t start = *pos + 1, at = start;

	while (at < len && line[at] != quote)
		at++;
	if (at == len) {
		error_at(err, NULL, 0, 0);
		return error_setf(err, ERROR_SYNTAX, "the closing %c is missing", quote);
	}
	w->kind = WORD_QUOTED;
	w->text = arena_strndup(a, line + start, at - start);
	*pos = at + 1;
	return 0;
}

static int
pattern(struct arena *a, const char *line, size_t len, size_t *pos, struct word *w,
	struct error *err)
{
	struct buf b = BUF_INIT;
	size_t at = *pos + 1;

	for (; at < len && line[at] != '/'; at++) {
		if (line[at] == '\\' && at + 1 < len) {
			if (line[at + 1] != '/')
				buf_putc(&b, '\\');
			at++;
		}
		buf_putc(&b, line[at]);
	}
	w->kind = WORD_REGEX;
	w->text = arena_strdup(a, buf_str(&b));
	buf_fini(&b);
	if (at == len)
		return error_setf(err, ERROR_SYNTAX, "the closing / is missing");
	*pos = at + 1;
	return 0;
}

/* Only these commands take a pattern; elsewhere a slash begins a path. */
static bool
takes_pattern(const struct words *words)
{
	const char *command = words->count > 0 ? words->items[0].text : "";
	size_t len = strcspn(command, "+@");

	return (len == 4 && memcmp(command, "Wait", 4) == 0) ||
	       (len == 6 && memcmp(command, "Expect", 6) == 0);
}

int
words_split(struct arena *a, const char *line, size_t len, struct words *out, struct error *err)
{
	size_t pos = 0, start;

	out->count = 0;
	for (;;) {
		struct word *w = &out->items[out->count];

		while (pos < len && is_blank(line[pos]))
			pos++;
		if (pos == len || line[pos] == '#')
			return 0;
		if (out->count == WORDS_MAX)
			return error_setf(err, ERROR_SYNTAX, "more than %d words", WORDS_MAX);
		start = pos;
		w->col = (unsigned)start + 1;
		if (strchr("\"'`", line[pos]) != NULL) {
			if (quoted(a, line, len, &pos, w, err) < 0)
				return -1;
		} else if (line[pos] == '/' && takes_pattern(out)) {
			if (pattern(a, line, len, &pos, w, err) < 0)
				return -1;
		} else {
			while (pos < len && !is_blank(line[pos]))
				pos++;
			w->kind = WORD_BARE;
			w->text = arena_strndup(a, line + start, pos - start);
		}
		out->count++;
	}
}

bool
words_duration(const char *text, unsigned long long *ns)
{
	static const struct { const char *unit; double ns; } units[] = {
		{ "", 1e9 }, { "s", 1e9 }, { "ms", 1e6 }, { "m", 60e9 }, { "h", 3600e9 },
	};
	char *end;
	double n = strtod(text, &end);

	if (end == text || !isfinite(n) || n < 0 || strpbrk(text, "xXnNpP") != NULL)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(end, units[i].unit) == 0 && n * units[i].ns < 1e18) {
			*ns = (unsigned long long)(n * units[i].ns);
			return true;
		}
	return false;
}

bool
words_size(const char *text, unsigned *cols, unsigned *rows)
{
	char rest;

	return sscanf(text, "%4ux%4u%c", cols, rows, &rest) == 2 && *cols > 0 && *rows > 0 &&
	       *cols <= 1000 && *rows <= 500;
}

bool
words_one_of(const char *text, const char *const *choices)
{
	for (; *choices != NULL; choices++)
		if (strcmp(text, *choices) == 0)
			return true;
	return false;
}
