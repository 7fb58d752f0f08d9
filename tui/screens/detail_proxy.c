/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A workload's proxy as its engine tells: clusters with limits in use,
 * endpoints with ejections and their clock, listeners.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/json.h"
#include "src/base/json_scan.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "tui/app/app.h"
#include "tui/feed/background.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"
#include "tui/screens/detail.h"
#include "tui/screens/pages.h"
#include "tui/screens/table.h"
#include "tui/widgets/figure.h"

#define UNLIMITED 4294967295.0
#define MOST_AT_ONCE (64u << 10)	/* bytes of answers; more are read beside the console */

enum proxy_part { PROXY_LIMITS, PROXY_CLUSTERS, PROXY_LISTENERS, PROXY_PARTS };

struct proxy_answer {
	struct proxy_tab *tab;
	struct feed_question *question;
	struct buf text;		/* JSON; empty: none yet */
};

struct proxy_tab {
	struct detail_tab tab;
	struct table table;
	struct proxy_answer answers[PROXY_PARTS];
	char error[200];
	struct background *worker;	/* reads the answers; nobody else touches them meanwhile */
	struct table coming;		/* what it makes of them */
};

static struct proxy_tab *
of_tab(struct detail_tab *t)
{
	return (struct proxy_tab *)t;
}

static double
number(const struct value *map, const char *key, double other)
{
	const char *text = value_get_text(map, key);

	return text != NULL ? strtod(text, NULL) : other;
}

/* One of Envoy's {name, value} rows. */
static double
stat_of(const struct value *stats, const char *name)
{
	VALUE_EACH(s, stats) {
		if (strcmp(page_text_or(s, "name", ""), name) == 0)
			return number(s, "value", 0);
	}
	return 0;
}

static double
sum_of_hosts(const struct value *cluster, const char *name)
{
	double sum = 0;

	VALUE_EACH(host, value_get(cluster, "host_statuses"))
		sum += stat_of(value_get(host, "stats"), name);
	return sum;
}

/* "3 of 8", "3"; full ones stand out. */
static void
put_used(struct table_row *r, size_t column, double used, double limit)
{
	bool is_full = limit < UNLIMITED && used >= limit;

	if (limit >= UNLIMITED)
		table_text(r, column, used > 0 ? STYLE_PLAIN : STYLE_DIM, "%.0f", used);
	else
		table_text(r, column, is_full ? STYLE_BAD : STYLE_BOLD, "%.0f of %.0f", used, limit);
	r->keys[column] = limit < UNLIMITED && limit > 0 ? used / limit : used / UNLIMITED;
}

/* "outbound|8000|v1|travels.travel-agency.svc.cluster.local" for people. */
static void
put_cluster_name(struct table_row *r, const char *name)
{
	char *copy = xstrdup(name), *parts[4] = { copy, NULL, NULL, NULL };
	size_t count = 1;

	for (char *s = copy; *s != '\0' && count < 4; s++) {
		if (*s == '|') {
			*s = '\0';
			parts[count++] = s + 1;
		}
	}
	if (count < 4) {
		table_text(r, 0, STYLE_DIM, "  %s", name);
	} else {
		char *suffix = strstr(parts[3], ".svc.cluster.local");

		if (suffix != NULL)
			*suffix = '\0';
		table_text(r, 0, STYLE_PLAIN, "  %s:%s%s%s", parts[3], parts[1],
			   parts[2][0] != '\0' ? " " : "", parts[2]);
	}
	free(copy);
}

static void
add_cluster(struct table *t, const struct value *cluster)
{
	const struct value *limits = value_at(value_path(cluster, "circuit_breakers.thresholds"), 0);
	struct table_row *r = table_add(t);
	double connections = sum_of_hosts(cluster, "cx_active");
	double requests = sum_of_hosts(cluster, "rq_active");

	put_cluster_name(r, page_text_or(cluster, "name", "?"));
	table_number(r, 1, STYLE_DIM, (double)(value_get(cluster, "host_statuses") != NULL ?
					       value_get(cluster, "host_statuses")->count : 0));
	put_used(r, 2, connections, number(limits, "max_connections", UNLIMITED));
	put_used(r, 3, requests, number(limits, "max_requests", UNLIMITED));
	table_number(r, 5, STYLE_DIM, sum_of_hosts(cluster, "rq_total"));
	table_number(r, 6, sum_of_hosts(cluster, "rq_error") > 0 ? STYLE_WARN : STYLE_DIM,
		     sum_of_hosts(cluster, "rq_error"));
}

