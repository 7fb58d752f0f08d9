/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text in tabs: YAML, differences, descriptions; with notes under its lines.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "tui/app/app.h"
#include "tui/app/screen.h"
#include "tui/screens/screens.h"
#include "tui/screens/viewer_rows.h"
#include "tui/widgets/list.h"
#include "tui/widgets/tabs.h"

struct viewer_tab {
	char *name, *text;
	VEC(char *) lines;	/* inside text, NUL-terminated */
	enum text_look look;
	VEC(struct viewer_note) notes;	/* in order of lines */
	struct viewer_rows rows;
	struct list list;	/* of rows */
	unsigned left;		/* cells scrolled to the right */
	size_t match;		/* row + 1 that a search found */
};

struct viewer {
	struct screen screen;
	char *title;
	VEC(struct viewer_tab) tabs;
	size_t open;
};

static void
split_lines(struct viewer_tab *t, const char *text)
{
	struct buf clean = BUF_INIT;
	char *s;

	for (const char *from = text; *from != '\0';) {
		size_t len = strcspn(from, "\n");

		for (size_t i = 0; i < len; i++) {	/* tabs become blanks */
			size_t run = strcspn(from + i, "\t\n");

			text_sanitize(&clean, from + i, run);
			i += run;
			if (i < len)
				buf_puts(&clean, "    ");
		}
		buf_putc(&clean, '\n');
		from += len + (from[len] == '\n');
	}
	t->text = s = buf_steal(&clean);
	while (s != NULL && *s != '\0') {
		vec_push(&t->lines, s);
		s += strcspn(s, "\n");
		*s++ = '\0';
	}
}

void
viewer_add(struct viewer *v, const char *tab, const char *text, enum text_look look)
{
	struct viewer_tab t = { .look = look };

	t.name = text_clean(tab);
	split_lines(&t, text);
	vec_push(&v->tabs, t);
}

void
viewer_note(struct viewer *v, size_t line, unsigned col, enum severity severity, const char *text)
{
	struct viewer_tab *t = &v->tabs.items[v->tabs.len - 1];
	struct viewer_note n = {
		line < t->lines.len ? line : t->lines.len, col, severity, text_clean(text),
	};
	size_t at = t->notes.len;

	vec_push(&t->notes, n);
	for (; at > 0 && t->notes.items[at - 1].line > n.line; at--)
		t->notes.items[at] = t->notes.items[at - 1];
	t->notes.items[at] = n;
	t->rows.cols = 0;
}

static unsigned
diff_style(const char *line)
{
	if (strncmp(line, "+++", 3) == 0 || strncmp(line, "---", 3) == 0)
		return STYLE_BOLD;
	return line[0] == '+' ? UI_ADDED : line[0] == '-' ? UI_REMOVED :
	       line[0] == '@' ? STYLE_DIM : STYLE_PLAIN;
}

/* "key:" stands out, the value stays plain. */
static void
draw_yaml(struct area row, const char *line)
{
	size_t key = strspn(line, " -"), len = strcspn(line + key, ":\"'{[");
	struct buf b = BUF_INIT;
	unsigned col;

	if (line[key] == '#') {
		area_put(row, 0, 0, STYLE_DIM, line);
		return;
	}
	if (line[key + len] != ':') {
		area_put(row, 0, 0, strcmp(line, "---") == 0 ? STYLE_DIM : STYLE_PLAIN, line);
		return;
	}
	buf_append(&b, line, key);
	col = area_put(row, 0, 0, STYLE_PLAIN, buf_str(&b));
	buf_clear(&b);
	buf_append(&b, line + key, len);
	col += area_put(row, col, 0, STYLE_SERVICE, buf_str(&b));
	area_put(row, col, 0, STYLE_PLAIN, line + key + len);
	buf_fini(&b);
}

static void
draw_line(struct area row, const struct viewer_tab *t, const char *line)
{
	size_t skip = text_fit(line, strlen(line), t->left);

	if (text_width(line, strlen(line)) <= t->left)
		return;
	if (t->look == TEXT_YAML && skip == 0)
		draw_yaml(row, line);
	else if (t->look == TEXT_TITLED && line[0] != ' ' && line[0] != '\0')
		area_put(row, 0, 0, STYLE_TITLE, line + skip);
	else
		area_put(row, 0, 0, t->look == TEXT_DIFF ? diff_style(line) : STYLE_PLAIN,
			 line + skip);
}

