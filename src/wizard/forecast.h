/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a change would have done to the requests of the last minutes.
 *
 * The recent real requests that the engine keeps are run through the rules
 * before and after with the engine's own routing function; nothing is drawn
 * by lot, shares are counted as shares.  A request whose rule looks at a
 * field that was redacted when it was captured counts as "cannot tell".
 */
#ifndef MESHTOP_WIZARD_FORECAST_H
#define MESHTOP_WIZARD_FORECAST_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/vec.h"

struct arena;
struct buf;
struct mesh;
struct value;
struct wizard_preview;

struct forecast_edge {
	const char *from;		/* "travel-portal/voyages" */
	const char *to;			/* "travel-agency/travels-v3", "... (copy)" for what
					 * is mirrored, or "404 NR" ... */
	bool is_refusal;		/* to is an answer of the proxy */
	double before, after;		/* requests per second */
};

struct forecast {
	struct arena *arena;		/* owns the texts */
	VEC(struct forecast_edge) edges;	/* those that differ, largest change first */
	size_t requests;		/* looked at */
	size_t cannot_tell;
	double window_s;		/* time between the oldest and the newest */
};

/* The mesh as the previewed documents would make it; reference for the
 * caller.  NULL when the documents cannot be read back. */
struct mesh *forecast_mesh(const struct mesh *before, const struct wizard_preview *p);
/* requests: the array of the admin socket's /requests. */
struct forecast *forecast_new(const struct mesh *before, const struct mesh *after,
			      const struct value *requests);
void forecast_free(struct forecast **fp);
/* Lines for people: "travel-portal/voyages -> travel-agency/travels-v3  0.09 -> 0.27/s". */
void forecast_put_text(const struct forecast *f, struct buf *out);

#endif
