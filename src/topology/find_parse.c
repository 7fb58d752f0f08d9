/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading an expression of find or hide.
 */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/xalloc.h"
#include "src/topology/find_priv.h"

#define MOST_DEPTH 64		/* parentheses and saved expressions in each other */
#define MOST_TERMS 1000

struct criterion {
	enum find_id id;
	const char *words;
	unsigned target;
	enum find_type type;
};

#define TARGET_NODE FIND_NODES
#define TARGET_EDGE FIND_EDGES
static const struct criterion criteria[] = {
#define FIND(ID, words, about, type, help) \
	{ FIND_ID_##ID, words, TARGET_##about, FIND_##type },
#include "src/topology/find.tbl"
#undef FIND
};

static const struct {
	const char *name, *text;
} presets[] = {
	{ "slow", "rt > 1000" },
	{ "unhealthy", "! healthy" },
	{ "unknown", "name = unknown" },
	{ "top", "rank <= 2" },
	{ "healthy", "healthy" },
	{ "low", "rank > 2" },
};

static const struct {
	const char *word;
	enum find_op op;
	bool is_negated;
} operators[] = {			/* longer ones first */
	{ "!*=", FIND_CONTAINS, true }, { "!^=", FIND_STARTS, true },
	{ "!$=", FIND_ENDS, true }, { "!=", FIND_EQUAL, true },
	{ ">=", FIND_GREATER_EQUAL, false }, { "<=", FIND_LESS_EQUAL, false },
	{ "*=", FIND_CONTAINS, false }, { "^=", FIND_STARTS, false },
	{ "$=", FIND_ENDS, false }, { "=", FIND_EQUAL, false },
	{ ">", FIND_GREATER, false }, { "<", FIND_LESS, false },
}, word_operators[] = {
	{ "contains", FIND_CONTAINS, false }, { "startswith", FIND_STARTS, false },
	{ "endswith", FIND_ENDS, false },
};

struct parser {
	const char *text, *at;
	struct arena *arena;
	find_saved_fn *saved;
	void *arg;
	unsigned depth, terms;
	unsigned col;			/* of the outermost text; 0: this is it */
	struct error *err;
};

static struct find_term *parse_or(struct parser *p);

/* Returns NULL so that a failing function can return the call itself. */
static void *fail(struct parser *p, const char *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void *
fail(struct parser *p, const char *at, const char *fmt, ...)
{
	struct buf message = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&message, fmt, ap);
	va_end(ap);
	error_setf(p->err, ERROR_SYNTAX, "%s", buf_str(&message));
	buf_fini(&message);
	error_at(p->err, NULL, 1, p->col > 0 ? p->col : (unsigned)(at - p->text) + 1);
	return NULL;
}

static void
skip_blanks(struct parser *p)
{
	p->at += strspn(p->at, " \t");
}

/* Length of the word here: up to a blank, parenthesis or operator. */
static size_t
word_len(const char *at)
{
	size_t len = 0;

	while (strchr(" \t()=!<>\"'", at[len]) == NULL &&
	       !(strchr("*^$", at[len]) != NULL && at[len + 1] == '='))
		len++;
	return len;
}

static bool
is_word(const char *at, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(at, word, len) == 0;
}

/* Takes the word if it stands here. */
static bool
take_word(struct parser *p, const char *word)
{
	size_t len;

	skip_blanks(p);
	len = word_len(p->at);
	if (!is_word(p->at, len, word))
		return false;
	p->at += len;
	return true;
}

static const struct criterion *
find_criterion(const char *at, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(criteria); i++) {
		for (const char *w = criteria[i].words; *w != '\0';) {
			size_t n = strcspn(w, " ");

			if (n == len && strncasecmp(w, at, len) == 0)
				return &criteria[i];
			w += n + (w[n] == ' ');
		}
	}
	return NULL;
}

static bool
take_sign_operator(struct parser *p, struct find_term *t)
{
	for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
		size_t len = strlen(operators[i].word);

		if (strncmp(p->at, operators[i].word, len) != 0)
			continue;
		p->at += len;
		t->op = operators[i].op;
		t->is_negated = operators[i].is_negated;
		return true;
	}
	return false;
}

/* False when no operator stands here; nothing is taken then. */
static bool
take_operator(struct parser *p, struct find_term *t)
{
	const char *begin = p->at;
	bool negated = false;

	skip_blanks(p);
	if (take_sign_operator(p, t))
		return true;
	if (*p->at == '!') {
		p->at++;
		negated = true;
	} else {
		negated = take_word(p, "not");
	}
	for (size_t i = 0; i < ARRAY_LEN(word_operators); i++) {
		if (!take_word(p, word_operators[i].word))
			continue;
		t->op = word_operators[i].op;
		t->is_negated = negated;
		return true;
	}
	p->at = begin;
	return false;
}

