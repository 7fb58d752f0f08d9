/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The demo's extras: Deployments that are added to a running mesh and taken
 * away again (share/demo/travels/NAME.yaml).
 */
#ifndef MESHTOP_EXTRAS_H
#define MESHTOP_EXTRAS_H

#include <stdbool.h>

struct error;

/* Stores the extra's documents in the mesh directory, or removes them: one
 * transaction.  ERROR_USAGE for a name that is no extra. */
int extra_deploy(const char *dir, const char *name, bool undeploy, struct error *err);
/* Names in order. */
void extra_each(void (*fn)(void *arg, const char *name), void *arg);

#endif
