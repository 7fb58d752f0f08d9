/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The picture and the screen as files; see export.h. */
#include "tui/app/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/xalloc.h"
#include "src/topology/build.h"
#include "src/topology/grid.h"
#include "src/topology/layout.h"
#include "src/topology/svg.h"
#include "tui/app/app.h"
#include "tui/term/canvas.h"
#include "tui/term/theme.h"

#define MOST_CELLS (4u << 20)

static bool
ends_in(const char *path, const char *end)
{
	size_t len = strlen(path), n = strlen(end);

	return len > n && strcmp(path + len - n, end) == 0;
}

static int
draw(const struct layout *l, const char *path, struct buf *out, struct error *err)
{
	enum glyph_level level = ends_in(path, ".ascii") ? GLYPHS_ASCII : GLYPHS_UNICODE;
	struct layout_stats stats;
	struct grid *grid;

	if (l == NULL)
		return error_setf(err, ERROR_REFUSED, "there is no picture yet");
	layout_get_stats(l, &stats);
	if ((unsigned long long)stats.width * stats.height > MOST_CELLS)
		return error_setf(err, ERROR_REFUSED, "the picture has %ux%u cells: fold it first "
				  "(:fold namespace), or export .dot or .json", stats.width, stats.height);
	grid = layout_draw(l, level, GRID_NO_OWNER);
	if (ends_in(path, ".svg"))
		grid_put_svg(grid, "meshtop: who calls whom", out);
	else
		grid_emit_text(grid, out);
	grid_free(&grid);
	return 0;
}

int
export_graph(const struct graph *g, const struct layout *l, unsigned label_bits,
	     const char *path, struct buf *out, struct error *err)
{
	if (ends_in(path, ".json"))
		graph_put_json(g, out);
	else if (ends_in(path, ".dot"))
		graph_put_dot(g, label_bits, out);
	else if (ends_in(path, ".mmd"))
		graph_put_mermaid(g, label_bits, out);
	else if (ends_in(path, ".txt") || ends_in(path, ".ascii") || ends_in(path, ".svg"))
		return draw(l, path, out, err);
	else
		return error_setf(err, ERROR_USAGE, "\"%s\": the end of the name says the format: "
				  ".txt .ascii .dot .mmd .svg .json", path);
	return 0;
}

static void
cell_of_canvas(void *arg, unsigned col, unsigned row, struct svg_cell *out)
{
	const struct cell *c = canvas_at(arg, col, row);

	out->glyph = c->glyph;
	out->style = c->style;
	for (size_t i = 0; i < CELL_MARKS; i++)
		out->marks[i] = c->marks[i];
}

void
canvas_put_svg(const struct canvas *c, const char *title, struct buf *out)
{
	struct svg_style styles[UI_STYLE_COUNT];
	const struct svg_source source = {
		.cols = c->cols, .rows = c->rows, .cell = cell_of_canvas,
		.arg = (void *)(uintptr_t)c, .styles = styles, .style_count = UI_STYLE_COUNT,
		.title = title,
	};

	for (unsigned i = 0; i < UI_STYLE_COUNT; i++) {
		struct look look = theme_look(i, true);

		styles[i] = (struct svg_style){ look.fg < HUE_GREY ? look.fg : -1,
			((look.attrs & ATTR_BOLD) != 0 ? SVG_BOLD : 0u) |
			((look.attrs & ATTR_DIM) != 0 ? SVG_DIM : 0u) |
			((look.attrs & ATTR_REVERSE) != 0 ? SVG_REVERSE : 0u) |
			((look.attrs & ATTR_UNDERLINE) != 0 ? SVG_UNDERLINE : 0u) };
	}
	svg_put(&source, out);
}

int
export_screen(const struct canvas *c, const char *title, const char *path, struct buf *out,
	      struct error *err)
{
	if (ends_in(path, ".svg"))
		canvas_put_svg(c, title, out);
	else if (ends_in(path, ".txt"))
		canvas_text(c, out);
	else
		return error_setf(err, ERROR_USAGE, "\"%s\": write NAME.txt or NAME.svg", path);
	return 0;
}

struct writing {
	struct app *app;
	char *path;
	struct buf text;
};

/* -1 with errno; EEXIST when it may not take a file's place. */
static int
write_file(const struct writing *w, int flags)
{
	int fd = open(w->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0666);
	size_t at = 0;

	if (fd < 0)
		return -1;
	while (at < w->text.len) {
		ssize_t n = write(fd, w->text.data + at, w->text.len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int saved = errno;

			close(fd);
			errno = saved;
			return -1;
		}
		at += (size_t)n;
	}
	return close(fd);
}

static void
say_written(const struct writing *w, int status)
{
	struct error err = ERROR_INIT;

	if (status == 0) {
		app_say(w->app, SEVERITY_INFO, "%s: %zu bytes written", w->path, w->text.len);
	} else {
		error_errnof(&err, "%s", w->path);
		app_say_error(w->app, &err);
	}
}

static void
writing_free(struct writing *w)
{
	free(w->path);
	buf_fini(&w->text);
	free(w);
}

static void
on_answer(void *arg, bool yes)
{
	struct writing *w = arg;

	if (yes)
		say_written(w, write_file(w, O_TRUNC));
	writing_free(w);
}

void
export_write(struct app *a, const char *path, struct buf *text)
{
	struct writing *w = xcalloc(1, sizeof(*w));
	int status;

	w->app = a;
	w->path = xstrdup(path);
	w->text = *text;
	*text = BUF_INIT;
	status = write_file(w, O_EXCL);
	if (status < 0 && errno == EEXIST) {
		struct buf question = BUF_INIT;

		buf_printf(&question, "%s is there already; write over it?", path);
		app_ask(a, buf_str(&question), on_answer, w);
		buf_fini(&question);
		return;
	}
	say_written(w, status);
	writing_free(w);
}
