/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a terminal's bytes to keys.  A state machine over whole sequences: the
 * bytes that may still become something longer are kept.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "tui/term/key.h"
#include "tui/term/key_report.h"

#define SEQUENCE_MAX 64		/* of longer ones the rest is dropped */
#define STRING_MAX 128u		/* no answer that means something is longer */
#define STRING_SURE 3u		/* so much in one go was not typed behind Alt-] */
#define BACKGROUND_ANSWER "11;rgb:"

/* What the next bytes belong to. */
enum decoder_mode {
	DECODER_KEYS,
	DECODER_PASTE,
	DECODER_STRING,		/* OSC, DCS, SOS, PM, APC */
	DECODER_LONG_CSI,	/* a control sequence that means nothing here */
};

struct key_decoder {
	struct key_sink sink;
	struct buf pending;
	struct buf paste;
	enum decoder_mode mode;
	char string;		/* the letter that began it behind ESC: ] P X ^ _ */
	size_t c1_bytes;	/* it began, and may end, with C1 of so many; 0: with ESC */
	bool is_long;		/* the string's beginning is dropped */
	bool is_stalled;	/* nothing more of the paste has come for long */
	bool has_mouse;
	unsigned positions;	/* reports that were asked for */
};

/* What a control sequence said behind "ESC [". */
struct csi {
	unsigned params[4];
	size_t count;
	unsigned event;		/* kitty's: 1 or 0 press, 2 repeat, 3 release */
	char leader, final;	/* leader: one of <=>? or 0 */
};

/* What the first bytes of pending are. */
enum taken { TAKEN_NEED_MORE = 0 };	/* else: bytes used */

static size_t take_one(struct key_decoder *d, const char *s, size_t len);

struct key_decoder *
key_decoder_new(const struct key_sink *sink)
{
	struct key_decoder *d = xcalloc(1, sizeof(*d));

	d->sink = *sink;
	return d;
}

void
key_decoder_free(struct key_decoder **dp)
{
	if (*dp == NULL)
		return;
	buf_fini(&(*dp)->pending);
	buf_fini(&(*dp)->paste);
	free(*dp);
	*dp = NULL;
}

static void
emit(struct key_decoder *d, uint32_t key)
{
	if (key != K_NONE)
		d->sink.on_key(d->sink.arg, key);
}

static void
start_paste(struct key_decoder *d)
{
	d->mode = DECODER_PASTE;
	buf_clear(&d->paste);
}

static void
answer(struct key_decoder *d, const struct term_answer *a)
{
	if (d->sink.on_answer != NULL)
		d->sink.on_answer(d->sink.arg, a);
}

/* xterm's button codes: 3 is a release, 32 more a move, 64 more the wheel. */
static void
press(struct key_decoder *d, unsigned code, unsigned col, unsigned row)
{
	struct mouse_press p = {
		.button = (code & 64) != 0 ? MOUSE_WHEEL_UP + (code & 1) : MOUSE_LEFT + (code & 3),
		.col = col - 1, .row = row - 1, .with_shift = (code & 4) != 0,
	};

	if (col == 0 || row == 0 || (code & 32) != 0 || (code & 67) > 65 || (code & 67) == 3)
		return;
	if (d->sink.on_mouse != NULL)
		d->sink.on_mouse(d->sink.arg, &p);
}

/* "ESC [ ?" and the like: answers; "ESC [ <": the mouse. */
static void
finish_private(struct key_decoder *d, const struct csi *c)
{
	if (c->leader == '<' && c->final == 'M')
		press(d, c->params[0], c->params[1], c->params[2]);
	else if (c->leader == '?' && c->final == 'y')
		answer(d, &(struct term_answer){ ANSWER_MODE, c->params[0], c->params[1], 0 });
	else if (c->leader == '?' && c->final == 'c')
		answer(d, &(struct term_answer){ .kind = ANSWER_DEVICE });
}

static void
finish_tilde(struct key_decoder *d, const struct csi *c)
{
	uint32_t key = key_of_number(c->params[0]);

	if (c->final == '~' && c->params[0] == 200)
		start_paste(d);
	else if (c->final == '~' && c->params[0] == 27 && c->count == 3)
		emit(d, key_of_report(c->params[2], c->params[1]));
	else if (key != K_NONE)
		emit(d, c->final == '^' ? key | K_WITH_CTRL : key_with_modifiers(key, c->params[1]));
}

