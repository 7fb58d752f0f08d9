/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The server name (SNI, RFC 6066) in the first bytes of a TLS connection.
 * Nothing is decrypted or changed; the bytes go on as they came.  Pure, and
 * bounded by CLIENT_HELLO_MAX_BYTES.
 */
#ifndef MESHTOP_PROXY_CLIENT_HELLO_H
#define MESHTOP_PROXY_CLIENT_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIENT_HELLO_MAX_BYTES (16u * 1024)	/* Envoy's limit */
#define CLIENT_HELLO_NAME_BYTES 256		/* with the NUL */

enum client_hello {
	CLIENT_HELLO_MORE,	/* the beginning of a ClientHello, as far as it goes */
	CLIENT_HELLO_DONE,
	CLIENT_HELLO_NONE,	/* no TLS, broken or too long */
};

#define CLIENT_HELLO_HEADER_BYTES 4		/* of the message: type and length */

/* How far one has come; zeroed at first. */
struct client_hello_progress {
	size_t seen;			/* bytes that have been looked at */
	size_t record_left;		/* of the present record */
	size_t left;			/* of the message, once its header is there */
	size_t header_bytes;		/* that have come */
	uint8_t header[CLIENT_HELLO_HEADER_BYTES];
};

/*
 * Is the message whole, or is it none by its headers?  Until then there is no
 * use in reading it.  data holds all bytes that have come so far; each is
 * looked at once, in however many calls.
 */
bool client_hello_is_due(struct client_hello_progress *p, const char *data, size_t len);

/*
 * Looks at all bytes that have come so far, in one or several TLS records.
 * name becomes the host name in lower case, without a trailing dot; "" when
 * there is none that could be one, and for any result but
 * CLIENT_HELLO_DONE.
 */
enum client_hello client_hello_read(const char *data, size_t len,
				    char name[CLIENT_HELLO_NAME_BYTES]);

#endif
