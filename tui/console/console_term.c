/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The console's terminal: what it can, what it is drawn with, and when a
 * frame goes to it.
 */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "tui/app/app.h"
#include "tui/config/config.h"
#include "tui/console/console_priv.h"
#include "tui/term/draw.h"
#include "tui/term/key.h"
#include "tui/term/term.h"

#define LATE_ANSWER_NS (2 * NS_PER_S)	/* what comes until then is no key yet */

static bool
is_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void
on_later(struct timer *t)
{
	console_want_paint(CONTAINER_OF(t, struct console, later));
}

/* A slow line is drawn on again when it has sent the frame before, so that
 * frames are left out and never queue. */
static bool
must_wait(struct console *c)
{
	if (term_is_pending(c->term))
		return true;	/* asked again when it has taken what waits */
	if (term_free_ns(c->term) <= loop_exact_ns(c->loop))
		return false;
	loop_timer_set(c->loop, &c->later, term_free_ns(c->term), on_later);
	return true;
}

static void
on_paint(struct deferred *d)
{
	struct console *c = CONTAINER_OF(d, struct console, paint);
	struct buf frame = BUF_INIT;

	if (c->term == NULL || term_is_lent(c->term) || must_wait(c))
		return;
	console_record_frame(c);
	draw_frame(c->draw, app_canvas(c->app), &frame);
	if (frame.len > 0) {
		term_write(c->term, frame.data, frame.len);
		c->frames++;
		c->last_frame_bytes = frame.len;
	}
	buf_fini(&frame);
}

void
console_want_paint(void *arg)
{
	struct console *c = arg;

	loop_defer(c->loop, &c->paint, on_paint);
}

static void
on_probe_end(struct timer *t)
{
	struct console *c = CONTAINER_OF(t, struct console, probing);

	key_decoder_expect_positions(c->decoder, 0);
}

/* Nothing but what the person left open is decided by the answers. */
static void
apply_answers(struct console *c)
{
	const struct probe *p = &c->probe;

	c->is_probing = false;
	loop_timer_set(c->loop, &c->probing, loop_exact_ns(c->loop) + LATE_ANSWER_NS, on_probe_end);
	if (p->is_synchronized && c->wants.sync)
		draw_set_synchronized(c->draw, true);
	if (p->background != BACKGROUND_UNKNOWN && c->wants.background)
		draw_set_background(c->draw, p->background);
	if (p->mark_cells != 0)
		app_set_wide_terminal(c->app, p->mark_cells == 2);
	if (c->wants.glyphs && p->mark_cells != 0)
		app_set_glyphs(c->app, p->line_cells == 2 ? GLYPHS_ASCII :
			       p->mark_cells == 2 ? GLYPHS_LIGHT : GLYPHS_UNICODE);
	console_want_paint(c);
}

static void
on_probe_limit(struct timer *t)
{
	apply_answers(CONTAINER_OF(t, struct console, probing));
}

void
console_on_answer(void *arg, const struct term_answer *answer)
{
	struct console *c = arg;

	if (!c->is_probing)
		return;
	probe_take(&c->probe, answer);
	if (c->probe.is_done)
		apply_answers(c);
}

void
console_ask_terminal(struct console *c)
{
	struct buf questions = BUF_INIT;
	bool with_widths = is_utf8();

	if (c->term == NULL || !c->wants.answers)
		return;
	probe_put(with_widths, &questions);
	term_write(c->term, questions.data, questions.len);
	buf_fini(&questions);
	if (with_widths)
		key_decoder_expect_positions(c->decoder, PROBE_POSITIONS);
	c->is_probing = true;
	loop_timer_set(c->loop, &c->probing, loop_exact_ns(c->loop) + PROBE_LIMIT_NS, on_probe_limit);
}

/* Terminals that are known to know mode 2026. */
static bool
knows_synchronized(const char *type)
{
	static const char *const types[] = {
		"foot", "xterm-kitty", "xterm-ghostty", "alacritty", "contour", "wezterm",
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (strcmp(type, types[i]) == 0)
			return true;
	}
	return false;
}

static bool
may_colour(const char *wish)
{
	const char *no_colour = getenv("NO_COLOR");

	if (strcmp(wish, "auto") != 0)
		return strcmp(wish, "always") == 0;
	return no_colour == NULL || no_colour[0] == '\0';
}

/* GNU screen hands COLORTERM on and does not know what it promises. */
static bool
has_true_colour(void)
{
	const char *s = getenv("COLORTERM");

	return s != NULL && getenv("STY") == NULL && (strcmp(s, "truecolor") == 0 || strcmp(s, "24bit") == 0);
}

