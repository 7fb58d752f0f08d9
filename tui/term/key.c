/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of keys and the bytes that stand for them.
 */
#include "tui/term/key.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/text.h"

/* Special keys: name, other name, xterm bytes behind ESC. */
static const struct {
	const char *name, *other;
	uint32_t key;
	const char *bytes;
} names[] = {
	{ "Enter", "Return", K_ENTER, "\r" },
	{ "Tab", "", K_TAB, "\t" },
	{ "Esc", "Escape", K_ESC, "\033" },
	{ "Space", "", K_SPACE, " " },
	{ "Backspace", "BS", K_BACKSPACE, "\177" },
	{ "Up", "", K_UP, "\033[A" },
	{ "Down", "", K_DOWN, "\033[B" },
	{ "Right", "", K_RIGHT, "\033[C" },
	{ "Left", "", K_LEFT, "\033[D" },
	{ "Home", "", K_HOME, "\033[H" },
	{ "End", "", K_END, "\033[F" },
	{ "PageUp", "PgUp", K_PAGE_UP, "\033[5~" },
	{ "PageDown", "PgDn", K_PAGE_DOWN, "\033[6~" },
	{ "Insert", "Ins", K_INSERT, "\033[2~" },
	{ "Delete", "Del", K_DELETE, "\033[3~" },
	{ "Shift-Tab", "BackTab", K_BACK_TAB, "\033[Z" },
	{ "F1", "", K_F1, "\033OP" }, { "F2", "", K_F2, "\033OQ" },
	{ "F3", "", K_F3, "\033OR" }, { "F4", "", K_F4, "\033OS" },
	{ "F5", "", K_F5, "\033[15~" }, { "F6", "", K_F6, "\033[17~" },
	{ "F7", "", K_F7, "\033[18~" }, { "F8", "", K_F8, "\033[19~" },
	{ "F9", "", K_F9, "\033[20~" }, { "F10", "", K_F10, "\033[21~" },
	{ "F11", "", K_F11, "\033[23~" }, { "F12", "", K_F12, "\033[24~" },
};

bool
key_is_text(uint32_t key)
{
	return key >= ' ' && key < 0x110000 && key != 0x7f && !(key >= 0x80 && key < 0xa0);
}

static uint32_t
parse_plain(const char *name)
{
	uint32_t cp;
	bool ok;
	size_t len = strlen(name);

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcasecmp(name, names[i].name) == 0 ||
		    (names[i].other[0] != '\0' && strcasecmp(name, names[i].other) == 0))
			return names[i].key;
	}
	if (len == 0 || text_decode(name, len, &cp, &ok) != len || !ok)
		return K_NONE;
	return cp;
}

static bool
take_prefix(const char **name, const char *word)
{
	size_t len = strlen(word);

	if (strncasecmp(*name, word, len) != 0 || ((*name)[len] != '-' && (*name)[len] != '+') ||
	    (*name)[len + 1] == '\0')
		return false;
	*name += len + 1;
	return true;
}

uint32_t
key_parse(const char *name)
{
	uint32_t mods = 0, key = parse_plain(name);
	bool ctrl = false;

	if (key != K_NONE)
		return key;
	for (;;) {
		if (take_prefix(&name, "Ctrl"))
			ctrl = true;
		else if (take_prefix(&name, "Alt"))
			mods |= K_ALT;
		else if (take_prefix(&name, "Shift"))
			mods |= K_WITH_SHIFT;
		else
			break;
	}
	key = parse_plain(name);
	if (key == K_NONE)
		return K_NONE;
	if (key == K_TAB && (mods & K_WITH_SHIFT) != 0)
		return K_BACK_TAB;
	if (ctrl && key == K_SPACE)
		return K_NONE;		/* NUL cannot be a key */
	if (ctrl && key < 0x80)
		return mods | K_CTRL(key);
	return mods | key | (ctrl ? K_WITH_CTRL : 0);
}

void
key_name(uint32_t key, struct buf *out)
{
	uint32_t code = K_CODE(key);
	char bytes[4];

	if ((key & K_WITH_CTRL) != 0)
		buf_puts(out, "Ctrl-");
	if ((key & K_ALT) != 0)
		buf_puts(out, "Alt-");
	if ((key & K_WITH_SHIFT) != 0)
		buf_puts(out, "Shift-");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (names[i].key == code) {
			buf_puts(out, names[i].name);
			return;
		}
	}
	if (code < ' ')
		buf_printf(out, "Ctrl-%c", (char)(code + '@'));
	else if (!text_cp_is_unsafe(code))
		buf_append(out, bytes, text_encode(code, bytes));
	else
		buf_putc(out, '?');
}

void
key_encode(uint32_t key, struct buf *out)
{
	uint32_t code = K_CODE(key);
	char bytes[4];

	if ((key & K_ALT) != 0)
		buf_putc(out, '\033');
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (names[i].key != code)
			continue;
		if ((key & K_WITH_CTRL) != 0 && code >= K_UP && code <= K_END)
			buf_printf(out, "\033[1;5%c", names[i].bytes[2]);
		else
			buf_puts(out, names[i].bytes);
		return;
	}
	if (code < K_SPECIAL)
		buf_append(out, bytes, text_encode(code, bytes));
}
