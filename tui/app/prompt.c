/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The only user of readline.
 *
 * readline keeps its state in globals, so the open prompt is found through
 * one of ours.  Its terminal hooks are all replaced before a handler is
 * installed: it reads bytes that prompt_key() queues and writes on a stream
 * that only counts.
 */
#include "tui/app/prompt.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "tui/term/key.h"

#define HISTORY_LINES 500
#define LINE_BYTES_MAX 4096
#define CANDIDATES_MAX 200
#define CANDIDATE_ROWS 6u

struct prompt {
	struct prompt_sink sink;
	char kind;			/* 0: closed */
	FILE *out, *in;
	long stray_bytes;
	struct buf queue;		/* bytes that readline has not read yet */
	char *last;			/* text that on_change saw */
	char *history_file;
	HISTORY_STATE lines, searches;	/* one history each */
	VEC(char *) candidates;
	char *finished;			/* line of the Enter that is being handled */
	bool is_finished, is_cancelled;
};

static struct prompt *the_prompt;	/* readline's hooks take no argument */

static ssize_t
count_stray(void *cookie, const char *bytes, size_t len)
{
	struct prompt *p = cookie;

	(void)bytes;
	p->stray_bytes += (long)len;
	return (ssize_t)len;
}

static int
read_queued(FILE *in)
{
	unsigned char c;

	(void)in;
	if (the_prompt->queue.len == 0)
		return EOF;
	c = (unsigned char)the_prompt->queue.data[0];
	buf_consume(&the_prompt->queue, 1);
	return c;
}

static int
is_queued(void)
{
	return the_prompt->queue.len > 0;
}

static void
do_nothing(void)
{
}

static void
keep_terminal(int meta)
{
	(void)meta;
}

static void
clear_candidates(struct prompt *p)
{
	for (size_t i = 0; i < p->candidates.len; i++)
		free(p->candidates.items[i]);
	p->candidates.len = 0;
}

/* matches[0] is the common part, the others follow. */
static void
keep_matches(char **matches, int count, int longest)
{
	struct prompt *p = the_prompt;

	(void)longest;
	clear_candidates(p);
	for (int i = 1; i <= count && i <= CANDIDATES_MAX; i++)
		vec_push(&p->candidates, xstrdup(matches[i]));
}

struct collect {
	VEC(char *) words;
	const char *prefix;
	size_t len;
};

static void
collect_word(void *to, const char *word)
{
	struct collect *c = to;

	if (strncmp(word, c->prefix, c->len) == 0 && c->words.len < CANDIDATES_MAX)
		vec_push(&c->words, xstrdup(word));
}

static size_t
common_length(const struct collect *c)
{
	size_t len = strlen(c->words.items[0]);

	for (size_t i = 1; i < c->words.len; i++) {
		size_t same = 0;

		while (same < len && c->words.items[i][same] == c->words.items[0][same])
			same++;
		len = same;
	}
	return len;
}

/* readline frees the array and its strings with free(). */
static char **
attempt(const char *text, int start, int end)
{
	struct prompt *p = the_prompt;
	struct collect c = { VEC_INIT, text, strlen(text) };
	char **matches;

	(void)end;
	rl_attempted_completion_over = 1;
	if (p->kind != ':' || p->sink.complete == NULL)
		return NULL;
	p->sink.complete(p->sink.arg, rl_line_buffer, (size_t)start, collect_word, &c);
	if (c.words.len == 0) {
		vec_fini(&c.words);
		return NULL;
	}
	matches = xcalloc(c.words.len + 2, sizeof(*matches));
	matches[0] = xstrndup(c.words.items[0], common_length(&c));
	if (c.words.len == 1) {		/* a folder is gone on from */
		size_t len = strlen(matches[0]);

		rl_completion_suppress_append = len > 0 && matches[0][len - 1] == '/';
		free(c.words.items[0]);
	}
	if (c.words.len > 1)
		memcpy(matches + 1, c.words.items, c.words.len * sizeof(*matches));
	vec_fini(&c.words);
	return matches;
}

static void
on_finished(char *line)
{
	struct prompt *p = the_prompt;

	rl_callback_handler_remove();
	p->is_finished = line != NULL;
	p->is_cancelled = line == NULL;
	free(p->finished);
	p->finished = line;
}