static void
finish_csi(struct key_decoder *d, const struct csi *c)
{
	if (c->final == 'R' && c->count == 2 && d->positions > 0) {
		d->positions--;
		answer(d, &(struct term_answer){ ANSWER_POSITION, c->params[0], c->params[1], 0 });
	} else if (c->event == 3 || (c->final == 'R' && c->params[0] > 1)) {
		return;		/* a key let go; a place that nobody asked for */
	} else if (c->final == 'u') {
		emit(d, key_of_report(c->params[0], c->params[1]));
	} else if (c->final == '~' || c->final == '^') {
		finish_tilde(d, c);
	} else if (key_of_letter(c->final) != K_NONE) {
		emit(d, key_with_modifiers(key_of_letter(c->final), c->params[1]));
	}
}

/* "ESC [ M" and three bytes, each 32 more than it says.  Another program may
 * have left the mouse on: then they mean nothing, but are no keys. */
static size_t
take_old_mouse(struct key_decoder *d, const char *s, size_t len)
{
	if (len < 4)
		return TAKEN_NEED_MORE;
	if (d->has_mouse)
		press(d, (unsigned char)s[1] - 32u, (unsigned char)s[2] - 32u,
		      (unsigned char)s[3] - 32u);
	return 4;
}

/* Of "1:2;3:4" 1 and 3 are parameters, 4 is the second one's event. */
static void
add_figure(struct csi *c, unsigned figure, unsigned part)
{
	unsigned *p = &c->params[c->count - 1];

	if (part == 1 && c->count == 2)
		p = &c->event;
	else if (part > 0)
		return;
	if (*p < 1000000)
		*p = *p * 10 + figure;
}

/* s begins behind "ESC [". */
static size_t
take_csi(struct key_decoder *d, const char *s, size_t len)
{
	struct csi c = { .count = 1 };
	unsigned part = 0;

	if (len > 0 && s[0] == '[') {		/* Linux console: ESC [ [ A is F1 */
		if (len < 2)
			return TAKEN_NEED_MORE;
		emit(d, s[1] >= 'A' && s[1] <= 'E' ? K_F1 + (uint32_t)(s[1] - 'A') : K_NONE);
		return 2;
	}
	if (len > 0 && s[0] == 'M')
		return take_old_mouse(d, s, len);
	if (len > 0 && s[0] >= '<' && s[0] <= '?')
		c.leader = s[0];
	for (size_t i = 0; i < len; i++) {
		if (s[i] >= '0' && s[i] <= '9') {
			add_figure(&c, (unsigned)(s[i] - '0'), part);
		} else if (s[i] == ':') {
			part++;
		} else if (s[i] == ';') {
			c.count = c.count < ARRAY_LEN(c.params) ? c.count + 1 : c.count;
			part = 0;
		} else if (s[i] >= 0x40 && s[i] <= 0x7e) {
			c.final = s[i];
			(c.leader != 0 ? finish_private : finish_csi)(d, &c);
			return i + 1;
		} else if (s[i] < 0x20) {	/* broken off: the byte is a key of its own */
			return i > 0 ? i : 1;
		}
		if (i >= SEQUENCE_MAX) {
			d->mode = DECODER_LONG_CSI;
			return i + 1;
		}
	}
	return TAKEN_NEED_MORE;
}

/* Its last byte is the first that is no parameter. */
static size_t
take_long_csi(struct key_decoder *d, const char *s, size_t len)
{
	size_t at = 0;

	while (at < len && s[at] >= 0x20 && s[at] < 0x40)
		at++;
	if (at == len)
		return len;
	d->mode = DECODER_KEYS;
	if (s[at] >= 0x40 && s[at] <= 0x7e)
		return at + 1;
	return at > 0 ? at : take_one(d, s, len);
}

/* s begins behind "ESC O"; a figure there is a modifier (old xterms). */
static size_t
take_ss3(struct key_decoder *d, const char *s, size_t len)
{
	size_t at = len > 0 && s[0] >= '0' && s[0] <= '9' ? 1 : 0;

	if (len <= at)
		return TAKEN_NEED_MORE;
	if (at > 0)
		emit(d, key_of_letter(s[1]) != K_NONE ?
		     key_with_modifiers(key_of_letter(s[1]), (unsigned)(s[0] - '0')) : K_NONE);
	else if (s[0] == 'M')
		emit(d, K_ENTER);
	else if (s[0] >= 'a' && s[0] <= 'd')	/* rxvt: Ctrl-arrows */
		emit(d, K_CODE(key_of_letter(s[0])) | K_WITH_CTRL);
	else if (s[0] >= 'j' && s[0] <= 'y')	/* keypad: * + , - . / 0-9 */
		emit(d, (uint32_t)(s[0] - 'j' + '*'));
	else
		emit(d, key_of_letter(s[0]));
	return at + 1;
}

