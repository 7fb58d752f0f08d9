/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a terminal's bytes to keys.  A state machine over whole sequences: the
 * bytes that may still become something longer are kept.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "tui/term/key.h"

#define SEQUENCE_MAX 32		/* longer ones are dropped */
#define STRING_MAX 128u		/* no answer is longer */
#define BACKGROUND_ANSWER "11;rgb:"

struct key_decoder {
	struct key_sink sink;
	struct buf pending;
	struct buf paste;
	bool in_paste, in_string;
	bool has_mouse;
	unsigned positions;	/* reports that were asked for */
};

/* What the first bytes of pending are. */
enum taken { TAKEN_NEED_MORE = 0 };	/* else: bytes used */

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

/* xterm's modifier parameter: 1 + (shift 1, alt 2, ctrl 4). */
static uint32_t
with_modifiers(uint32_t key, unsigned parameter)
{
	unsigned bits = parameter > 1 ? parameter - 1 : 0;

	if ((bits & 1) != 0)
		key |= K_WITH_SHIFT;
	if ((bits & 2) != 0)
		key |= K_ALT;
	if ((bits & 4) != 0)
		key |= K_WITH_CTRL;
	return key;
}

static uint32_t
tilde_key(unsigned number)
{
	static const uint32_t keys[] = {
		[1] = K_HOME, [2] = K_INSERT, [3] = K_DELETE, [4] = K_END, [5] = K_PAGE_UP,
		[6] = K_PAGE_DOWN, [7] = K_HOME, [8] = K_END, [11] = K_F1, [12] = K_F2,
		[13] = K_F3, [14] = K_F4, [15] = K_F5, [17] = K_F6, [18] = K_F7, [19] = K_F8,
		[20] = K_F9, [21] = K_F10, [23] = K_F11, [24] = K_F12,
	};

	return number < sizeof(keys) / sizeof(keys[0]) ? keys[number] : K_NONE;
}

static uint32_t
letter_key(char final)
{
	switch (final) {
	case 'A': return K_UP;
	case 'B': return K_DOWN;
	case 'C': return K_RIGHT;
	case 'D': return K_LEFT;
	case 'H': return K_HOME;
	case 'F': return K_END;
	case 'P': return K_F1;
	case 'Q': return K_F2;
	case 'R': return K_F3;
	case 'S': return K_F4;
	case 'Z': return K_BACK_TAB;
	case 'a': return K_UP | K_WITH_SHIFT;		/* rxvt */
	case 'b': return K_DOWN | K_WITH_SHIFT;
	case 'c': return K_RIGHT | K_WITH_SHIFT;
	case 'd': return K_LEFT | K_WITH_SHIFT;
	default: return K_NONE;
	}
}

