/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The demo's manifests by name: the files of share/demo/travels when they
 * are there, else the copies that the program carries in itself, so that one
 * file copied to another machine is a whole demo.
 */
#ifndef MESHTOP_PLATFORM_MANIFESTS_H
#define MESHTOP_PLATFORM_MANIFESTS_H

#include <stddef.h>

struct buf;
struct error;

/* Names of the extras in order: loadtester, mysqldb-v2, ...; NULL at the end. */
const char *const *demo_extras(void);
/* Names of the files that every demo begins with: base/travel-agency, ... */
const char *const *demo_base(void);

/* Appends the text of a manifest.  -1 with ERROR_USAGE, naming the word and
 * what there is, when no extra or base file has that name. */
int demo_manifest(const char *name, struct buf *out, struct error *err);
/* Path of its file, freed by the caller; NULL when there is no such file. */
char *demo_extra_path(const char *name);

#endif
