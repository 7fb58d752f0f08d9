/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Duplicates by sorting, for lists of any length; see unique.h. */
#include "src/istio/unique.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/value.h"
#include "src/base/vec.h"
#include "src/istio/schema.h"

struct named {
	const char *text;
	const struct value *item;
	size_t index;
};

static int
by_text(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

const char *
unique_own_text(const struct value *item)
{
	return value_text(item);
}

const char *
unique_member_name(const struct value *item)
{
	return member_text(item, "name");
}

void
unique_check(struct checker *c, const struct value *list, const char *list_name,
	     const char *name, unique_name of)
{
	VEC(struct named) all = VEC_INIT;
	size_t index = 0;

	VALUE_EACH(v, value_is_list(list) ? list : NULL) {
		struct named n = { of(v), v, index++ };

		if (n.text != NULL)
			vec_push(&all, n);
	}
	if (all.len > 1)
		qsort(all.items, all.len, sizeof(*all.items), by_text);
	for (size_t i = 1; i < all.len; i++) {
		const struct value *at = name[0] != '\0' ? value_path(all.items[i].item, name) :
					 all.items[i].item;
		char below[96];

		if (strcmp(all.items[i].text, all.items[i - 1].text) != 0)
			continue;
		snprintf(below, sizeof(below), "%s[%zu]%s%s", list_name, all.items[i].index,
			 name[0] != '\0' ? "." : "", name);
		complain(c, at != NULL ? at : all.items[i].item, below, "MT0030",
			 "'%.80s' stands here twice", all.items[i].text);
	}
	vec_fini(&all);
}