static const char *
take_value(struct parser *p)
{
	const char *begin, *end;

	skip_blanks(p);
	begin = p->at;
	if (*begin == '"' || *begin == '\'') {
		end = strchr(begin + 1, *begin);
		if (end == NULL)
			return fail(p, begin, "the quote is not closed");
		p->at = end + 1;
		return arena_strndup(p->arena, begin + 1, (size_t)(end - begin - 1));
	}
	p->at += strcspn(begin, " \t()");
	if (p->at == begin)
		return fail(p, begin, "a value belongs here");
	return arena_strndup(p->arena, begin, (size_t)(p->at - begin));
}

/* "12", "0.5", "1s" and "250ms" for times, "5%", "NaN". */
static bool
read_number(struct find_term *t)
{
	char *end;

	if (strcasecmp(t->text, "nan") == 0) {
		t->number = (double)NAN;
		return true;
	}
	t->number = strtod(t->text, &end);
	if (end == t->text || !isfinite(t->number))
		return false;
	if (t->id == FIND_ID_RESPONSE_TIME && strcmp(end, "s") == 0)
		t->number *= 1000;
	else if (t->id == FIND_ID_RESPONSE_TIME && strcmp(end, "ms") == 0)
		return true;
	else
		return *end == '\0' || strcmp(end, "%") == 0;
	return true;
}

static bool
is_kind_word(const char *word)
{
	static const char *const words[] = {
		"app", "operation", "op", "service", "svc", "workload", "wl", "unknown",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcasecmp(word, words[i]) == 0)
			return true;
	return false;
}

static struct find_term *
finish_test(struct parser *p, struct find_term *t, enum find_type type, const char *at,
	    size_t len)
{
	const char *value_at;

	skip_blanks(p);
	value_at = p->at;
	t->text = take_value(p);
	if (t->text == NULL)
		return NULL;
	if (type == FIND_NUMBER) {
		if (t->op >= FIND_CONTAINS)
			return fail(p, at, "%.*s is a number: compare it with = != > >= < <=", (int)len, at);
		if (!read_number(t))
			return fail(p, value_at, "%.*s is no number", (int)strlen(t->text), t->text);
		return t;
	}
	if (t->op > FIND_EQUAL && t->op < FIND_CONTAINS)
		return fail(p, at, "%.*s is text: compare it with =, contains, startswith or "
			    "endswith", (int)len, at);
	if (type == FIND_KIND && (t->op != FIND_EQUAL || !is_kind_word(t->text)))
		return fail(p, value_at, "%.*s: node is app, service, workload, operation or "
			    "unknown", (int)strlen(t->text), t->text);
	return t;
}

static struct find_term *
new_term(struct parser *p, enum find_term_kind kind, unsigned targets)
{
	struct find_term *t = arena_alloc(p->arena, sizeof(*t));

	t->kind = kind;
	t->targets = targets;
	return t;
}

static struct find_term *
parse_criterion(struct parser *p)
{
	const char *at = p->at;
	size_t len = word_len(at);
	bool is_label = len > 6 && strncasecmp(at, "label:", 6) == 0;
	const struct criterion *c = is_label ? NULL : find_criterion(at, len);
	struct find_term *t;

	if (len == 0)
		return *at == '\0' ? fail(p, at, "the expression goes on here") :
		       fail(p, at, "a name or criterion belongs here, not \"%c\"", *at);
	if (c == NULL && !is_label)
		return fail(p, at, "\"%.*s\" is no criterion; Tab lists them", (int)len, at);
	p->at += len;
	t = new_term(p, TERM_TEST, is_label ? FIND_NODES : c->target);
	t->id = is_label ? FIND_ID_LABEL : c->id;
	t->op = FIND_IS;
	if (is_label)
		t->label = arena_strndup(p->arena, at + 6, len - 6);
	if (c != NULL && c->type == FIND_FLAG)
		return take_operator(p, t) ?
		       fail(p, at, "%.*s takes no value: it is or is not", (int)len, at) : t;
	if (take_operator(p, t))
		return finish_test(p, t, is_label ? FIND_TEXT : c->type, at, len);
	return is_label ? t : fail(p, p->at, "an operator belongs behind %.*s: = != > < contains",
				   (int)len, at);
}

/* Kiali's presets by name: slow, unhealthy, unknown, top, low, healthy. */
static const char *
find_preset(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(presets); i++)
		if (strcmp(presets[i].name, name) == 0)
			return presets[i].text;
	return NULL;
}

static struct find_term *
parse_saved(struct parser *p)
{
	const char *begin = p->at, *text = NULL;
	size_t len = word_len(begin);
	char *name = arena_strndup(p->arena, begin + 1, len - 1);
	struct parser inner = *p;
	struct find_term *t;

	p->at += len;
	if (p->saved != NULL)
		text = p->saved(p->arg, name);
	if (text == NULL)
		text = find_preset(name);
	if (text == NULL)
		return fail(p, begin, "no expression is saved as %.*s", (int)len, begin);
	inner.text = inner.at = arena_strdup(p->arena, text);
	inner.col = p->col > 0 ? p->col : (unsigned)(begin - p->text) + 1;
	inner.depth = p->depth + 1;
	t = parse_or(&inner);
	p->terms = inner.terms;
	if (t == NULL)
		return NULL;
	skip_blanks(&inner);
	return *inner.at == '\0' ? t :
	       fail(&inner, inner.at, "in a saved expression: unexpected %s", inner.at);
}

