/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ClientHellos as tests want them: with a server name, cut into records.
 */
#ifndef MESHTOP_TESTS_HELLO_H
#define MESHTOP_TESTS_HELLO_H

#include <stddef.h>

#define HELLO_BYTES 4096

/* One ClientHello into out; its length.  name NULL: without the server_name
 * extension.  record_bytes: so many of the message in each record, 0: all in
 * one. */
size_t hello_make(char out[HELLO_BYTES], const char *name, size_t record_bytes);

#endif
