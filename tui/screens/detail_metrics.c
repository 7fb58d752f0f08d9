/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Charts of a page: inbound and outbound metrics, and versions side by side.
 */
#include <math.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/vec.h"
#include "src/telemetry/metrics.h"
#include "tui/app/app.h"
#include "tui/feed/model.h"
#include "tui/screens/detail.h"
#include "tui/screens/detail_filter.h"
#include "tui/screens/pages.h"
#include "tui/screens/screens.h"
#include "tui/widgets/chart.h"
#include "tui/widgets/figure.h"

#define CHART_MIN_COLS 38u	/* of one in the grid */
#define CHART_MIN_ROWS 8u
#define POINTS 60		/* in the grid; enlarged ones get what they can show */
#define POINTS_MAX 300
#define VERSION_ROWS_MAX 6u

struct metrics_tab {
	struct detail_tab tab;
	struct metrics *metrics;
	struct page_marks marks;
	enum metrics_reporter reporter;	/* as chosen */
	enum metrics_reporter used;	/* whose figures these are: the usual side may have none */
	bool other_tells;		/* the other side has figures, the chosen one has none */
	unsigned group_by, stats;
	struct chart_filters filters;
	bool has_own_stats;		/* chosen by hand: grouping leaves them */
	size_t points;			/* asked for at the last reading */
	enum metric_chart_id shown[METRIC_CHARTS];
	size_t shown_count, chosen, first;	/* first: row of the grid on top */
	unsigned columns;		/* of the grid at the last draw */
	bool is_enlarged;
	int64_t cursor_ms;		/* end of the step it is on; 0: no cursor */
};

static struct metrics_tab *
of_tab(struct detail_tab *t)
{
	return (struct metrics_tab *)t;
}

static bool
is_outbound(const struct metrics_tab *t)
{
	return t->tab.ops == &detail_outbound;
}

static bool
is_versions(const struct metrics_tab *t)
{
	return t->tab.ops == &detail_versions;
}

/* One line a group is what can be read: several quantiles only without groups. */
static void
choose_stats(struct metrics_tab *t)
{
	if (t->has_own_stats)
		return;
	t->stats = t->group_by != 0 || t->reporter == REPORTER_BOTH ? 1u << STAT_P95 :
		   1u << STAT_AVG | 1u << STAT_P50 | 1u << STAT_P95 | 1u << STAT_P99;
}

static void
init(struct detail_tab *tab)
{
	struct metrics_tab *t = of_tab(tab);

	t->points = POINTS;
	if (is_versions(t))
		t->group_by = 1u << GROUP_BY_LOCAL_VERSION;
	choose_stats(t);
}

/* Those with figures; without any, the first two say that there are none. */
static void
choose_shown(struct metrics_tab *t)
{
	enum metric_chart_id now = t->chosen < t->shown_count ? t->shown[t->chosen] : 0;

	t->shown_count = 0;
	for (enum metric_chart_id c = 0; c < METRIC_CHARTS; c++) {
		if (t->metrics->charts[c].lines.len > 0)
			t->shown[t->shown_count++] = c;
	}
	if (t->shown_count == 0) {
		t->shown[t->shown_count++] = METRIC_CHART_REQUESTS;
		t->shown[t->shown_count++] = METRIC_CHART_DURATION;
	}
	t->chosen = 0;
	for (size_t i = 0; i < t->shown_count; i++) {
		if (t->shown[i] == now)
			t->chosen = i;
	}
}

/* The side that is asked: by default the one that serves, or calls. */
static enum metrics_reporter
side_of(const struct metrics_tab *t)
{
	if (t->reporter != REPORTER_DEFAULT)
		return t->reporter;
	return is_outbound(t) ? REPORTER_SOURCE : REPORTER_DESTINATION;
}

