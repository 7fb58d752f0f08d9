/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The grammar of tapes; see tape.h.  One function for each form of
 * arguments; commands.tbl says which command has which.
 */
#include "src/tape/tape.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/regex.h"
#include "src/tape/words.h"

#define TAPE_MAX_BYTES (4u << 20)
#define TYPING_NS 50000000ull		/* VHS's defaults */
#define WAIT_NS 15000000000ull
#define EDGE_OVER_S 60.0

/* What the parser of one line works with. */
struct line {
	struct tape *tape;
	struct tape_command *cmd;
	const struct words *words;	/* items[0] is the command */
	const char *suffix;		/* behind the command's word: "+Screen@5s" */
	size_t next;			/* first word that was not used */
	bool is_included;		/* inside Source */
	bool is_started;		/* a command that is not Set, Output, Require came before */
	struct error *err;
};

static const struct word *
next_word(struct line *l)
{
	return l->next < l->words->count ? &l->words->items[l->next++] : NULL;
}

static int
bad(struct line *l, const char *what)
{
	const struct word *w = l->next < l->words->count ? &l->words->items[l->next] :
			       &l->words->items[l->words->count - 1];

	error_setf(l->err, ERROR_SYNTAX, "%s: %s", l->words->items[0].text, what);
	return error_at(l->err, NULL, 0, w->col);
}

/* "@TIME" in a suffix; "" is fine too. */
static int
take_time(struct line *l, const char *suffix)
{
	unsigned long long ns;

	if (suffix[0] == '\0')
		return 0;
	if (suffix[0] != '@' || !words_duration(suffix + 1, &ns))
		return bad(l, "the time after @ is not a duration (500ms, 2s)");
	l->cmd->duration_ns = ns;
	l->cmd->has_duration = true;
	return 0;
}

static int
parse_none(struct line *l)
{
	return l->suffix[0] == '\0' ? 0 : bad(l, "takes no suffix");
}

static int
parse_text(struct line *l)
{
	const struct word *w = next_word(l);

	if (w == NULL)
		return bad(l, "a text is missing");
	l->cmd->text = w->text;
	return parse_none(l);
}

static int
parse_type(struct line *l)
{
	const struct word *w;
	struct buf all = BUF_INIT;

	/* Several texts are typed one after another, as VHS does. */
	if (take_time(l, l->suffix) < 0)
		return -1;
	if (l->next == l->words->count)
		return bad(l, "a text is missing");
	while ((w = next_word(l)) != NULL) {
		if (all.len > 0)
			buf_putc(&all, ' ');
		buf_puts(&all, w->text);
	}
	l->cmd->text = arena_strdup(l->tape->arena, buf_str(&all));
	buf_fini(&all);
	return 0;
}

static int
parse_time(struct line *l)
{
	const struct word *w = next_word(l);
	unsigned long long ns;

	if (w == NULL || !words_duration(w->text, &ns))
		return bad(l, "needs a duration (0.5, 500ms, 2s, 1m)");
	l->cmd->duration_ns = ns;
	return parse_none(l);
}

static int
set_pattern(struct line *l, const char *text)
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

static int
parse_wait(struct line *l)
{
	const char *at = strchr(l->suffix, '@');
	size_t scope = at != NULL ? (size_t)(at - l->suffix) : strlen(l->suffix);
	const struct word *w;

	l->cmd->on_line = !(scope == 7 && memcmp(l->suffix, "+Screen", 7) == 0);
	if (l->cmd->on_line && scope != 0 && !(scope == 5 && memcmp(l->suffix, "+Line", 5) == 0))
		return bad(l, "only +Screen or +Line may follow");
	if (take_time(l, at != NULL ? at : "") < 0)
		return -1;
	w = next_word(l);
	if (w == NULL)
		return set_pattern(l, l->tape->wait_pattern);
	if (w->kind != WORD_REGEX)
		return bad(l, "the pattern must stand between slashes");
	return set_pattern(l, w->text);
}

static int
parse_expect(struct line *l)
{
	const struct word *w = next_word(l);
	char *end;

	if (strcmp(l->suffix, "+Line") == 0) {
		l->cmd->on_line = true;
		l->cmd->count = w != NULL ? (unsigned)strtoul(w->text, &end, 10) : 0;
		if (w == NULL || *end != '\0' || l->cmd->count == 0)
			return bad(l, "+Line needs the number of a line, from 1");
		w = next_word(l);
	} else if (l->suffix[0] != '\0' && strcmp(l->suffix, "+Screen") != 0) {
		return bad(l, "only +Line N or +Screen may follow");
	}
	if (w != NULL && w->kind == WORD_BARE && strcmp(w->text, "not") == 0) {
		l->cmd->is_negated = true;
		w = next_word(l);
	}
	if (w == NULL || w->kind != WORD_REGEX)
		return bad(l, "needs a pattern between slashes");
	return set_pattern(l, w->text);
}

