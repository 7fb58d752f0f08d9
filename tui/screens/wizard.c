/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The wizard's screen: steps with their state, and keys.
 *
 * One live state stands behind all steps, so going back loses nothing and
 * leaving a step is always possible; only storing needs everything right.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/wizard/forecast.h"
#include "tui/app/app.h"
#include "tui/feed/model.h"
#include "tui/screens/screens.h"
#include "tui/screens/wizard_screen.h"
#include "tui/term/key.h"

const char *const wizard_step_names[STEP_COUNT] = {
	[STEP_RULES] = "Rules", [STEP_MATCH] = "Match", [STEP_ROUTE] = "Route to",
	[STEP_FAULT] = "Faults", [STEP_TIMEOUTS] = "Timeouts", [STEP_ADVANCED] = "Advanced",
	[STEP_PREVIEW] = "Preview",
};

#define BIT(step) (1u << (step))

static const unsigned steps_of_kind[WIZARD_KIND_COUNT] = {
	[WIZARD_REQUEST_ROUTING] = BIT(STEP_COUNT) - 1,
	[WIZARD_FAULT_INJECTION] = BIT(STEP_FAULT) | BIT(STEP_ADVANCED) | BIT(STEP_PREVIEW),
	[WIZARD_TRAFFIC_SHIFTING] = BIT(STEP_ROUTE) | BIT(STEP_ADVANCED) | BIT(STEP_PREVIEW),
	[WIZARD_TCP_TRAFFIC_SHIFTING] = BIT(STEP_ROUTE) | BIT(STEP_ADVANCED) | BIT(STEP_PREVIEW),
	[WIZARD_REQUEST_TIMEOUTS] = BIT(STEP_TIMEOUTS) | BIT(STEP_ADVANCED) | BIT(STEP_PREVIEW),
	[WIZARD_DELETE] = BIT(STEP_PREVIEW),
};

/* Words of a problem's path and the step they belong to. */
static const struct {
	const char *word;
	enum wizard_step step;
} path_steps[] = {
	{ "match", STEP_MATCH }, { "route", STEP_ROUTE }, { "mirror", STEP_ROUTE },
	{ "delay", STEP_FAULT }, { "abort", STEP_FAULT }, { "timeout", STEP_TIMEOUTS },
	{ "retries", STEP_TIMEOUTS }, { "hosts", STEP_ADVANCED }, { "gateway", STEP_ADVANCED },
	{ "trafficPolicy", STEP_ADVANCED }, { "circuitBreaker", STEP_ADVANCED },
};

static enum wizard_step
step_of_problem(const struct problem *p)
{
	for (size_t i = 0; i < ARRAY_LEN(path_steps); i++) {
		if (strstr(p->path, path_steps[i].word) != NULL)
			return path_steps[i].step;
	}
	return STEP_RULES;
}

bool
wizard_problem_is_of(const struct problem *p, enum wizard_step step)
{
	return step_of_problem(p) == step;
}

struct wizard_rule *
wizard_current_rule(struct wizard_screen *w)
{
	return w->rule < w->state->rules.len ? &w->state->rules.items[w->rule] : NULL;
}

static void
check(struct wizard_screen *w)
{
	problems_fini(&w->checks);
	w->checks = (struct problems)PROBLEMS_INIT;
	wizard_check(w->state, &w->checks);
	wizard_preview_forget(w);
}

void
wizard_touched(struct wizard_screen *w)
{
	w->is_touched = true;
	check(w);
}

bool
wizard_step_has_error(const struct wizard_screen *w, enum wizard_step step)
{
	if (form_has_errors(&w->forms[step]))
		return true;
	if (!w->is_touched)		/* nothing was asked for yet: nothing is wrong */
		return false;
	for (size_t i = 0; i < w->checks.rows.len; i++) {
		const struct problem *p = &w->checks.rows.items[i];

		if (p->severity == SEVERITY_ERROR && step_of_problem(p) == step)
			return true;
	}
	return false;
}

static bool
is_form(enum wizard_step step)
{
	return step != STEP_RULES && step != STEP_PREVIEW;
}