static struct metrics_query
query_of(const struct metrics_tab *t)
{
	static const enum metrics_subject subjects[] = {
		[DETAIL_SERVICE] = METRICS_OF_SERVICE, [DETAIL_WORKLOAD] = METRICS_OF_WORKLOAD,
		[DETAIL_APP] = METRICS_OF_APP,
	};
	const struct detail *d = t->tab.detail;
	struct metrics_query q = {
		.subject = subjects[d->kind], .ns = d->ns, .name = d->name,
		.is_outbound = is_outbound(t), .reporter = side_of(t), .group_by = t->group_by,
		.stats = t->stats, .points = t->points,
	};

	chart_filters_apply(&t->filters, &q);
	return q;
}

static bool
has_figures(const struct metrics *m)
{
	for (enum metric_chart_id c = 0; c < METRIC_CHARTS; c++)
		if (m->charts[c].lines.len > 0)
			return true;
	return false;
}

/* Of a side that has nothing to tell by default the other one, if that has. */
static void
look_at_other_side(struct metrics_tab *t, struct metrics_query *q)
{
	struct metrics *other;

	q->reporter = q->reporter == REPORTER_SOURCE ? REPORTER_DESTINATION : REPORTER_SOURCE;
	other = page_metrics(t->tab.detail->screen.app, q);
	t->other_tells = has_figures(other);
	if (t->other_tells && t->reporter == REPORTER_DEFAULT) {
		metrics_free(&t->metrics);
		t->metrics = other;
		t->used = q->reporter;
		return;
	}
	metrics_free(&other);
}

static void
read_metrics(struct metrics_tab *t)
{
	struct detail *d = t->tab.detail;
	struct metrics_query q = query_of(t);

	metrics_free(&t->metrics);
	t->metrics = page_metrics(d->screen.app, &q);
	t->used = q.reporter;
	t->other_tells = false;
	if (q.reporter != REPORTER_BOTH && !has_figures(t->metrics))
		look_at_other_side(t, &q);
	page_marks_read(&t->marks, app_model(d->screen.app), t->metrics->from_ms);
	choose_shown(t);
}

static void
update(struct detail_tab *tab, unsigned changes)
{
	struct metrics_tab *t = of_tab(tab);

	if (t->metrics == NULL || (changes & (MODEL_GRAPH | MODEL_HISTORY)) != 0)
		read_metrics(t);
}

static size_t
cursor_step(const struct metrics_tab *t)
{
	int64_t at = t->cursor_ms - t->metrics->from_ms - 1;

	if (t->cursor_ms == 0 || at < 0 || at / t->metrics->step_ms >= (int64_t)t->metrics->count)
		return CHART_NO_CURSOR;
	return (size_t)(at / t->metrics->step_ms);
}

static void
draw_one(const struct metrics_tab *t, struct area a, size_t i, bool is_chosen)
{
	struct arena *arena = arena_new();
	struct chart c = page_chart(arena, t->metrics, t->shown[i], &t->marks);

	c.cursor = cursor_step(t);
	c.is_chosen = is_chosen;
	chart_draw(a, &c);
	arena_free(&arena);
}

static void
draw_enlarged(struct metrics_tab *t, struct area a)
{
	size_t points = chart_points(a.cols);

	points = points > POINTS_MAX ? POINTS_MAX : points;
	if (points != t->points) {
		t->points = points;
		read_metrics(t);
	}
	draw_one(t, a, t->chosen, true);
}

