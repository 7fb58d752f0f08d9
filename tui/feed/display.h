/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Display options of the picture (spec/kiali.md 2.1): a table of names that
 * `:set`, the user's configuration and the menu share.
 */
#ifndef MESHTOP_TUI_DISPLAY_H
#define MESHTOP_TUI_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct model;

/* i-th name, NULL after the last. */
const char *display_name(size_t i);
const char *display_help(size_t i);
/* false: there is nothing that it could show; display_set() says why. */
bool display_can_change(size_t i);
/* "on", "off", or one of its words; "none" where nothing can be shown. */
const char *display_value(const struct model *m, size_t i);
/* The value behind the one in force, round and round. */
const char *display_next(const struct model *m, size_t i);
/* False when there is no such option (answer stays empty) or no such value
 * (answer says which there are, or why there is nothing to show). */
bool display_set(struct model *m, const char *name, const char *value, struct buf *answer);

#endif
