/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a live session to a tape; see recorder.h. */
#include "src/tape/recorder.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/text.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"

#define WAIT_AFTER_NS NS_PER_S		/* a pause that was meant, not typing */
#define SLEEP_AFTER_NS (2 * NS_PER_S)
#define SLEEP_MOST_NS (30 * NS_PER_S)
#define PHRASE_LEAST 4u
#define PHRASE_MOST 40u

enum event_kind { EVENT_TYPE, EVENT_KEY, EVENT_WAIT, EVENT_SLEEP, EVENT_MARK, EVENT_PASTE, EVENT_RESIZE };

struct event {
	enum event_kind kind;
	struct buf text;
	unsigned count;			/* of the same key */
};

struct recorder {
	VEC(struct event) events;
	unsigned cols, rows;
	enum glyph_level glyphs;
	char *screen;			/* at the last key; NULL before the first */
	size_t line_event, line_bytes;	/* events, and text of the last, before the command line */
	uint64_t last_ns;
};

static const struct { const char *name, *bytes, *prefix, *final; } keys[] = {
#define TAPE_KEY(name, bytes, prefix, final) { name, bytes, prefix, final },
#include "src/tape/keys.tbl"
#undef TAPE_KEY
};

struct recorder *
recorder_new(unsigned cols, unsigned rows, enum glyph_level glyphs)
{
	struct recorder *r = xcalloc(1, sizeof(*r));

	r->cols = cols;
	r->rows = rows;
	r->glyphs = glyphs;
	return r;
}

void
recorder_free(struct recorder **rp)
{
	struct recorder *r = *rp;

	if (r == NULL)
		return;
	for (size_t i = 0; i < r->events.len; i++)
		buf_fini(&r->events.items[i].text);
	vec_fini(&r->events);
	free(r->screen);
	free(r);
	*rp = NULL;
}

static struct event *
add(struct recorder *r, enum event_kind kind)
{
	vec_push(&r->events, ((struct event){ .kind = kind, .text = BUF_INIT, .count = 1 }));
	return &r->events.items[r->events.len - 1];
}

static struct event *
last_event(struct recorder *r)
{
	return r->events.len > 0 ? &r->events.items[r->events.len - 1] : NULL;
}

static void
remove_last(struct recorder *r)
{
	buf_fini(&r->events.items[--r->events.len].text);
}

/* Words that a person would look for: letters, blanks, - and . between. */
static bool
is_phrase_char(char c)
{
	return isalpha((unsigned char)c) || c == ' ' || c == '-' || c == '.' || c == ',' || c == ':';
}

/* The first phrase of the screen that was not on the one before. */
static bool
new_phrase(const char *before, const char *now, struct buf *out)
{
	for (const char *at = now; *at != '\0';) {
		size_t len = 0, most;

		while (is_phrase_char(at[len]) && !(at[len] == ' ' && at[len + 1] == ' '))
			len++;
		/* Figures change: a word that touches one does not count. */
		for (most = len; isdigit((unsigned char)at[len]) && most > 0 && at[most - 1] != ' ';)
			most--;
		if (most >= PHRASE_LEAST) {
			const char *from = at;
			size_t n = most;

			while (n > 0 && !isalpha((unsigned char)*from)) {
				from++;
				n--;
			}
			while (n > 0 && !isalpha((unsigned char)from[n - 1]))
				n--;
			n = n > PHRASE_MOST ? PHRASE_MOST : n;
			buf_clear(out);
			buf_append(out, from, n);
			if (n >= PHRASE_LEAST && strstr(before, buf_str(out)) == NULL)
				return true;
		}
		at += len;
		while (*at != '\0' && (!isalpha((unsigned char)*at) || isdigit((unsigned char)at[-1])))
			at++;
	}
	return false;
}

static void
put_escaped(struct buf *out, const char *phrase)
{
	for (; *phrase != '\0'; phrase++) {
		if (*phrase == '.')
			buf_putc(out, '\\');
		buf_putc(out, *phrase);
	}
}

