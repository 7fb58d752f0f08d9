/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ring file .meshtop/telemetry: the past of a mesh for consoles that
 * attach later (design.md 3, Admin socket).
 *
 * Once a second one line, the telemetry object (src/model/metrics.h) of what
 * changed since the line before, if anything did; each minute and at the end in
 * any case, so that time without requests is told from time without an engine.
 * A series has its labels in the first line that names it.  An engine begins with a line of its own at once, which is
 * the baseline, and goes on in the file of the one before it.
 *
 * When the file is full its older part is rewritten beside it in small steps
 * and then takes its place: lines of one 15 s step become one; and when that
 * is not enough, those of the oldest part become one that only keeps labels
 * and counts.
 */
#ifndef MESHTOP_PROXY_RING_H
#define MESHTOP_PROXY_RING_H

#include <stddef.h>
#include <stdint.h>

#define RING_MAX_BYTES (32u << 20)
#define RING_FILE "telemetry"

struct error;
struct loop;
struct ring;
struct stats_set;

/* In the folder DIR/.meshtop.  Writes each second on the loop from now on. */
struct ring *ring_open(struct loop *l, struct stats_set *set, const char *state_path,
		       size_t max_bytes, struct error *err);
void ring_close(struct ring **rp);	/* writes a last line */

#endif