/* True when there are charts below those in sight. */
static bool
draw_grid(struct metrics_tab *t, struct area a)
{
	unsigned columns = a.cols / CHART_MIN_COLS, rows = a.rows / CHART_MIN_ROWS, cols;
	size_t grid_rows, row;

	columns = columns < 1 ? 1 : columns > 3 ? 3 : columns;
	columns = columns > t->shown_count ? (unsigned)t->shown_count : columns;
	grid_rows = (t->shown_count + columns - 1) / columns;
	rows = rows < 1 ? 1 : rows > grid_rows ? (unsigned)grid_rows : rows;
	t->columns = columns;
	row = t->chosen / columns;
	if (row < t->first)
		t->first = row;
	if (row >= t->first + rows)
		t->first = row - rows + 1;
	if (t->first + rows > grid_rows)
		t->first = grid_rows > rows ? grid_rows - rows : 0;
	cols = a.cols / columns;
	for (size_t i = t->first * columns; i < t->shown_count && i < (t->first + rows) * columns; i++) {
		unsigned x = (unsigned)(i % columns) * cols;
		unsigned y = (unsigned)(i / columns - t->first) * (a.rows / rows);

		draw_one(t, area_sub(a, x, y, cols - (x + cols < a.cols ? 2 : 0),
				     a.rows / rows - (y + a.rows / rows < a.rows)), i, i == t->chosen);
	}
	return t->first + rows < grid_rows;
}

static const char *
side_name(enum metrics_reporter side)
{
	return side == REPORTER_SOURCE ? "source" : side == REPORTER_DESTINATION ? "destination" : "both sides";
}

/* Which side is silent; returns the rows that took. */
static unsigned
draw_silence(const struct metrics_tab *t, struct area a)
{
	const char *silent = side_name(side_of(t));
	struct buf b = BUF_INIT, text = BUF_INIT;

	if (!t->other_tells)
		return 0;
	if (t->used != side_of(t))
		buf_printf(&b, "the %s reports nothing of this: the figures are the %s's", silent,
			   side_name(t->used));
	else
		buf_printf(&b, "the %s reports nothing of this; {reporter} shows %s", silent,
			   t->reporter == REPORTER_SOURCE ? "the destination's figures" : "both sides");
	app_put_keys(t->tab.detail->screen.app, buf_str(&b), &text);
	area_put_cut(a, 1, 0, a.cols - 1, STYLE_WARN, buf_str(&text));
	buf_fini(&b);
	buf_fini(&text);
	return 1;
}

static unsigned
put_key(const struct metrics_tab *t, struct area a, unsigned col, const char *keys)
{
	struct buf b = BUF_INIT;
	unsigned cells;

	app_put_keys(t->tab.detail->screen.app, keys, &b);
	cells = area_put(a, col, 0, STYLE_KEY, buf_str(&b));
	buf_fini(&b);
	return cells;
}

/* The settings, each behind the key that changes it. */
static void
draw_settings(const struct metrics_tab *t, struct area a)
{
	unsigned groups = 0, stats = 0, col = 1;
	struct buf b = BUF_INIT;

	buf_puts(&b, "last ");
	figure_window(&b, app_model(t->tab.detail->screen.app)->query.window_s);
	buf_puts(&b, " every ");
	figure_window(&b, (unsigned)(t->metrics->step_ms / 1000));
	col += area_put(a, col, 0, STYLE_DIM, buf_str(&b)) + 2;
	col += put_key(t, a, col, "{reporter} ");
	col += area_put(a, col, 0, t->reporter != REPORTER_DEFAULT ? STYLE_BOLD : STYLE_DIM,
			side_name(t->used)) + 2;
	buf_clear(&b);
	for (unsigned g = 0; g < METRIC_GROUPS; g++) {
		if ((t->group_by & 1u << g) != 0)
			buf_printf(&b, "%s%s", groups++ > 0 ? ", " : "", metric_group_title(g));
	}
	col += put_key(t, a, col, "{group-by} ");
	col += area_put(a, col, 0, groups > 0 ? STYLE_BOLD : STYLE_DIM,
			groups > 0 ? buf_str(&b) : "not grouped") + 2;
	buf_clear(&b);
	chart_filters_text(&t->filters, &b);
	if (b.len > 0) {
		col += put_key(t, a, col, "{only} ");
		col += area_put_cut(a, col, 0, a.cols > col + 20 ? a.cols - col - 20 : 1, STYLE_WARN,
				    buf_str(&b)) + 2;
	}
	buf_clear(&b);
	for (unsigned i = 0; i < METRIC_STATS; i++) {
		if ((t->stats & 1u << i) != 0)
			buf_printf(&b, "%s%s", stats++ > 0 ? " " : "", metric_stat_name(i));
	}
	col += put_key(t, a, col, "{quantiles} ");
	if (col + 1 < a.cols)
		area_put_cut(a, col, 0, a.cols - col - 1, STYLE_DIM, buf_str(&b));
	buf_fini(&b);
}

