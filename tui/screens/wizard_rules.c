/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of a wizard's rules: drawing and changing it. */
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/text.h"
#include "tui/app/app.h"
#include "tui/screens/wizard_screen.h"

static bool
has_catch_all(const struct wizard_screen *w)
{
	for (size_t i = 0; i < w->state->rules.len; i++) {
		if (wizard_rule_is_catch_all(&w->state->rules.items[i]))
			return true;
	}
	return false;
}

/* Adds a rule and goes to its match; a catch-all only to the end of the list. */
static void
wizard_new_rule(struct wizard_screen *w, bool is_catch_all)
{
	struct wizard_rule *r = wizard_rule_add(w->state);

	if (!is_catch_all) {
		struct wizard_match m = { .foreign = NULL };
		size_t last = w->state->rules.len - 1;

		vec_push(&m.conditions, ((struct wizard_condition){
			MATCH_HEADER, MATCH_EXACT, wizard_text(w->state, ""),
			wizard_text(w->state, "") }));
		vec_push(&r->matches, m);
		/* in front of a rule that takes everything */
		if (last > 0 && wizard_rule_is_catch_all(&w->state->rules.items[last - 1])) {
			wizard_rule_move(w->state, last, -1);
			last--;
		}
		w->rules.chosen = last;
	} else {
		w->rules.chosen = w->state->rules.len - 1;
	}
	wizard_choose_rule(w, w->rules.chosen);
	wizard_touched(w);
	if (!is_catch_all) {
		wizard_go_to(w, STEP_MATCH);
		wizard_focus_condition(&w->forms[STEP_MATCH]);
	}
}

static void
move_rule(struct wizard_screen *w, int by)
{
	size_t at = w->rules.chosen;

	if (w->state->rules.len == 0 || (by < 0 ? at == 0 : at + 1 >= w->state->rules.len))
		return;
	wizard_rule_move(w->state, at, by);
	w->rules.chosen = at + (size_t)by;
	wizard_choose_rule(w, w->rules.chosen);
	wizard_touched(w);
}

static void
remove_rule(struct wizard_screen *w)
{
	size_t count = w->state->rules.len;

	wizard_rule_remove(w->state, w->rules.chosen);
	w->rules.count = count - 1;
	if (w->rules.chosen + 1 >= count)
		w->rules.chosen = count > 1 ? count - 2 : 0;
	w->rule = SIZE_MAX;
	wizard_choose_rule(w, w->rules.chosen);
	wizard_touched(w);
}

static void
edit_rule(struct wizard_screen *w)
{
	if (w->state->rules.len > 0)
		wizard_go_to(w, STEP_MATCH);
	else
		wizard_new_rule(w, false);
}

bool
wizard_rules_command(struct wizard_screen *w, enum command_id id)
{
	bool any = w->state->rules.len > 0;

	w->rules.count = w->state->rules.len;
	if (list_command(&w->rules, id)) {
		wizard_choose_rule(w, w->rules.chosen);
		return true;
	}
	switch (id) {
	case CMD_RULE_NEW: wizard_new_rule(w, false); return true;
	case CMD_RULE_OTHERS:
		if (!has_catch_all(w))
			wizard_new_rule(w, true);
		return true;
	case CMD_RULE_DOWN: move_rule(w, 1); return true;
	case CMD_RULE_UP: move_rule(w, -1); return true;
	case CMD_RULE_COPY:
		if (any) {
			wizard_rule_copy(w->state, w->rules.chosen);
			wizard_touched(w);
		}
		return true;
	case CMD_RULE_REMOVE:
		if (any)
			remove_rule(w);
		return true;
	case CMD_RULE_EDIT: edit_rule(w); return true;
	default: return false;
	}
}

/* In fewer words where there is little room. */
static void
put_either(const struct app *app, struct area a, unsigned row, unsigned style, const char *text, const char *brief)
{
	struct buf b = BUF_INIT;

	app_put_keys(app, text, &b);
	if (text_width(buf_str(&b), b.len) > a.cols) {
		buf_clear(&b);
		app_put_keys(app, brief, &b);
	}
	area_put(a, 0, row, style, buf_str(&b));
	buf_fini(&b);
}

void
wizard_rules_draw(struct wizard_screen *w, struct area a)
{
	const struct wizard_state *s = w->state;
	unsigned row = 0;

	list_fit(&w->rules, s->rules.len, a.rows > 3 ? (a.rows - 2) / 2 : 1);
	if (s->rules.len == 0) {
		put_either(w->screen.app, a, 0, STYLE_BOLD, "No rules: requests are spread over all workloads.",
			   "No rules: all workloads are called");
		put_either(w->screen.app, a, 2, STYLE_DIM, "{rule-new} makes the first rule", "{rule-new} makes one");
		return;
	}
	for (size_t i = w->rules.top; i < s->rules.len && row + 1 < a.rows; i++, row += 2) {
		struct buf match = BUF_INIT, effect = BUF_INIT;

		wizard_rule_text(&s->rules.items[i], &match);
		wizard_rule_effect(&s->rules.items[i], &effect);
		area_hit(area_sub(a, 0, row, a.cols, 2), (unsigned)i);
		area_printf(a, 0, row, STYLE_DIM, "%2zu", i + 1);
		area_put_cut(a, 4, row, a.cols - 4, STYLE_BOLD, buf_str(&match));
		area_put_cut(a, 4, row + 1, a.cols - 4, STYLE_DIM, buf_str(&effect));
		if (i == w->rules.chosen)
			area_style_row(a, 0, row, a.cols, UI_ROW_ON);
		buf_fini(&match);
		buf_fini(&effect);
	}
	if (!has_catch_all(w) && row + 1 < a.rows)
		put_either(w->screen.app, a, row + 1, STYLE_WARN, "! A request that meets no rule gets 404. "
			   "{rule-others} adds a rule for all others.",
			   "! All others get 404; {rule-others} adds a rule");
}
