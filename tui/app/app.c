/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The app's core: where a key goes, the stack of screens, messages and
 * questions.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "tui/app/app_priv.h"
#include "tui/app/prompt.h"
#include "tui/config/config.h"
#include "tui/config/state_dir.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"
#include "tui/screens/screens.h"
#include "tui/term/canvas.h"
#include "tui/term/key.h"

#define INTERRUPT_AGAIN_MS 1000

/* What changes all the time: a screen that others cover is told when it is seen
 * again. */
#define CHANGES_OF_SIGHT ((unsigned)MODEL_GRAPH | MODEL_STATE | MODEL_REQUESTS)

static void
tell_changes(struct screen *s, unsigned changes)
{
	changes |= s->missed;
	s->missed = 0;
	if (s->ops->update != NULL && changes != 0)
		s->ops->update(s, changes);
}

static void
on_change(void *arg, unsigned changes)
{
	struct app *a = arg;
	size_t base = app_base_screen(a);

	a->depth++;
	for (size_t i = 0; i < a->stack.len; i++) {
		struct screen *s = a->stack.items[i];

		if (i < base && (changes & ~CHANGES_OF_SIGHT) == 0)
			s->missed |= changes;
		else
			tell_changes(s, changes);
	}
	a->depth--;
	app_dirty(a);
	app_go_on_with_view(a);
}

static void
on_committed(void *arg, bool ok, const char *text, const char *hint)
{
	if (!app_edit_committed(arg, ok, text))
		app_say_how(arg, ok ? SEVERITY_INFO : SEVERITY_ERROR, hint, "%s", text);
}

static void
on_waiting(void *arg, const char *text)
{
	app_say(arg, SEVERITY_WARNING, "%s", text);
}

static void
on_line(void *arg, char kind, const char *line)
{
	struct app *a = arg;
	struct screen *s = app_top(a);

	prompt_close(a->prompt);
	app_dirty(a);
	if (kind == ':') {
		app_run(a, line);
		return;
	}
	free(a->found);
	a->found = xstrdup(line);
	if (s->ops->filter != NULL)
		s->ops->filter(s, line);
	if (line[0] != '\0' && s->ops->find != NULL && !s->ops->find(s, line, 0) &&
	    !a->has_message)
		app_say(a, SEVERITY_WARNING, "nothing here matches \"%s\"", line);
}

static void
on_typing(void *arg, char kind, const char *line)
{
	struct app *a = arg;
	struct screen *s = app_top(a);

	if (kind == '/' && s->ops->filter != NULL)
		s->ops->filter(s, line);
	else if (kind == '/' && line[0] != '\0' && s->ops->find != NULL)
		s->ops->find(s, line, 0);
	app_dirty(a);
}

static void
on_cancel(void *arg, char kind)
{
	struct app *a = arg;
	struct screen *s = app_top(a);

	if (kind == '/' && s->ops->filter != NULL)
		s->ops->filter(s, "");
	prompt_close(a->prompt);
	if (kind == '/' && s->ops->scope == SCOPE_GRAPH)
		s->ops->find(s, "", 0);		/* its marks go */
	app_dirty(a);
}

static void
say_nothing(struct app *a)
{
	a->has_message = false;
	buf_clear(&a->message);
}

static bool
answer_question(struct app *a, bool yes)
{
	void (*on_answer)(void *, bool) = a->on_answer;

	if (on_answer == NULL)
		return false;
	a->on_answer = NULL;
	buf_clear(&a->question);
	say_nothing(a);
	if (!yes)
		app_say(a, SEVERITY_INFO, "left as it is");
	on_answer(a->on_answer_arg, yes);
	return true;
}

static void
run_line(void *arg, const char *line)
{
	app_run(arg, line);
}

/* Where something is kept; NULL: nowhere, which is said unless it was to be so. */
static char *
kept_file(struct app *a, const char *path)
{
	struct error err = ERROR_INIT;
	char *file = path != NULL ? state_file(path, &err) : NULL;

	if (path != NULL && file == NULL)
		app_say(a, SEVERITY_WARNING, "%s", err.msg);
	return file;
}

