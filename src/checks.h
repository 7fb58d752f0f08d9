/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks as commands use them: all of a state, and what a change would add.
 */
#ifndef MESHTOP_CHECKS_H
#define MESHTOP_CHECKS_H

struct mesh;
struct problems;
struct snapshot;

/* Syntax and references of every object; rows in order, each once. */
void checks_run(struct snapshot *s, struct problems *out);
/* Rows of after that before lacks (places in files do not matter). */
void checks_new_rows(const struct problems *before, const struct problems *after,
		     struct problems *out);

#endif