int
console_open_terminal(struct console *c, const struct config *config, struct error *err)
{
	const struct term_sink sink = { console_on_bytes, console_on_resize, console_want_paint,
					console_quit, c };
	const char *sync = config_option(config, "sync"), *type;
	struct draw_options options = {
		.has_colour = may_colour(config_option(config, "color")),
		.has_true_colour = has_true_colour(),
	};

	c->term = term_open(c->loop, &sink, err);
	if (c->term == NULL)
		return -1;
	type = getenv("TERM");
	c->wants.sync = strcmp(sync, "auto") == 0;
	c->wants.background = strcmp(config_option(config, "background"), "auto") == 0;
	c->wants.answers = strcmp(config_option(config, "ask"), "on") == 0 &&
			   !term_is_slow(c->term) && probe_may_ask(type);
	options.is_synchronized = c->wants.sync ? knows_synchronized(type) : strcmp(sync, "on") == 0;
	c->draw = draw_new(type, &options, err);
	if (c->draw == NULL) {
		term_close(&c->term);
		return -1;
	}
	if (c->wants.background)
		draw_set_background(c->draw, probe_environment(getenv("COLORFGBG")));
	term_size(c->term, &c->cols, &c->rows);
	return 0;
}

/* Where lines are two cells wide, unless the terminal says otherwise. */
static bool
is_wide_locale(void)
{
	static const char *const languages[] = { "ja", "ko", "zh" };
	const char *locale = setlocale(LC_CTYPE, NULL);

	for (size_t i = 0; locale != NULL && i < ARRAY_LEN(languages); i++) {
		if (strncmp(locale, languages[i], 2) == 0)
			return true;
	}
	return wcwidth(0x2500) == 2;
}

/* The fonts of Linux's own console have lines, but few arrows and blocks. */
static bool
is_linux_console(void)
{
	const char *type = getenv("TERM");

	return type != NULL && strncmp(type, "linux", 5) == 0;
}

enum glyph_level
console_first_glyphs(struct console *c, const struct config *config, enum glyph_level *richest)
{
	const char *wish = config_option(config, "glyphs");
	enum glyph_level level = GLYPHS_UNICODE;
	bool is_told = glyph_level_parse(wish, &level);

	*richest = GLYPHS_UNICODE;
	if (c->term == NULL)
		return level;
	if (!is_utf8()) {
		*richest = GLYPHS_LIGHT;
		return level == GLYPHS_LIGHT ? GLYPHS_LIGHT : GLYPHS_ASCII;
	}
	c->wants.glyphs = !is_told && !term_is_slow(c->term);
	if (is_told)
		return level;
	if (term_is_slow(c->term) || is_wide_locale())
		return GLYPHS_ASCII;
	return is_linux_console() ? GLYPHS_LIGHT : GLYPHS_UNICODE;
}

bool
console_begins_wide(const struct console *c, enum glyph_level level)
{
	return c->term != NULL && level == GLYPHS_ASCII && is_utf8() && is_wide_locale();
}

static void
set_theme(struct console *c, const char *value, struct buf *answer)
{
	enum background background;
	enum theme theme;

	if (theme_parse(value, &theme)) {
		if (c->draw != NULL)
			draw_set_theme(c->draw, theme);
		buf_printf(answer, "theme %s", theme_name(theme));
	} else if (background_parse(value, &background)) {
		c->wants.background = background == BACKGROUND_UNKNOWN;
		if (c->draw != NULL)
			draw_set_background(c->draw, c->wants.background ? c->probe.background :
					    background);
		buf_printf(answer, "background %s", background_name(background));
	} else {
		buf_puts(answer, "there are standard, deuteranopia, tritanopia and mono; "
			 "auto, dark and light");
	}
	console_want_paint(c);
}

static void
set_mouse(struct console *c, bool on, struct buf *answer)
{
	if (c->term != NULL)
		term_set_mouse(c->term, on);
	if (c->decoder != NULL)
		key_decoder_expect_mouse(c->decoder, on);
	buf_printf(answer, "the mouse is %s", on ? "on: a click selects, the next one opens" : "off");
}

static void
set_sync(struct console *c, bool on, struct buf *answer)
{
	c->wants.sync = false;
	if (c->draw != NULL)
		draw_set_synchronized(c->draw, on);
	buf_printf(answer, "synchronized output is %s", on ? "on" : "off");
}

bool
console_change_setting(void *arg, const char *name, const char *value, struct buf *answer)
{
	struct console *c = arg;

	if (strcmp(name, "theme") == 0 || strcmp(name, "background") == 0)
		set_theme(c, value, answer);
	else if (strcmp(name, "mouse") == 0)
		set_mouse(c, strcmp(value, "off") != 0, answer);
	else if (strcmp(name, "sync") == 0)
		set_sync(c, strcmp(value, "off") != 0, answer);
	else
		return false;
	return true;
}
