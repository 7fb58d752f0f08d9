/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tab names.
 */
#include "tui/widgets/tabs.h"

#include <string.h>

#include "src/base/text.h"

static unsigned
tab_width(const char *name)
{
	return (unsigned)text_width(name, strlen(name)) + 2;
}

void
tabs_draw(struct area a, const char *const *names, size_t count, size_t open)
{
	unsigned upto = 0, col = 0;
	size_t first = 0;

	for (size_t i = 0; i <= open && i < count; i++)
		upto += tab_width(names[i]);
	while (first < open && upto > a.cols)
		upto -= tab_width(names[first++]);
	for (size_t i = first; i < count && col < a.cols; i++) {
		/* the mark shows the open tab without colours too */
		area_hit(area_sub(a, col, 0, tab_width(names[i]), 1), HIT_TAB + (unsigned)i);
		area_put(a, col, 0, UI_BORDER, i == open ? "[" : " ");
		area_put_cut(a, col + 1, 0, a.cols > col + 1 ? a.cols - col - 1 : 0,
			     i == open ? UI_TAB_ON : UI_TAB, names[i]);
		area_put(a, col + tab_width(names[i]) - 1, 0, UI_BORDER, i == open ? "]" : " ");
		col += tab_width(names[i]);
	}
}
