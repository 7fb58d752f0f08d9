/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sequence says as a key; see key_report.h. */
#include "tui/term/key_report.h"

#include "src/base/assert.h"
#include "tui/term/key.h"

uint32_t
key_with_modifiers(uint32_t key, unsigned parameter)
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

uint32_t
key_of_number(unsigned number)
{
	static const uint32_t keys[] = {
		[1] = K_HOME, [2] = K_INSERT, [3] = K_DELETE, [4] = K_END, [5] = K_PAGE_UP,
		[6] = K_PAGE_DOWN, [7] = K_HOME, [8] = K_END, [11] = K_F1, [12] = K_F2,
		[13] = K_F3, [14] = K_F4, [15] = K_F5, [17] = K_F6, [18] = K_F7, [19] = K_F8,
		[20] = K_F9, [21] = K_F10, [23] = K_F11, [24] = K_F12,
	};

	return number < ARRAY_LEN(keys) ? keys[number] : K_NONE;
}

uint32_t
key_of_letter(char letter)
{
	switch (letter) {
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

/* Keys of kitty's keypad and of what stands above it. */
static uint32_t
keypad_key(unsigned code)
{
	static const char figures[] = "0123456789./*-+\r=";
	static const uint32_t moves[] = {
		K_LEFT, K_RIGHT, K_UP, K_DOWN, K_PAGE_UP, K_PAGE_DOWN, K_HOME, K_END, K_INSERT,
		K_DELETE,
	};

	if (code >= 57399 && code < 57399 + sizeof(figures) - 1)
		return (unsigned char)figures[code - 57399];
	if (code >= 57417 && code < 57417 + ARRAY_LEN(moves))
		return moves[code - 57417];
	return K_NONE;
}

uint32_t
key_of_report(unsigned code, unsigned modifiers)
{
	unsigned bits = modifiers > 1 ? modifiers - 1 : 0;
	bool is_letter = (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
	uint32_t alt = (bits & 2) != 0 ? K_ALT : 0;

	if (code >= 0xd800 && code <= 0xf8ff) {
		uint32_t key = keypad_key(code);

		return key >= K_SPECIAL ? key_with_modifiers(key, modifiers) : key;
	}
	if (code == K_TAB && (bits & 1) != 0)
		return K_BACK_TAB | alt;
	if (code == 0x7f || code == 8)
		return K_BACKSPACE | alt;
	if (code == K_TAB || code == K_ENTER || code == K_ESC)
		return code | alt;
	if (code < ' ' || (code >= 0x80 && code < 0xa0) || code > 0x10ffff)
		return K_NONE;
	if ((bits & 4) != 0)
		return is_letter || (code >= '@' && code <= '_') ? K_CTRL(code) | alt : K_NONE;
	if ((bits & 1) != 0 && code >= 'a' && code <= 'z')
		code -= 'a' - 'A';
	return code | alt;
}
