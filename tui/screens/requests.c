/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of recent requests, newest first, each in full on Enter.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/slice.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/model/response_flags.h"
#include "tui/feed/model.h"
#include "tui/screens/pages.h"
#include "tui/screens/requests.h"
#include "tui/screens/screens.h"
#include "tui/screens/table.h"
#include "tui/term/canvas.h"

static void
put_list(struct buf *out, const struct value *list)
{
	unsigned count = 0;

	VALUE_EACH(item, list) {
		buf_printf(out, "%s%s", count++ > 0 ? "," : "",
			   value_text(item) != NULL ? value_text(item) : "?");
	}
	if (count == 0)
		buf_puts(out, "-");
}

static void
put_line(struct buf *out, const char *name, const char *text)
{
	if (text != NULL && text[0] != '\0')
		buf_printf(out, "  %-14s %s\n", name, text);
}

static void
put_rule(struct buf *out, const struct value *rule)
{
	if (!value_is_map(rule)) {
		put_line(out, "rule", "none: the service's default");
		return;
	}
	buf_printf(out, "  %-14s %s %s.%s, number %s (%s)\n", "rule", page_text_or(rule, "kind", "?"),
		   page_text_or(rule, "name", "?"), page_text_or(rule, "namespace", "?"),
		   page_text_or(rule, "index", "?"), page_text_or(rule, "match", "any request"));
}

static void
put_attempts(struct buf *out, const struct value *attempts)
{
	VALUE_EACH(attempt, attempts) {
		struct buf flags = BUF_INIT;

		put_list(&flags, value_get(attempt, "flags"));
		buf_printf(out, "  %-14s %s  %s  %s ms  flags %s\n", "attempt",
			   page_text_or(attempt, "endpoint", "no endpoint"),
			   page_text_or(attempt, "status", "-"), page_text_or(attempt, "ms", "?"),
			   buf_str(&flags));
		buf_fini(&flags);
	}
}

/* Flags of the request in words, one line each. */
static void
put_words(struct buf *out, const char *flags)
{
	for (const char *s = flags; *s != '\0';) {
		size_t len = strcspn(s, ",");
		const char *words = response_flag_words((struct slice){ s, len });

		if (words != NULL)
			buf_printf(out, "  %-14s %.*s: %s\n", "", (int)len, s, words);
		s += len + (s[len] == ',');
	}
}

static void
put_headers(struct buf *out, const char *title, const struct value *headers)
{
	if (headers == NULL || headers->count == 0)
		return;
	buf_printf(out, "\n%s\n\n", title);
	VALUE_EACH(field, headers)
		buf_printf(out, "  %s: %s\n", field->key, value_text(field) != NULL ?
			   value_text(field) : "");
}

static char *
make_detail(const struct value *r, const char *flags)
{
	struct buf out = BUF_INIT;
	const char *query = value_get_text(r, "query");

	buf_printf(&out, "%s %s%s%s\n\n", page_text_or(r, "method", "?"), page_text_or(r, "path", "?"),
		   query != NULL ? "?" : "", query != NULL ? query : "");
	put_line(&out, "time", value_get_text(r, "time"));
	put_line(&out, "from", value_get_text(r, "source"));
	put_line(&out, "service", value_get_text(r, "service"));
	put_line(&out, "host", value_get_text(r, "host"));
	put_line(&out, "status", value_get_text(r, "status"));
	put_line(&out, "flags", flags);
	put_words(&out, flags);
	put_line(&out, "details", value_get_text(r, "details"));
	put_rule(&out, value_get(r, "rule"));
	put_line(&out, "cluster", value_get_text(r, "cluster"));
	put_line(&out, "subset", value_get_text(r, "subset"));
	put_line(&out, "endpoint", value_get_text(r, "endpoint"));
	put_line(&out, "took (ms)", value_get_text(r, "duration_ms"));
	put_attempts(&out, value_get(r, "attempts"));
	put_line(&out, "request id", value_get_text(r, "id"));
	put_headers(&out, "Headers", value_get(r, "request_headers"));
	VALUE_EACH(name, value_get(r, "redacted"))
		if (value_text(name) != NULL &&
		    value_get(value_get(r, "request_headers"), value_text(name)) == NULL)
			buf_printf(&out, "  %s: (not kept: it may be secret)\n", value_text(name));
	put_headers(&out, "Headers of the answer", value_get(r, "headers"));
	return buf_steal(&out);
}

