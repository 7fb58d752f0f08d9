/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recent requests of a page, as rows and as lines of a log.
 *
 * The engine keeps them by time; a page takes the newest ones apart itself.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/json.h"
#include "src/base/json_scan.h"
#include "src/base/slice.h"
#include "src/base/value.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "tui/app/app.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"
#include "tui/screens/detail.h"
#include "tui/screens/pages.h"
#include "tui/screens/requests.h"

#define ASKED "/requests?limit=1500"
#define LOG_TAIL_BYTES 131072
#define LOG_LINES_MAX 400

struct requests_tab {
	struct detail_tab tab;
	struct table table;
	struct feed_question *question;
	struct arena *arena;
	VEC(const struct value *) records;	/* of the page, in arena; the newest last */
	bool is_answered;
	char error[200];
};

static struct requests_tab *
of_tab(struct detail_tab *t)
{
	return (struct requests_tab *)t;
}

static bool
names(const char *full, const char *name, const char *ns)
{
	size_t len = strlen(name);

	return full != NULL && strncmp(full, name, len) == 0 && full[len] == '.' &&
	       strcmp(full + len + 1, ns) == 0;
}

/* The text of a member of a record, "" when it is none.  Valid until the next. */
static const char *
member(struct buf *scratch, struct slice record, const char *name)
{
	struct slice value;

	buf_clear(scratch);
	if (json_scan_member(record, name, &value))
		json_scan_string(value, scratch);
	return buf_str(scratch);
}

static bool
is_at(const struct mesh_workload *w, const char *endpoint)
{
	size_t len = strcspn(endpoint, ":");

	for (size_t i = 0; len > 0 && i < w->instance_count; i++) {
		char text[ADDRESS_TEXT_BYTES];

		if (!address_is_set(&w->instances[i]->address))
			continue;
		address_host_text(&w->instances[i]->address, text);
		if (strlen(text) == len && strncmp(text, endpoint, len) == 0)
			return true;
	}
	return false;
}

/* Whose requests a page shows. */
struct subject {
	const struct detail *detail;
	const struct mesh_workload *workloads[DETAIL_WORKLOADS];
	size_t count;
	struct buf scratch;
};

/* Sent to the service, or by or to one of the workloads. */
static bool
concerns(struct subject *s, struct slice record)
{
	const struct detail *d = s->detail;
	const char *text;

	if (d->kind == DETAIL_SERVICE)
		return names(member(&s->scratch, record, "service"), d->name, d->ns);
	text = member(&s->scratch, record, "source");
	for (size_t i = 0; i < s->count; i++)
		if (names(text, s->workloads[i]->name, s->workloads[i]->ns))
			return true;
	text = member(&s->scratch, record, "endpoint");
	for (size_t i = 0; i < s->count; i++)
		if (is_at(s->workloads[i], text))
			return true;
	return false;
}

/* Only those of the page become trees: of 1,500 few are. */
static void
take_records(struct requests_tab *t, struct slice list)
{
	struct subject s = { .detail = t->tab.detail };
	struct slice item;

	s.count = detail_workloads(s.detail, s.workloads);
	arena_free(&t->arena);
	t->arena = arena_new();
	t->records.len = 0;
	t->is_answered = true;
	while (json_scan_item(&list, &item)) {
		const struct value *r = concerns(&s, item) ?
			json_parse(t->arena, item.ptr, item.len, NULL) : NULL;

		if (r != NULL)
			vec_push(&t->records, r);
	}
	buf_fini(&s.scratch);
}

/* On a workload's page: the other side, and which way. */
static void
put_other_side(struct table_row *row, const struct detail *d, const struct value *r)
{
	const char *source = value_get_text(r, "source"), *service = value_get_text(r, "service");

	if (d->kind != DETAIL_WORKLOAD)
		return;
	if (names(source, d->name, d->ns))
		table_text(row, 1, STYLE_SERVICE, "to %s", service != NULL ? service : "?");
	else
		table_text(row, 1, STYLE_PLAIN, "from %s", source != NULL ? source : "unknown");
}

static void
put_error(struct table *t, const struct requests_tab *tab)
{
	if (tab->error[0] != '\0')
		table_head(t, STYLE_BAD, "%s", tab->error);
}

/* The i-th, from the newest on. */
static const struct value *
newest(const struct requests_tab *t, size_t i)
{
	return t->records.items[t->records.len - 1 - i];
}

static void
fill_requests(struct table *t, struct model *m)
{
	const struct requests_tab *tab = t->arg;

	(void)m;
	put_error(t, tab);
	for (size_t i = 0; i < tab->records.len && i < LOG_LINES_MAX; i++) {
		request_row_add(t, newest(tab, i));
		put_other_side(&t->rows.items[t->rows.len - 1], tab->tab.detail, newest(tab, i));
	}
}

