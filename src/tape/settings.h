/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines at the head of a tape, which say how it is played and where that goes.
 * -1 with the line's err.
 */
#ifndef MESHTOP_TAPE_SETTINGS_H
#define MESHTOP_TAPE_SETTINGS_H

struct tape_line;

/* Set NAME VALUE: into the tape; how a picture looks is noted and ignored. */
int settings_set(struct tape_line *l);
/* Output FILE: formats of pictures are noted and ignored. */
int settings_output(struct tape_line *l);
/* Require PROGRAM: wrong when it is not installed here. */
int settings_require(struct tape_line *l);

#endif
