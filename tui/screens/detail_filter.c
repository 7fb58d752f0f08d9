/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sub-filters of a metrics page; see detail_filter.h. */
#include "tui/screens/detail_filter.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "tui/app/app.h"
#include "tui/screens/pages.h"
#include "tui/screens/screens.h"

void
chart_filters_fini(struct chart_filters *f)
{
	for (size_t i = 0; i < f->items.len; i++)
		free((char *)(uintptr_t)f->items.items[i].value);
	vec_fini(&f->items);
	vec_fini(&f->groups);
}

/* The label whose word and "=" begin the text; METRIC_GROUPS: none. */
static enum metric_group
group_at(const char *text, size_t *len)
{
	for (unsigned g = 0; g < METRIC_GROUPS; g++) {
		*len = strlen(metric_group_word(g));
		if (strncasecmp(text, metric_group_word(g), *len) == 0 && text[*len] == '=') {
			++*len;
			return g;
		}
	}
	return METRIC_GROUPS;
}

/* Up to the comma before the next label: values may hold commas. */
static size_t
value_bytes(const char *text)
{
	size_t len = strcspn(text, ","), word;

	while (text[len] == ',' &&
	       group_at(text + len + 1 + strspn(text + len + 1, " "), &word) == METRIC_GROUPS)
		len += 1 + strcspn(text + len + 1, ",");
	return len;
}

bool
chart_filters_parse(struct chart_filters *f, const char *words, bool is_outbound)
{
	struct chart_filters got = { VEC_INIT, VEC_INIT };

	for (words += strspn(words, ", "); *words != '\0'; words += strspn(words, ", ")) {
		size_t word, len;
		enum metric_group g = group_at(words, &word);

		if (g == METRIC_GROUPS || !metric_group_fits(g, is_outbound)) {
			chart_filters_fini(&got);
			return false;
		}
		words += word;
		len = value_bytes(words);
		vec_push(&got.items, ((struct metric_filter){ metric_group_label(g, is_outbound),
							      xstrndup(words, len) }));
		vec_push(&got.groups, g);
		words += len;
	}
	chart_filters_fini(f);
	*f = got;
	return true;
}

void
chart_filters_apply(const struct chart_filters *f, struct metrics_query *q)
{
	q->filters = f->items.items;
	q->filter_count = f->items.len;
}

void
chart_filters_text(const struct chart_filters *f, struct buf *out)
{
	for (size_t i = 0; i < f->items.len; i++)
		buf_printf(out, "%s%s=%s", i > 0 ? ", " : "", metric_group_word(f->groups.items[i]),
			   f->items.items[i].value);
}

static bool
is_chosen(const struct chart_filters *f, enum metric_group g, const char *value)
{
	for (size_t i = 0; i < f->items.len; i++)
		if (f->groups.items[i] == g && strcmp(f->items.items[i].value, value) == 0)
			return true;
	return false;
}

static void
add_values(struct menu *menu, const struct chart_filters *f, struct app *a,
	   const struct metrics_query *q, enum metric_group g)
{
	struct metrics_query all = *q;
	struct metrics *m;

	all.group_by = 1u << g;
	all.filter_count = 0;
	all.reporter = q->reporter == REPORTER_BOTH ? REPORTER_DEFAULT : q->reporter;
	m = page_metrics(a, &all);
	if (m->sums.len > 0)
		menu_add(menu, metric_group_title(g), NULL, NULL);
	for (size_t i = 0; i < m->sums.len; i++) {
		char *label = xasprintf("%s=%s", metric_group_word(g), m->sums.items[i].name);

		menu_add(menu, label, NULL, "");
		if (is_chosen(f, g, m->sums.items[i].name))
			menu_mark_last(menu);
		free(label);
	}
	metrics_free(&m);
}

struct screen *
chart_filters_menu(const struct chart_filters *f, struct app *a, const struct metrics_query *q)
{
	struct menu *menu = menu_new("Only what has");

	menu_set_many(menu, "only =");
	for (unsigned g = 0; g < METRIC_GROUPS; g++) {
		if (metric_group_fits(g, q->is_outbound) &&
		    (q->group_by == 0 || (q->group_by & 1u << g) != 0))
			add_values(menu, f, a, q, g);
	}
	return menu_screen(menu);
}
