/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Health for eyes: a style, a mark that needs no colour, a word.
 */
#ifndef MESHTOP_TUI_HEALTH_H
#define MESHTOP_TUI_HEALTH_H

#include "src/topology/graph.h"

unsigned health_style(enum health h);
const char *health_mark(enum health h);	/* "x ", "! ", or "" */
const char *health_text(enum health h);	/* "failing" */

#endif
