/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line while it is read; see line.h. */
#include "src/tape/line.h"

#include "src/base/arena.h"
#include "src/base/error.h"
#include "src/tape/tape.h"
#include "src/tape/words.h"

const struct word *
line_word(struct tape_line *l)
{
	return l->next < l->words->count ? &l->words->items[l->next++] : NULL;
}

int
line_bad(struct tape_line *l, const char *what)
{
	const struct word *w = l->next < l->words->count ? &l->words->items[l->next] :
			       &l->words->items[l->words->count - 1];

	error_setf(l->err, ERROR_SYNTAX, "%s: %s", l->words->items[0].text, what);
	return error_at(l->err, NULL, 0, w->col);
}

int
line_time(struct tape_line *l, const char *suffix)
{
	unsigned long long ns;

	if (suffix[0] == '\0')
		return 0;
	if (suffix[0] != '@' || !words_duration(suffix + 1, &ns))
		return line_bad(l, "the time after @ is not a duration (500ms, 2s)");
	l->cmd->duration_ns = ns;
	l->cmd->has_duration = true;
	return 0;
}

int
line_plain(struct tape_line *l)
{
	return l->suffix[0] == '\0' ? 0 : line_bad(l, "takes no suffix");
}

int
line_text(struct tape_line *l)
{
	const struct word *w = line_word(l);

	if (w == NULL)
		return line_bad(l, "a text is missing");
	l->cmd->text = w->text;
	return line_plain(l);
}

void
line_note(struct tape_line *l, const char *what)
{
	vec_push(&l->tape->notes, arena_printf(l->tape->arena, "%u: %s %s", l->cmd->line, what,
					       "is noted and ignored"));
}
