/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the pages share.
 */
#include "tui/screens/pages.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/slice.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/response_flags.h"
#include "src/model/snapshot.h"
#include "src/store/history.h"
#include "tui/app/app.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"
#include "tui/screens/table.h"
#include "tui/widgets/health.h"

/* Ends with the newest reading, also when frozen. */
static void
read_window(const struct model *m, int64_t *from_ms, int64_t *to_ms)
{
	*to_ms = m->data_ms;
	*from_ms = *to_ms - (int64_t)m->query.window_s * 1000;
}

const struct graph *
page_graph(struct app *a, enum graph_type type, bool with_service_nodes)
{
	struct feed *f = app_feed(a);
	struct model *m = app_model(a);
	struct model_page *p = &m->pages[type][with_service_nodes];
	struct graph_options options = model_page_options(m, type, with_service_nodes);

	p->is_wanted = true;
	if (p->graph == NULL && (f->ops->read_pages == NULL || !f->ops->read_pages(f)) &&
	    f->ops->build != NULL)
		p->graph = f->ops->build(f, &options);
	return p->graph;
}

struct metrics *
page_metrics(struct app *a, struct metrics_query *q)
{
	struct feed *f = app_feed(a);

	read_window(app_model(a), &q->from_ms, &q->to_ms);
	if (f->ops->metrics == NULL)
		return metrics_new(q->from_ms, q->to_ms, q->points);
	return f->ops->metrics(f, q);
}

static const char *
keep_clean(struct arena *arena, const char *text)
{
	struct buf clean = BUF_INIT;
	const char *kept;

	text_sanitize(&clean, text, strlen(text));
	kept = arena_strdup(arena, buf_str(&clean));
	buf_fini(&clean);
	return kept;
}

void
page_marks_read(struct page_marks *marks, const struct model *m, int64_t from_ms)
{
	size_t count = m->history != NULL ? m->history->entries.len : 0;

	page_marks_fini(marks);
	marks->arena = arena_new();
	for (size_t i = 0; i < count; i++) {
		const struct history_entry *e = &m->history->entries.items[i];
		const struct history_change *c = e->changes.len > 0 ? &e->changes.items[0] : NULL;
		char *text;

		if (e->time_ms < from_ms)
			continue;
		text = xasprintf("change %llu (%s): %s%s%s%s", (unsigned long long)e->n,
				 change_via_name(e->via), c != NULL ? c->kind : "",
				 c != NULL ? " " : "", c != NULL ? c->name : "",
				 e->changes.len > 1 ? " and more" : "");
		vec_push(&marks->items, ((struct chart_mark){ e->time_ms,
							      keep_clean(marks->arena, text) }));
		free(text);
	}
}

void
page_marks_fini(struct page_marks *marks)
{
	vec_fini(&marks->items);
	if (marks->arena != NULL)
		arena_free(&marks->arena);
}

static int
compare_weights(const void *a, const void *b)
{
	const struct metric_line *x = *(const struct metric_line *const *)a;
	const struct metric_line *y = *(const struct metric_line *const *)b;
	int order = strcmp(x->name, y->name);

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return order != 0 ? order : x < y ? -1 : 1;
}

/* "travels-v1 p95" */
static const char *
line_name(struct arena *arena, const struct metric_line *l)
{
	if (l->stat[0] == '\0')
		return l->name;
	return l->name[0] == '\0' ? l->stat : arena_printf(arena, "%s %s", l->name, l->stat);
}

struct chart
page_chart(struct arena *arena, const struct metrics *m, enum metric_chart_id id,
	   const struct page_marks *marks)
{
	const struct metric_lines *from = &m->charts[id];
	size_t count = from->lines.len;
	const struct metric_line **sorted = arena_alloc(arena, (count + 1) * sizeof(*sorted));
	struct chart_line *lines = arena_alloc(arena, (count + 1) * sizeof(*lines));
	struct chart c = {
		.title = metric_chart_title(id), .unit = metric_chart_unit(id),
		.from_ms = m->from_ms, .step_ms = m->step_ms, .count = m->count,
		.lines = lines, .line_count = count, .cursor = CHART_NO_CURSOR,
	};

	for (size_t i = 0; i < count; i++)
		sorted[i] = &from->lines.items[i];
	if (count > CHART_LINES)	/* the most important ones are drawn */
		qsort(sorted, count, sizeof(*sorted), compare_weights);
	for (size_t i = 0; i < count; i++) {
		lines[i].name = line_name(arena, sorted[i]);
		lines[i].values = sorted[i]->values;
		lines[i].is_bad = strcmp(sorted[i]->stat, "errors") == 0;
		if (count > 1 && lines[i].name[0] == '\0')
			lines[i].name = "all";
	}
	if (marks != NULL) {
		c.marks = marks->items.items;
		c.mark_count = marks->items.len;
	}
	return c;
}

void
page_put_check(struct table_row *r, size_t column, const struct problem *p)
{
	static const struct {
		unsigned style;
		const char *mark;
	} looks[] = {
		[SEVERITY_INFO] = { STYLE_DIM, "  " },
		[SEVERITY_WARNING] = { STYLE_WARN, "! " },
		[SEVERITY_ERROR] = { STYLE_BAD, "x " },
	};

	if (p != NULL)
		table_text(r, column, looks[p->severity].style, "%s%s", looks[p->severity].mark,
			   p->code);
	else
		table_text(r, column, STYLE_GOOD, "  ok");
	r->keys[column] = p != NULL ? (double)p->severity + 1 : 0;
}

void
page_put_flag_words(struct buf *out, const char *flags)
{
	bool is_first = true;

	for (const char *s = flags; *s != '\0';) {
		size_t len = strcspn(s, ",");
		const char *words = response_flag_words((struct slice){ s, len });

		if (words != NULL)
			buf_printf(out, "%s%.*s: %s", is_first ? "" : "; ", (int)len, s, words);
		is_first = is_first && words == NULL;
		s += len + (s[len] == ',');
	}
}

const char *
page_text_or(const struct value *map, const char *key, const char *other)
{
	const char *text = value_get_text(map, key);

	return text != NULL && text[0] != '\0' ? text : other;
}

char *
page_split_name(const char *word, char **ns)
{
	const char *dot = strrchr(word, '.');

	if (dot == NULL || dot == word || dot[1] == '\0')
		return NULL;
	*ns = xstrdup(dot + 1);
	return xstrndup(word, (size_t)(dot - word));
}

char *
page_of_node(const struct graph_node *n)
{
	if (n->kind == NODE_SERVICE || n->kind == NODE_SERVICE_ENTRY)
		return xasprintf("service %s.%s", n->service, n->ns);
	if (n->workload[0] != '\0' && n->kind != NODE_APP)
		return xasprintf("workload %s.%s", n->workload, n->ns);
	if (n->app[0] != '\0' && n->kind != NODE_UNKNOWN)
		return xasprintf("app %s.%s", n->app, n->ns);
	return NULL;
}