static void
build_form(struct wizard_screen *w)
{
	struct form *f = &w->forms[w->step];
	struct form_old *old;

	if (!is_form(w->step))
		return;
	old = form_begin(f);
	if (w->step == STEP_ADVANCED)
		wizard_advanced_build(w, f);
	else
		wizard_rule_build(w, w->step, f);
	form_end(f, old);
}

/* A few do for what a form offers, a forecast looks at more. */
static void
wizard_want_requests(struct wizard_screen *w)
{
	struct model *m;

	if (w->screen.app == NULL)
		return;
	m = app_model(w->screen.app);
	m->wants_requests = true;
	m->wants_many_requests = w->step == STEP_PREVIEW;
}

void
wizard_go_to(struct wizard_screen *w, enum wizard_step step)
{
	w->visited |= BIT(w->step);
	w->step = step;
	build_form(w);
	if (step == STEP_PREVIEW)
		wizard_want_requests(w);
}

/* False when there is no further step. */
static bool
turn_step(struct wizard_screen *w, int by)
{
	int step = (int)w->step + by;

	while (step >= 0 && step < STEP_COUNT && (w->steps & BIT(step)) == 0)
		step += by;
	if (step < 0 || step >= STEP_COUNT)
		return false;
	wizard_go_to(w, (enum wizard_step)step);
	return true;
}

/* The forms forget the texts of the rule before. */
void
wizard_choose_rule(struct wizard_screen *w, size_t rule)
{
	if (rule == w->rule)
		return;
	w->rule = rule;
	for (unsigned step = STEP_MATCH; step <= STEP_TIMEOUTS; step++) {
		form_fini(&w->forms[step]);
		form_init(&w->forms[step]);
	}
}

/* "[x Match]" */
static unsigned
step_cells(unsigned step)
{
	return (unsigned)strlen(wizard_step_names[step]) + 4;
}

/* The first one that is drawn, so that the one at hand is in sight. */
static unsigned
first_in_sight(const struct wizard_screen *w, unsigned cols)
{
	unsigned upto = 0, first = 0;

	for (unsigned step = 0; step <= (unsigned)w->step; step++)
		upto += (w->steps & BIT(step)) != 0 ? step_cells(step) : 0;
	for (; first < (unsigned)w->step && upto > cols; first++)
		upto -= (w->steps & BIT(first)) != 0 ? step_cells(first) : 0;
	return first;
}

static void
draw_steps(const struct wizard_screen *w, struct area a)
{
	enum glyph_level level = a.canvas->glyphs;
	unsigned col = 0;

	for (unsigned step = first_in_sight(w, a.cols); step < STEP_COUNT; step++) {
		bool is_bad = wizard_step_has_error(w, (enum wizard_step)step);
		const char *mark = is_bad ? "x" : (w->visited & BIT(step)) != 0 ?
			glyph(level, GLYPH_DONE) : glyph(level, GLYPH_DOT);

		if ((w->steps & BIT(step)) == 0)
			continue;
		col += area_put(a, col, 0, UI_BORDER, step == w->step ? "[" : " ");
		col += area_put(a, col, 0, is_bad ? STYLE_BAD : STYLE_GOOD, mark);
		col += area_put(a, col, 0, STYLE_PLAIN, " ");
		col += area_put(a, col, 0, step == w->step ? UI_TAB_ON : UI_TAB, wizard_step_names[step]);
		col += area_put(a, col, 0, UI_BORDER, step == w->step ? "]" : " ");
	}
}

/* What is wrong on this step, below the form. */
static unsigned
draw_checks(const struct wizard_screen *w, struct area a)
{
	unsigned shown = 0;

	for (size_t i = 0; i < w->checks.rows.len && shown < 3; i++) {
		const struct problem *p = &w->checks.rows.items[i];
		bool is_error = p->severity == SEVERITY_ERROR;

		if (step_of_problem(p) != w->step || p->severity == SEVERITY_INFO || a.rows < 8 ||
		    !w->is_touched)
			continue;
		shown++;
		area_printf(a, 0, a.rows - shown, is_error ? STYLE_BAD : STYLE_WARN, "%s %s%s%s",
			    is_error ? "x" : "!", p->path, p->path[0] ? ": " : "", p->message);
	}
	return shown;
}

