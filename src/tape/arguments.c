/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One function for each form of arguments; see arguments.h. */
#include "src/tape/arguments.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/regex.h"
#include "src/tape/line.h"
#include "src/tape/tape.h"
#include "src/tape/words.h"

#define EDGE_OVER_S 60.0

int
arguments_type(struct tape_line *l)
{
	const struct word *w;
	struct buf all = BUF_INIT;

	/* Several texts are typed one after another, as VHS does. */
	if (line_time(l, l->suffix) < 0)
		return -1;
	if (l->next == l->words->count)
		return line_bad(l, "a text is missing");
	while ((w = line_word(l)) != NULL) {
		if (all.len > 0)
			buf_putc(&all, ' ');
		buf_puts(&all, w->text);
	}
	l->cmd->text = arena_strdup(l->tape->arena, buf_str(&all));
	buf_fini(&all);
	return 0;
}

int
arguments_time(struct tape_line *l)
{
	const struct word *w = line_word(l);
	unsigned long long ns;

	if (w == NULL || !words_duration(w->text, &ns))
		return line_bad(l, "needs a duration (0.5, 500ms, 2s, 1m)");
	l->cmd->duration_ns = ns;
	return line_plain(l);
}

static int
set_pattern(struct tape_line *l, const char *text)
{
	struct error why = ERROR_INIT;

	l->cmd->text = text;
	l->cmd->pattern = regex_new_search(text, 0, &why);
	if (l->cmd->pattern == NULL) {
		error_setf(l->err, ERROR_SYNTAX, "/%s/ is not a pattern: %s", text, why.msg);
		return error_at(l->err, NULL, 0, l->words->items[l->next - 1].col);
	}
	return 0;
}

int
arguments_wait(struct tape_line *l)
{
	const char *at = strchr(l->suffix, '@');
	size_t scope = at != NULL ? (size_t)(at - l->suffix) : strlen(l->suffix);
	const struct word *w;

	l->cmd->on_line = !(scope == 7 && memcmp(l->suffix, "+Screen", 7) == 0);
	if (l->cmd->on_line && scope != 0 && !(scope == 5 && memcmp(l->suffix, "+Line", 5) == 0))
		return line_bad(l, "only +Screen or +Line may follow");
	if (line_time(l, at != NULL ? at : "") < 0)
		return -1;
	w = line_word(l);
	if (w == NULL)
		return set_pattern(l, l->tape->wait_pattern);
	if (w->kind != WORD_REGEX)
		return line_bad(l, "the pattern must stand between slashes");
	return set_pattern(l, w->text);
}

int
arguments_expect(struct tape_line *l)
{
	const struct word *w = line_word(l);
	char *end;

	if (strcmp(l->suffix, "+Line") == 0) {
		l->cmd->on_line = true;
		l->cmd->count = w != NULL ? (unsigned)strtoul(w->text, &end, 10) : 0;
		if (w == NULL || *end != '\0' || l->cmd->count == 0)
			return line_bad(l, "+Line needs the number of a line, from 1");
		w = line_word(l);
	} else if (l->suffix[0] != '\0' && strcmp(l->suffix, "+Screen") != 0) {
		return line_bad(l, "only +Line N or +Screen may follow");
	}
	if (w != NULL && w->kind == WORD_BARE && strcmp(w->text, "not") == 0) {
		l->cmd->is_negated = true;
		w = line_word(l);
	}
	if (w == NULL || w->kind != WORD_REGEX)
		return line_bad(l, "needs a pattern between slashes");
	return set_pattern(l, w->text);
}

static int
parse_comparison(struct tape_line *l, const char *field)
{
	static const char *const fields[] = { "rate", "errors", "share", "avg", "p50", "p95",
					      "p99", NULL };
	static const struct { const char *text; int op; } ops[] = {
		{ "<", COMPARE_LT }, { "<=", COMPARE_LE }, { "=", COMPARE_EQ }, { "==", COMPARE_EQ },
		{ "!=", COMPARE_NE }, { ">=", COMPARE_GE }, { ">", COMPARE_GT },
	};
	const struct word *op = line_word(l), *number = line_word(l);
	char *end;

	if (!words_one_of(field, fields))
		return line_bad(l, "the field must be rate, errors, share, avg, p50, p95 or p99");
	if (op == NULL || number == NULL)
		return line_bad(l, "a comparison and a number must follow the field");
	l->cmd->field = field;
	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		if (strcmp(op->text, ops[i].text) == 0)
			l->cmd->compare = ops[i].op;
	if (l->cmd->compare == COMPARE_NONE)
		return line_bad(l, "the comparison must be < <= = != >= or >");
	l->cmd->number = strtod(number->text, &end);
	if (end == number->text || *end != '\0')
		return line_bad(l, "the comparison needs a number");
	return 0;
}

