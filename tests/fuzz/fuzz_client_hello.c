/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ClientHellos: what a whole one says is said of none of its beginnings, and
 * what is refused once stays refused.  The first byte of the input says where
 * it is cut.
 */
#include <stdlib.h>
#include <string.h>

#include "proxy/tcp/client_hello.h"
#include "src/base/assert.h"
#include "tests/fuzz/fuzz.h"

static void
check_name(const char *name)
{
	size_t len = strlen(name);

	ASSERT(len < CLIENT_HELLO_NAME_BYTES);
	ASSERT(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == len);
	ASSERT(len == 0 || (name[0] != '.' && name[len - 1] != '.'));
	ASSERT(strstr(name, "..") == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct client_hello_progress progress = { 0 };
	char whole[CLIENT_HELLO_NAME_BYTES], part[CLIENT_HELLO_NAME_BYTES], *exact;
	enum client_hello all, some;
	size_t cut;

	if (size < 2)
		return 0;
	size--;
	cut = data[0] * size / 255;
	/* Of its own size, so that a look behind it is seen. */
	exact = malloc(size);
	memcpy(exact, data + 1, size);
	all = client_hello_read(exact, size, whole);
	check_name(whole);
	ASSERT(all == CLIENT_HELLO_DONE || whole[0] == '\0');
	ASSERT(all != CLIENT_HELLO_MORE || size < CLIENT_HELLO_MAX_BYTES);
	some = client_hello_read(exact, cut, part);
	if (some != CLIENT_HELLO_MORE) {
		ASSERT(some == all);
		ASSERT(strcmp(whole, part) == 0);
	}
	if (client_hello_is_due(&progress, exact, cut))
		ASSERT(some != CLIENT_HELLO_MORE);
	else if (client_hello_is_due(&progress, exact, size))
		ASSERT(all != CLIENT_HELLO_MORE);
	else
		ASSERT(all != CLIENT_HELLO_DONE);
	free(exact);
	return 0;
}