static void
draw_heading(const struct wizard_screen *w, struct area a)
{
	struct buf b = BUF_INIT;

	if (w->step >= STEP_MATCH && w->step <= STEP_TIMEOUTS && w->state->rules.len > 1 &&
	    (w->steps & BIT(STEP_RULES)) != 0)
		buf_printf(&b, "rule %zu of %zu", w->rule + 1, w->state->rules.len);
	else
		buf_puts(&b, w->state->is_update ? "changes what is stored" : "new");
	area_put_cut(a, 0, 0, a.cols > b.len + 2 ? a.cols - (unsigned)b.len - 2 : 0, STYLE_TITLE,
		     w->title);
	area_put_right(a, a.cols, 0, STYLE_DIM, buf_str(&b));
	buf_fini(&b);
}

static void
wizard_draw(struct screen *s, struct area a)
{
	struct wizard_screen *w = (struct wizard_screen *)s;
	struct area inside = area_sub(a, 1, 0, a.cols > 2 ? a.cols - 2 : a.cols, UINT32_MAX);
	struct area body = area_sub(inside, 0, 4, inside.cols, UINT32_MAX);
	unsigned notes;

	draw_heading(w, inside);
	draw_steps(w, area_sub(inside, 0, 1, inside.cols, 1));
	area_rule(area_sub(a, 0, 2, a.cols, 1), 0);
	notes = draw_checks(w, body);
	body = area_sub(body, 0, 0, body.cols, body.rows - notes);
	if (w->step == STEP_RULES)
		wizard_rules_draw(w, body);
	else if (w->step == STEP_PREVIEW)
		wizard_preview_draw(w, body);
	else
		form_draw(&w->forms[w->step], body);
}

void
wizard_take(struct wizard_screen *w, enum form_event event)
{
	struct form *f = &w->forms[w->step];
	struct form_field *field = form_focused(f);
	bool anew;

	if (field == NULL)
		return;
	if (w->step == STEP_ADVANCED)
		anew = (event != FORM_PRESSED || field->kind == FIELD_BUTTON) &&
		       wizard_advanced_take(w, field);
	else
		anew = wizard_rule_take(w, w->step, f, field, event);
	wizard_touched(w);
	if (anew)
		build_form(w);
}

/* Ctrl-N in a text: the next value that was seen in traffic. */
struct next_seen {
	const char *now;
	char *first, *next;
	bool is_behind;
};

static void
look_for_next(void *arg, const char *name)
{
	struct next_seen *n = arg;

	if (n->first == NULL)
		n->first = xstrdup(name);
	if (n->is_behind && n->next == NULL)
		n->next = xstrdup(name);
	n->is_behind = n->is_behind || strcmp(name, n->now) == 0;
}

static bool
take_seen(struct wizard_screen *w)
{
	struct form *f = &w->forms[w->step];
	struct form_field *field = form_focused(f);
	struct next_seen n = { .now = field != NULL ? buf_str(&field->value) : "" };
	const char *header;

	if (field == NULL || w->step != STEP_MATCH)
		return false;
	header = wizard_seen_header(w, field);
	if (header == NULL)
		return false;
	wizard_each_seen(w, header, look_for_next, &n);
	if (n.first != NULL) {
		field_set(field, n.next != NULL ? n.next : n.first);
		f->cursor = field->value.len;
		wizard_take(w, FORM_EDITED);
	}
	free(n.first);
	free(n.next);
	return true;
}

static bool
form_step_key(struct wizard_screen *w, uint32_t key)
{
	struct form *f = &w->forms[w->step];

	switch (form_key(f, key)) {
	case FORM_EDITED: wizard_take(w, FORM_EDITED); return true;
	case FORM_CHANGED: wizard_take(w, FORM_CHANGED); return true;
	case FORM_PRESSED: wizard_take(w, FORM_PRESSED); return true;
	case FORM_MOVED:
		if (w->step == STEP_ROUTE)
			wizard_weights_show(w, f);
		return true;
	case FORM_DONE: return true;
	default: break;
	}
	/* Tab behind the last field: the next step */
	if (key == K_TAB)
		return turn_step(w, 1);
	return key == K_BACK_TAB && turn_step(w, -1);
}

