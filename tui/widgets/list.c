/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Moving in lists.
 */
#include "tui/widgets/list.h"

void
list_fit(struct list *l, size_t count, size_t rows)
{
	l->count = count;
	l->page = rows > 0 ? rows : 1;
	if (l->chosen >= count)
		l->chosen = count > 0 ? count - 1 : 0;
	if (l->chosen < l->top)
		l->top = l->chosen;
	if (l->chosen >= l->top + l->page)
		l->top = l->chosen - l->page + 1;
	if (l->top + l->page > count)
		l->top = count > l->page ? count - l->page : 0;
}

bool
list_click(struct list *l, size_t row)
{
	bool was_chosen = l->chosen == row;

	if (row < l->count)
		l->chosen = row;
	return was_chosen;
}

bool
list_command(struct list *l, enum command_id id)
{
	size_t last = l->count > 0 ? l->count - 1 : 0;

	switch (id) {
	case CMD_DOWN: l->chosen = l->chosen < last ? l->chosen + 1 : last; return true;
	case CMD_UP: l->chosen -= l->chosen > 0; return true;
	case CMD_PAGE_DOWN:
		l->chosen = l->chosen + l->page < last ? l->chosen + l->page : last;
		return true;
	case CMD_PAGE_UP: l->chosen = l->chosen > l->page ? l->chosen - l->page : 0; return true;
	case CMD_TOP: l->chosen = 0; return true;
	case CMD_BOTTOM: l->chosen = last; return true;
	default: return false;
	}
}

bool
list_scroll(struct list *l, enum command_id id)
{
	size_t last = l->count > l->page ? l->count - l->page : 0;

	switch (id) {
	case CMD_DOWN: l->top = l->top < last ? l->top + 1 : last; break;
	case CMD_UP: l->top -= l->top > 0; break;
	case CMD_PAGE_DOWN: l->top = l->top + l->page < last ? l->top + l->page : last; break;
	case CMD_PAGE_UP: l->top = l->top > l->page ? l->top - l->page : 0; break;
	case CMD_TOP: l->top = 0; break;
	case CMD_BOTTOM: l->top = last; break;
	default: return false;
	}
	l->chosen = l->top;
	return true;
}