static void
put_cell(struct area a, unsigned col, unsigned row, unsigned style, struct buf *b)
{
	area_put(a, col, row, style, buf_str(b));
	buf_clear(b);
}

static void
draw_version(struct area a, unsigned row, const struct metric_sum *v, double total,
	     double window_s)
{
	unsigned name = a.cols > 60 ? a.cols - 54 : 8;
	struct buf b = BUF_INIT;
	double times[4] = { v->avg_ms, v->p50_ms, v->p95_ms, v->p99_ms };

	name = name > 40 ? 40 : name;
	area_put_cut(a, 1, row, name - 1, STYLE_BOLD, v->name[0] != '\0' ? v->name : "(none)");
	figure_rate(&b, v->requests / window_s);
	put_cell(a, name + 1, row, STYLE_PLAIN, &b);
	figure_percent(&b, total > 0 ? v->requests / total : -1);
	put_cell(a, name + 9, row, STYLE_PLAIN, &b);
	figure_percent(&b, v->requests > 0 ? v->errors / v->requests : -1);
	put_cell(a, name + 16, row, v->errors > 0 ? STYLE_BAD : STYLE_DIM, &b);
	for (unsigned i = 0; i < ARRAY_LEN(times); i++) {
		figure_time(&b, times[i]);
		put_cell(a, name + 22 + 8 * i, row, STYLE_PLAIN, &b);
	}
	buf_fini(&b);
}

/* The table over the charts; returns the rows it took. */
static unsigned
draw_versions(const struct metrics_tab *t, struct area a)
{
	static const char *const titles[] = { "  RATE", "SHARE", " ERR", "   AVG", "   P50", "   P95",
					      "   P99" };
	static const unsigned at[] = { 1, 8, 16, 22, 30, 38, 46 };
	unsigned name = a.cols > 60 ? a.cols - 54 : 8, rows = 0;
	const struct metrics *m = t->metrics;
	double total = 0, window_s = (double)(m->step_ms * (int64_t)m->count) / 1000;

	name = name > 40 ? 40 : name;
	if (m->sums.len == 0)
		return 0;
	for (size_t i = 0; i < m->sums.len; i++)
		total += m->sums.items[i].requests;
	area_put(a, 1, 0, STYLE_DIM, "VERSION");
	for (size_t i = 0; i < ARRAY_LEN(titles); i++)
		area_put(a, name + at[i], 0, STYLE_DIM, titles[i]);
	for (; rows < m->sums.len && rows < VERSION_ROWS_MAX; rows++)
		draw_version(a, 1 + rows, &m->sums.items[rows], total, window_s);
	area_rule(area_sub(a, 0, rows + 1, a.cols, 1), 0);
	return rows + 2;
}

static void
draw(struct detail_tab *tab, struct area a)
{
	struct metrics_tab *t = of_tab(tab);
	struct area settings = a;
	unsigned head = 1;

	if (a.rows < 4)
		return;
	draw_settings(t, a);
	head += draw_silence(t, area_sub(a, 0, 1, a.cols, 1));
	if (is_versions(t) && !t->is_enlarged)
		head += draw_versions(t, area_sub(a, 0, head, a.cols, UINT32_MAX));
	a = area_sub(a, 1, head, a.cols - 2, UINT32_MAX);
	if (t->is_enlarged) {
		draw_enlarged(t, a);
		return;
	}
	if (t->points != POINTS) {
		t->points = POINTS;
		read_metrics(t);
	}
	if (draw_grid(t, a))
		area_put_right(settings, settings.cols, 0, STYLE_BOLD, " more below ");
}

