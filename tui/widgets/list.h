/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which row of a list is chosen and which rows are in sight.
 */
#ifndef MESHTOP_TUI_WIDGETS_LIST_H
#define MESHTOP_TUI_WIDGETS_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/config/keymap.h"

struct list {
	size_t count, chosen, top, page;	/* page: rows in sight at the last draw */
};

/* Keeps chosen and top within count; rows is the room. */
void list_fit(struct list *l, size_t count, size_t rows);
/* Chooses a row that was clicked on; true when it was chosen before. */
bool list_click(struct list *l, size_t row);
/* Moves by UP, DOWN, PAGE_*, TOP, BOTTOM; false for other commands. */
bool list_command(struct list *l, enum command_id id);
/* As list_command(), but only the view moves (text without a chosen row). */
bool list_scroll(struct list *l, enum command_id id);

#endif
