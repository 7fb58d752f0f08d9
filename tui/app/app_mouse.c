/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mouse: clicks go to what the top screen drew there, the wheel moves as
 * the keys do.
 */
#include "src/base/assert.h"
#include "tui/app/app_priv.h"
#include "tui/app/prompt.h"
#include "tui/term/canvas.h"
#include "tui/term/key.h"
#include "tui/widgets/list.h"

#define WHEEL_ROWS 3

/* Which commands turn the wheel on a screen, upwards and downwards. */
static const struct {
	unsigned scope;
	bool with_shift;
	enum command_id up, down;
	unsigned times;
} wheels[] = {
	{ SCOPE_GRAPH | SCOPE_MATRIX, false, CMD_PAN_UP, CMD_PAN_DOWN, 1 },
	{ SCOPE_GRAPH | SCOPE_MATRIX, true, CMD_PAN_LEFT, CMD_PAN_RIGHT, 1 },
	{ SCOPE_LIST | SCOPE_TEXT | SCOPE_PAGE | SCOPE_STEP, false, CMD_UP, CMD_DOWN, WHEEL_ROWS },
	{ SCOPE_MENU, false, CMD_UP, CMD_DOWN, 1 },
	{ SCOPE_CHARTS, false, CMD_CHART_UP, CMD_CHART_DOWN, 1 },
};

static void
turn_wheel(struct app *a, const struct mouse_press *p)
{
	unsigned scope = screen_scope(app_top(a));

	for (size_t i = 0; i < ARRAY_LEN(wheels); i++) {
		if ((wheels[i].scope & scope) == 0 || wheels[i].with_shift != p->with_shift)
			continue;
		for (unsigned n = 0; n < wheels[i].times; n++)
			app_command(a, p->button == MOUSE_WHEEL_UP ? wheels[i].up : wheels[i].down, "");
		return;
	}
}

/* The last one drawn lies on top. */
static const struct hit *
find_hit(const struct canvas *c, unsigned col, unsigned row)
{
	for (size_t i = c->hits.len; i > 0; i--) {
		const struct hit *h = &c->hits.items[i - 1];

		if (col >= h->col && col - h->col < h->cols && row >= h->row && row - h->row < h->rows)
			return h;
	}
	return NULL;
}

static void
open_tab(struct app *a, unsigned tab)
{
	char number[] = { (char)('1' + tab), '\0' };

	if (tab < 9)
		app_command(a, CMD_TAB, number);
}

/* Left chooses and, where that was chosen before, opens; right asks what can
 * be done. */
static void
click(struct app *a, const struct mouse_press *p)
{
	const struct hit *at = find_hit(a->canvas, p->col, p->row);
	struct screen *s = app_top(a);
	struct hit hit;
	bool was_chosen;

	if (at == NULL)
		return;
	hit = *at;
	if (hit.what >= HIT_TAB && s->ops->command != NULL) {
		open_tab(a, hit.what - HIT_TAB);
		return;
	}
	if (hit.list != NULL)
		was_chosen = list_click(hit.list, hit.what);
	else
		was_chosen = s->ops->click != NULL &&
			     s->ops->click(s, hit.what, p->col - hit.col, p->row - hit.row);
	if (p->button == MOUSE_RIGHT &&
	    (screen_scope(s) & command_row(CMD_ACTIONS)->scope) != 0)
		app_command(a, CMD_ACTIONS, "");
	else if (was_chosen)
		app_command(a, CMD_OPEN, "");
}

/* A question and an open line want their answers by keyboard. */
void
app_mouse(struct app *a, const struct mouse_press *p)
{
	if (a->on_answer != NULL || prompt_is_open(a->prompt) || p->button == MOUSE_MIDDLE)
		return;
	app_canvas(a);		/* what is told as drawn is drawn */
	app_dirty(a);
	a->has_message = false;
	if (p->button == MOUSE_WHEEL_UP || p->button == MOUSE_WHEEL_DOWN)
		turn_wheel(a, p);
	else
		click(a, p);
}
