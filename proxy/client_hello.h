/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The server name (SNI, RFC 6066) in the first bytes of a TLS connection.
 * Nothing is decrypted or changed; the bytes go on as they came.  Pure, and
 * bounded by CLIENT_HELLO_MAX_BYTES.
 */
#ifndef MESHTOP_PROXY_CLIENT_HELLO_H
#define MESHTOP_PROXY_CLIENT_HELLO_H

#include <stddef.h>

#define CLIENT_HELLO_MAX_BYTES (16u * 1024)	/* Envoy's limit */
#define CLIENT_HELLO_NAME_BYTES 256		/* with the NUL */

enum client_hello {
	CLIENT_HELLO_MORE,	/* the beginning of a ClientHello, as far as it goes */
	CLIENT_HELLO_DONE,
	CLIENT_HELLO_NONE,	/* no TLS, broken or too long */
};

/*
 * Looks at all bytes that have come so far, in one or several TLS records.
 * name becomes the host name in lower case, without a trailing dot; "" when
 * there is none that could be one, and for any result but
 * CLIENT_HELLO_DONE.
 */
enum client_hello client_hello_read(const char *data, size_t len,
				    char name[CLIENT_HELLO_NAME_BYTES]);

#endif