static void
leave(void *arg, bool yes)
{
	struct wizard_screen *w = arg;

	if (!yes)
		return;
	w->is_leaving = true;
	app_pop(w->screen.app, &w->screen);
}

static bool
wizard_may_close(struct screen *s)
{
	struct wizard_screen *w = (struct wizard_screen *)s;

	if (!w->is_touched || w->is_leaving)
		return true;
	app_ask(s->app, "leave the wizard and drop what you entered?", leave, w);
	return false;
}

static void
go_back(struct wizard_screen *w)
{
	if (w->step != STEP_RULES && (w->steps & BIT(STEP_RULES)) != 0)
		wizard_go_to(w, STEP_RULES);
	else if (wizard_may_close(&w->screen))
		app_pop(w->screen.app, &w->screen);
}

static bool
step_command(struct wizard_screen *w, enum command_id id)
{
	struct app *a = w->screen.app;

	switch (id) {
	case CMD_STEP_NEXT: turn_step(w, 1); return true;
	case CMD_STEP_BACK: turn_step(w, -1); return true;
	case CMD_PREVIEW: wizard_go_to(w, STEP_PREVIEW); return true;
	case CMD_LEAVE: go_back(w); return true;
	case CMD_FORM_HELP:
		app_push(a, help_open(a, SCOPE_WIZARD, "wizard"));
		return true;
	case CMD_SEEN: return take_seen(w);
	case CMD_FORM_LINE: app_command(a, CMD_LINE, ""); return true;
	case CMD_REDRAW:
	case CMD_SUSPEND: app_command(a, id, ""); return true;
	default: return false;
	}
}

/* The step's own keys come before the fields', which take all characters. */
static bool
wizard_key(struct screen *s, uint32_t key)
{
	struct wizard_screen *w = (struct wizard_screen *)s;
	const struct keymap *m = app_keymap(s->app);
	enum command_id id = keymap_find(m, SCOPE_FORM, key);

	if (id != CMD_NONE && step_command(w, id))
		return true;
	if (!is_form(w->step) && keymap_find(m, SCOPE_STEP, key) == CMD_LINE) {
		app_command(s->app, CMD_LINE, "");
		return true;
	}
	if (w->step == STEP_RULES) {
		id = keymap_find(m, SCOPE_RULES, key);
		if (id != CMD_NONE && wizard_rules_command(w, id))
			return true;
		return key == K_TAB && turn_step(w, 1);
	}
	if (w->step == STEP_PREVIEW) {
		id = keymap_find(m, SCOPE_PREVIEW, key);
		return id != CMD_NONE && wizard_preview_command(w, id);
	}
	if (w->step == STEP_ROUTE) {
		id = keymap_find(m, SCOPE_WEIGHT, key);
		if (id != CMD_NONE && wizard_weight_command(w, &w->forms[STEP_ROUTE], id)) {
			wizard_touched(w);
			return true;
		}
	}
	return form_step_key(w, key);
}

static bool
wizard_click(struct screen *s, unsigned what, unsigned col, unsigned row)
{
	struct wizard_screen *w = (struct wizard_screen *)s;

	(void)col;
	(void)row;
	if (is_form(w->step)) {
		if (form_click(&w->forms[w->step], what) == FORM_MOVED && w->step == STEP_ROUTE)
			wizard_weights_show(w, &w->forms[STEP_ROUTE]);
	} else if (w->step == STEP_PREVIEW && what >= HIT_TAB)
		w->preview_tab = what - HIT_TAB;
	else if (w->step == STEP_RULES && list_click(&w->rules, what))
		wizard_rules_command(w, CMD_RULE_EDIT);
	return false;
}