static struct find_term *
parse_group(struct parser *p)
{
	const char *begin = p->at++;
	struct find_term *t = parse_or(p);

	if (t == NULL)
		return NULL;
	skip_blanks(p);
	if (*p->at != ')')
		return fail(p, begin, "the parenthesis is not closed");
	p->at++;
	return t;
}

static struct find_term *parse_term(struct parser *p);

static struct find_term *
parse_not(struct parser *p)
{
	const char *begin = p->at;
	struct find_term *inner = parse_term(p), *t;

	if (inner == NULL)
		return NULL;
	if (inner->targets == (FIND_NODES | FIND_EDGES))
		return fail(p, begin, "NOT needs criteria of nodes only or of edges only");
	t = new_term(p, TERM_NOT, inner->targets);
	t->left = inner;
	return t;
}

static struct find_term *
parse_term(struct parser *p)
{
	struct find_term *t;

	if (++p->depth > MOST_DEPTH || ++p->terms > MOST_TERMS)
		return fail(p, p->at, "the expression is too deep or too long");
	while (take_word(p, "is") || take_word(p, "has"))
		continue;
	skip_blanks(p);
	if (*p->at == '(') {
		t = parse_group(p);
	} else if (*p->at == '@') {
		t = parse_saved(p);
	} else if (*p->at == '!') {
		p->at++;
		t = parse_not(p);
	} else {
		t = take_word(p, "not") ? parse_not(p) : parse_criterion(p);
	}
	p->depth--;
	return t;
}

static struct find_term *
join(struct parser *p, enum find_term_kind kind, struct find_term *left, struct find_term *right)
{
	struct find_term *t = new_term(p, kind, left->targets | right->targets);

	t->left = left;
	t->right = right;
	return t;
}

static struct find_term *
parse_and(struct parser *p)
{
	struct find_term *t = parse_term(p), *right;
	const char *at;

	while (t != NULL) {
		skip_blanks(p);
		at = p->at;
		if (!take_word(p, "and"))
			break;
		right = parse_term(p);
		if (right == NULL)
			return NULL;
		if ((t->targets | right->targets) == (FIND_NODES | FIND_EDGES))
			return fail(p, at, "AND joins criteria of nodes only or of edges only");
		t = join(p, TERM_AND, t, right);
	}
	return t;
}

static struct find_term *
parse_or(struct parser *p)
{
	struct find_term *t = parse_and(p), *right;

	while (t != NULL && take_word(p, "or")) {
		right = parse_and(p);
		if (right == NULL)
			return NULL;
		t = join(p, TERM_OR, t, right);
	}
	return t;
}

struct find *
find_parse(const char *text, find_saved_fn *saved, void *arg, struct error *err)
{
	struct find *f = xcalloc(1, sizeof(*f));
	struct parser p = { .text = text, .at = text, .saved = saved, .arg = arg, .err = err };

	p.arena = f->arena = arena_new();
	f->root = parse_or(&p);
	if (f->root != NULL) {
		skip_blanks(&p);
		if (*p.at != '\0')
			f->root = fail(&p, p.at, "AND or OR belongs before \"%.*s\"",
				       (int)strcspn(p.at, " "), p.at);
	}
	if (f->root == NULL)
		find_free(&f);
	return f;
}

void
find_free(struct find **fp)
{
	if (*fp == NULL)
		return;
	arena_free(&(*fp)->arena);
	free(*fp);
	*fp = NULL;
}

const char *
find_preset_name(size_t i)
{
	return i < ARRAY_LEN(presets) ? presets[i].name : NULL;
}

const char *
find_preset_text(size_t i)
{
	return presets[i].text;
}

const char *
find_word(size_t i)
{
	static const char *const words[] = {
#define FIND(ID, words, about, type, help) words,
#include "src/topology/find.tbl"
#undef FIND
		"label:", "AND", "OR", "NOT", "contains", "startswith", "endswith",
	};

	return i < ARRAY_LEN(words) ? words[i] : NULL;
}

bool
find_is_expression(const char *text)
{
	struct parser p = { .text = text, .at = text };
	struct find_term ignored = { .kind = TERM_TEST };
	const struct criterion *c;
	size_t len;

	skip_blanks(&p);
	if (*p.at == '!' && p.at[1] != ' ' && p.at[1] != '\0')
		return find_is_expression(p.at + 1);	/* "!part" is the opposite of a part */
	if (*p.at == '(' || *p.at == '!' || *p.at == '@')
		return true;
	if (take_word(&p, "not") || take_word(&p, "is") || take_word(&p, "has"))
		return *p.at == ' ';
	len = word_len(p.at);
	c = find_criterion(p.at, len);
	if (c == NULL && strncasecmp(p.at, "label:", 6) != 0)
		return false;
	p.at += len;
	if (c != NULL && c->type == FIND_FLAG) {
		skip_blanks(&p);
		return *p.at == '\0' || take_word(&p, "and") || take_word(&p, "or");
	}
	return c == NULL || take_operator(&p, &ignored);
}