static int
parse_edge_option(struct tape_line *l, const char *word)
{
	static const char *const reporters[] = { "source", "destination", "both", NULL };
	static const char *const protocols[] = { "http", "grpc", "tcp", NULL };
	const struct word *value;
	unsigned long long ns;

	if (strcmp(word, "reporter") != 0 && strcmp(word, "protocol") != 0 &&
	    strcmp(word, "over") != 0)
		return parse_comparison(l, word);
	value = line_word(l);
	if (value == NULL)
		return line_bad(l, "a word is missing");
	if (word[0] == 'o') {
		if (!words_duration(value->text, &ns) || ns == 0)
			return line_bad(l, "over needs a duration");
		l->cmd->over_s = (double)ns / 1e9;
	} else if (word[0] == 'r') {
		if (!words_one_of(value->text, reporters))
			return line_bad(l, "reporter must be source, destination or both");
		l->cmd->reporter = value->text;
	} else {
		if (!words_one_of(value->text, protocols))
			return line_bad(l, "protocol must be http, grpc or tcp");
		l->cmd->protocol = value->text;
	}
	return 0;
}

int
arguments_edge(struct tape_line *l)
{
	const struct word *from, *arrow, *to, *w;

	if (l->suffix[0] != '\0' && l->cmd->op == TAPE_EXPECT_EDGE)
		return line_bad(l, "takes no time; use WaitEdge");
	if (line_time(l, l->suffix) < 0)
		return -1;
	l->cmd->over_s = EDGE_OVER_S;
	w = l->next < l->words->count ? &l->words->items[l->next] : NULL;
	if (w != NULL && w->kind == WORD_BARE && strcmp(w->text, "not") == 0) {
		l->cmd->is_negated = true;
		l->next++;
	}
	from = line_word(l);
	arrow = line_word(l);
	to = line_word(l);
	if (from == NULL || arrow == NULL || to == NULL || strcmp(arrow->text, "->") != 0)
		return line_bad(l, "needs \"FROM\" -> \"TO\"");
	l->cmd->from = from->text;
	l->cmd->to = to->text;
	if (strchr(from->text, '/') == NULL || strchr(to->text, '/') == NULL)
		return line_bad(l, "an end is NAMESPACE/NAME or service:NAMESPACE/NAME");
	while ((w = line_word(l)) != NULL)
		if (parse_edge_option(l, w->text) < 0)
			return -1;
	return 0;
}

int
arguments_yaml(struct tape_line *l)
{
	const struct word *kind = line_word(l), *name = line_word(l), *path = line_word(l);
	const struct word *value = line_word(l);

	if (kind == NULL || name == NULL || path == NULL)
		return line_bad(l, "needs KIND NAME.NS PATH [VALUE]");
	if (strchr(name->text, '.') == NULL)
		return line_bad(l, "the name must be NAME.NS");
	l->cmd->kind = kind->text;
	l->cmd->name = name->text;
	l->cmd->path = path->text;
	l->cmd->value = value != NULL ? value->text : NULL;
	return line_plain(l);
}

int
arguments_size(struct tape_line *l)
{
	const struct word *w = line_word(l);

	if (w == NULL || !words_size(w->text, &l->cmd->cols, &l->cmd->rows))
		return line_bad(l, "needs COLSxROWS, at most 1000x500");
	return line_plain(l);
}

int
arguments_paste(struct tape_line *l)
{
	const struct word *w = line_word(l);

	l->cmd->text = w != NULL ? w->text : NULL;
	return line_plain(l);
}

int
arguments_words(struct tape_line *l)
{
	line_note(l, l->words->items[0].text);
	l->next = l->words->count;
	return 0;
}

int
arguments_key(struct tape_line *l)
{
	const struct word *w;
	char *end;

	if (line_time(l, l->suffix) < 0)
		return -1;
	l->cmd->count = 1;
	w = line_word(l);
	if (w == NULL)
		return 0;
	l->cmd->count = (unsigned)strtoul(w->text, &end, 10);
	if (*end != '\0' || l->cmd->count == 0 || l->cmd->count > 10000)
		return line_bad(l, "a count from 1 to 10000 may follow a key");
	return 0;
}
