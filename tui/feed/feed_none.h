/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A feed of nothing.
 */
#ifndef MESHTOP_TUI_FEED_NONE_H
#define MESHTOP_TUI_FEED_NONE_H

struct feed;
struct model;

struct feed *feed_none_open(struct model *m);

#endif