static const struct {
	unsigned style;
	const char *mark;
} severities[] = {
	[SEVERITY_INFO] = { STYLE_DIM, "i" },
	[SEVERITY_WARNING] = { STYLE_WARN, "!" },
	[SEVERITY_ERROR] = { STYLE_BAD, "x" },
};

/* Its first row points at what it means; a note on the whole stands alone. */
static void
draw_note(struct area row, const struct viewer_tab *t, const struct viewer_row *r)
{
	unsigned style = severities[r->note->severity].style;
	unsigned indent = r->indent > t->left ? r->indent - t->left : 0;
	char *piece = xstrndup(r->note->text + r->from, r->len);

	if (r->from == 0)
		area_put(row, indent, 0, style, r->note->line > 0 && r->note->col > 0 ? "^" :
			 severities[r->note->severity].mark);
	area_put(row, indent + 2, 0, style, piece);
	free(piece);
}

/* The worst of the notes under a line, in the margin. */
static void
draw_mark(struct area margin, const struct viewer_tab *t, size_t line)
{
	int worst = -1;

	for (size_t i = 0; i < t->notes.len && t->notes.items[i].line <= line; i++)
		if (t->notes.items[i].line == line && (int)t->notes.items[i].severity > worst)
			worst = (int)t->notes.items[i].severity;
	if (worst >= 0)
		area_put(margin, 0, 0, severities[worst].style, severities[worst].mark);
}

static void
draw_heading(struct viewer *v, struct area a)
{
	const char **names = xcalloc(v->tabs.len, sizeof(*names));
	const struct viewer_tab *t = &v->tabs.items[v->open];
	unsigned col = area_put_cut(a, 1, 0, a.cols / 2, STYLE_TITLE, v->title) + 3;
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < v->tabs.len; i++)
		names[i] = v->tabs.items[i].name;
	if (t->rows.items.len > t->list.page)
		buf_printf(&b, "%zu-%zu of %zu", t->list.top + 1,
			   t->list.top + t->list.page < t->rows.items.len ? t->list.top + t->list.page :
			   t->rows.items.len, t->rows.items.len);
	area_put_right(a, a.cols - 1, 0, STYLE_DIM, buf_str(&b));
	if (v->tabs.len > 1)
		tabs_draw(area_sub(a, col, 0, a.cols > col + b.len + 2 ?
				   a.cols - col - (unsigned)b.len - 2 : 0, 1),
			  names, v->tabs.len, v->open);
	buf_fini(&b);
	free(names);
}

static void
viewer_draw(struct screen *s, struct area a)
{
	struct viewer *v = (struct viewer *)s;
	struct viewer_tab *t = &v->tabs.items[v->open];
	struct area body = area_sub(a, 1, 2, a.cols > 2 ? a.cols - 2 : a.cols, UINT32_MAX);
	size_t top = t->list.top;

	if (t->rows.cols != body.cols && body.cols > 0) {
		viewer_rows_make(&t->rows, t->lines.len, t->notes.items, t->notes.len, body.cols);
		t->match = 0;
	}
	t->list.chosen = top;
	list_fit(&t->list, t->rows.items.len, body.rows);
	draw_heading(v, a);
	area_rule(area_sub(a, 0, 1, a.cols, 1), 0);
	for (unsigned row = 0; row < body.rows && t->list.top + row < t->rows.items.len; row++) {
		const struct viewer_row *r = &t->rows.items.items[t->list.top + row];
		struct area line = area_sub(body, 0, row, body.cols, 1);

		if (r->note != NULL) {
			draw_note(line, t, r);
		} else {
			draw_line(line, t, t->lines.items[r->line - 1]);
			draw_mark(area_sub(a, 0, row + 2, 1, 1), t, r->line);
		}
		if (t->match == t->list.top + row + 1)
			area_style_row(line, 0, 0, line.cols, UI_ROW_ON);
	}
}

static void
show_row(struct viewer_tab *t, size_t at)
{
	t->match = at + 1;
	if (at < t->list.top || at >= t->list.top + t->list.page)
		t->list.top = at > t->list.page / 2 ? at - t->list.page / 2 : 0;
}

/* The next row, from where the last one was found, that fits. */
static bool
find_row(struct viewer_tab *t, int direction, bool (*fits)(const struct viewer_tab *t,
							 const struct viewer_row *r, const char *text),
	 const char *text)
{
	size_t n = t->rows.items.len, from = t->match > 0 ? t->match - 1 : t->list.top;

	for (size_t i = direction == 0 ? 0 : 1; i < n + (direction != 0); i++) {
		size_t at = direction < 0 ? (from + n - i % n) % n : (from + i) % n;

		if (!fits(t, &t->rows.items.items[at], text))
			continue;
		show_row(t, at);
		return true;
	}
	return false;
}

