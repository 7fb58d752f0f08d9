/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A canvas as the bytes that a common terminal is told: for recordings, which
 * must not depend on the terminal that is there.
 */
#ifndef MESHTOP_TUI_ANSI_H
#define MESHTOP_TUI_ANSI_H

struct buf;
struct canvas;

/* Appends what turns the canvas before (NULL, or of another size: a blank
 * screen) into now; nothing when they are equal. */
void canvas_put_ansi(const struct canvas *now, const struct canvas *before, struct buf *out);

#endif
