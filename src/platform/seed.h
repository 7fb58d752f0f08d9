/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The demo's mesh directory: made when absent, filled when empty, put back to
 * its beginning on request.
 */
#ifndef MESHTOP_PLATFORM_SEED_H
#define MESHTOP_PLATFORM_SEED_H

#include <stdbool.h>

struct error;

/*
 * Makes dir (and the folders above it) when it does not exist.  When nothing
 * but .meshtop is in it, the base manifests are written and the directory is
 * marked as made by the demo; a directory that has files is left as it is.
 * reset: writes the base manifests anew and removes every file that meshtop
 * itself made there, history and telemetry; files from elsewhere stay.
 * Refused (ERROR_REFUSED) unless the directory is empty or has the mark.
 */
int seed_demo(const char *dir, bool reset, struct error *err);
/* Does the directory have the demo's mark? */
bool seed_is_demo(const char *dir);

#endif
