/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The feed of the start screen: there is nothing to see yet.
 */
#include "tui/feed/feed_none.h"

#include <stdlib.h>

#include "src/base/xalloc.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"

static void
do_nothing(struct feed *f)
{
	(void)f;
}

static void
close_feed(struct feed **fp)
{
	free(*fp);
	*fp = NULL;
}

static const struct feed_ops ops = {
	.query = do_nothing,
	.refresh = do_nothing,
	.close = close_feed,
};

struct feed *
feed_none_open(struct model *m)
{
	struct feed *f = xcalloc(1, sizeof(*f));

	f->ops = &ops;
	f->model = m;
	m->state = FEED_OFFLINE;
	return f;
}