/* Of a note the whole is looked at once. */
static bool
has_text(const struct viewer_tab *t, const struct viewer_row *r, const char *text)
{
	if (r->note != NULL)
		return r->from == 0 && strcasestr(r->note->text, text) != NULL;
	return strcasestr(t->lines.items[r->line - 1], text) != NULL;
}

static bool
is_problem(const struct viewer_tab *t, const struct viewer_row *r, const char *text)
{
	(void)t;
	(void)text;
	return r->note != NULL && r->from == 0 && r->note->severity >= SEVERITY_WARNING;
}

static bool
viewer_find(struct screen *s, const char *text, int direction)
{
	struct viewer *v = (struct viewer *)s;

	return find_row(&v->tabs.items[v->open], direction, has_text, text);
}

static bool
next_problem(struct viewer *v, int direction)
{
	struct viewer_tab *t = &v->tabs.items[v->open];

	if (!find_row(t, t->match == 0 && direction > 0 ? 0 : direction, is_problem, NULL))
		app_say(v->screen.app, SEVERITY_INFO, "no error and no warning here");
	return true;
}

static bool
viewer_command(struct screen *s, enum command_id id, const char *args)
{
	struct viewer *v = (struct viewer *)s;
	struct viewer_tab *t = &v->tabs.items[v->open];
	unsigned long tab = strtoul(args, NULL, 10);
	struct buf b = BUF_INIT;

	if (list_scroll(&t->list, id))
		return true;
	switch (id) {
	case CMD_LEFT: t->left -= t->left >= 8 ? 8 : t->left; return true;
	case CMD_RIGHT: t->left = t->left < 4096 ? t->left + 8 : t->left; return true;
	case CMD_TAB:
		if (tab >= 1 && tab <= v->tabs.len)
			v->open = tab - 1;
		return true;
	case CMD_TAB_NEXT: v->open = (v->open + 1) % v->tabs.len; return true;
	case CMD_TAB_PREV: v->open = (v->open + v->tabs.len - 1) % v->tabs.len; return true;
	case CMD_NEXT_ERROR: return next_problem(v, 1);
	case CMD_PREV_ERROR: return next_problem(v, -1);
	case CMD_COPY:
		for (size_t i = 0; i < t->lines.len; i++)
			buf_printf(&b, "%s\n", t->lines.items[i]);
		app_copy(s->app, buf_str(&b));
		buf_fini(&b);
		return true;
	default: return false;
	}
}

static void
viewer_hint(struct screen *s, struct buf *out)
{
	struct viewer *v = (struct viewer *)s;

	buf_puts(out, "q back\t");
	if (v->tabs.len > 1)
		buf_puts(out, "Tab next document\t");
	if (v->tabs.items[v->open].notes.len > 0)
		buf_puts(out, "e next problem\t");
	buf_puts(out, "/ find\tc copy");
}

static void
viewer_free(struct screen *s)
{
	struct viewer *v = (struct viewer *)s;

	for (size_t i = 0; i < v->tabs.len; i++) {
		free(v->tabs.items[i].name);
		free(v->tabs.items[i].text);
		vec_fini(&v->tabs.items[i].lines);
		for (size_t n = 0; n < v->tabs.items[i].notes.len; n++)
			free(v->tabs.items[i].notes.items[n].text);
		vec_fini(&v->tabs.items[i].notes);
		vec_fini(&v->tabs.items[i].rows.items);
	}
	vec_fini(&v->tabs);
	free(v->title);
	free(v);
}

static const struct screen_ops viewer_ops = {
	.name = "text",
	.scope = SCOPE_TEXT,
	.draw = viewer_draw,
	.command = viewer_command,
	.find = viewer_find,
	.hint = viewer_hint,
	.free = viewer_free,
};

struct viewer *
viewer_new(const char *title)
{
	struct viewer *v = xcalloc(1, sizeof(*v));

	v->screen.ops = &viewer_ops;
	v->title = text_clean(title);
	v->screen.name = v->title;
	return v;
}

struct screen *
viewer_screen(struct viewer *v)
{
	ASSERT(v->tabs.len > 0);
	return &v->screen;
}
