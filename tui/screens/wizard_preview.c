/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The last step: what will change, every document as it would be stored or
 * its difference, and storing it.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/store/store.h"
#include "src/wizard/forecast.h"
#include "tui/app/app.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"
#include "tui/screens/wizard_screen.h"
#include "tui/widgets/sheet.h"
#include "tui/widgets/tabs.h"

static const struct {
	const char *mark, *word;
	unsigned style;
} ops[] = {
	[DOC_CREATE] = { "+", "new", UI_ADDED },
	[DOC_UPDATE] = { "~", "changed", STYLE_WARN },
	[DOC_UNCHANGED] = { "=", "as it is", STYLE_DIM },
	[DOC_DELETE] = { "-", "deleted", UI_REMOVED },
};

void
wizard_preview_forget(struct wizard_screen *w)
{
	forecast_free(&w->forecast);
	mesh_put(&w->after);
	wizard_preview_free(&w->preview);
	free(w->preview_error);
	w->preview_error = NULL;
}

static void
make_preview(struct wizard_screen *w)
{
	struct error err = ERROR_INIT;

	if (w->preview != NULL || w->preview_error != NULL)
		return;
	w->preview = wizard_preview(w->state, &err);
	if (w->preview == NULL)
		w->preview_error = xstrdup(err.msg);
	else if (w->preview_tab > w->preview->document_count)
		w->preview_tab = 0;
}

/* The recent requests as they would go; NULL while none are known. */
static const struct forecast *
make_forecast(struct wizard_screen *w)
{
	const struct value *requests = app_model(w->screen.app)->requests;

	if (w->forecast != NULL || requests == NULL)
		return w->forecast;
	if (w->after == NULL)
		w->after = forecast_mesh(w->mesh, w->preview);
	if (w->after != NULL)
		w->forecast = forecast_new(w->mesh, w->after, requests);
	return w->forecast;
}

static unsigned
problem_style(const struct problem *p)
{
	return p->severity == SEVERITY_ERROR ? STYLE_BAD :
		p->severity == SEVERITY_WARNING ? STYLE_WARN : STYLE_DIM;
}

static void
put_problems(const struct problems *p, unsigned cells, struct sheet *out)
{
	for (size_t i = 0; i < p->rows.len; i++) {
		const struct problem *row = &p->rows.items[i];

		sheet_paragraph(out, problem_style(row), 2, cells, "%s %s%s%s",
				row->severity == SEVERITY_ERROR ? "x" :
				row->severity == SEVERITY_WARNING ? "!" : " ",
				row->path, row->path[0] ? ": " : "", row->message);
	}
}

static size_t
edge_name(const struct forecast_edge *e, struct buf *out)
{
	buf_clear(out);
	buf_printf(out, "%s %s %s", e->from, e->is_refusal ? "x" : "->", e->to);
	return text_width(buf_str(out), out->len);
}

/* Figures stand in a column behind the longest name. */
static void
put_edges(const struct forecast *f, unsigned cells, struct sheet *out)
{
	size_t widest = 0, most = cells > 24 ? cells - 24 : 0;
	struct buf name = BUF_INIT;

	for (size_t i = 0; i < f->edges.len; i++) {
		size_t width = edge_name(&f->edges.items[i], &name);

		widest = width > widest ? width : widest;
	}
	widest = widest > most ? most : widest;
	for (size_t i = 0; i < f->edges.len; i++) {
		const struct forecast_edge *e = &f->edges.items[i];
		size_t width = edge_name(e, &name), len = text_fit(buf_str(&name), name.len, widest);
		size_t blanks = width < widest ? widest - width : 0;

		sheet_line(out, e->is_refusal && e->after > e->before ? STYLE_BAD : STYLE_PLAIN,
			   "  %.*s%*s  %5.2f -> %5.2f/s", (int)len, buf_str(&name), (int)blanks, "",
			   e->before, e->after);
	}
	buf_fini(&name);
}