/* Istio's default line as far as a record has it. */
static void
add_record_line(struct table *t, const struct value *r)
{
	const struct value *flag = value_at(value_get(r, "flags"), 0);
	const char *status = page_text_or(r, "status", "0");
	bool is_bad = status[0] != '2' && status[0] != '3';
	struct table_row *row = table_add(t);

	table_text(row, 0, is_bad ? STYLE_BAD : STYLE_PLAIN,
		   "[%s] \"%s %s HTTP/1.1\" %s %s %s %s \"%s\" \"%s\" %s <- %s",
		   page_text_or(r, "time", "-"), page_text_or(r, "method", "-"),
		   page_text_or(r, "path", "-"), status,
		   flag != NULL ? value_text(flag) : "-", page_text_or(r, "details", "-"),
		   page_text_or(r, "duration_ms", "-"), page_text_or(r, "host", "-"),
		   page_text_or(r, "endpoint", "-"),
		   page_text_or(r, "cluster", "-"), page_text_or(r, "source", "-"));
	row->detail = xstrdup(row->texts[0]);
}

/* Appends the end of the file; -1 when it is none that can be read again. */
static int
read_tail(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -1;
	}
	if (st.st_size > LOG_TAIL_BYTES)
		lseek(fd, st.st_size - LOG_TAIL_BYTES, SEEK_SET);
	buf_reserve(out, LOG_TAIL_BYTES);
	n = read(fd, out->data, LOG_TAIL_BYTES);
	close(fd);
	if (n < 0)
		return -1;
	out->len = (size_t)n;
	out->data[n] = '\0';
	if (st.st_size > LOG_TAIL_BYTES)	/* the first line is torn */
		buf_consume(out, strcspn(out->data, "\n"));
	return 0;
}

/* JSON lines name their proxy; text lines show the addresses of its pods. */
static bool
is_line_of(const struct detail *d, const char *line)
{
	const struct mesh_workload *w = detail_workload(d);
	char *proxy = xasprintf("\"proxy\":\"%s.%s\"", d->name, d->ns);
	bool yes = strstr(line, proxy) != NULL;

	free(proxy);
	for (size_t i = 0; w != NULL && !yes && line[0] != '{' && i < w->instance_count; i++) {
		char text[ADDRESS_TEXT_BYTES + 1];

		if (!address_is_set(&w->instances[i]->address))
			continue;
		address_host_text(&w->instances[i]->address, text);
		strcat(text, ":");
		yes = strstr(line, text) != NULL;
	}
	return yes;
}

/* "17:09:09.527 outbound "GET /hotels" 200 UO 12ms hotels:8000 -> 127.65.64.4:8000" */
static void
add_json_line(struct table *t, const struct value *line)
{
	struct table_row *row = table_add(t);
	const char *code = page_text_or(line, "response_code", "0");
	const char *time = page_text_or(line, "start_time", ""), *clock = strchr(time, 'T');
	struct buf fields = BUF_INIT, words = BUF_INIT;
	bool is_tcp = value_get_text(line, "method") == NULL;

	page_put_flag_words(&words, page_text_or(line, "response_flags", ""));
	table_text(row, 0, code[0] == '4' || code[0] == '5' ? STYLE_BAD : STYLE_PLAIN,
		   "%.12s %-8s %s %s %s %s %sms %s > %s%s%s", clock != NULL ? clock + 1 : time,
		   page_text_or(line, "direction", ""), is_tcp ? "TCP" : page_text_or(line, "method", ""),
		   page_text_or(line, "path", "-"), code, page_text_or(line, "response_flags", "-"),
		   page_text_or(line, "duration", "?"), page_text_or(line, "authority", "-"),
		   page_text_or(line, "upstream_host", "nobody"), words.len > 0 ? "  " : "", buf_str(&words));
	buf_printf(&fields, "%s\n\n", "Access log line");
	VALUE_EACH(v, line)
		buf_printf(&fields, "  %-34s %s\n", v->key, value_text(v) != NULL ? value_text(v) : "-");
	row->detail = buf_steal(&fields);
	buf_fini(&words);
}

static void
add_log_line(struct table *t, const char *line)
{
	struct arena *arena = arena_new();
	const struct value *v = line[0] == '{' ? json_parse(arena, line, strlen(line), NULL) : NULL;

	if (value_is_map(v)) {
		add_json_line(t, v);
	} else {
		struct table_row *row = table_add(t);

		table_text(row, 0, strstr(line, "\" 5") != NULL ? STYLE_BAD : STYLE_PLAIN, "%s", line);
		row->detail = xstrdup(row->texts[0]);
	}
	arena_free(&arena);
}

