/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who stands at the ends of an edge, as their certificates say: few names, each once. */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/topology/build_priv.h"

static bool
has_name(const struct principals *p, const char *name)
{
	for (size_t i = 0; i < p->names.len; i++)
		if (strcmp(p->names.items[i], name) == 0)
			return true;
	return false;
}

void
principals_add(struct principals *p, struct arena *arena, const char *name)
{
	if (!has_name(p, name))
		vec_push(&p->names, arena_strdup(arena, name));
}

void
principals_join(struct principals *to, const struct principals *p)
{
	for (size_t i = 0; i < p->names.len; i++)
		if (!has_name(to, p->names.items[i]))
			vec_push(&to->names, p->names.items[i]);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *
principals_text(struct principals *p, struct arena *arena)
{
	struct buf all = BUF_INIT;
	const char *text;

	if (p->names.len == 0)
		return "";
	qsort(p->names.items, p->names.len, sizeof(*p->names.items), compare_names);
	for (size_t i = 0; i < p->names.len; i++)
		buf_printf(&all, "%s%s", i > 0 ? "," : "", p->names.items[i]);
	text = arena_strndup(arena, buf_str(&all), all.len);
	buf_fini(&all);
	return text;
}