static void
put_state(struct table_row *r, const struct value *host)
{
	const struct value *health = value_get(host, "health_status");
	const char *word = page_text_or(health, "eds_health_status", "");
	bool is_out = false, is_well = strcmp(word, "HEALTHY") == 0;

	value_to_bool(value_get(health, "failed_outlier_check"), &is_out);
	if (is_out)
		table_text(r, 7, STYLE_BAD, "x ejected");
	else
		table_text(r, 7, is_well ? STYLE_GOOD : STYLE_WARN, "%s", is_well ? "in use" : word);
}

static void
add_host(struct table *t, const struct value *host)
{
	const struct value *at = value_path(host, "address.socket_address");
	const struct value *stats = value_get(host, "stats");
	struct table_row *r = table_add(t);

	table_text(r, 0, STYLE_DIM, "      %s:%s", page_text_or(at, "address", "?"),
		   page_text_or(at, "port_value", "?"));
	table_number(r, 2, STYLE_DIM, stat_of(stats, "cx_active"));
	table_number(r, 3, STYLE_DIM, stat_of(stats, "rq_active"));
	table_number(r, 5, STYLE_DIM, stat_of(stats, "rq_total"));
	table_number(r, 6, stat_of(stats, "rq_error") > 0 ? STYLE_WARN : STYLE_DIM,
		     stat_of(stats, "rq_error"));
	put_state(r, host);
}

/* {"used": 1, "limit": 1}; limit null: none */
static void
put_limit(struct table_row *r, size_t column, const struct value *pair)
{
	put_used(r, column, number(pair, "used", 0), number(pair, "limit", UNLIMITED));
}

/* What the limits refused and outlier detection did. */
static void
put_refused(struct table_row *r, const struct value *entry)
{
	const struct value *outlier = value_get(entry, "outlier_detection");
	double refused = number(entry, "refused", 0) + number(entry, "connections_refused", 0);
	double retries = number(entry, "retries_refused", 0), out = number(outlier, "ejected", 0);
	bool is_panic = false;
	struct buf b = BUF_INIT;

	value_to_bool(value_get(outlier, "panic"), &is_panic);
	if (is_panic)
		buf_puts(&b, "panic: all endpoints are used; ");
	if (refused > 0)
		buf_printf(&b, "%.0f refused (UO); ", refused);
	if (retries > 0)
		buf_printf(&b, "%.0f retries refused; ", retries);
	if (out > 0)
		buf_printf(&b, "%.0f ejected; ", out);
	if (b.len > 2)
		b.data[b.len -= 2] = '\0';
	table_text(r, 7, b.len > 0 ? STYLE_BAD : STYLE_GOOD, "%s", b.len > 0 ? buf_str(&b) :
		   outlier != NULL ? "nobody is ejected" : "nothing refused");
	table_number(r, 5, refused > 0 ? STYLE_BAD : STYLE_DIM, refused);
	buf_fini(&b);
}

static void
add_governed_endpoint(struct table *t, const struct value *e, bool has_outlier)
{
	struct table_row *r = table_add(t);
	double row = number(e, "errors_in_a_row", 0);
	bool is_out = false;
	struct buf b = BUF_INIT;

	value_to_bool(value_get(e, "ejected"), &is_out);
	table_text(r, 0, STYLE_DIM, "      %s %s", page_text_or(e, "address", "?"),
		   page_text_or(e, "pod", ""));
	table_number(r, 2, STYLE_DIM, number(e, "connections", 0));
	table_number(r, 3, STYLE_DIM, number(e, "requests", 0));
	if (is_out) {
		figure_age(&b, (int64_t)number(e, "ejected_for_ms", 0));
		table_text(r, 7, STYLE_BAD, "x ejected %s more", buf_str(&b));
	} else if (has_outlier) {
		table_text(r, 7, row > 0 ? STYLE_WARN : STYLE_GOOD, row > 0 ?
			   "in use, %.0f errors in a row" : "in use", row);
	}
	buf_fini(&b);
}