static void
move_chosen(struct metrics_tab *t, int step)
{
	long to = (long)t->chosen + step;

	if (to >= 0 && to < (long)t->shown_count)
		t->chosen = (size_t)to;
}

static void
move_cursor(struct metrics_tab *t, int step)
{
	const struct metrics *m = t->metrics;
	size_t at = cursor_step(t);
	long to = at == CHART_NO_CURSOR ? (long)m->count - 1 : (long)at + step;

	to = to < 0 ? 0 : to >= (long)m->count ? (long)m->count - 1 : to;
	t->cursor_ms = m->from_ms + m->step_ms * (to + 1);
}

/* To the next change after the cursor, round and round. */
static void
next_change(struct metrics_tab *t)
{
	int64_t end_ms = t->metrics->from_ms + t->metrics->step_ms * (int64_t)t->metrics->count;

	for (size_t round = 0; round < 2; round++) {
		for (size_t i = 0; i < t->marks.items.len; i++) {
			int64_t at = t->marks.items.items[i].time_ms;

			if (at <= t->metrics->from_ms || at > end_ms || at <= t->cursor_ms)
				continue;
			t->cursor_ms = at + (t->metrics->from_ms - at) % t->metrics->step_ms +
				       t->metrics->step_ms;
			t->is_enlarged = true;
			return;
		}
		t->cursor_ms = 0;
	}
	app_say(t->tab.detail->screen.app, SEVERITY_INFO, "nothing was changed in this window");
}

static bool
has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *s = list; *s != '\0';) {
		size_t part = strcspn(s, ",");

		if (part == len && strncasecmp(s, word, len) == 0)
			return true;
		s += part + (s[part] == ',');
	}
	return false;
}

static bool
group_by(struct metrics_tab *t, const char *args, bool is_answer)
{
	struct menu *menu;

	if (is_answer) {
		t->group_by = 0;
		for (unsigned g = 0; g < METRIC_GROUPS; g++) {
			if (has_word(args, metric_group_title(g)) || has_word(args, metric_group_word(g)))
				t->group_by |= 1u << g;
		}
		choose_stats(t);
		read_metrics(t);
		return true;
	}
	menu = menu_new("Divide the lines by");
	menu_set_many(menu, "group-by =");
	for (unsigned g = 0; g < METRIC_GROUPS; g++) {
		if (!metric_group_fits(g, is_outbound(t)))
			continue;
		menu_add(menu, metric_group_title(g), NULL, "");
		if ((t->group_by & 1u << g) != 0)
			menu_mark_last(menu);
	}
	app_push(t->tab.detail->screen.app, menu_screen(menu));
	return true;
}

/* "LABEL=VALUE,...": only figures with those values. */
static bool
only(struct metrics_tab *t, const char *args, bool is_answer)
{
	struct app *a = t->tab.detail->screen.app;
	struct metrics_query q = query_of(t);

	q.reporter = t->used;
	if (!is_answer)
		app_push(a, chart_filters_menu(&t->filters, a, &q));
	else if (!chart_filters_parse(&t->filters, args, is_outbound(t)))
		app_tell(a, SEVERITY_ERROR, "write LABEL=VALUE with a label that {group-by} offers: "
			 "only code=503,flags=UO");
	else
		read_metrics(t);
	return true;
}

