/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Running pods made equal to what the compiled mesh wants: new ones start,
 * those that are no longer wanted stop, changed ones are replaced.
 */
#ifndef MESHTOP_PLATFORM_DEPLOY_H
#define MESHTOP_PLATFORM_DEPLOY_H

#include <stdbool.h>
#include <stddef.h>

struct deploy;
struct host;
struct mesh;

/* Servers of pods listen in the folder run_dir_fd.  All borrowed. */
struct deploy *deploy_new(struct host *h, int run_dir_fd);
void deploy_free(struct deploy **dp);		/* every pod must be gone */

struct deploy_state {
	size_t serving;		/* pods that run */
	size_t waiting;		/* pods of known images without an address yet, or
				 * whose server could not be opened */
};

/* Logs each image that is not known, and each server that cannot be opened, once. */
void deploy_apply(struct deploy *d, const struct mesh *m, struct deploy_state *out);
void deploy_stop_all(struct deploy *d);

#endif
