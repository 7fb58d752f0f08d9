/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine as a program: meshtop-proxy, and the same inside meshtop.
 */
#ifndef MESHTOP_PROXY_ENGINE_MAIN_H
#define MESHTOP_PROXY_ENGINE_MAIN_H

/* Command line and exit status of meshtop-proxy (design.md section 4).
 * --parent-fd N: stop, after a drain of at most 1 s, when N reads end of file. */
int engine_main(int argc, char **argv);

#endif
