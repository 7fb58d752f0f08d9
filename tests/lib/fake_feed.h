/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A feed without an engine: the travel demo's graph with figures that a test
 * steps, and a configuration from a text.
 */
#ifndef MESHTOP_TESTS_FAKE_FEED_H
#define MESHTOP_TESTS_FAKE_FEED_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/feed/feed.h"
#include "tui/feed/model.h"

/* The newest reading of the figures over time, Unix time. */
#define FAKE_NOW_MS 1700000000000

/* The model is initialised here; model_fini() after the app is gone. */
struct feed *fake_feed_open(struct model *m);
/* Fills the graph anew; each step changes every rate a little. */
void fake_feed_step(struct feed *f, unsigned step);
/* Requests to travels-v2 fail from now on (or no more). */
void fake_feed_break(struct feed *f, bool is_broken);
/* Only that side ("source", "destination") has reported; NULL: both. */
void fake_feed_report_by(struct feed *f, const char *only);
/* More calls: 36 edges. */
void fake_feed_densify(struct feed *f);
/* Names, hosts, flags, messages and requests full of what must never reach a
 * terminal. */
void fake_feed_poison(struct feed *f);
/* Some names and hosts of the graph have 100 KiB. */
void fake_feed_lengthen(struct feed *f);
void fake_feed_lose(struct feed *f, const char *why);	/* NULL: live again */
size_t fake_feed_questions(const struct feed *f);	/* that wait for an answer */
/* Answers what screens have asked, from texts that never change. */
void fake_feed_answer(struct feed *f);
/* What was asked of it, for tests: "undo 3", "apply FILE", "" for nothing. */
const char *fake_feed_last(const struct feed *f);

#endif