/* The line that asks what the rules of now do with it; headers with quotes in
 * them cannot stand there and are left out. */
static char *
make_explain(const struct value *r)
{
	const char *source = value_get_text(r, "source"), *query = value_get_text(r, "query");
	struct buf out = BUF_INIT;

	if (source == NULL || value_get_text(r, "host") == NULL)
		return NULL;
	buf_printf(&out, "explain %s %s http://%s%s%s%s", source, page_text_or(r, "method", "GET"),
		   page_text_or(r, "host", ""), page_text_or(r, "path", "/"), query != NULL ? "?" : "",
		   query != NULL ? query : "");
	VALUE_EACH(field, value_get(r, "request_headers")) {
		const char *text = value_text(field);

		if (text != NULL && strchr(text, '"') == NULL && strcmp(field->key, "host") != 0)
			buf_printf(&out, " \"%s: %s\"", field->key, text);
	}
	return buf_steal(&out);
}

static void
put_rule_cell(struct table_row *row, const struct value *rule)
{
	if (value_is_map(rule))
		table_text(row, 9, STYLE_SERVICE, "%s [%s] %s", page_text_or(rule, "name", "?"),
			   page_text_or(rule, "index", "?"), page_text_or(rule, "match", ""));
	else
		table_text(row, 9, STYLE_DIM, "default");
}

void
request_row_add(struct table *t, const struct value *r)
{
	struct table_row *row = table_add(t);
	const char *time = page_text_or(r, "time", ""), *clock = strchr(time, 'T');
	const char *status = page_text_or(r, "status", "-");
	const struct value *attempts = value_get(r, "attempts");
	bool is_bad = status[0] == '4' || status[0] == '5' || status[0] == '0' || status[0] == '-';
	struct buf flags = BUF_INIT, words = BUF_INIT;
	double ms = -1;

	value_to_double(value_get(r, "duration_ms"), &ms);
	put_list(&flags, value_get(r, "flags"));
	page_put_flag_words(&words, buf_str(&flags));
	table_text(row, 0, STYLE_DIM, "%.12s", clock != NULL ? clock + 1 : time);
	table_text(row, 1, STYLE_PLAIN, "%s", page_text_or(r, "source", "unknown"));
	table_text(row, 2, STYLE_PLAIN, "%s", page_text_or(r, "service", page_text_or(r, "host", "?")));
	table_text(row, 3, STYLE_PLAIN, "%s %s", page_text_or(r, "method", ""),
		   page_text_or(r, "path", ""));
	table_text(row, 4, is_bad ? STYLE_BAD : STYLE_GOOD, "%s", status);
	table_text(row, 5, is_bad ? STYLE_BAD : STYLE_DIM, "%s", buf_str(&flags));
	table_time(row, 6, STYLE_PLAIN, ms);
	table_number(row, 7, attempts != NULL && attempts->count > 1 ? STYLE_WARN : STYLE_DIM,
		     attempts != NULL ? (double)attempts->count : 0);
	table_text(row, 8, STYLE_DIM, "%s", buf_str(&words));
	put_rule_cell(row, value_get(r, "rule"));
	row->detail = make_detail(r, buf_str(&flags));
	row->explain = make_explain(r);
	buf_fini(&flags);
	buf_fini(&words);
}

static void
fill_requests(struct table *t, struct model *m)
{
	const struct value **newest;
	size_t count = 0;

	m->wants_requests = true;
	if (m->requests == NULL) {
		if (m->state == FEED_STARTING || m->state == FEED_LIVE)
			table_note(t, "asking for the requests ...");
		return;
	}
	newest = xcalloc(m->requests->count + 1, sizeof(*newest));
	VALUE_EACH(r, m->requests)
		newest[count++] = r;
	while (count > 0)
		request_row_add(t, newest[--count]);
	free(newest);
}

static const struct table_spec requests_spec = {
	.name = "Requests",
	.empty = "no request was seen yet",
	.hint = "Enter in full\tx explain\tz freeze\ts S sort\t/ filter\tq back",
	.columns = { REQUESTS_COLUMNS("FROM", 0) },
	.column_count = REQUESTS_COLUMN_COUNT,
	.fill = fill_requests,
	.follows = true,
	.changes = MODEL_REQUESTS,
};

struct screen *
requests_open(struct app *a)
{
	return table_open(a, &requests_spec);
}
