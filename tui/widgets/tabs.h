/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A row of tab names, the open one marked.
 */
#ifndef MESHTOP_TUI_WIDGETS_TABS_H
#define MESHTOP_TUI_WIDGETS_TABS_H

#include <stddef.h>

#include "tui/term/canvas.h"

/* Draws on the area's first row; keeps the open tab in sight. */
void tabs_draw(struct area a, const char *const *names, size_t count, size_t open);

#endif