static bool
one_of(const char *text, const char *const *choices)
{
	for (; *choices != NULL; choices++)
		if (strcmp(text, *choices) == 0)
			return true;
	return false;
}

static int
parse_comparison(struct line *l, const char *field)
{
	static const char *const fields[] = { "rate", "errors", "share", "avg", "p50", "p95",
					      "p99", NULL };
	static const struct { const char *text; int op; } ops[] = {
		{ "<", COMPARE_LT }, { "<=", COMPARE_LE }, { "=", COMPARE_EQ }, { "==", COMPARE_EQ },
		{ "!=", COMPARE_NE }, { ">=", COMPARE_GE }, { ">", COMPARE_GT },
	};
	const struct word *op = next_word(l), *number = next_word(l);
	char *end;

	if (!one_of(field, fields))
		return bad(l, "the field must be rate, errors, share, avg, p50, p95 or p99");
	if (op == NULL || number == NULL)
		return bad(l, "a comparison and a number must follow the field");
	l->cmd->field = field;
	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		if (strcmp(op->text, ops[i].text) == 0)
			l->cmd->compare = ops[i].op;
	if (l->cmd->compare == COMPARE_NONE)
		return bad(l, "the comparison must be < <= = != >= or >");
	l->cmd->number = strtod(number->text, &end);
	if (end == number->text || *end != '\0')
		return bad(l, "the comparison needs a number");
	return 0;
}

static int
parse_edge_option(struct line *l, const char *word)
{
	static const char *const reporters[] = { "source", "destination", "both", NULL };
	static const char *const protocols[] = { "http", "grpc", "tcp", NULL };
	const struct word *value;
	unsigned long long ns;

	if (strcmp(word, "reporter") != 0 && strcmp(word, "protocol") != 0 &&
	    strcmp(word, "over") != 0)
		return parse_comparison(l, word);
	value = next_word(l);
	if (value == NULL)
		return bad(l, "a word is missing");
	if (word[0] == 'o') {
		if (!words_duration(value->text, &ns) || ns == 0)
			return bad(l, "over needs a duration");
		l->cmd->over_s = (double)ns / 1e9;
	} else if (word[0] == 'r') {
		if (!one_of(value->text, reporters))
			return bad(l, "reporter must be source, destination or both");
		l->cmd->reporter = value->text;
	} else {
		if (!one_of(value->text, protocols))
			return bad(l, "protocol must be http, grpc or tcp");
		l->cmd->protocol = value->text;
	}
	return 0;
}

static int
parse_edge(struct line *l)
{
	const struct word *from, *arrow, *to, *w;

	if (l->suffix[0] != '\0' && l->cmd->op == TAPE_EXPECT_EDGE)
		return bad(l, "takes no time; use WaitEdge");
	if (take_time(l, l->suffix) < 0)
		return -1;
	l->cmd->over_s = EDGE_OVER_S;
	w = l->next < l->words->count ? &l->words->items[l->next] : NULL;
	if (w != NULL && w->kind == WORD_BARE && strcmp(w->text, "not") == 0) {
		l->cmd->is_negated = true;
		l->next++;
	}
	from = next_word(l);
	arrow = next_word(l);
	to = next_word(l);
	if (from == NULL || arrow == NULL || to == NULL || strcmp(arrow->text, "->") != 0)
		return bad(l, "needs \"FROM\" -> \"TO\"");
	l->cmd->from = from->text;
	l->cmd->to = to->text;
	if (strchr(from->text, '/') == NULL || strchr(to->text, '/') == NULL)
		return bad(l, "an end is NAMESPACE/NAME or service:NAMESPACE/NAME");
	while ((w = next_word(l)) != NULL)
		if (parse_edge_option(l, w->text) < 0)
			return -1;
	return 0;
}

