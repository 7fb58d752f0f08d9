/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rewriting a ring file thinner: lines in, fewer lines out.  Pure; see
 * ring.h for what becomes of which line.
 */
#ifndef MESHTOP_PROXY_RING_THIN_H
#define MESHTOP_PROXY_RING_THIN_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/slice.h"

struct buf;
struct ring_thin;

enum ring_region {
	RING_FOLD,	/* becomes one line of the last engine in it */
	RING_THIN,	/* one line for each 15 s */
	RING_KEEP,	/* as it is */
};

struct ring_thin *ring_thin_new(void);
void ring_thin_free(struct ring_thin **tp);
/* A line without its end; regions come in the order above.  Appends what is
 * finished to out.  What is no telemetry line is left out. */
void ring_thin_line(struct ring_thin *t, struct slice line, enum ring_region region,
		    struct buf *out);
/* After the last line. */
void ring_thin_end(struct ring_thin *t, struct buf *out);

#endif
