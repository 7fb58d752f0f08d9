/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Header fields as lines; see field_lines.h. */
#include "proxy/telemetry/field_lines.h"

#include <string.h>

#include "src/http/head.h"
#include "src/http/redact.h"

#define HIDDEN SLICE("\001")	/* no value holds that byte */
#define LINE_EXTRA (sizeof(": \r\n") - 1)

struct writer {
	char *out;
	size_t used, room;
	unsigned omitted;
};

static void
put(struct writer *w, struct slice s)
{
	if (s.len > 0)
		memcpy(w->out + w->used, s.ptr, s.len);
	w->used += s.len;
}

static void
put_line(struct writer *w, struct slice name, struct slice value)
{
	if (name.len + value.len + LINE_EXTRA > w->room - w->used) {
		w->omitted++;
		return;
	}
	put(w, name);
	put(w, SLICE(": "));
	put(w, value);
	put(w, SLICE("\r\n"));
}

/* All lines as they were received, the last without its end. */
static struct slice
received_lines(const struct http_head *h)
{
	const struct http_field *last = &h->fields[h->field_count - 1];
	const char *start = h->fields[0].name.ptr;

	return (struct slice){ start, (size_t)(last->value.ptr + last->value.len - start) };
}

/* Can they be taken over as they are?  An absolute target has replaced the
 * value of Host. */
static bool
is_open(const struct http_head *h)
{
	return !h->is_absolute_form && !h->has_secret;
}

size_t
field_lines_of_head(const struct http_head *h, size_t room, char *out, unsigned *omitted)
{
	struct writer w = { .out = out, .room = room };
	struct slice lines;

	if (h->field_count == 0)
		return 0;
	lines = received_lines(h);
	if (is_open(h) && lines.len <= room) {
		memcpy(out, lines.ptr, lines.len);
		return lines.len;
	}
	for (unsigned i = 0; i < h->field_count; i++) {
		const struct http_field *f = &h->fields[i];

		put_line(&w, f->name, redact_is_secret_field(f) ? HIDDEN : f->value);
	}
	*omitted += w.omitted;
	return w.used;
}

size_t
field_lines_of_text(struct slice lines, bool is_open, size_t room, char *out, unsigned *omitted)
{
	struct writer w = { .out = out, .room = room };
	struct field_line f;

	if (is_open && lines.len <= room) {
		if (lines.len > 0)
			memcpy(out, lines.ptr, lines.len);
		return lines.len;
	}
	while (field_lines_next(&lines, &f))
		put_line(&w, f.name, redact_is_secret_name(f.name) ? HIDDEN : f.value);
	*omitted += w.omitted;
	return w.used;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice
without_blanks(const char *start, const char *end)
{
	while (start < end && is_blank(*start))
		start++;
	while (start < end && is_blank(end[-1]))
		end--;
	return (struct slice){ start, (size_t)(end - start) };
}

bool
field_lines_next(struct slice *lines, struct field_line *f)
{
	const char *end, *colon, *next;

	if (lines->len == 0)
		return false;
	end = lines->ptr + lines->len;
	next = memchr(lines->ptr, '\r', lines->len);
	if (next == NULL)
		next = end;
	colon = memchr(lines->ptr, ':', (size_t)(next - lines->ptr));
	f->name = (struct slice){ lines->ptr, (size_t)((colon != NULL ? colon : next) - lines->ptr) };
	f->value = colon != NULL ? without_blanks(colon + 1, next) : SLICE("");
	f->is_hidden = slice_eq(f->value, HIDDEN);
	next += next < end ? strlen("\r\n") : 0;
	*lines = (struct slice){ next, (size_t)(end - next) };
	return true;
}
