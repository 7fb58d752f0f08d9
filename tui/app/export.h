/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The picture and the screen as files: text, ASCII, DOT, Mermaid, SVG, JSON.
 */
#ifndef MESHTOP_TUI_EXPORT_H
#define MESHTOP_TUI_EXPORT_H

struct app;
struct buf;
struct canvas;
struct error;
struct graph;
struct layout;

/* The end of the name says the format: .txt .ascii .dot .mmd .svg .json; -1
 * and err for any other, or when the picture is too large to draw. */
int export_graph(const struct graph *g, const struct layout *l, unsigned label_bits,
		 const char *path, struct buf *out, struct error *err);
/* The screen: .txt or .svg. */
int export_screen(const struct canvas *c, const char *title, const char *path, struct buf *out,
		  struct error *err);
void canvas_put_svg(const struct canvas *c, const char *title, struct buf *out);
/* Writes the file; asks before it takes another's place.  Takes text over. */
void export_write(struct app *a, const char *path, struct buf *text);

#endif
