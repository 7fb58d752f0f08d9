/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The keys that terminals' sequences stand for, by their parameters and
 * letters.  K_NONE: no key.
 */
#ifndef MESHTOP_TUI_KEY_REPORT_H
#define MESHTOP_TUI_KEY_REPORT_H

#include <stdint.h>

/* xterm's modifier parameter: 1 + (shift 1, alt 2, ctrl 4); 0 as 1. */
uint32_t key_with_modifiers(uint32_t key, unsigned parameter);
/* "ESC [ number ~" */
uint32_t key_of_number(unsigned number);
/* "ESC [ letter" and "ESC O letter" */
uint32_t key_of_letter(char letter);
/* A key by its code point and modifiers: kitty's protocol and xterm's
 * modifyOtherKeys, which another program may have left on. */
uint32_t key_of_report(unsigned code, unsigned modifiers);

#endif