static void
add_log_file(struct table *t, const struct detail *d, struct buf *text)
{
	VEC(char *) lines = VEC_INIT;

	for (char *s = text->data; s != NULL && *s != '\0';) {
		char *end = s + strcspn(s, "\n");
		bool has_more = *end != '\0';

		*end = '\0';
		if (is_line_of(d, s))
			vec_push(&lines, s);
		s = has_more ? end + 1 : end;
	}
	for (size_t i = lines.len; i > 0 && lines.len - i < LOG_LINES_MAX; i--)
		add_log_line(t, lines.items[i - 1]);
	vec_fini(&lines);
}

static void
fill_logs(struct table *t, struct model *m)
{
	const struct requests_tab *tab = t->arg;
	const char *path = m->mesh != NULL ? m->mesh->settings.access_log_file : "";
	struct buf text = BUF_INIT;

	if (path[0] == '/' && strcmp(path, "/dev/stdout") != 0 && read_tail(path, &text) == 0) {
		table_head(t, STYLE_DIM, "the end of %s, lines of this workload", path);
		add_log_file(t, tab->tab.detail, &text);
		buf_fini(&text);
		return;
	}
	buf_fini(&text);
	put_error(t, tab);
	table_head(t, STYLE_DIM, "%s; these are the requests that the engine keeps",
		   path[0] == '\0' ? "the mesh writes no access log (accessLogFile)" :
		 "the access log goes to the engine's output");
	for (size_t i = 0; i < tab->records.len && i < LOG_LINES_MAX; i++)
		add_record_line(t, newest(tab, i));
}

static const struct table_spec requests_spec = {
	.name = "Request",
	.empty = "none among the requests that the engine keeps",
	.hint = "",
	.columns = { REQUESTS_COLUMNS("FROM, TO", 110) },
	.column_count = REQUESTS_COLUMN_COUNT,
	.fill = fill_requests,
	.follows = true,
};

static const struct table_spec logs_spec = {
	.name = "Log line",
	.empty = "no line yet",
	.hint = "",
	.columns = { { "", 40, true, false, 0 } },
	.column_count = 1,
	.fill = fill_logs,
	.follows = true,
	.has_no_titles = true,
};

static void
init(struct detail_tab *tab)
{
	struct requests_tab *t = of_tab(tab);

	table_init(&t->table, tab->detail->screen.app,
		   tab->ops == &detail_logs ? &logs_spec : &requests_spec, t);
}

static void
on_answer(void *arg, const char *text, size_t len, const char *error)
{
	struct requests_tab *t = arg;
	struct slice list = { text, len };

	t->question = NULL;
	snprintf(t->error, sizeof(t->error), "%s", error != NULL ? error : "");
	if (text != NULL && text[0] == '[' && json_scan(list))
		take_records(t, list);
	table_update(&t->table, ~0u);
	app_dirty(t->tab.detail->screen.app);
}

static void
update(struct detail_tab *tab, unsigned changes)
{
	struct requests_tab *t = of_tab(tab);
	struct feed *f = app_feed(tab->detail->screen.app);
	const struct model *m = app_model(tab->detail->screen.app);

	if ((changes & (MODEL_GRAPH | MODEL_STATE)) == 0 || t->question != NULL ||
	    (m->query.is_frozen && t->is_answered))
		return;
	if (f->ops->ask != NULL)
		t->question = f->ops->ask(f, ASKED, on_answer, t);
}

static struct table *
table_of(struct detail_tab *t)
{
	return &of_tab(t)->table;
}

static void
hint(struct detail_tab *t, struct buf *out)
{
	buf_puts(out, t->ops == &detail_logs ? "Enter whole line\t/ filter\tz freeze\tc copy" :
		 "Enter in full\tx explain\ts S sort\t/ filter\tz freeze");
}

static void
fini(struct detail_tab *tab)
{
	struct requests_tab *t = of_tab(tab);
	struct feed *f = app_feed(tab->detail->screen.app);

	if (f->ops->forget != NULL)
		f->ops->forget(f, &t->question);
	table_fini(&t->table);
	vec_fini(&t->records);
	arena_free(&t->arena);
}

const struct detail_tab_ops detail_requests = {
	.name = "Requests", .word = "requests",
	.kinds = 1u << DETAIL_SERVICE | 1u << DETAIL_WORKLOAD | 1u << DETAIL_APP,
	.scope = SCOPE_PAGE, .size = sizeof(struct requests_tab),
	.init = init, .update = update, .table = table_of,
	.hint = hint, .fini = fini,
};

const struct detail_tab_ops detail_logs = {
	.name = "Logs", .word = "logs", .kinds = 1u << DETAIL_WORKLOAD,
	.scope = SCOPE_PAGE, .size = sizeof(struct requests_tab),
	.init = init, .update = update, .table = table_of,
	.hint = hint, .fini = fini,
};