struct app *
app_new(const struct app_options *options)
{
	struct error err = ERROR_INIT;
	struct app *a = xcalloc(1, sizeof(*a));
	struct prompt_sink sink = { on_line, on_typing, on_cancel, app_complete, a };
	char *history;

	a->clock = options->clock;
	a->feed = options->feed;
	a->model = options->model;
	a->host = options->host;
	a->canvas = canvas_new(options->cols, options->rows);
	a->canvas->glyphs = options->glyphs;
	a->richest_glyphs = options->richest_glyphs;
	a->keymap = options->config != NULL ? config_keymap(options->config, &err) : NULL;
	if (a->keymap == NULL)
		a->keymap = keymap_new();
	a->saved_file = kept_file(a, options->saved_file);
	history = kept_file(a, options->history_file);
	a->prompt = prompt_new(&sink, history);
	free(history);
	a->feed->sink = (struct feed_sink){ on_change, on_committed, on_waiting, a };
	app_push(a, topology_open(a));
	app_remember_view(a, "graph");
	app_load_saved(a);
	if (options->config != NULL) {
		app_take_config(a, options->config);
		config_each_line(options->config, run_line, a);
		if (a->severity == SEVERITY_INFO)
			say_nothing(a);
	}
	a->is_dirty = true;
	return a;
}

static void
bury(struct app *a)
{
	if (a->depth > 0)
		return;
	for (size_t i = 0; i < a->dead.len; i++)
		a->dead.items[i]->ops->free(a->dead.items[i]);
	a->dead.len = 0;
}

void
app_free(struct app **ap)
{
	struct app *a = *ap;

	if (a == NULL)
		return;
	answer_question(a, false);
	app_edit_free(a);
	while (a->stack.len > 0)
		vec_push(&a->dead, a->stack.items[--a->stack.len]);
	bury(a);
	a->feed->ops->close(&a->feed);
	prompt_free(&a->prompt);
	free(a->saved_file);
	free(a->view_lines);
	keymap_free(&a->keymap);
	canvas_free(&a->canvas);
	for (size_t i = 0; i < a->views.len; i++)
		free(a->views.items[i]);
	vec_fini(&a->views);
	vec_fini(&a->stack);
	vec_fini(&a->dead);
	buf_fini(&a->message);
	buf_fini(&a->caption);
	buf_fini(&a->question);
	free(a->found);
	free(a);
	*ap = NULL;
}

static void
interrupt(struct app *a)
{
	int64_t now = app_now_ms(a);

	if (a->interrupt_ms != 0 && now - a->interrupt_ms <= INTERRUPT_AGAIN_MS &&
	    a->host.quit != NULL) {
		a->host.quit(a->host.arg);
		return;
	}
	a->interrupt_ms = now;
	if (prompt_is_open(a->prompt))
		prompt_close(a->prompt);
	answer_question(a, false);
	app_say(a, SEVERITY_INFO, "Ctrl-C again leaves meshtop");
}

static void
key_to_screen(struct app *a, uint32_t key)
{
	struct screen *s = app_top(a);
	enum command_id id;
	const char *line;

	if (s->ops->key != NULL && s->ops->key(s, key))
		return;
	id = keymap_find(a->keymap, screen_scope(s), key);
	line = keymap_line(a->keymap, screen_scope(s), key);
	if (line != NULL)
		app_run(a, line);
	else if (id != CMD_NONE)
		app_command(a, id, "");
}

/* A question is answered by any key; that of the command line says no and opens
 * it, whatever the screen would take it for. */
static bool
key_to_question(struct app *a, uint32_t key)
{
	bool yes = key == 'y' || key == 'Y';

	if (!answer_question(a, yes))
		return false;
	if (!yes && !prompt_is_open(a->prompt) &&
	    keymap_find(a->keymap, SCOPE_ANY, key) == CMD_LINE) {
		say_nothing(a);
		app_global_command(a, CMD_LINE, "");
	}
	return true;
}

/* A character is text on the command line, whatever command it stands for. */
static bool
is_character(uint32_t key)
{
	return key >= ' ' && key < K_SPECIAL;
}

/* Painting again and stopping are about the terminal: they leave a line and a
 * question as they are. */
static bool
key_to_terminal(struct app *a, uint32_t key)
{
	enum command_id id = is_character(key) ? CMD_NONE :
			     keymap_find(a->keymap, SCOPE_ANY, key);

	if ((id != CMD_REDRAW && id != CMD_SUSPEND) ||
	    (a->on_answer == NULL && !prompt_is_open(a->prompt)))
		return false;
	return app_global_command(a, id, "");
}

/* A key that comes along with the one that opened a screen finds it as if it
 * had been seen. */
static void
lay_out_new_screen(struct app *a)
{
	if (a->has_new_screen && a->depth == 0)
		app_canvas(a);
}

