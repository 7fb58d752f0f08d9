/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SHA-1 (FIPS 180-4), for mysql_native_password only: nothing else may rely
 * on it.
 */
#ifndef MESHTOP_PLATFORM_SHA1_H
#define MESHTOP_PLATFORM_SHA1_H

#include <stddef.h>

#define SHA1_BYTES 20

void sha1(const void *data, size_t len, unsigned char out[SHA1_BYTES]);

#endif
