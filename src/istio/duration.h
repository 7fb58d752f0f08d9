/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Durations as Istio's objects write them (Go's syntax): "1h30m", "2s",
 * "0.5s", "250ms", "100us".
 */
#ifndef MESHTOP_ISTIO_DURATION_H
#define MESHTOP_ISTIO_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#define DURATION_TEXT_BYTES 32

/* False when it is no duration, negative or beyond 285 years; *ns is then
 * untouched.  "0" alone is zero. */
bool duration_parse(const char *text, uint64_t *ns);
/* Shortest form that duration_parse() reads back: "1h30m0s" is "1h30m". */
void duration_text(uint64_t ns, char out[DURATION_TEXT_BYTES]);

#endif