static void
set_up_readline(struct prompt *p)
{
	const char *users = getenv("INPUTRC"), *ours = getenv("MESHTOP_INPUTRC");
	char *saved = users != NULL ? xstrdup(users) : NULL;

	rl_readline_name = "meshtop";
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_change_environment = 0;
	rl_prep_term_function = keep_terminal;
	rl_deprep_term_function = do_nothing;
	rl_getc_function = read_queued;
	rl_input_available_hook = is_queued;
	rl_redisplay_function = do_nothing;
	rl_completion_display_matches_hook = keep_matches;
	rl_attempted_completion_function = attempt;
	rl_completer_word_break_characters = " ,";
	rl_instream = p->in;
	rl_outstream = p->out;
	rl_terminal_name = "dumb";
	setenv("INPUTRC", ours != NULL ? ours : "/dev/null", 1);
	rl_initialize();
	if (saved != NULL)
		setenv("INPUTRC", saved, 1);
	else
		unsetenv("INPUTRC");
	free(saved);
	rl_variable_bind("show-mode-in-prompt", "off");
	rl_variable_bind("enable-bracketed-paste", "off");
	rl_variable_bind("bell-style", "none");
	rl_variable_bind("show-all-if-ambiguous", "on");
	rl_variable_bind("completion-query-items", "-1");
	rl_variable_bind("page-completions", "off");
	rl_variable_bind("blink-matching-paren", "off");
}

static void
swap_history(struct prompt *p, char kind)
{
	history_set_history_state(kind == ':' ? &p->lines : &p->searches);
}

static void
save_history_state(struct prompt *p, char kind)
{
	HISTORY_STATE *now = history_get_history_state();

	*(kind == ':' ? &p->lines : &p->searches) = *now;
	free(now);
}

struct prompt *
prompt_new(const struct prompt_sink *sink, const char *history_file)
{
	static const cookie_io_functions_t counting = { .write = count_stray };
	struct prompt *p = xcalloc(1, sizeof(*p));

	ASSERT(the_prompt == NULL);
	the_prompt = p;
	p->sink = *sink;
	p->history_file = history_file != NULL ? xstrdup(history_file) : NULL;
	p->last = xstrdup("");
	p->in = fopen("/dev/null", "re");
	p->out = fopencookie(p, "w", counting);
	ASSERT(p->in != NULL && p->out != NULL);
	setvbuf(p->out, NULL, _IONBF, 0);
	set_up_readline(p);
	using_history();
	clear_history();
	if (p->history_file != NULL)
		read_history(p->history_file);
	stifle_history(HISTORY_LINES);
	save_history_state(p, ':');
	return p;
}

/* At once, behind what other consoles have written: nothing is lost when this
 * one dies. */