/* What the person waited for before this key. */
static void
note_wait(struct recorder *r, uint64_t now_ns, const char *screen)
{
	const struct event *last = last_event(r);
	uint64_t gap = r->screen != NULL && now_ns > r->last_ns ? now_ns - r->last_ns : 0;
	bool typing = last != NULL && last->kind == EVENT_TYPE;
	struct buf phrase = BUF_INIT;

	/* Before the first key: what stands below the status line. */
	if (r->screen == NULL) {
		r->screen = xstrndup(screen, strcspn(screen, "\n"));
		if (new_phrase(r->screen, screen, &phrase))
			put_escaped(&add(r, EVENT_WAIT)->text, buf_str(&phrase));
		last = NULL;
	}
	if (last != NULL && r->screen != NULL && !(typing && gap < WAIT_AFTER_NS)) {
		if (new_phrase(r->screen, screen, &phrase)) {
			put_escaped(&add(r, EVENT_WAIT)->text, buf_str(&phrase));
		} else if (!typing && gap >= SLEEP_AFTER_NS) {
			gap = gap > SLEEP_MOST_NS ? SLEEP_MOST_NS : gap;
			buf_printf(&add(r, EVENT_SLEEP)->text, "%.1fs", (double)(gap / NS_PER_MS / 100) / 10);
		}
	}
	buf_fini(&phrase);
	free(r->screen);
	r->screen = xstrdup(screen);
	r->last_ns = now_ns;
}

/* "\033[1;5A": prefix ; modifiers + 1, final. */
static bool
name_modified(const char *bytes, size_t len, struct buf *out)
{
	const char *semicolon = memchr(bytes, ';', len);
	unsigned bits;

	if (len < 6 || bytes[1] != '[' || semicolon == NULL)
		return false;
	bits = (unsigned)strtoul(semicolon + 1, NULL, 10) - 1;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		size_t prefix = (size_t)(semicolon - bytes) - 2;

		if (keys[i].prefix[0] == '\0' || strlen(keys[i].prefix) != prefix ||
		    strncmp(keys[i].prefix, bytes + 2, prefix) != 0 || keys[i].final[0] != bytes[len - 1])
			continue;
		buf_printf(out, "%s%s%s%s", (bits & 4) != 0 ? "Ctrl+" : "", (bits & 2) != 0 ? "Alt+" : "",
			   (bits & 1) != 0 ? "Shift+" : "", keys[i].name);
		return true;
	}
	return false;
}

static bool
name_key(const char *bytes, size_t len, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (strlen(keys[i].bytes) == len && memcmp(keys[i].bytes, bytes, len) == 0) {
			buf_puts(out, keys[i].name);
			return true;
		}
	}
	if (len == 3 && memcmp(bytes, "\033[Z", 3) == 0) {
		buf_puts(out, "Shift+Tab");
		return true;
	}
	if (len == 1 && bytes[0] > 0 && bytes[0] < ' ') {
		buf_printf(out, "Ctrl+%c", bytes[0] | 0x40);
		return true;
	}
	if (len == 2 && bytes[0] == '\033' && bytes[1] > ' ' && bytes[1] < 0x7f) {
		buf_printf(out, "Alt+%c", bytes[1]);
		return true;
	}
	return len > 2 && bytes[0] == '\033' && name_modified(bytes, len, out);
}

/* Where the key that begins a line would stand. */
static void
remember_line(struct recorder *r)
{
	const struct event *last = last_event(r);

	r->line_event = r->events.len;
	r->line_bytes = last != NULL && last->kind == EVENT_TYPE ? last->text.len : 0;
}

void
recorder_key(struct recorder *r, uint64_t now_ns, const char *bytes, size_t len,
	     const char *screen, enum recorder_place place)
{
	bool is_text = len > 0 && (unsigned char)bytes[0] >= ' ' && bytes[0] != 0x7f;
	struct event *last;
	struct buf name = BUF_INIT;

	if (place == RECORDER_MASKED && is_text)
		return;
	note_wait(r, now_ns, screen);
	if (place != RECORDER_LINE)
		remember_line(r);
	last = last_event(r);
	if (is_text) {
		if (last == NULL || last->kind != EVENT_TYPE)
			last = add(r, EVENT_TYPE);
		text_sanitize(&last->text, bytes, len);
		return;
	}
	if (!name_key(bytes, len, &name))
		return;
	if (last != NULL && last->kind == EVENT_KEY && strcmp(buf_str(&last->text), buf_str(&name)) == 0) {
		last->count++;
		buf_fini(&name);
		return;
	}
	add(r, EVENT_KEY)->text = name;
}