static void
start_paste(struct key_decoder *d)
{
	d->in_paste = true;
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
finish_private(struct key_decoder *d, char leader, const unsigned *params, char final)
{
	if (leader == '<' && final == 'M')
		press(d, params[0], params[1], params[2]);
	else if (leader == '?' && final == 'y')
		answer(d, &(struct term_answer){ ANSWER_MODE, params[0], params[1], 0 });
	else if (leader == '?' && final == 'c')
		answer(d, &(struct term_answer){ .kind = ANSWER_DEVICE });
}

static void
finish_csi(struct key_decoder *d, const unsigned *params, size_t count, char final)
{
	if (final == 'R' && count == 2 && d->positions > 0) {
		d->positions--;
		answer(d, &(struct term_answer){ ANSWER_POSITION, params[0], params[1], 0 });
		return;
	}
	if (final == '~' || final == '^') {
		uint32_t key = tilde_key(params[0]);

		if (final == '~' && params[0] == 200)
			start_paste(d);
		else if (key != K_NONE)
			emit(d, final == '^' ? key | K_WITH_CTRL :
			     with_modifiers(key, count > 1 ? params[1] : 1));
		return;
	}
	if (letter_key(final) != K_NONE)
		emit(d, with_modifiers(letter_key(final), count > 1 ? params[1] : 1));
}

/* "ESC [ M" and three bytes, each 32 more than it says. */
static size_t
take_old_mouse(struct key_decoder *d, const char *s, size_t len)
{
	if (len < 4)
		return TAKEN_NEED_MORE;
	press(d, (unsigned char)s[1] - 32u, (unsigned char)s[2] - 32u, (unsigned char)s[3] - 32u);
	return 4;
}

/* s begins behind "ESC [". */
static size_t
take_csi(struct key_decoder *d, const char *s, size_t len)
{
	unsigned params[4] = { 0, 0, 0, 0 };
	size_t count = 1;
	bool is_private = len > 0 && s[0] >= '<' && s[0] <= '?';

	if (len > 0 && s[0] == '[') {		/* Linux console: ESC [ [ A is F1 */
		if (len < 2)
			return TAKEN_NEED_MORE;
		emit(d, s[1] >= 'A' && s[1] <= 'E' ? K_F1 + (uint32_t)(s[1] - 'A') : K_NONE);
		return 2;
	}
	if (len > 0 && s[0] == 'M' && d->has_mouse)
		return take_old_mouse(d, s, len);
	for (size_t i = 0; i < len; i++) {
		if (s[i] >= '0' && s[i] <= '9') {
			unsigned *p = &params[count - 1];

			*p = *p < 10000 ? *p * 10 + (unsigned)(s[i] - '0') : *p;
		} else if (s[i] == ';') {
			count = count < 4 ? count + 1 : count;
		} else if ((s[i] >= 0x40 && s[i] <= 0x7e)) {
			if (is_private)
				finish_private(d, s[0], params, s[i]);
			else
				finish_csi(d, params, count, s[i]);
			return i + 1;
		} else if (s[i] < 0x20) {	/* broken off: the byte is a key of its own */
			return i > 0 ? i : 1;
		}
		if (i >= SEQUENCE_MAX)
			return i + 1;
	}
	return TAKEN_NEED_MORE;
}

static size_t
take_ss3(struct key_decoder *d, const char *s, size_t len)
{
	if (len == 0)
		return TAKEN_NEED_MORE;
	if (s[0] == 'M')
		emit(d, K_ENTER);
	else if (s[0] >= 'a' && s[0] <= 'd')	/* rxvt: Ctrl-arrows */
		emit(d, K_CODE(letter_key(s[0])) | K_WITH_CTRL);
	else if (s[0] >= 'j' && s[0] <= 'y')	/* keypad: * + , - . / 0-9 */
		emit(d, (uint32_t)(s[0] - 'j' + '*'));
	else
		emit(d, letter_key(s[0]));
	return 1;
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
	if (s[1] == ']' && len > 2 && s[2] >= '0' && s[2] <= '9') {
		d->in_string = true;
		return 2;
	}
	if (s[1] == ']' && len == 2)
		return TAKEN_NEED_MORE;
	if (s[1] != '[' && s[1] != 'O') {
		used = take_character(d, s + 1, len - 1, K_ALT);
		return used == TAKEN_NEED_MORE ? TAKEN_NEED_MORE : used + 1;
	}
	used = s[1] == '[' ? take_csi(d, s + 2, len - 2) : take_ss3(d, s + 2, len - 2);
	return used == TAKEN_NEED_MORE ? TAKEN_NEED_MORE : used + 2;
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
	d->in_paste = false;
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

/* The rest of "ESC ]": up to ESC \ or BEL.  A control character in it, or
 * more than any answer has, breaks it off. */
static size_t
take_string(struct key_decoder *d, const char *s, size_t len)
{
	size_t at = 0;
	char *text;

	while (at < len && (unsigned char)s[at] >= ' ' && at < STRING_MAX)
		at++;
	if (at == len && at < STRING_MAX)
		return TAKEN_NEED_MORE;
	if (s[at] == '\033' && at + 1 == len)
		return TAKEN_NEED_MORE;
	d->in_string = false;
	if (at == STRING_MAX)
		return at;
	if (s[at] != '\a' && (s[at] != '\033' || s[at + 1] != '\\'))
		return at > 0 ? at : s[0] == '\033' ? take_escape(d, s, len) :
		       take_character(d, s, len, 0);
	text = xstrndup(s, at);
	finish_string(d, text);
	free(text);
	return at + (s[at] == '\a' ? 1 : 2);
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

void
key_decoder_feed(struct key_decoder *d, const char *bytes, size_t len)
{
	buf_append(&d->pending, bytes, len);
	while (d->pending.len > 0) {
		const char *s = d->pending.data;
		size_t used;

		if (d->in_paste)
			used = take_paste(d, s, d->pending.len);
		else if (d->in_string)
			used = take_string(d, s, d->pending.len);
		else if (s[0] == '\033')
			used = take_escape(d, s, d->pending.len);
		else
			used = take_character(d, s, d->pending.len, 0);
		if (used == TAKEN_NEED_MORE)
			return;
		buf_consume(&d->pending, used);
	}
}

/* Nobody types this much by chance: the rest may be long in coming. */
static bool
is_background_answer(const struct buf *b)
{
	size_t len = strlen(BACKGROUND_ANSWER);

	return b->len >= len && memcmp(b->data, BACKGROUND_ANSWER, len) == 0;
}

bool
key_decoder_is_waiting(const struct key_decoder *d)
{
	return d->pending.len > 0 && !d->in_paste &&
	       !(d->in_string && is_background_answer(&d->pending));
}

void
key_decoder_timeout(struct key_decoder *d)
{
	if (!key_decoder_is_waiting(d))
		return;
	if (d->in_string) {		/* Alt-] and keys behind it */
		d->in_string = false;
		emit(d, K_ALT | ']');
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