void
app_key(struct app *a, uint32_t key)
{
	lay_out_new_screen(a);
	app_dirty(a);
	if (key == K_CTRL('c')) {
		interrupt(a);
		return;
	}
	a->interrupt_ms = 0;
	if (key_to_terminal(a, key) || key_to_question(a, key))
		return;
	say_nothing(a);
	if (prompt_is_open(a->prompt)) {
		prompt_key(a->prompt, key);
		return;
	}
	a->depth++;
	key_to_screen(a, key);
	a->depth--;
	bury(a);
}

void
app_paste(struct app *a, const char *text, size_t len)
{
	struct buf clean = BUF_INIT;
	struct screen *s = app_top(a);

	lay_out_new_screen(a);
	text_sanitize(&clean, text, len);
	app_dirty(a);
	say_nothing(a);
	if (prompt_is_open(a->prompt))
		prompt_paste(a->prompt, buf_str(&clean));
	else if (s->ops->paste == NULL || !s->ops->paste(s, buf_str(&clean)))
		app_say(a, SEVERITY_INFO, "pasted text ignored: no field takes it here");
	buf_fini(&clean);
}

void
app_resize(struct app *a, unsigned cols, unsigned rows)
{
	canvas_resize(a->canvas, cols, rows);
	app_dirty(a);
}

void
app_tick(struct app *a)
{
	app_time_tick(a);
	/* Ages tick only while something is frozen or lost; live ones come with
	 * the figures, so that a second stays one frame. */
	if (a->model->query.is_frozen || a->model->state != FEED_LIVE || a->shows_status)
		app_dirty(a);
}

const struct canvas *
app_canvas(struct app *a)
{
	if (a->is_dirty) {
		a->is_dirty = a->has_new_screen = false;
		a->depth++;
		app_draw(a);
		a->depth--;
	}
	return a->canvas;
}

bool
app_poll_soon(struct app *a)
{
	if (a->host.poll_soon == NULL)
		return false;
	if (!a->is_polling)
		a->host.poll_soon(a->host.arg);
	a->is_polling = true;
	return true;
}

static void
tell_screens(struct app *a, unsigned changes)
{
	a->depth++;
	for (size_t i = 0; i < a->stack.len; i++) {
		if (a->stack.items[i]->ops->update != NULL)
			a->stack.items[i]->ops->update(a->stack.items[i], changes);
	}
	a->depth--;
	bury(a);
}

void
app_poll(struct app *a)
{
	a->is_polling = false;
	tell_screens(a, MODEL_BACKGROUND);
	app_go_on_with_view(a);
}

void
app_frame_soon(struct app *a)
{
	if (a->is_framing || a->host.frame_soon == NULL)
		return;
	a->is_framing = true;
	a->host.frame_soon(a->host.arg);
}

void
app_frame(struct app *a)
{
	a->is_framing = false;
	tell_screens(a, MODEL_FRAME);
}

bool
app_line_is_open(const struct app *a)
{
	return prompt_is_open(a->prompt);
}

bool
app_is_masked(const struct app *a)
{
	const struct screen *s = app_top(a);

	return s->ops->is_masked != NULL && !prompt_is_open(a->prompt) && s->ops->is_masked(s);
}

bool
app_is_settled(const struct app *a)
{
	return !a->is_polling && (a->feed->ops->is_busy == NULL || !a->feed->ops->is_busy(a->feed));
}

long
app_prompt_stray_bytes(const struct app *a)
{
	return prompt_stray_bytes(a->prompt);
}

void
app_caption(struct app *a, const char *text)
{
	buf_clear(&a->caption);
	text_sanitize(&a->caption, text, strlen(text));
	app_dirty(a);
}

void
app_set_glyphs(struct app *a, enum glyph_level level)
{
	a->canvas->glyphs = level;
	on_change(a, MODEL_GRAPH);
}

void
app_set_wide_terminal(struct app *a, bool on)
{
	a->canvas->is_wide_terminal = on;
	app_dirty(a);
}

struct model *
app_model(struct app *a)
{
	return a->model;
}

struct feed *
app_feed(struct app *a)
{
	return a->feed;
}

const struct keymap *
app_keymap(const struct app *a)
{
	return a->keymap;
}

enum glyph_level
app_glyphs(const struct app *a)
{
	return a->canvas->glyphs;
}

int64_t
app_now_ms(const struct app *a)
{
	return clock_wall_ms(a->clock);
}