void
recorder_paste(struct recorder *r, uint64_t now_ns, const char *text, const char *screen)
{
	note_wait(r, now_ns, screen);
	text_sanitize(&add(r, EVENT_PASTE)->text, text, strlen(text));
}

void
recorder_mark(struct recorder *r, const char *text)
{
	text_sanitize(&add(r, EVENT_MARK)->text, text, strlen(text));
}

void
recorder_resize(struct recorder *r, unsigned cols, unsigned rows)
{
	buf_printf(&add(r, EVENT_RESIZE)->text, "%ux%u", cols, rows);
}

void
recorder_drop_line(struct recorder *r)
{
	struct event *last;

	while (r->events.len > r->line_event)
		remove_last(r);
	last = last_event(r);
	if (last != NULL && last->kind == EVENT_TYPE && r->line_bytes < last->text.len) {
		last->text.len = r->line_bytes;
		last->text.data[r->line_bytes] = '\0';
	}
	while ((last = last_event(r)) != NULL && (last->kind == EVENT_WAIT || last->kind == EVENT_SLEEP))
		remove_last(r);
}

void
recorder_drop_key(struct recorder *r)
{
	struct event *last = last_event(r);
	char *text;

	if (last == NULL)
		return;
	text = last->text.data;
	if (last->kind == EVENT_KEY && last->count > 1) {
		last->count--;
		return;
	}
	if (last->kind == EVENT_TYPE) {		/* its last character */
		while (last->text.len > 0 && (text[--last->text.len] & 0xc0) == 0x80)
			continue;
		text[last->text.len] = '\0';
	}
	if (last->kind == EVENT_KEY || last->text.len == 0)
		remove_last(r);
}

/* In quotes that the text does not hold; with all three it is several lines. */
static void
put_quoted(struct buf *out, const char *word, const char *text, const char *behind)
{
	while (*text != '\0') {
		const char *quote = "\"'`";
		size_t len = strlen(text);

		while (*quote != '\0' && strchr(text, *quote) != NULL)
			quote++;
		if (*quote == '\0') {
			quote = *text == '"' ? "'" : "\"";
			len = strcspn(text, quote[0] == '"' ? "\"" : "'");
		}
		buf_printf(out, "%s %c%.*s%c\n%s", word, *quote, (int)len, text, *quote, behind);
		text += len;
	}
}

static void
put_event(const struct event *e, struct buf *out)
{
	const char *text = buf_str(&e->text);

	switch (e->kind) {
	case EVENT_TYPE: put_quoted(out, "Type", text, ""); break;
	case EVENT_WAIT: buf_printf(out, "Wait+Screen@20s /%s/\n", text); break;
	case EVENT_SLEEP: buf_printf(out, "Sleep %s\n", text); break;
	case EVENT_MARK: put_quoted(out, "Mark", text, ""); break;
	case EVENT_RESIZE: buf_printf(out, "Resize %s\n", text); break;
	case EVENT_PASTE: put_quoted(out, "Copy", text, "Paste\n"); break;
	case EVENT_KEY:
		buf_puts(out, text);
		if (e->count > 1)
			buf_printf(out, " %u", e->count);
		buf_putc(out, '\n');
		break;
	}
}

void
recorder_put(const struct recorder *r, struct buf *out)
{
	buf_puts(out, "# Recorded by meshtop; see meshtop-tape(5).\n");
	buf_printf(out, "Set Size %ux%u\n", r->cols, r->rows);
	if (r->glyphs != GLYPHS_UNICODE)
		buf_printf(out, "Set Glyphs %s\n", glyph_level_name(r->glyphs));
	buf_putc(out, '\n');
	for (size_t i = 0; i < r->events.len; i++)
		put_event(&r->events.items[i], out);
}
