/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A text to a list of commands; see tape.h.  commands.tbl says which command
 * has which form of arguments.
 */
#include "src/tape/tape.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/regex.h"
#include "src/base/xalloc.h"
#include "src/tape/arguments.h"
#include "src/tape/keys.h"
#include "src/tape/line.h"
#include "src/tape/settings.h"
#include "src/tape/words.h"

#define TAPE_MAX_BYTES (4u << 20)
#define TYPING_NS 50000000ull		/* VHS's defaults */
#define WAIT_NS 15000000000ull

static int read_into(struct tape *t, const char *file, bool is_included, struct error *err);

static int
parse_source(struct tape_line *l)
{
	const char *slash = strrchr(l->tape->file, '/'), *path;

	if (line_text(l) < 0)
		return -1;
	if (l->is_included)
		return line_bad(l, "an included tape includes no other");
	path = l->cmd->text[0] == '/' || slash == NULL ? l->cmd->text :
	       arena_printf(l->tape->arena, "%.*s/%s", (int)(slash - l->tape->file), l->tape->file,
			    l->cmd->text);
	return read_into(l->tape, path, true, l->err);
}

enum form {
	FORM_NONE, FORM_TEXT, FORM_TYPE, FORM_KEY, FORM_TIME, FORM_WAIT, FORM_EXPECT, FORM_EDGE,
	FORM_YAML, FORM_SIZE, FORM_PASTE, FORM_SET, FORM_OUTPUT, FORM_REQUIRE, FORM_WORDS,
	FORM_SOURCE,
};

static int (*const parsers[])(struct tape_line *) = {
	[FORM_NONE] = line_plain, [FORM_TEXT] = line_text, [FORM_TYPE] = arguments_type,
	[FORM_KEY] = arguments_key, [FORM_TIME] = arguments_time, [FORM_WAIT] = arguments_wait,
	[FORM_EXPECT] = arguments_expect, [FORM_EDGE] = arguments_edge, [FORM_YAML] = arguments_yaml,
	[FORM_SIZE] = arguments_size, [FORM_PASTE] = arguments_paste, [FORM_SET] = settings_set,
	[FORM_OUTPUT] = settings_output, [FORM_REQUIRE] = settings_require,
	[FORM_WORDS] = arguments_words, [FORM_SOURCE] = parse_source,
};

static const struct { const char *word; enum form form; } commands[TAPE_OP_COUNT] = {
#define TAPE_COMMAND(id, word, form, help) [TAPE_##id] = { word, FORM_##form },
#include "src/tape/commands.tbl"
#undef TAPE_COMMAND
};

/* Finds the command of a line's first word; the suffix begins at + or @. */
static bool
find_command(struct tape_line *l)
{
	const char *word = l->words->items[0].text;
	size_t len = strcspn(word, "+@");

	for (unsigned i = 0; i < TAPE_OP_COUNT; i++)
		if (i != TAPE_KEY && strlen(commands[i].word) == len &&
		    memcmp(commands[i].word, word, len) == 0) {
			l->cmd->op = (enum tape_op)i;
			l->suffix = word + len;
			return true;
		}
	l->cmd->op = TAPE_KEY;
	l->cmd->bytes = keys_bytes(l->tape->arena, word, &l->suffix);
	return l->cmd->bytes != NULL;
}

static bool
is_setting(enum tape_op op)
{
	return op == TAPE_SET || op == TAPE_OUTPUT || op == TAPE_REQUIRE || op == TAPE_ENV ||
	       op == TAPE_SOURCE;
}

static int
parse_line(struct tape *t, const char *text, size_t len, unsigned number, bool is_included,
	   bool *is_started, struct error *err)
{
	struct tape_command cmd = { .line = number };
	struct words words;
	struct tape_line l = { .tape = t, .cmd = &cmd, .words = &words, .suffix = "", .next = 1,
			  .is_included = is_included, .is_started = *is_started, .err = err };

	if (words_split(t->arena, text, len, &words, err) < 0)
		return -1;
	if (words.count == 0)
		return 0;
	if (!find_command(&l)) {
		error_setf(err, ERROR_SYNTAX, "%s is not a command of tapes", words.items[0].text);
		return error_at(err, NULL, 0, words.items[0].col);
	}
	if (parsers[commands[cmd.op].form](&l) < 0) {
		regex_free(&cmd.pattern);
		return -1;
	}
	if (l.next < words.count) {
		regex_free(&cmd.pattern);
		return line_bad(&l, "this word is one too many");
	}
	*is_started |= !is_setting(cmd.op);
	if (cmd.op != TAPE_SOURCE)
		vec_push(&t->commands, cmd);
	return 0;
}

static int
parse_into(struct tape *t, const char *file, const char *text, size_t len, bool is_included,
	   struct error *err)
{
	static const char mark[] = "\xef\xbb\xbf";	/* byte order, as some editors write it */
	unsigned number = 0;
	bool is_started = is_included || t->commands.len > 0;
	size_t pos = len >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;

	while (pos < len) {
		const char *end = memchr(text + pos, '\n', len - pos);
		size_t line_len = end != NULL ? (size_t)(end - text) - pos : len - pos;
		struct error why = ERROR_INIT;

		number++;
		if (memchr(text + pos, '\0', line_len) != NULL) {
			error_setf(&why, ERROR_SYNTAX, "a NUL byte: not a text");
		} else if (parse_line(t, text + pos, line_len, number, is_included, &is_started,
				      &why) == 0) {
			pos += line_len + 1;
			continue;
		}
		if (why.line == 0) {
			unsigned col = why.col > 0 ? why.col : 1;

			why.col = 0;
			error_at(&why, file, number, col);
		}
		if (err != NULL)
			*err = why;
		return -1;
	}
	return 0;
}

static int
read_into(struct tape *t, const char *file, bool is_included, struct error *err)
{
	struct buf text = BUF_INIT;
	int result = file_read(file, TAPE_MAX_BYTES, &text, err);

	if (result == 0)
		result = parse_into(t, file, buf_str(&text), text.len, is_included, err);
	buf_fini(&text);
	return result;
}

static struct tape *
tape_new(const char *file)
{
	struct tape *t = xcalloc(1, sizeof(*t));

	t->arena = arena_new();
	t->file = arena_strdup(t->arena, file);
	t->cols = 80;
	t->rows = 24;
	t->typing_ns = TYPING_NS;
	t->wait_timeout_ns = WAIT_NS;
	t->wait_pattern = ">$";
	return t;
}

struct tape *
tape_parse(const char *file, const char *text, size_t len, struct error *err)
{
	struct tape *t = tape_new(file);

	if (parse_into(t, file, text, len, false, err) < 0)
		tape_free(&t);
	return t;
}

struct tape *
tape_read(const char *file, struct error *err)
{
	struct tape *t = tape_new(file);

	if (read_into(t, file, false, err) < 0)
		tape_free(&t);
	return t;
}

void
tape_free(struct tape **tp)
{
	struct tape *t = *tp;

	if (t == NULL)
		return;
	for (size_t i = 0; i < t->commands.len; i++)
		regex_free(&t->commands.items[i].pattern);
	vec_fini(&t->commands);
	vec_fini(&t->notes);
	vec_fini(&t->outputs);
	arena_free(&t->arena);
	free(t);
	*tp = NULL;
}
