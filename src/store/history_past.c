/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration as it was after an earlier entry of the history. */
#include <string.h>

#include "src/base/vec.h"
#include "src/model/overlay.h"
#include "src/model/snapshot.h"
#include "src/store/history.h"

/* Entries are in the order of their times, but clocks are set back: what counts
 * is the last that is not later. */
size_t
history_count_at(const struct history *h, int64_t at_ms)
{
	size_t count = h->entries.len;

	while (count > 0 && h->entries.items[count - 1].time_ms > at_ms)
		count--;
	return count;
}

struct past {
	VEC(struct source_file *) files;	/* objects that were others then */
	VEC(struct overlay_removal) removals;	/* that were not there yet */
	VEC(const struct history_change *) seen;
};

static bool
is_seen(const struct past *p, const struct history_change *c)
{
	for (size_t i = 0; i < p->seen.len; i++) {
		const struct history_change *s = p->seen.items[i];

		if (strcmp(s->name, c->name) == 0 && strcmp(s->ns, c->ns) == 0 &&
		    strcmp(s->kind, c->kind) == 0 && strcmp(s->group, c->group) == 0)
			return true;
	}
	return false;
}

/* The first entry that changes an object knows what it was before. */
static void
take_back(struct past *p, const struct history_change *c)
{
	struct source_file *f;

	if (is_seen(p, c))
		return;
	vec_push(&p->seen, c);
	if (c->before == NULL) {
		vec_push(&p->removals, ((struct overlay_removal){ c->group, c->kind, c->ns, c->name }));
		return;
	}
	f = source_file_new(c->file, c->before, strlen(c->before), c->ns, NULL, NULL);
	if (f != NULL)
		vec_push(&p->files, f);
}

struct snapshot *
history_snapshot(const struct history *h, const struct snapshot *now, size_t count)
{
	struct past p = { VEC_INIT, VEC_INIT, VEC_INIT };
	struct snapshot *then;

	for (size_t i = count; i < h->entries.len; i++)
		for (size_t k = 0; k < h->entries.items[i].changes.len; k++)
			take_back(&p, &h->entries.items[i].changes.items[k]);
	then = snapshot_overlay(now, p.files.items, p.files.len, p.removals.items, p.removals.len);
	for (size_t i = 0; i < p.files.len; i++)
		source_file_put(&p.files.items[i]);
	vec_fini(&p.files);
	vec_fini(&p.removals);
	vec_fini(&p.seen);
	return then;
}
