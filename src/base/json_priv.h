/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shared by the readers and the writer of JSON.
 */
#ifndef MESHTOP_BASE_JSON_PRIV_H
#define MESHTOP_BASE_JSON_PRIV_H

#include <stddef.h>

/* Bytes of the JSON number at s (RFC 8259 section 6), 0 when there is none. */
size_t json_number_bytes(const char *s, size_t len);

#endif
