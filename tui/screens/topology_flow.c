/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Traffic animation (display option "animation"): when the dots move and the
 * cells they take.  They stand still with the figures: frozen, in a past that
 * does not play, without an engine, or under another screen.
 */
#include "src/topology/flow.h"
#include "src/topology/grid.h"
#include "tui/app/app.h"
#include "tui/feed/model.h"
#include "tui/screens/topology_priv.h"

static bool
moves(const struct topology *t)
{
	const struct model *m = app_model(t->screen.app);

	return m->query.shows_animation && !m->query.is_frozen && m->state == FEED_LIVE &&
	       (m->query.at_ms == 0 || app_is_playing(t->screen.app)) && t->layout != NULL &&
	       app_top(t->screen.app) == &t->screen;
}

void
topology_flow_reset(struct topology *t)
{
	if (t->flow != NULL)
		flow_set(t->flow, t->layout, t->shown);
}

void
topology_flow_step(struct topology *t)
{
	struct layout_rect sight = { t->pan_col, t->pan_row, t->view_cols, t->view_rows };

	if (moves(t) && t->flow != NULL && flow_step(t->flow, t->shown, &sight))
		app_dirty(t->screen.app);
}

struct brush {
	const struct topology *t;
	struct area a;
};

static void
put_dot(void *arg, size_t edge, unsigned col, unsigned row, bool is_error)
{
	const struct brush *b = arg;
	const struct topology *t = b->t;
	const struct grid_cell *cell;
	bool is_plain = b->a.canvas->glyphs != GLYPHS_UNICODE;

	(void)edge;
	if (col < t->pan_col || row < t->pan_row || col - t->pan_col >= t->grid->cols ||
	    row - t->pan_row >= t->grid->rows)
		return;
	cell = grid_at(t->grid, col - t->pan_col, row - t->pan_row);
	if (cell->owner == GRID_NO_OWNER || (cell->owner & GRID_OWNER_EDGE) == 0)
		return;
	area_put(b->a, col - t->pan_col, row - t->pan_row, is_error ? STYLE_BAD : cell->style,
		 is_error ? "x" : is_plain ? "o" : "\xe2\x80\xa2");
}

void
topology_flow_draw(struct topology *t, struct area a)
{
	struct brush brush = { t, a };

	if (!app_model(t->screen.app)->query.shows_animation) {
		flow_free(&t->flow);
		return;
	}
	if (t->flow == NULL) {
		t->flow = flow_new();
		topology_flow_reset(t);
	}
	flow_each(t->flow, put_dot, &brush);
	if (moves(t))
		app_frame_soon(t->screen.app);
}