static size_t
take_character(struct key_decoder *d, const char *s, size_t len, uint32_t bits)
{
	unsigned char c = (unsigned char)s[0];
	size_t want = c < 0xc2 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 1;
	uint32_t cp;
	bool ok;
	size_t used;

	if (c == 0x7f || c == 0x08) {
		emit(d, bits | K_BACKSPACE);
		return 1;
	}
	if (c == '\n') {
		emit(d, bits | K_ENTER);
		return 1;
	}
	if (c == 0)
		return 1;
	if (len < want)
		return TAKEN_NEED_MORE;
	used = text_decode(s, len, &cp, &ok);
	emit(d, bits | cp);
	return used;
}

/* s begins behind "ESC letter" or the one byte that stands for both. */
static size_t
take_control(struct key_decoder *d, char letter, const char *s, size_t len)
{
	if (letter == '[')
		return take_csi(d, s, len);
	if (letter == 'O')
		return take_ss3(d, s, len);
	d->mode = DECODER_STRING;
	d->string = letter;
	d->is_long = false;
	return 0;
}

static bool
begins_control(char letter)
{
	return strchr("[O]PX^_", letter) != NULL && letter != '\0';
}

static size_t
take_escape(struct key_decoder *d, const char *s, size_t len)
{
	size_t used;

	if (len < 2)
		return TAKEN_NEED_MORE;
	if (s[1] == '\033') {
		emit(d, K_ESC);
		return 1;
	}
	if (!begins_control(s[1])) {
		used = take_character(d, s + 1, len - 1, K_ALT);
		return used == TAKEN_NEED_MORE ? TAKEN_NEED_MORE : used + 1;
	}
	if (len < 3)
		return TAKEN_NEED_MORE;
	if (s[1] != '[' && s[1] != 'O' && (unsigned char)s[2] < ' ') {
		emit(d, K_ALT | (unsigned char)s[1]);
		return 2;
	}
	d->c1_bytes = 0;
	used = take_control(d, s[1], s + 2, len - 2);
	return used == TAKEN_NEED_MORE && d->mode != DECODER_STRING ? TAKEN_NEED_MORE : used + 2;
}

/* C1 controls: a byte that begins no UTF-8, or the code point as UTF-8. */
static size_t
take_one(struct key_decoder *d, const char *s, size_t len)
{
	size_t lead = len > 1 && s[0] == '\xc2' ? 2 : 1, used;
	unsigned char c = (unsigned char)s[lead - 1];

	if (s[0] == '\033')
		return take_escape(d, s, len);
	if (c < 0x80 || c >= 0xa0 || !begins_control((char)(c - 0x40)))
		return take_character(d, s, len, 0);
	if (len == lead)
		return TAKEN_NEED_MORE;
	d->c1_bytes = lead;
	used = take_control(d, (char)(c - 0x40), s + lead, len - lead);
	return used == TAKEN_NEED_MORE && d->mode != DECODER_STRING ? TAKEN_NEED_MORE : used + lead;
}

/* Bytes of the paste's text in s, and whether its end mark follows. */
static size_t
take_paste(struct key_decoder *d, const char *s, size_t len)
{
	static const char end[] = "\033[201~";
	const size_t end_len = sizeof(end) - 1;
	const char *found = memmem(s, len, end, end_len);
	size_t text = found != NULL ? (size_t)(found - s) : len > end_len ? len - end_len : 0;
	size_t room = KEY_PASTE_MAX - d->paste.len;

	buf_append(&d->paste, s, text < room ? text : room);
	if (found == NULL)
		return text;
	d->mode = DECODER_KEYS;
	d->sink.on_paste(d->sink.arg, buf_str(&d->paste), d->paste.len);
	buf_clear(&d->paste);
	return text + end_len;
}

/* "11;rgb:1e1e/1e1e/2e2e", or with two digits a channel. */
static void
finish_string(struct key_decoder *d, const char *s)
{
	struct term_answer a = { .kind = ANSWER_BACKGROUND };
	unsigned *const channels[] = { &a.a, &a.b, &a.c };

	if (strncmp(s, BACKGROUND_ANSWER, strlen(BACKGROUND_ANSWER)) != 0)
		return;
	s += strlen(BACKGROUND_ANSWER);
	for (size_t i = 0; i < 3; i++) {
		char *end;
		unsigned long v = strtoul(s, &end, 16);
		size_t digits = (size_t)(end - s);

		if (digits == 0 || digits > 4 || *end != (i < 2 ? '/' : '\0'))
			return;
		*channels[i] = (unsigned)(v * 0xffff / ((1ul << 4 * digits) - 1));
		s = end + 1;
	}
	answer(d, &a);
}

