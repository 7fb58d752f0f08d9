/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small messages of a turn; see outbox.h. */
#include "proxy/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "proxy/conn.h"
#include "src/base/assert.h"
#include "src/base/xalloc.h"

void
outbox_init(struct outbox *o)
{
	memset(o, 0, sizeof(*o));
	o->bytes = xmalloc(OUTBOX_BYTES);
}

void
outbox_fini(struct outbox *o)
{
	ASSERT(o->count == 0);
	free(o->bytes);
	o->bytes = NULL;
}

void
outbox_put(struct outbox *o, struct conn *c, const struct iovec *iov, unsigned count,
	   size_t bytes)
{
	char *to;

	if (o->count == OUTBOX_MESSAGES || OUTBOX_BYTES - o->used < bytes)
		outbox_flush(o);
	to = o->bytes + o->used;
	for (unsigned i = 0; i < count; i++) {
		memcpy(to, iov[i].iov_base, iov[i].iov_len);
		to += iov[i].iov_len;
	}
	o->messages[o->count++] = (struct outbox_message){ c, o->used, (uint32_t)bytes };
	o->used += (uint32_t)bytes;
	c->unsent = (uint8_t)o->count;
}

struct iovec
outbox_take(struct outbox *o, struct conn *c)
{
	struct outbox_message *m = &o->messages[c->unsent - 1];

	ASSERT(m->conn == c);
	m->conn = NULL;
	c->unsent = 0;
	return (struct iovec){ o->bytes + m->at, m->len };
}

void
outbox_flush(struct outbox *o)
{
	for (unsigned i = 0; i < o->count; i++)
		if (o->messages[i].conn != NULL)
			conn_send_unsent(o->messages[i].conn);
	o->count = 0;
	o->used = 0;
}
