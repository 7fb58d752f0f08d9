/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The embedded platform: runs the Deployments of known images of a mesh
 * directory as small servers in one process.
 */
#ifndef MESHTOP_PLATFORM_PLATFORM_H
#define MESHTOP_PLATFORM_PLATFORM_H

/*
 * platform DIR [--pace X] [--seed N] [--parent-fd N]
 * Prints `ready` once every known pod serves; follows the directory; ends by
 * signal or when the parent's pipe closes.
 */
int platform_main(int argc, char **argv);

#endif
