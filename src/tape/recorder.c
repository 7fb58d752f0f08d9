/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a live session to a tape; see recorder.h. */
#include "src/tape/recorder.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/text.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "src/tape/keys.h"

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
	if (!keys_name(bytes, len, &name))
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