static void
append_to_file(const struct prompt *p)
{
	int fd = p->history_file == NULL ? -1 :
		 open(p->history_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return;
	fchmod(fd, 0600);
	close(fd);
	append_history(1, p->history_file);
}

static void
free_history(HISTORY_STATE *h)
{
	history_set_history_state(h);
	clear_history();
	free(history_list());
	*h = (HISTORY_STATE){ 0 };
	history_set_history_state(h);
}

void
prompt_free(struct prompt **pp)
{
	struct prompt *p = *pp;

	if (p == NULL)
		return;
	prompt_close(p);
	if (p->history_file != NULL)
		history_truncate_file(p->history_file, HISTORY_LINES);
	free_history(&p->lines);
	free_history(&p->searches);
	clear_candidates(p);
	vec_fini(&p->candidates);
	fclose(p->in);
	rl_outstream = NULL;
	rl_instream = NULL;
	fclose(p->out);
	buf_fini(&p->queue);
	free(p->last);
	free(p->finished);
	free(p->history_file);
	free(p);
	the_prompt = NULL;
	*pp = NULL;
}

void
prompt_open(struct prompt *p, char kind, const char *text)
{
	prompt_close(p);
	p->kind = kind;
	swap_history(p, kind);
	using_history();
	rl_callback_handler_install("", on_finished);
	rl_insert_text(text);
	free(p->last);
	p->last = xstrdup(text);
}

bool
prompt_is_open(const struct prompt *p)
{
	return p->kind != 0;
}

void
prompt_close(struct prompt *p)
{
	if (p->kind == 0)
		return;
	if (!p->is_finished && !p->is_cancelled) {
		rl_callback_sigcleanup();	/* a search that is under way ends, too */
		rl_callback_handler_remove();
	}
	rl_replace_line("", 1);
	p->is_finished = p->is_cancelled = false;
	save_history_state(p, p->kind);
	p->kind = 0;
	buf_clear(&p->queue);
	clear_candidates(p);
}

static bool
is_last_line(const char *line)
{
	const HIST_ENTRY *last = history_get(history_base + history_length - 1);

	return last != NULL && strcmp(last->line, line) == 0;
}

static void
finish(struct prompt *p)
{
	char kind = p->kind, *line = p->finished;
	size_t len = strlen(line);

	p->finished = NULL;
	while (len > 0 && line[len - 1] == ' ')		/* completion puts one */
		line[--len] = '\0';
	if (line[0] != '\0' && !is_last_line(line)) {
		add_history(line);
		if (kind == ':')
			append_to_file(p);
		save_history_state(p, kind);
	}
	prompt_close(p);
	p->sink.on_line(p->sink.arg, kind, line);
	free(line);
}

static size_t
whole_characters(const char *text, size_t len)
{
	while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return len;
}

/* Nobody reads more, and all of it is drawn and looked for with every key. */
static void
hold_length(void)
{
	if (rl_end <= LINE_BYTES_MAX || RL_ISSTATE(RL_STATE_ISEARCH))
		return;
	rl_delete_text((int)whole_characters(rl_line_buffer, LINE_BYTES_MAX), rl_end);
	rl_point = rl_point > rl_end ? rl_end : rl_point;
}

static void
tell_change(struct prompt *p)
{
	hold_length();
	if (strcmp(p->last, rl_line_buffer) == 0)
		return;
	free(p->last);
	p->last = xstrdup(rl_line_buffer);
	p->sink.on_change(p->sink.arg, p->kind, p->last);
}

void
prompt_key(struct prompt *p, uint32_t key)
{
	ASSERT(p->kind != 0);
	clear_candidates(p);
	if (key == K_ESC && RL_ISSTATE(RL_STATE_ISEARCH))
		key = K_CTRL('g');	/* out of the search, not of the line */
	if (key == K_ESC || (key == K_BACKSPACE && rl_end == 0)) {
		p->sink.on_cancel(p->sink.arg, p->kind);
		return;
	}
	if (key == K_CTRL('v') || key == K_CTRL('q'))	/* raw control characters */
		return;
	key_encode(key, &p->queue);
	while (p->queue.len > 0 && !p->is_finished && !p->is_cancelled)
		rl_callback_read_char();
	if (p->is_finished)
		finish(p);
	else if (p->is_cancelled)
		p->sink.on_cancel(p->sink.arg, p->kind);
	else
		tell_change(p);
}

void
prompt_paste(struct prompt *p, const char *text)
{
	size_t room = rl_end < LINE_BYTES_MAX ? (size_t)(LINE_BYTES_MAX - rl_end) : 0;
	char *part;

	ASSERT(p->kind != 0);
	part = strlen(text) > room ? xstrndup(text, whole_characters(text, room)) : xstrdup(text);
	rl_insert_text(part);
	free(part);
	tell_change(p);
}

/* Rows of candidates above the line; returns nothing, what has no room is
 * counted. */
static void
draw_candidates(struct prompt *p, struct area a)
{
	unsigned widest = 0, columns, rows, top;
	size_t shown;

	for (size_t i = 0; i < p->candidates.len; i++) {
		const char *word = p->candidates.items[i];
		unsigned width = (unsigned)text_width(word, strlen(word));

		widest = width > widest ? width : widest;
	}
	columns = a.cols > widest + 4 ? (a.cols - 2) / (widest + 2) : 1;
	rows = (unsigned)((p->candidates.len + columns - 1) / columns);
	if (rows > CANDIDATE_ROWS)
		rows = CANDIDATE_ROWS;
	if (rows + 2 > a.rows)
		return;
	shown = (size_t)rows * columns;
	top = a.rows - 1 - rows;
	area_blank(area_sub(a, 0, top - 1, a.cols, rows + 1), STYLE_PLAIN);
	area_rule(area_sub(a, 0, top - 1, a.cols, 1), 0);
	if (p->candidates.len > shown)
		area_printf(a, 2, top - 1, STYLE_DIM, " %zu more ", p->candidates.len - shown);
	for (size_t i = 0; i < p->candidates.len && i < shown; i++)
		area_put(a, 1 + (unsigned)(i % columns) * (widest + 2),
			 top + (unsigned)(i / columns), STYLE_PLAIN, p->candidates.items[i]);
}

void
prompt_draw(struct prompt *p, struct area a)
{
	struct area line = area_sub(a, 0, a.rows - 1, a.cols, 1);
	char lead[2] = { p->kind, '\0' };
	unsigned col = 1, room = line.cols > 4 ? line.cols - 3 : 1;
	char *before = xstrndup(rl_line_buffer, (size_t)rl_point);
	const char *from;

	if (p->candidates.len > 0)
		draw_candidates(p, a);
	area_blank(line, STYLE_PLAIN);
	if (RL_ISSTATE(RL_STATE_ISEARCH) && rl_display_prompt != NULL)
		col += area_put_cut(line, col, 0, line.cols / 2, STYLE_DIM, rl_display_prompt);
	col += area_put(line, col, 0, STYLE_KEY, lead);
	room = line.cols > col + 2 ? line.cols - col - 2 : 1;
	from = before + text_fit_end(before, strlen(before), room);	/* the cursor stays in sight */
	col += area_put(line, col, 0, STYLE_PLAIN, from);
	area_put(line, col, 0, STYLE_PLAIN, rl_line_buffer + rl_point);
	area_cursor(line, col, 0);
	free(before);
}

long
prompt_stray_bytes(const struct prompt *p)
{
	return p->stray_bytes;
}
