/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the mesh was at a moment of the past, so that badges, replicas and
 * idle nodes of a replay are those of its time.
 */
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "tui/feed/feed_mesh_priv.h"
#include "tui/feed/model.h"

void
feed_mesh_forget_then(struct feed_mesh *f)
{
	mesh_put(&f->then);
}

int64_t
feed_mesh_change_ms(const struct feed_mesh *f)
{
	int64_t at_ms = f->feed.model->query.at_ms;
	size_t count = history_count_at(&f->history, at_ms != 0 ? at_ms : INT64_MAX);

	return count > 0 ? f->history.entries.items[count - 1].time_ms : 0;
}

struct mesh *
feed_mesh_then(struct feed_mesh *f, int64_t at_ms)
{
	struct mesh *now = f->feed.model->mesh;
	size_t count = history_count_at(&f->history, at_ms);
	struct snapshot *s;

	if (now == NULL || count == f->history.entries.len)
		return now;
	if (f->then != NULL && f->then_count == count)
		return f->then;
	feed_mesh_forget_then(f);
	s = history_snapshot(&f->history, now->snapshot, count);
	f->then = mesh_compile(s, f->addresses, NULL, NULL);
	f->then_count = count;
	snapshot_put(&s);
	return f->then;
}