/* Which edges get more or less: the same routing on real requests. */
static void
forecast_sheet(struct wizard_screen *w, unsigned cells, struct sheet *out)
{
	const struct forecast *f;

	sheet_line(out, STYLE_PLAIN, "%s", "");
	sheet_line(out, STYLE_TITLE, "Recent requests under these rules");
	if (w->state->kind == WIZARD_TCP_TRAFFIC_SHIFTING) {
		sheet_line(out, STYLE_DIM, "  connections are not kept: for TCP one cannot tell");
		return;
	}
	f = make_forecast(w);
	if (f == NULL || f->requests == 0) {
		sheet_line(out, STYLE_DIM, f == NULL && app_feed(w->screen.app)->ops->commit == NULL ?
			   "  no engine is asked here" : "  none are known yet");
		return;
	}
	if (f->edges.len == 0)
		sheet_line(out, STYLE_PLAIN, "  no edge would change");
	put_edges(f, cells, out);
	sheet_paragraph(out, STYLE_DIM, 2, cells, "%zu requests of the last %.0f s, before -> after",
			f->requests, f->window_s);
	if (f->cannot_tell > 0)
		sheet_paragraph(out, STYLE_WARN, 2, cells,
				"! for %zu of them one cannot tell: a redacted field decides",
				f->cannot_tell);
}

static void
effect_sheet(struct wizard_screen *w, unsigned cells, struct sheet *out)
{
	const struct wizard_preview *p = w->preview;

	sheet_line(out, STYLE_TITLE, "What will change");
	for (size_t i = 0; i < p->effects.len; i++)
		sheet_paragraph(out, STYLE_PLAIN, 2, cells, "%s", p->effects.items[i]);
	sheet_line(out, STYLE_PLAIN, "%s", "");
	sheet_line(out, STYLE_TITLE, "Documents");
	for (size_t i = 0; i < p->document_count; i++) {
		const struct wizard_document *d = &p->documents[i];

		sheet_line(out, ops[d->op].style, "  %s %s %s.%s (%s)", ops[d->op].mark, d->kind,
			   d->name, d->ns, ops[d->op].word);
	}
	forecast_sheet(w, cells, out);
	if (p->problems.rows.len > 0) {
		sheet_line(out, STYLE_PLAIN, "%s", "");
		sheet_line(out, STYLE_TITLE, "To know");
		put_problems(&p->problems, cells, out);
	}
}

static unsigned
line_style(const struct wizard_screen *w, const char *line, size_t len)
{
	if (w->shows_yaml || len == 0)
		return STYLE_PLAIN;
	if (len >= 3 && (strncmp(line, "+++", 3) == 0 || strncmp(line, "---", 3) == 0))
		return STYLE_BOLD;
	return line[0] == '+' ? UI_ADDED : line[0] == '-' ? UI_REMOVED :
		line[0] == '@' ? STYLE_DIM : STYLE_PLAIN;
}

static void
document_sheet(const struct wizard_screen *w, const struct wizard_document *d, struct sheet *out)
{
	bool has_diff = d->diff != NULL && d->diff[0] != '\0';
	const char *text = w->shows_yaml || !has_diff ? d->yaml : d->diff;

	if (!w->shows_yaml && !has_diff && d->op == DOC_UNCHANGED)
		sheet_line(out, STYLE_DIM, "# stored like this already");
	for (const char *s = text != NULL ? text : ""; *s != '\0';) {
		size_t len = strcspn(s, "\n");

		sheet_line(out, has_diff ? line_style(w, s, len) : STYLE_PLAIN, "%.*s", (int)len, s);
		s += len + (s[len] == '\n');
	}
}

static void
draw_tabs(const struct wizard_screen *w, struct area a)
{
	size_t count = w->preview->document_count + 1;
	const char **names = xcalloc(count, sizeof(*names));
	char **texts = xcalloc(count, sizeof(*texts));

	names[0] = "Effect";
	for (size_t i = 1; i < count; i++) {
		const struct wizard_document *d = &w->preview->documents[i - 1];

		names[i] = texts[i] = xasprintf("%s%s", ops[d->op].mark, d->kind);
	}
	tabs_draw(a, names, count, w->preview_tab);
	for (size_t i = 1; i < count; i++)
		free(texts[i]);
	free(names);
	free(texts);
}