static void
add_limits(struct table *t, const struct value *entry)
{
	struct table_row *r = table_add(t);

	put_cluster_name(r, page_text_or(entry, "cluster", "?"));
	put_limit(r, 2, value_get(entry, "connections"));
	put_limit(r, 3, value_get(entry, "requests"));
	put_limit(r, 4, value_get(entry, "pending"));
	put_refused(r, entry);
	VALUE_EACH(e, value_get(entry, "endpoints"))
		add_governed_endpoint(t, e, value_get(entry, "outlier_detection") != NULL);
}

static void
add_cluster_and_hosts(struct table *t, const struct value *cluster)
{
	add_cluster(t, cluster);
	VALUE_EACH(host, value_get(cluster, "host_statuses"))
		add_host(t, host);
}

static void
add_listener(struct table *t, const struct value *l)
{
	const struct value *at = value_path(l, "local_address.socket_address");
	const char *port = page_text_or(at, "port_value", "?");
	const char *bound = page_text_or(l, "bound_port", port);
	struct table_row *r = table_add(t);
	bool is_open = false;

	value_to_bool(value_get(l, "is_open"), &is_open);
	table_text(r, 0, STYLE_PLAIN, "  %s:%s %s", page_text_or(at, "address", "?"), port,
		   page_text_or(l, "kind", ""));
	table_number(r, 2, STYLE_PLAIN, number(l, "connections", 0));
	if (!is_open)
		table_text(r, 7, STYLE_BAD, "x %s", page_text_or(l, "error", "not open"));
	else if (strcmp(port, bound) != 0)
		table_text(r, 7, STYLE_WARN, "at port %s: %s", bound, page_text_or(l, "service", ""));
	else
		table_text(r, 7, STYLE_SERVICE, "%s", page_text_or(l, "service", ""));
}

static const struct {
	const char *path, *list;	/* where its rows are; NULL: it is a list itself */
	const char *title, *empty;	/* empty may be NULL */
	void (*add)(struct table *t, const struct value *item);
} parts[PROXY_PARTS] = {
	[PROXY_LIMITS] = {
		"limits", NULL, "Limits in use and ejections, of each pod towards each cluster",
		"no limit and no outlier detection is set", add_limits,
	},
	[PROXY_CLUSTERS] = {
		"clusters", "cluster_statuses", "Clusters and endpoints, as this proxy sees them", NULL,
		add_cluster_and_hosts,
	},
	[PROXY_LISTENERS] = { "listeners", "listener_statuses", "Listeners", NULL, add_listener },
};

/* Row by row: a tree of thousands of clusters would be many times as large as
 * their text. */
static void
add_part(struct table *t, enum proxy_part part, const struct buf *text)
{
	struct slice list = { text->data, text->len }, item;
	size_t count = 0;

	if (text->len == 0 || !json_scan(list) ||
	    (parts[part].list != NULL && !json_scan_member(list, parts[part].list, &list)))
		return;
	table_heading(t, parts[part].title);
	for (; json_scan_item(&list, &item); count++) {
		struct arena *arena = arena_new();
		const struct value *v = json_parse(arena, item.ptr, item.len, NULL);

		if (v != NULL)
			parts[part].add(t, v);
		arena_free(&arena);
	}
	if (count == 0 && parts[part].empty != NULL)
		table_note(t, parts[part].empty);
}

/* Any thread may do it. */
static void
work(void *arg)
{
	struct proxy_tab *tab = arg;

	if (tab->error[0] != '\0')
		table_head(&tab->coming, STYLE_BAD, "%s", tab->error);
	for (enum proxy_part p = 0; p < PROXY_PARTS; p++)
		add_part(&tab->coming, p, &tab->answers[p].text);
}

