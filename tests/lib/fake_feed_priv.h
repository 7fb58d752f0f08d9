/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the fake feed share: fake_feed.c answers as a feed does,
 * fake_feed_town.c has what it shows, fake_feed_poison.c spoils that.
 */
#ifndef MESHTOP_TESTS_FAKE_FEED_PRIV_H
#define MESHTOP_TESTS_FAKE_FEED_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/base/vec.h"
#include "src/store/history.h"
#include "tests/lib/fake_feed.h"

struct arena;
struct graph;
struct series_store;

#define FAKE_SECONDS 90

struct feed_question {
	struct fake_feed *feed;
	char *path;
	feed_answer *fn;
	void *arg;
};

struct fake_feed {
	struct feed feed;
	struct series_store *series;
	VEC(struct feed_question *) questions;	/* answered at the next step */
	unsigned step;
	bool is_broken, is_dense, is_poisoned, is_long;
	struct buf poisoned;	/* the answer being given */
	struct history history;
	char last[200];
};

void fake_feed_tell(struct feed *f, unsigned changes);

extern const char fake_town_documents[];
/* As the model's namespaces, the step and the feed's faults want it; the caller frees. */
struct graph *fake_town_graph(struct fake_feed *f);
/* A page of the engine, static; NULL: there is none. */
const char *fake_town_answer(const char *path);
/* One second of calls to travels, v1 and v2, as both sides report them; only: the
 * reporter whose series there are, NULL: both. */
void fake_town_second(struct series_store *s, int t, const char *only);

void fake_poison_graph(struct graph *g);
/* The page with poison in its texts, until the next one. */
const char *fake_poison_answer(struct fake_feed *f, const char *text);
const char *fake_long_text(struct arena *a);

#endif