static bool
wizard_paste(struct screen *s, const char *text)
{
	struct wizard_screen *w = (struct wizard_screen *)s;

	if (!is_form(w->step) || !form_paste(&w->forms[w->step], text))
		return false;
	wizard_take(w, FORM_EDITED);
	return true;
}

static bool
wizard_is_masked(const struct screen *s)
{
	struct wizard_screen *w = (struct wizard_screen *)(uintptr_t)s;
	const struct form_field *field = is_form(w->step) ? form_focused(&w->forms[w->step]) : NULL;

	return field != NULL && field->is_masked;
}

static void
wizard_hint(struct screen *s, struct buf *out)
{
	struct wizard_screen *w = (struct wizard_screen *)s;
	struct form_field *field = is_form(w->step) ? form_focused(&w->forms[w->step]) : NULL;

	if (field != NULL)
		wizard_field_help(w, field, out);
	if (out->len > 0)
		return;
	if (w->step == STEP_RULES)
		buf_puts(out, "n new\tEnter edit\tc copy\tJ K move\tx remove\tCtrl-O preview\t"
			 "Esc leave");
	else if (w->step == STEP_PREVIEW)
		buf_puts(out, "Enter store it\tTab documents\ty YAML or difference\tPgUp back\t"
			 "Esc leave");
	else
		buf_puts(out, "Tab next field\tSpace switch\tPgDn next\tPgUp back\t"
			 "Ctrl-O preview\tEsc leave");
}

void
wizard_screen_fini(struct wizard_screen *w)
{
	for (unsigned i = 0; i < STEP_COUNT; i++)
		form_fini(&w->forms[i]);
	arena_free(&w->choices);
	wizard_preview_forget(w);
	wizard_free(&w->state);
	mesh_put(&w->mesh);
	problems_fini(&w->checks);
	free(w->title);
}

static void
wizard_screen_free(struct screen *s)
{
	wizard_screen_fini((struct wizard_screen *)s);
	free(s);
}

/* New requests: what the rules would do to them is said anew. */
static void
wizard_update(struct screen *s, unsigned changes)
{
	struct wizard_screen *w = (struct wizard_screen *)s;

	if ((changes & MODEL_REQUESTS) == 0 || w->step != STEP_PREVIEW)
		return;
	forecast_free(&w->forecast);
	wizard_want_requests(w);
}

static const struct screen_ops wizard_ops = {
	.name = "Wizard",
	.scope = SCOPE_FORM,
	.update = wizard_update,
	.draw = wizard_draw,
	.key = wizard_key,
	.paste = wizard_paste,
	.is_masked = wizard_is_masked,
	.click = wizard_click,
	.hint = wizard_hint,
	.may_close = wizard_may_close,
	.free = wizard_screen_free,
};

static enum wizard_step
first_step(unsigned steps)
{
	unsigned step = 0;

	while ((steps & BIT(step)) == 0)
		step++;
	return (enum wizard_step)step;
}

void
wizard_screen_init(struct wizard_screen *w, struct wizard_state *state, struct mesh *mesh)
{
	w->mesh = mesh;
	w->state = state;
	w->steps = steps_of_kind[state->kind];
	w->step = first_step(w->steps);
	w->title = xasprintf("%s for %s.%s", wizard_kind_title(state->kind), state->service->name,
			     state->service->ns);
	w->choices = arena_new();
	for (unsigned i = 0; i < STEP_COUNT; i++)
		form_init(&w->forms[i]);
	wizard_want_requests(w);
	check(w);
	build_form(w);
}

struct screen *
wizard_screen_open(struct app *a, enum wizard_kind kind, const struct mesh_service *service,
		   struct error *err)
{
	struct mesh *mesh = mesh_get(app_model(a)->mesh);
	struct wizard_state *state = wizard_open(kind, mesh, service, err);
	struct wizard_screen *w;

	if (state == NULL) {
		mesh_put(&mesh);
		return NULL;
	}
	w = xcalloc(1, sizeof(*w));
	w->screen.ops = &wizard_ops;
	w->screen.app = a;
	w->screen.name = wizard_kind_title(kind);
	wizard_screen_init(w, state, mesh);
	return &w->screen;
}