static const struct table_spec spec = {
	.name = "Proxy",
	.empty = "asking the proxy ...",
	.hint = "",
	.columns = {
		{ "NAME", 28, true, false, 0 }, { "EP", 2, false, true, 90 },
		{ "CONN", 6, false, true, 0 }, { "REQ", 6, false, true, 0 },
		{ "WAIT", 6, false, true, 0 }, { "TOTAL", 6, false, true, 90 },
		{ "FAIL", 4, false, true, 90 }, { "STATE", 22, true, false, 0 },
	},
	.column_count = 8,
};

static void
init(struct detail_tab *tab)
{
	struct proxy_tab *t = of_tab(tab);

	table_init(&t->table, tab->detail->screen.app, &spec, t);
	table_init(&t->coming, tab->detail->screen.app, &spec, t);
	for (size_t i = 0; i < PROXY_PARTS; i++)
		t->answers[i].tab = t;
}

static void
collect(struct proxy_tab *t)
{
	struct app *a = t->tab.detail->screen.app;

	if (t->worker != NULL && !background_is_done(t->worker)) {
		app_poll_soon(a);
		return;
	}
	background_join(&t->worker);
	table_take(&t->table, &t->coming);
	app_dirty(a);
}

/* The answers of large meshes are read beside the console. */
static void
begin(struct proxy_tab *t)
{
	size_t bytes = 0;

	for (size_t i = 0; i < PROXY_PARTS; i++)
		bytes += t->answers[i].text.len;
	if (bytes > MOST_AT_ONCE && app_poll_soon(t->tab.detail->screen.app))
		t->worker = background_start(work, t);
	if (t->worker != NULL)
		return;
	work(t);
	collect(t);
}

static bool
is_asking(const struct proxy_tab *t)
{
	for (size_t i = 0; i < PROXY_PARTS; i++)
		if (t->answers[i].question != NULL)
			return true;
	return false;
}

static void
on_answer(void *arg, const char *text, size_t len, const char *error)
{
	struct proxy_answer *answer = arg;
	struct proxy_tab *t = answer->tab;

	answer->question = NULL;
	if (text != NULL) {
		buf_clear(&answer->text);
		buf_append(&answer->text, text, len);
	}
	if (error != NULL)
		snprintf(t->error, sizeof(t->error), "%s", error);
	if (!is_asking(t))
		begin(t);
}

static void
update(struct detail_tab *tab, unsigned changes)
{
	struct proxy_tab *t = of_tab(tab);
	struct feed *f = app_feed(tab->detail->screen.app);

	if ((changes & MODEL_BACKGROUND) != 0 && t->worker != NULL)
		collect(t);
	if ((changes & (MODEL_GRAPH | MODEL_STATE)) == 0 || f->ops->ask == NULL || is_asking(t) ||
	    t->worker != NULL || app_model(tab->detail->screen.app)->query.is_frozen)
		return;
	t->error[0] = '\0';
	for (size_t i = 0; i < PROXY_PARTS; i++) {
		char *path = xasprintf("/%s?format=json&proxy=%s.%s", parts[i].path, tab->detail->name,
				       tab->detail->ns);

		t->answers[i].question = f->ops->ask(f, path, on_answer, &t->answers[i]);
		free(path);
	}
}

static struct table *
table_of(struct detail_tab *t)
{
	return &of_tab(t)->table;
}

static void
hint(struct detail_tab *t, struct buf *out)
{
	(void)t;
	buf_puts(out, "/ filter\ts S sort\tz freeze\tc copy");
}

static void
fini(struct detail_tab *tab)
{
	struct proxy_tab *t = of_tab(tab);
	struct feed *f = app_feed(tab->detail->screen.app);

	for (size_t i = 0; i < PROXY_PARTS; i++) {
		if (f->ops->forget != NULL)
			f->ops->forget(f, &t->answers[i].question);
	}
	background_join(&t->worker);
	for (size_t i = 0; i < PROXY_PARTS; i++)
		buf_fini(&t->answers[i].text);
	table_fini(&t->coming);
	table_fini(&t->table);
}

const struct detail_tab_ops detail_proxy = {
	.name = "Proxy", .word = "proxy", .kinds = 1u << DETAIL_WORKLOAD,
	.scope = SCOPE_PAGE, .size = sizeof(struct proxy_tab),
	.init = init, .update = update, .table = table_of,
	.hint = hint, .fini = fini,
};
