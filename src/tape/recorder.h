/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a live session to a tape: keys by VHS's names, characters in a row as
 * one Type, waits as conditions on the screen where something new appeared,
 * else as sleeps.  Pure: the caller brings keys, screens and times.
 */
#ifndef MESHTOP_TAPE_RECORDER_H
#define MESHTOP_TAPE_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/topology/layout.h"

struct buf;
struct recorder;

struct recorder *recorder_new(unsigned cols, unsigned rows, enum glyph_level glyphs);
void recorder_free(struct recorder **rp);

enum recorder_place {		/* where a key goes */
	RECORDER_SCREEN,
	RECORDER_LINE,		/* the command line is open */
	RECORDER_MASKED,	/* a masked field: nothing typed there is kept */
};

/* One key as the bytes a terminal sends for it.  screen: the text that the
 * person saw when it was pressed. */
void recorder_key(struct recorder *r, uint64_t now_ns, const char *bytes, size_t len,
		  const char *screen, enum recorder_place place);
void recorder_paste(struct recorder *r, uint64_t now_ns, const char *text, const char *screen);
void recorder_mark(struct recorder *r, const char *text);
void recorder_resize(struct recorder *r, unsigned cols, unsigned rows);
/* Takes back the command line whose Enter was the last key, with the key that
 * opened it: what it did is not to be done by the tape. */
void recorder_drop_line(struct recorder *r);
/* Takes back the last key: it ended the recording. */
void recorder_drop_key(struct recorder *r);
/* Appends the tape. */
void recorder_put(const struct recorder *r, struct buf *out);

#endif
