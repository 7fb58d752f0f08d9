/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Set, Output and Require; see settings.h. */
#include "src/tape/settings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/arena.h"
#include "src/base/xalloc.h"
#include "src/tape/line.h"
#include "src/tape/tape.h"
#include "src/tape/words.h"

/* VHS's settings that say how a picture looks. */
static const char *const graphical[] = {
	"Shell", "FontFamily", "FontSize", "LetterSpacing", "LineHeight", "Padding", "Margin",
	"MarginFill", "WindowBar", "WindowBarSize", "BorderRadius", "Theme", "Framerate",
	"PlaybackSpeed", "LoopOffset", "CursorBlink", NULL,
};

/* Width and Height are cells below 500, else pixels of VHS's usual font. */
static bool
set_extent(const char *text, unsigned pixels, unsigned *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || *end != '\0' || n == 0 || n > 10000)
		return false;
	*out = (unsigned)(n < 500 ? n : n / pixels);
	return true;
}

static int
set_choice(struct tape_line *l, const char *name, const char *value)
{
	struct tape *t = l->tape;
	unsigned long long ns;
	char *end;

	if (strcmp(name, "Size") == 0)
		return words_size(value, &t->cols, &t->rows) ? 0 : line_bad(l, "Size needs COLSxROWS");
	if (strcmp(name, "Width") == 0)
		return set_extent(value, 10, &t->cols) ? 0 : line_bad(l, "Width needs a number");
	if (strcmp(name, "Height") == 0)
		return set_extent(value, 20, &t->rows) ? 0 : line_bad(l, "Height needs a number");
	if (strcmp(name, "Glyphs") == 0) {
		return glyph_level_parse(value, &t->glyphs) ? 0 :
		       line_bad(l, "Glyphs must be unicode, light or ascii");
	}
	if (strcmp(name, "Target") == 0) {
		t->target = value;
		return 0;
	}
	if (strcmp(name, "Pace") == 0) {
		t->pace = strtod(value, &end);
		return end != value && *end == '\0' && t->pace > 0 && t->pace <= 10000 ? 0 :
		       line_bad(l, "Pace needs a number above 0");
	}
	if (strcmp(name, "TypingSpeed") == 0 || strcmp(name, "WaitTimeout") == 0) {
		if (!words_duration(value, &ns))
			return line_bad(l, "needs a duration");
		*(name[0] == 'T' ? &t->typing_ns : &t->wait_timeout_ns) = ns;
		return 0;
	}
	t->wait_pattern = value;
	return 0;
}

int
settings_set(struct tape_line *l)
{
	static const char *const ours[] = { "Size", "Width", "Height", "Glyphs", "Target", "Pace",
					    "TypingSpeed", "WaitTimeout", "WaitPattern", NULL };
	const struct word *name = line_word(l), *value = line_word(l);

	if (name == NULL || value == NULL)
		return line_bad(l, "needs a name and a value");
	l->cmd->text = name->text;
	if (words_one_of(name->text, graphical)) {
		line_note(l, arena_printf(l->tape->arena, "Set %s", name->text));
		l->next = l->words->count;
		return 0;
	}
	if (!words_one_of(name->text, ours))
		return line_bad(l, arena_printf(l->tape->arena, "%s is not a setting", name->text));
	if (l->is_started && strcmp(name->text, "TypingSpeed") != 0)
		return line_bad(l, "must stand before the other commands");
	/* A changed typing speed holds from here on: the command is kept. */
	if (set_choice(l, name->text, value->text) < 0)
		return -1;
	l->cmd->duration_ns = l->tape->typing_ns;
	return line_plain(l);
}

static bool
has_ending(const char *file, const char *const *endings)
{
	const char *dot = strrchr(file, '.');

	return dot != NULL && words_one_of(dot, endings);
}

int
settings_output(struct tape_line *l)
{
	static const char *const written[] = { ".txt", ".ascii", ".test", ".cast", NULL };

	if (line_text(l) < 0)
		return -1;
	if (has_ending(l->cmd->text, written))
		vec_push(&l->tape->outputs, l->cmd->text);
	else
		line_note(l, arena_printf(l->tape->arena, "Output %s", l->cmd->text));
	return 0;
}

static bool
is_installed(const char *program)
{
	const char *path = getenv("PATH");
	bool found = false;

	if (strchr(program, '/') != NULL)
		return access(program, X_OK) == 0;
	for (const char *p = path != NULL ? path : "/usr/bin:/bin"; !found;) {
		size_t len = strcspn(p, ":");
		char *file = xasprintf("%.*s/%s", (int)len, p, program);

		found = access(file, X_OK) == 0;
		free(file);
		if (p[len] == '\0')
			break;
		p += len + 1;
	}
	return found;
}

int
settings_require(struct tape_line *l)
{
	if (line_text(l) < 0)
		return -1;
	if (!is_installed(l->cmd->text))
		return line_bad(l, arena_printf(l->tape->arena, "%s is not installed", l->cmd->text));
	return 0;
}
