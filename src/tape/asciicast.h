/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Terminal recordings: asciicast version 2 (a JSON header line, then one JSON
 * array per event: seconds, kind, data).
 */
#ifndef MESHTOP_TAPE_ASCIICAST_H
#define MESHTOP_TAPE_ASCIICAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cast;
struct error;

/* is_private: for the owner's eyes only, and not through a link. */
struct cast *cast_open(const char *path, bool is_private, unsigned cols, unsigned rows,
		       const char *title, int64_t wall_ms, struct error *err);
/* Times are nanoseconds since the recording began. */
void cast_output(struct cast *c, uint64_t at_ns, const char *bytes, size_t len);
void cast_mark(struct cast *c, uint64_t at_ns, const char *text);
void cast_resize(struct cast *c, uint64_t at_ns, unsigned cols, unsigned rows);
/* -1 with err when anything could not be written. */
int cast_close(struct cast **cp, struct error *err);

#endif