static bool
quantiles(struct metrics_tab *t, const char *args, bool is_answer)
{
	struct menu *menu;

	if (is_answer) {
		unsigned stats = 0;

		for (unsigned s = 0; s < METRIC_STATS; s++)
			stats |= has_word(args, metric_stat_name(s)) ? 1u << s : 0;
		t->has_own_stats = stats != 0;
		t->stats = stats;
		choose_stats(t);
		read_metrics(t);
		return true;
	}
	menu = menu_new("Of durations and sizes");
	menu_set_many(menu, "quantiles =");
	for (unsigned s = 0; s < METRIC_STATS; s++) {
		menu_add(menu, metric_stat_name(s), s >= STAT_EST_P50 ? "as in Istio's buckets" : NULL, "");
		if ((t->stats & 1u << s) != 0)
			menu_mark_last(menu);
	}
	app_push(t->tab.detail->screen.app, menu_screen(menu));
	return true;
}

static bool
go_back(struct metrics_tab *t)
{
	if (!t->is_enlarged)
		return false;
	t->is_enlarged = false;
	t->cursor_ms = 0;
	return true;
}

/* What a menu answers begins with "= ": nothing behind it means none. */
static const char *
answer_of(const char *args, bool *is_answer)
{
	*is_answer = args[0] != '\0';
	if (args[0] == '=')
		args++;
	return args + strspn(args, " ");
}

static bool
command(struct detail_tab *tab, enum command_id id, const char *args)
{
	struct metrics_tab *t = of_tab(tab);
	int across = t->is_enlarged ? 1 : (int)t->columns;
	bool is_answer;

	args = answer_of(args, &is_answer);
	switch (id) {
	case CMD_CHART_LEFT:
	case CMD_CHART_RIGHT:
		if (t->is_enlarged)
			move_cursor(t, id == CMD_CHART_LEFT ? -1 : 1);
		else
			move_chosen(t, id == CMD_CHART_LEFT ? -1 : 1);
		return true;
	case CMD_CHART_UP: move_chosen(t, -across); return true;
	case CMD_CHART_DOWN: move_chosen(t, across); return true;
	case CMD_CHART_CHANGE: next_change(t); return true;
	case CMD_OPEN:
		if (!go_back(t))
			t->is_enlarged = true;
		return true;
	case CMD_BACK: return go_back(t);
	case CMD_GROUP_BY: return group_by(t, args, is_answer);
	case CMD_ONLY: return only(t, args, is_answer);
	case CMD_QUANTILES: return quantiles(t, args, is_answer);
	case CMD_REPORTER:
		t->reporter = t->reporter == REPORTER_BOTH ? REPORTER_DEFAULT : t->reporter + 1;
		choose_stats(t);
		read_metrics(t);
		return true;
	default: return false;
	}
}

static void
hint(struct detail_tab *tab, struct buf *out)
{
	buf_puts(out, of_tab(tab)->is_enlarged ?
		 "arrows read and change chart\te next change\tEnter all charts\t"
		 "g by\tf only\tR reporter\tQ quantiles" :
		 "arrows choose\tEnter enlarge\t"
		 "g by\tf only\tR reporter\tQ quantiles\tV versions\tt time");
}

static void
fini(struct detail_tab *tab)
{
	struct metrics_tab *t = of_tab(tab);

	metrics_free(&t->metrics);
	page_marks_fini(&t->marks);
	chart_filters_fini(&t->filters);
}

#define OPS(name_, word_, kinds_) { \
	.name = name_, .word = word_, .kinds = kinds_, .scope = SCOPE_CHARTS, \
	.size = sizeof(struct metrics_tab), .init = init, .update = update, .draw = draw, \
	.command = command, .hint = hint, .fini = fini }

const struct detail_tab_ops detail_inbound =
	OPS("Inbound", "inbound", 1u << DETAIL_SERVICE | 1u << DETAIL_WORKLOAD | 1u << DETAIL_APP);
const struct detail_tab_ops detail_outbound =
	OPS("Outbound", "outbound", 1u << DETAIL_WORKLOAD | 1u << DETAIL_APP);
const struct detail_tab_ops detail_versions =
	OPS("Versions", "versions", 1u << DETAIL_SERVICE | 1u << DETAIL_APP);
