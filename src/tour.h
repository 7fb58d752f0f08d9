/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The guided tour: the tapes of the seven scenarios played on one demo, with
 * their captions, at reading speed.
 *
 * Any key of the learner ends it and leaves the console to him; between two
 * scenarios the console is his until he goes on.
 */
#ifndef MESHTOP_TOUR_H
#define MESHTOP_TOUR_H

struct console_look;
struct error;

/* Plays in dir (NULL: a demo of its own, gone afterwards); the console's exit
 * status, or -1 with err. */
int tour_run(const char *dir, const struct console_look *look, struct error *err);

#endif