void
wizard_preview_draw(struct wizard_screen *w, struct area a)
{
	struct area body = area_sub(a, 0, 2, a.cols, UINT32_MAX);
	struct sheet sheet = { VEC_INIT };

	make_preview(w);
	if (w->preview == NULL) {
		area_put_cut(a, 0, 0, a.cols, STYLE_BAD, "Not yet: something is missing or wrong.");
		put_problems(&w->checks, body.cols, &sheet);
		if (w->checks.rows.len == 0)
			sheet_line(&sheet, STYLE_BAD, "  x %s", w->preview_error);
	} else {
		draw_tabs(w, area_sub(a, 0, 0, a.cols, 1));
		if (w->preview_tab == 0)
			effect_sheet(w, body.cols, &sheet);
		else
			document_sheet(w, &w->preview->documents[w->preview_tab - 1], &sheet);
	}
	w->preview_list.chosen = w->preview_list.top;
	list_fit(&w->preview_list, sheet.lines.len, body.rows);
	sheet_draw(&sheet, body, w->preview_list.top);
	sheet_fini(&sheet);
}

static void
turn_tab(struct wizard_screen *w, int step)
{
	size_t count = w->preview != NULL ? w->preview->document_count + 1 : 1;

	w->preview_tab = (w->preview_tab + count + (size_t)step) % count;
	w->preview_list.top = w->preview_list.chosen = 0;
}

static void
store_now(void *arg, bool yes)
{
	struct wizard_screen *w = arg;
	struct feed *feed = app_feed(w->screen.app);
	struct transaction t = { .via = VIA_WIZARD };
	struct error err = ERROR_INIT;

	if (!yes || w->preview == NULL)
		return;
	wizard_transaction(w->preview, w->state, &t);
	t.note = w->title;
	if (feed->ops->commit(feed, &t, &err) < 0)
		app_say_error(w->screen.app, &err);
	else
		app_pop(w->screen.app, &w->screen);
	vec_fini(&t.changes);
}

static unsigned
count_op(const struct wizard_preview *p, unsigned op)
{
	unsigned count = 0;

	for (size_t i = 0; i < p->document_count; i++)
		count += (unsigned)p->documents[i].op == op;
	return count;
}

static void
wizard_apply(struct wizard_screen *w)
{
	struct app *a = w->screen.app;
	struct buf question = BUF_INIT;
	unsigned made, changed, deleted;

	make_preview(w);
	if (w->preview == NULL || form_has_errors(&w->forms[STEP_FAULT]) ||
	    form_has_errors(&w->forms[STEP_TIMEOUTS]) || form_has_errors(&w->forms[STEP_ADVANCED])) {
		app_say(a, SEVERITY_ERROR, "a step marked x is not right yet");
		return;
	}
	if (app_feed(a)->ops->commit == NULL) {
		app_say(a, SEVERITY_WARNING, "nothing can be changed here");
		return;
	}
	made = count_op(w->preview, DOC_CREATE);
	changed = count_op(w->preview, DOC_UPDATE);
	deleted = count_op(w->preview, DOC_DELETE);
	if (made + changed + deleted == 0) {
		app_say(a, SEVERITY_INFO, "nothing to store: all is as it should be");
		return;
	}
	buf_printf(&question, "store this in %s: %u new, %u changed, %u deleted?",
		   w->state->service->ns, made, changed, deleted);
	app_ask(a, buf_str(&question), store_now, w);
	buf_fini(&question);
}

bool
wizard_preview_command(struct wizard_screen *w, enum command_id id)
{
	switch (id) {
	case CMD_DOCUMENT_NEXT: turn_tab(w, 1); return true;
	case CMD_DOCUMENT_BACK: turn_tab(w, -1); return true;
	case CMD_DOCUMENT_FORM: w->shows_yaml = !w->shows_yaml; return true;
	case CMD_STORE: wizard_apply(w); return true;
	default: return list_scroll(&w->preview_list, id);
	}
}
