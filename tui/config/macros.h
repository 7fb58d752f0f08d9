/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Macros: small tapes beside the person's own configuration, NAME.tape.
 */
#ifndef MESHTOP_TUI_MACROS_H
#define MESHTOP_TUI_MACROS_H

struct buf;
struct error;
struct tape;

/* Letters, digits, - and _.  NULL and err when the tape is missing or wrong. */
struct tape *macro_read(const char *name, struct error *err);
/* Makes the folder when it is missing; the file takes the place of an old one
 * whole. */
int macro_write(const char *name, const struct buf *tape, struct error *err);
/* -1 and err when no macro can have that name. */
int macro_check_name(const char *name, struct error *err);
void macro_each(void (*fn)(void *arg, const char *name), void *arg);

#endif
