/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checking a state and a change of it; see checks.h. */
#include "src/checks.h"

#include <string.h>

#include "src/base/vec.h"
#include "src/istio/check.h"
#include "src/mesh/mesh.h"
#include "src/model/problem.h"
#include "src/model/snapshot.h"

static bool
same_row(const struct problem *a, const struct problem *b)
{
	return a->severity == b->severity && strcmp(a->code, b->code) == 0 &&
	       strcmp(a->kind, b->kind) == 0 && strcmp(a->ns, b->ns) == 0 &&
	       strcmp(a->name, b->name) == 0 && strcmp(a->path, b->path) == 0 &&
	       strcmp(a->message, b->message) == 0;
}

void
checks_run(struct snapshot *s, struct problems *out)
{
	struct problems all = PROBLEMS_INIT;
	struct mesh *m = mesh_compile(s, NULL, NULL, &all);

	mesh_put(&m);
	check_all(s, &all);
	problems_append(out, &all);
	problems_fini(&all);
	problems_sort(out);
	for (size_t i = 1; i < out->rows.len;) {
		const struct problem *a = &out->rows.items[i - 1], *b = &out->rows.items[i];

		if (same_row(a, b) && a->line == b->line && strcmp(a->file, b->file) == 0)
			vec_remove(&out->rows, i);
		else
			i++;
	}
}

void
checks_new_rows(const struct problems *before, const struct problems *after,
		struct problems *out)
{
	for (size_t i = 0; i < after->rows.len; i++) {
		struct problems one = PROBLEMS_INIT;
		bool is_old = false;

		for (size_t n = 0; n < before->rows.len && !is_old; n++)
			is_old = same_row(&before->rows.items[n], &after->rows.items[i]);
		if (is_old)
			continue;
		vec_push(&one.rows, after->rows.items[i]);
		problems_append(out, &one);
		vec_fini(&one.rows);
	}
}