static int
parse_yaml(struct line *l)
{
	const struct word *kind = next_word(l), *name = next_word(l), *path = next_word(l);
	const struct word *value = next_word(l);

	if (kind == NULL || name == NULL || path == NULL)
		return bad(l, "needs KIND NAME.NS PATH [VALUE]");
	if (strchr(name->text, '.') == NULL)
		return bad(l, "the name must be NAME.NS");
	l->cmd->kind = kind->text;
	l->cmd->name = name->text;
	l->cmd->path = path->text;
	l->cmd->value = value != NULL ? value->text : NULL;
	return parse_none(l);
}

static int
parse_size(struct line *l)
{
	const struct word *w = next_word(l);

	if (w == NULL || !words_size(w->text, &l->cmd->cols, &l->cmd->rows))
		return bad(l, "needs COLSxROWS, at most 1000x500");
	return parse_none(l);
}

static int
parse_paste(struct line *l)
{
	const struct word *w = next_word(l);

	l->cmd->text = w != NULL ? w->text : NULL;
	return parse_none(l);
}

static void
note(struct line *l, const char *what)
{
	vec_push(&l->tape->notes, arena_printf(l->tape->arena, "%u: %s %s", l->cmd->line, what,
					       "is noted and ignored"));
}

static int
parse_words(struct line *l)
{
	note(l, l->words->items[0].text);
	l->next = l->words->count;
	return 0;
}

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
set_choice(struct line *l, const char *name, const char *value)
{
	struct tape *t = l->tape;
	unsigned long long ns;
	char *end;

	if (strcmp(name, "Size") == 0)
		return words_size(value, &t->cols, &t->rows) ? 0 : bad(l, "Size needs COLSxROWS");
	if (strcmp(name, "Width") == 0)
		return set_extent(value, 10, &t->cols) ? 0 : bad(l, "Width needs a number");
	if (strcmp(name, "Height") == 0)
		return set_extent(value, 20, &t->rows) ? 0 : bad(l, "Height needs a number");
	if (strcmp(name, "Glyphs") == 0) {
		return glyph_level_parse(value, &t->glyphs) ? 0 :
		       bad(l, "Glyphs must be unicode, light or ascii");
	}
	if (strcmp(name, "Target") == 0) {
		t->target = value;
		return 0;
	}
	if (strcmp(name, "Pace") == 0) {
		t->pace = strtod(value, &end);
		return end != value && *end == '\0' && t->pace > 0 && t->pace <= 10000 ? 0 :
		       bad(l, "Pace needs a number above 0");
	}
	if (strcmp(name, "TypingSpeed") == 0 || strcmp(name, "WaitTimeout") == 0) {
		if (!words_duration(value, &ns))
			return bad(l, "needs a duration");
		*(name[0] == 'T' ? &t->typing_ns : &t->wait_timeout_ns) = ns;
		return 0;
	}
	t->wait_pattern = value;
	return 0;
}

static int
parse_set(struct line *l)
{
	static const char *const ours[] = { "Size", "Width", "Height", "Glyphs", "Target", "Pace",
					    "TypingSpeed", "WaitTimeout", "WaitPattern", NULL };
	const struct word *name = next_word(l), *value = next_word(l);

	if (name == NULL || value == NULL)
		return bad(l, "needs a name and a value");
	l->cmd->text = name->text;
	if (one_of(name->text, graphical)) {
		note(l, arena_printf(l->tape->arena, "Set %s", name->text));
		l->next = l->words->count;
		return 0;
	}
	if (!one_of(name->text, ours))
		return bad(l, arena_printf(l->tape->arena, "%s is not a setting", name->text));
	if (l->is_started && strcmp(name->text, "TypingSpeed") != 0)
		return bad(l, "must stand before the other commands");
	/* A changed typing speed holds from here on: the command is kept. */
	if (set_choice(l, name->text, value->text) < 0)
		return -1;
	l->cmd->duration_ns = l->tape->typing_ns;
	return parse_none(l);
}

static bool
has_ending(const char *file, const char *const *endings)
{
	const char *dot = strrchr(file, '.');

	return dot != NULL && one_of(dot, endings);
}

