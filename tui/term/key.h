/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys: codes, names, and the decoder from a terminal's bytes.
 *
 * The decoder knows the sequences of the common terminals by grammar (CSI,
 * SS3, Linux console, rxvt), so it needs no terminfo and no answer from the
 * terminal.  Answers that come, late or unasked, never become keys.
 */
#ifndef MESHTOP_TUI_KEY_H
#define MESHTOP_TUI_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* A code point, a control character (Ctrl-R is 0x12), or one of these. */
enum key_special {
	K_NONE = 0,
	K_TAB = 9, K_ENTER = 13, K_ESC = 27, K_SPACE = ' ',
	K_SPECIAL = 0x200000,
	K_BACKSPACE = K_SPECIAL, K_UP, K_DOWN, K_LEFT, K_RIGHT, K_HOME, K_END, K_PAGE_UP,
	K_PAGE_DOWN, K_INSERT, K_DELETE, K_BACK_TAB,
	K_F1, K_F2, K_F3, K_F4, K_F5, K_F6, K_F7, K_F8, K_F9, K_F10, K_F11, K_F12,
	K_SPECIAL_END,
};
#define K_CTRL(c) ((uint32_t)(c) & 0x1f)
#define K_ALT 0x1000000u	/* bits on top */
#define K_WITH_CTRL 0x2000000u	/* with special keys only */
#define K_WITH_SHIFT 0x4000000u
#define K_CODE(key) ((key) & 0xffffffu)

/* Is it a character that a text field takes? */
bool key_is_text(uint32_t key);
/* "Enter", "Ctrl-R", "Alt-x", "PageDown", "a".  K_NONE for no key's name. */
uint32_t key_parse(const char *name);
void key_name(uint32_t key, struct buf *out);
/* The bytes an xterm sends for the key: what readline is fed. */
void key_encode(uint32_t key, struct buf *out);

enum mouse_button { MOUSE_LEFT, MOUSE_MIDDLE, MOUSE_RIGHT, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

struct mouse_press {
	enum mouse_button button;
	unsigned col, row;	/* from 0 */
	bool with_shift;	/* a wheel then turns sideways */
};

/* What a terminal answers to a question (tui/term/probe.h). */
struct term_answer {
	enum {
		ANSWER_MODE,		/* a: mode, b: its state (1 set, 2 reset, 0 unknown) */
		ANSWER_BACKGROUND,	/* a, b, c: red, green, blue of 16 bits each */
		ANSWER_POSITION,	/* a, b: row and column of the cursor, from 1 */
		ANSWER_DEVICE,		/* what every terminal tells: the last answer */
	} kind;
	unsigned a, b, c;
};

struct key_sink {
	void (*on_key)(void *arg, uint32_t key);
	void (*on_mouse)(void *arg, const struct mouse_press *press);	/* may be NULL */
	void (*on_answer)(void *arg, const struct term_answer *answer);	/* may be NULL */
	/* A bracketed paste; borrowed, not sanitized. */
	void (*on_paste)(void *arg, const char *text, size_t len);
	void *arg;
};

#define KEY_PASTE_MAX 65536u	/* bytes of one paste; the rest is dropped */

struct key_decoder;

struct key_decoder *key_decoder_new(const struct key_sink *sink);
void key_decoder_free(struct key_decoder **dp);
/* So many reports of the cursor's place were asked for.  Others mean nothing, but
 * those of row 1 look like F3 with modifiers and are taken for that. */
void key_decoder_expect_positions(struct key_decoder *d, unsigned count);
/* With the mouse on: a terminal that knows only the old reports is understood. */
void key_decoder_expect_mouse(struct key_decoder *d, bool on);
void key_decoder_feed(struct key_decoder *d, const char *bytes, size_t len);
/* True while bytes wait that may be keys or the start of a sequence:
 * call key_decoder_timeout() after the escape delay without further bytes. */
bool key_decoder_is_waiting(const struct key_decoder *d);
/* Amid what cannot have been typed: call key_decoder_timeout() when there is no hope
 * for the rest.  A paste that has stalled so is not left by that, but by Ctrl-C
 * alone: its text must not run as keys however late it comes. */
bool key_decoder_is_amid(const struct key_decoder *d);
void key_decoder_timeout(struct key_decoder *d);

#endif