/* Bytes of what ends a string at s; 0: nothing does there. */
static size_t
string_end(const struct key_decoder *d, const char *s, size_t len)
{
	static const char *const ends[] = { "\033\\", "\x9c", "\xc2\x9c" };
	const char *end = ends[d->c1_bytes];

	if (s[0] == '\a')
		return 1;
	if (len > 1 && memcmp(s, ends[0], 2) == 0)
		return 2;
	return len >= strlen(end) && memcmp(s, end, strlen(end)) == 0 ? strlen(end) : 0;
}

/* The rest of a string, whatever it is: up to ESC \ or BEL.  Any other control
 * character breaks it off, so that nobody is locked out by one without end. */
static size_t
take_string(struct key_decoder *d, const char *s, size_t len)
{
	size_t at = 0, end;

	while (at < len && (unsigned char)s[at] >= ' ' && string_end(d, s + at, len - at) == 0)
		at++;
	if (at >= STRING_MAX || (d->is_long && at > 0)) {
		d->is_long = true;
		return at;
	}
	if (at == len || (s[at] == '\033' && at + 1 == len))
		return TAKEN_NEED_MORE;
	d->mode = DECODER_KEYS;
	end = string_end(d, s + at, len - at);
	if (end == 0)
		return at > 0 ? at : take_one(d, s, len);
	if (d->string == ']' && !d->is_long) {
		char *text = xstrndup(s, at);

		finish_string(d, text);
		free(text);
	}
	return at + end;
}

void
key_decoder_expect_positions(struct key_decoder *d, unsigned count)
{
	d->positions = count;
}

void
key_decoder_expect_mouse(struct key_decoder *d, bool on)
{
	d->has_mouse = on;
}

/* The end of a paste may have been lost.  Its text must not run as keys however
 * late it comes, so only Ctrl-C by itself leaves it. */
static void
leave_stalled_paste(struct key_decoder *d, const char *bytes, size_t len)
{
	if (d->is_stalled && len == 1 && bytes[0] == K_CTRL('c')) {
		d->mode = DECODER_KEYS;
		buf_clear(&d->pending);
		buf_clear(&d->paste);
	}
	d->is_stalled = false;
}

void
key_decoder_feed(struct key_decoder *d, const char *bytes, size_t len)
{
	leave_stalled_paste(d, bytes, len);
	buf_append(&d->pending, bytes, len);
	while (d->pending.len > 0) {
		static size_t (*const take[])(struct key_decoder *, const char *, size_t) = {
			[DECODER_KEYS] = take_one, [DECODER_PASTE] = take_paste,
			[DECODER_STRING] = take_string, [DECODER_LONG_CSI] = take_long_csi,
		};
		size_t used = take[d->mode](d, d->pending.data, d->pending.len);

		if (used == TAKEN_NEED_MORE)
			return;
		buf_consume(&d->pending, used);
	}
}

/* Nobody types so much at once behind Alt-] or Alt-[: the rest of an answer may
 * be long in coming. */
static bool
is_half_an_answer(const struct key_decoder *d)
{
	const struct buf *b = &d->pending;

	if (d->mode == DECODER_PASTE)
		return false;
	if (d->mode == DECODER_STRING)
		return b->len >= STRING_SURE || d->is_long;
	return b->len > 2 && b->data[0] == '\033' && b->data[1] == '[' &&
	       b->data[2] >= '0' && b->data[2] <= '?';
}

bool
key_decoder_is_waiting(const struct key_decoder *d)
{
	return d->pending.len > 0 && d->mode != DECODER_PASTE && !is_half_an_answer(d);
}

bool
key_decoder_is_amid(const struct key_decoder *d)
{
	return d->mode != DECODER_KEYS || is_half_an_answer(d);
}

void
key_decoder_timeout(struct key_decoder *d)
{
	if (!key_decoder_is_waiting(d)) {
		d->is_stalled = d->mode == DECODER_PASTE;
		if (key_decoder_is_amid(d) && !d->is_stalled) {
			d->mode = DECODER_KEYS;
			buf_clear(&d->pending);
		}
		return;
	}
	if (d->mode == DECODER_STRING) {	/* Alt-] and keys behind it */
		d->mode = DECODER_KEYS;
		emit(d, K_ALT | (unsigned char)d->string);
		key_decoder_feed(d, "", 0);
		if (!key_decoder_is_waiting(d))
			return;
	}
	/* A lone ESC is the Escape key; "ESC [" and "ESC O" are Alt-[ and Alt-O. */
	if (d->pending.data[0] == '\033') {
		if (d->pending.len == 1)
			emit(d, K_ESC);
		else if (d->pending.len == 2)
			emit(d, K_ALT | (unsigned char)d->pending.data[1]);
	} else {
		emit(d, TEXT_MARK);
	}
	buf_clear(&d->pending);
}
