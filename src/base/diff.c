/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Differences by line; see diff.h.  Myers' greedy algorithm over line
 * hashes, with a bound: texts that differ too much are shown as replaced.
 */
#include "src/base/diff.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/vec.h"

#define MAX_COST 1000	/* lines removed and added before the search gives up */

struct line {
	const char *text;
	size_t len;	/* without its newline */
	bool is_cut;	/* the last line, without a newline */
};

struct lines {
	VEC(struct line) items;
};

/* One line of the answer: ' ', '-' or '+'. */
struct step {
	char sign;
	size_t before, after;	/* indexes: of its line, or where it would stand */
};

struct steps {
	VEC(struct step) items;
};

static void
split(struct lines *out, const char *text)
{
	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, "\n");
		struct line l = { text, len, text[len] == '\0' };

		vec_push(&out->items, l);
		text += len + (text[len] == '\n');
	}
}

static bool
same(const struct lines *a, size_t i, const struct lines *b, size_t j)
{
	const struct line *x = &a->items.items[i], *y = &b->items.items[j];

	return x->len == y->len && x->is_cut == y->is_cut && memcmp(x->text, y->text, x->len) == 0;
}

static void
push_step(struct steps *out, char sign, size_t before, size_t after)
{
	struct step s = { sign, before, after };

	vec_push(&out->items, s);
}

/* Walks the saved frontiers back from the end; steps come out reversed. */
static void
trace_back(struct steps *out, long *const *saved, long cost, long n, long m)
{
	long x = n, y = m;

	for (long d = cost; d > 0; d--) {
		const long *v = saved[d - 1] + d;	/* frontier before step d; index 0 is k = 0 */
		long k = x - y;
		bool is_down = k == -d || (k != d && v[k - 1] < v[k + 1]);
		long px = is_down ? v[k + 1] : v[k - 1];
		long py = px - (is_down ? k + 1 : k - 1);

		while (x > px + !is_down && y > py + is_down) {
			x--;
			y--;
			push_step(out, ' ', (size_t)x, (size_t)y);
		}
		push_step(out, is_down ? '+' : '-', (size_t)px, (size_t)py);
		x = px;
		y = py;
	}
	while (x > 0) {
		x--;
		push_step(out, ' ', (size_t)x, (size_t)x);
	}
}

/* Furthest reach with d differences on each diagonal; false when the end is
 * not reached within limit.  saved[d] is a copy of the frontier after d. */
static bool
search(const struct lines *a, const struct lines *b, long limit, long **saved, long *cost)
{
	long n = (long)a->items.len, m = (long)b->items.len;
	long *space = xcalloc((size_t)(2 * limit + 3), sizeof(long)), *v = space + limit + 1;
	bool is_found = false;

	for (long d = 0; d <= limit && !is_found; d++) {
		for (long k = -d; k <= d; k += 2) {
			long x = d == 0 ? 0 : k == -d || (k != d && v[k - 1] < v[k + 1]) ?
				 v[k + 1] : v[k - 1] + 1;

			while (x < n && x - k < m && same(a, (size_t)x, b, (size_t)(x - k)))
				x++;
			v[k] = x;
			if (x >= n && x - k >= m) {
				is_found = true;
				*cost = d;
				break;
			}
		}
		saved[d] = xcalloc((size_t)(2 * d + 3), sizeof(long));
		memcpy(saved[d], v - d - 1, (size_t)(2 * d + 3) * sizeof(long));
	}
	free(space);
	return is_found;
}

static void
replace_all(struct steps *out, size_t n, size_t m)
{
	for (size_t j = m; j > 0; j--)
		push_step(out, '+', n, j - 1);
	for (size_t i = n; i > 0; i--)
		push_step(out, '-', i - 1, 0);
}

static void
compare(const struct lines *a, const struct lines *b, struct steps *out)
{
	long n = (long)a->items.len, m = (long)b->items.len, cost = 0;
	long limit = n + m < MAX_COST ? n + m : MAX_COST;
	long **saved = xcalloc((size_t)limit + 1, sizeof(long *));

	if (search(a, b, limit, saved, &cost))
		trace_back(out, saved, cost, n, m);
	else
		replace_all(out, a->items.len, b->items.len);
	for (long d = 0; d <= limit; d++)
		free(saved[d]);
	free(saved);
	for (size_t i = 0; i < out->items.len / 2; i++) {
		struct step t = out->items.items[i];

		out->items.items[i] = out->items.items[out->items.len - 1 - i];
		out->items.items[out->items.len - 1 - i] = t;
	}
}

/* Steps [from, to) as one hunk. */
static void
put_hunk(struct buf *out, const struct lines *a, const struct lines *b,
	 const struct steps *s, size_t from, size_t to)
{
	size_t removed = 0, added = 0;
	const struct step *first = &s->items.items[from];

	for (size_t i = from; i < to; i++) {
		removed += s->items.items[i].sign != '+';
		added += s->items.items[i].sign != '-';
	}
	buf_printf(out, "@@ -%zu,%zu +%zu,%zu @@\n", first->before + (removed > 0), removed,
		   first->after + (added > 0), added);
	for (size_t i = from; i < to; i++) {
		const struct step *t = &s->items.items[i];
		const struct line *l = t->sign == '+' ? &b->items.items[t->after] :
				       &a->items.items[t->before];

		buf_putc(out, t->sign);
		buf_append(out, l->text, l->len);
		buf_putc(out, '\n');
		if (l->is_cut)
			buf_puts(out, "\\ No newline at end of file\n");
	}
}

static void
put_hunks(struct buf *out, const struct lines *a, const struct lines *b,
	  const struct steps *s, unsigned context)
{
	size_t i = 0, count = s->items.len;

	while (i < count) {
		size_t from, last, to;

		while (i < count && s->items.items[i].sign == ' ')
			i++;
		if (i == count)
			return;
		from = i > context ? i - context : 0;
		for (last = i; i < count && i - last <= 2 * (size_t)context; i++)
			if (s->items.items[i].sign != ' ')
				last = i;
		to = last + 1 + context < count ? last + 1 + context : count;
		put_hunk(out, a, b, s, from, to);
		i = to;
	}
}

void
diff_unified(struct buf *out, const char *before, const char *after,
	     const char *before_name, const char *after_name, unsigned context)
{
	struct lines a = { VEC_INIT }, b = { VEC_INIT };
	struct steps s = { VEC_INIT };

	if (strcmp(before != NULL ? before : "", after != NULL ? after : "") == 0)
		return;
	split(&a, before);
	split(&b, after);
	compare(&a, &b, &s);
	buf_printf(out, "--- %s\n+++ %s\n", before_name != NULL ? before_name : "/dev/null",
		   after_name != NULL ? after_name : "/dev/null");
	put_hunks(out, &a, &b, &s, context);
	vec_fini(&a.items);
	vec_fini(&b.items);
	vec_fini(&s.items);
}