static int
parse_output(struct line *l)
{
	static const char *const written[] = { ".txt", ".ascii", ".test", ".cast", NULL };

	if (parse_text(l) < 0)
		return -1;
	if (has_ending(l->cmd->text, written))
		vec_push(&l->tape->outputs, l->cmd->text);
	else
		note(l, arena_printf(l->tape->arena, "Output %s", l->cmd->text));
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

static int
parse_require(struct line *l)
{
	if (parse_text(l) < 0)
		return -1;
	if (!is_installed(l->cmd->text))
		return bad(l, arena_printf(l->tape->arena, "%s is not installed", l->cmd->text));
	return 0;
}

static int read_into(struct tape *t, const char *file, bool is_included, struct error *err);

static int
parse_source(struct line *l)
{
	const char *slash = strrchr(l->tape->file, '/'), *path;

	if (parse_text(l) < 0)
		return -1;
	if (l->is_included)
		return bad(l, "an included tape includes no other");
	path = l->cmd->text[0] == '/' || slash == NULL ? l->cmd->text :
	       arena_printf(l->tape->arena, "%.*s/%s", (int)(slash - l->tape->file), l->tape->file,
			    l->cmd->text);
	return read_into(l->tape, path, true, l->err);
}

static const struct { const char *name, *bytes, *prefix, *final; } keys[] = {
#define TAPE_KEY(name, bytes, prefix, final) { name, bytes, prefix, final },
#include "src/tape/keys.tbl"
#undef TAPE_KEY
};

static int
parse_key(struct line *l)
{
	const struct word *w;
	char *end;

	if (take_time(l, l->suffix) < 0)
		return -1;
	l->cmd->count = 1;
	w = next_word(l);
	if (w == NULL)
		return 0;
	l->cmd->count = (unsigned)strtoul(w->text, &end, 10);
	if (*end != '\0' || l->cmd->count == 0 || l->cmd->count > 10000)
		return bad(l, "a count from 1 to 10000 may follow a key");
	return 0;
}

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

/* "Ctrl+Alt+x", "Shift+Tab", "Enter", "Up@100ms": the bytes, and in *suffix
 * what follows the key's name. */
static const char *
key_bytes(struct arena *a, const char *word, const char **suffix)
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

enum form {
	FORM_NONE, FORM_TEXT, FORM_TYPE, FORM_KEY, FORM_TIME, FORM_WAIT, FORM_EXPECT, FORM_EDGE,
	FORM_YAML, FORM_SIZE, FORM_PASTE, FORM_SET, FORM_OUTPUT, FORM_REQUIRE, FORM_WORDS,
	FORM_SOURCE,
};

static int (*const parsers[])(struct line *) = {
	[FORM_NONE] = parse_none, [FORM_TEXT] = parse_text, [FORM_TYPE] = parse_type,
	[FORM_KEY] = parse_key, [FORM_TIME] = parse_time, [FORM_WAIT] = parse_wait,
	[FORM_EXPECT] = parse_expect, [FORM_EDGE] = parse_edge, [FORM_YAML] = parse_yaml,
	[FORM_SIZE] = parse_size, [FORM_PASTE] = parse_paste, [FORM_SET] = parse_set,
	[FORM_OUTPUT] = parse_output, [FORM_REQUIRE] = parse_require, [FORM_WORDS] = parse_words,
	[FORM_SOURCE] = parse_source,
};

static const struct { const char *word; enum form form; } commands[TAPE_OP_COUNT] = {
#define TAPE_COMMAND(id, word, form, help) [TAPE_##id] = { word, FORM_##form },
#include "src/tape/commands.tbl"
#undef TAPE_COMMAND
};

/* Finds the command of a line's first word; the suffix begins at + or @. */
static bool
find_command(struct line *l)
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
	l->cmd->bytes = key_bytes(l->tape->arena, word, &l->suffix);
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
	struct line l = { .tape = t, .cmd = &cmd, .words = &words, .suffix = "", .next = 1,
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
		return bad(&l, "this word is one too many");
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
	unsigned number = 0;
	bool is_started = is_included || t->commands.len > 0;

	for (size_t pos = 0; pos < len; ) {
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
	FILE *f = fopen(file, "re");
	struct buf text = BUF_INIT;
	char chunk[8192];
	size_t got;
	int result;

	if (f == NULL)
		return error_setf(err, ERROR_SYNTAX, "%s: %s", file, strerror(errno));
	while ((got = fread(chunk, 1, sizeof(chunk), f)) > 0 && text.len < TAPE_MAX_BYTES)
		buf_append(&text, chunk, got);
	if (ferror(f))
		result = error_setf(err, ERROR_SYNTAX, "%s: %s", file, strerror(errno));
	else if (text.len >= TAPE_MAX_BYTES)
		result = error_setf(err, ERROR_SYNTAX, "%s: larger than 4 MiB", file);
	else
		result = parse_into(t, file, buf_str(&text), text.len, is_included, err);
	fclose(f);
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
