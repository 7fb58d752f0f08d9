/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of keys; see keys.h. */
#include "src/tape/keys.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"

static const struct { const char *name, *bytes, *prefix, *final; } keys[] = {
#define TAPE_KEY(name, bytes, prefix, final) { name, bytes, prefix, final },
#include "src/tape/keys.tbl"
#undef TAPE_KEY
};

enum { MOD_SHIFT = 1, MOD_ALT = 2, MOD_CTRL = 4 };

static const char *
modified_key(struct arena *a, const char *name, unsigned mods)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (strcmp(name, keys[i].name) != 0)
			continue;
		if (mods == 0)
			return keys[i].bytes;
		if (mods == MOD_SHIFT && strcmp(name, "Tab") == 0)
			return "\033[Z";
		if (keys[i].prefix[0] != '\0')
			return arena_printf(a, "\033[%s;%u%s", keys[i].prefix, mods + 1, keys[i].final);
		if (mods == MOD_ALT)
			return arena_printf(a, "\033%s", keys[i].bytes);
		return mods == MOD_CTRL && strcmp(name, "Space") == 0 ? NULL : keys[i].bytes;
	}
	return NULL;
}

static const char *
modified_character(struct arena *a, const char *c, unsigned mods)
{
	char key = c[0];

	if (c[0] == '\0' || (c[1] != '\0' && (c[0] & 0x80) == 0))
		return NULL;
	if (mods & MOD_SHIFT && key >= 'a' && key <= 'z')
		key = (char)(key - 'a' + 'A');
	if (mods & MOD_CTRL) {
		if (key == '?')
			key = 0x7f;
		else if (strchr("@[\\]^_", key) != NULL || (key >= 'a' && key <= 'z') ||
			 (key >= 'A' && key <= 'Z'))
			key &= 0x1f;
		else
			return NULL;
		if (key == '\0')
			return NULL;
	}
	return arena_printf(a, "%s%c%s", mods & MOD_ALT ? "\033" : "", key, c + 1);
}

const char *
keys_bytes(struct arena *a, const char *word, const char **suffix)
{
	static const struct { const char *name; unsigned bit; } mods[] = {
		{ "Ctrl+", MOD_CTRL }, { "Alt+", MOD_ALT }, { "Shift+", MOD_SHIFT },
	};
	unsigned set = 0;
	const char *at, *name;

	for (size_t i = 0; i < ARRAY_LEN(mods); i++) {
		size_t len = strlen(mods[i].name);

		if (strncmp(word, mods[i].name, len) == 0) {
			set |= mods[i].bit;
			word += len;
			i = (size_t)-1;	/* modifiers come in any order */
		}
	}
	at = word[0] != '\0' ? strchr(word + 1, '@') : NULL;
	*suffix = at != NULL ? at : "";
	name = at != NULL ? arena_strndup(a, word, (size_t)(at - word)) : word;
	at = modified_key(a, name, set);
	if (at != NULL || set == 0)
		return at;
	return modified_character(a, name, set);
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

bool
keys_name(const char *bytes, size_t len, struct buf *out)
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