void
app_dirty(struct app *a)
{
	if (!a->is_dirty && a->host.dirty != NULL)
		a->host.dirty(a->host.arg);
	a->is_dirty = true;
}

void
app_push(struct app *a, struct screen *s)
{
	s->app = a;
	a->has_new_screen = true;
	vec_push(&a->stack, s);
	if (s->ops->update != NULL)
		s->ops->update(s, ~0u);
	app_dirty(a);
}

void
app_pop(struct app *a, struct screen *s)
{
	bool is_there = false;

	for (size_t i = 1; i < a->stack.len; i++)
		is_there = is_there || a->stack.items[i] == s;
	while (is_there) {
		struct screen *top = a->stack.items[--a->stack.len];

		vec_push(&a->dead, top);
		if (top == s)
			break;
	}
	a->depth++;
	for (size_t i = app_base_screen(a); i < a->stack.len; i++)
		tell_changes(a->stack.items[i], 0);
	a->depth--;
	bury(a);
	app_dirty(a);
}

bool
app_may_pop_all(struct app *a)
{
	for (size_t i = a->stack.len; i > 1; i--) {
		struct screen *s = a->stack.items[i - 1];

		if (s->ops->may_close != NULL && !s->ops->may_close(s))
			return false;
	}
	return true;
}

void
app_pop_all(struct app *a)
{
	if (a->stack.len > 1)
		app_pop(a, a->stack.items[1]);
}

struct screen *
app_top(const struct app *a)
{
	ASSERT(a->stack.len > 0);
	return a->stack.items[a->stack.len - 1];
}

void
app_say(struct app *a, enum severity severity, const char *fmt, ...)
{
	struct buf message = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(&message, fmt, ap);
	va_end(ap);
	buf_fini(&a->message);
	a->message = message;		/* the old one may be among the arguments */
	a->severity = severity;
	a->has_message = true;
	app_dirty(a);
}

void
app_ask(struct app *a, const char *question, void (*fn)(void *arg, bool yes), void *arg)
{
	answer_question(a, false);
	say_nothing(a);
	text_sanitize(&a->question, question, strlen(question));
	a->on_answer = fn;
	a->on_answer_arg = arg;
	app_dirty(a);
}

void
app_say_error(struct app *a, const struct error *err)
{
	struct buf b = BUF_INIT;

	error_text(&b, err);
	app_say(a, SEVERITY_ERROR, "%s", buf_str(&b));
	buf_fini(&b);
}

static void
say_no_work(struct app *a, enum command_id id)
{
	struct buf word = BUF_INIT;

	command_put_word(id, &word);
	app_say(a, SEVERITY_INFO, "\"%s\" has nothing to work on here", buf_str(&word));
	buf_fini(&word);
}

void
app_command(struct app *a, enum command_id id, const char *args)
{
	struct screen *s = app_top(a);

	app_dirty(a);
	a->depth++;
	if ((s->ops->command == NULL || !s->ops->command(s, id, args)) &&
	    !app_global_command(a, id, args))
		say_no_work(a, id);
	a->depth--;
	bury(a);
}

void
app_open_line(struct app *a, const char *text)
{
	prompt_open(a->prompt, ':', text);
	app_dirty(a);
}

void
app_run(struct app *a, const char *line)
{
	size_t len, args;
	bool is_ambiguous;
	enum command_id id;

	lay_out_new_screen(a);
	line += strspn(line, " ");
	len = strcspn(line, " ");
	args = len + strspn(line + len, " ");
	if (len == 0)
		return;
	id = command_by_word(line, len, &is_ambiguous);
	if (id == CMD_NONE)
		app_say_how(a, SEVERITY_ERROR, is_ambiguous ? "Tab lists them" : "{help} lists them all",
			    is_ambiguous ? "\"%.*s\" begins several commands" : "no command \"%.*s\"",
			    (int)len, line);
	else
		app_command(a, id, line + args);
}

void
app_copy(struct app *a, const char *text)
{
	if (a->host.copy == NULL) {
		app_say(a, SEVERITY_WARNING, "there is no clipboard here");
		return;
	}
	a->host.copy(a->host.arg, text);
	app_say(a, SEVERITY_INFO, "copied %zu byte%s", strlen(text), strlen(text) == 1 ? "" : "s");
}

void
app_query(struct app *a)
{
	a->feed->ops->query(a->feed);
	app_dirty(a);
}
