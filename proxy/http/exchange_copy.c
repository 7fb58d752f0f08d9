/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Heads that outlive the buffer in which they were parsed, and copies of
 * whole requests for mirrors.
 */
#include "proxy/http/exchange.h"

#include <string.h>

#include "proxy/http/downstream.h"
#include "proxy/worker.h"
#include "src/base/assert.h"

static void
move_slice(struct slice *s, const char *from, size_t len, char *to)
{
	size_t at = (size_t)(s->ptr - from);

	if (s->ptr != NULL && s->ptr >= from && at <= len)
		s->ptr = to + at;
}

static void
move_head(struct http_head *h, const char *from, size_t len, char *to)
{
	struct slice *slices[] = { &h->method, &h->target, &h->path, &h->query, &h->scheme,
				   &h->authority, &h->upgrade };

	for (size_t i = 0; i < ARRAY_LEN(slices); i++)
		move_slice(slices[i], from, len, to);
	/* All fields are among the bytes that were parsed. */
	for (struct http_field *f = h->fields; f < h->fields + h->field_count; f++) {
		f->name.ptr = to + (f->name.ptr - from);
		f->value.ptr = to + (f->value.ptr - from);
	}
}

/* The head is needed until the record is made: its fields and bytes are
 * copied together, with room for the fields that there are. */
void
exchange_keep_head(struct exchange *ex, const struct http_head *head, const char *bytes, size_t len)
{
	size_t front = offsetof(struct http_head, fields) +
		       head->field_count * sizeof(head->fields[0]);
	struct http_head *h;
	char *copy;

	ex->head_size = front + len;
	h = slab_set_take(&ex->worker->blocks, &ex->head_size);
	memcpy(h, head, front);
	copy = (char *)h + front;
	memcpy(copy, bytes, len);
	move_head(h, bytes, len, copy);
	ex->head = h;
}

static void
join_pieces(const struct iovec *pieces, unsigned count, char *to)
{
	for (unsigned i = 0; i < count; i++) {
		memcpy(to, pieces[i].iov_base, pieces[i].iov_len);
		to += pieces[i].iov_len;
	}
}

void
exchange_keep_answer(struct exchange *ex, const struct iovec *pieces, unsigned count, size_t bytes,
		     bool is_open)
{
	if (ex->side != SIDE_OUTBOUND || ex->is_mirror || ex->answer != NULL)
		return;
	ex->answer_size = bytes;
	ex->answer = slab_set_take(&ex->worker->blocks, &ex->answer_size);
	ex->answer_len = bytes;
	ex->is_answer_open = is_open;
	join_pieces(pieces, count, ex->answer);
}

void
exchange_keep_sent(struct exchange *ex, const struct iovec *pieces, unsigned count, size_t bytes)
{
	if (ex->is_mirror)
		return;
	slab_set_give(&ex->worker->blocks, ex->sent, ex->sent_size);
	ex->sent_size = bytes;
	ex->sent = slab_set_take(&ex->worker->blocks, &ex->sent_size);
	ex->sent_len = bytes;
	join_pieces(pieces, count, ex->sent);
}

/* Both blocks, and what points into them. */
static void
copy_request(const struct exchange *ex, struct exchange *copy)
{
	struct slice *slices[] = { &copy->path, &copy->new_path, &copy->authority,
				   &copy->original_path };
	const char *head = (const char *)ex->head;

	copy->head_size = ex->head_size;
	copy->head = slab_set_take(&ex->worker->blocks, &copy->head_size);
	memcpy(copy->head, ex->head, ex->head_size);
	move_head(copy->head, head, ex->head_size, (char *)copy->head);
	copy->path = ex->path;
	copy->new_path = ex->new_path;
	copy->authority = ex->authority;
	copy->original_path = ex->original_path;
	for (size_t i = 0; i < ARRAY_LEN(slices); i++)
		move_slice(slices[i], head, ex->head_size, (char *)copy->head);
	if (ex->path_block == NULL)
		return;
	copy->path_block_size = ex->path_block_size;
	copy->path_block = slab_set_take(&ex->worker->blocks, &copy->path_block_size);
	memcpy(copy->path_block, ex->path_block, ex->path_block_size);
	for (size_t i = 0; i < ARRAY_LEN(slices); i++)
		move_slice(slices[i], ex->path_block, ex->path_block_size, copy->path_block);
}

struct exchange *
exchange_new_copy(const struct exchange *ex, struct downstream *d)
{
	struct exchange *copy = slab_take(&ex->worker->exchanges);

	memset(copy, 0, sizeof(*copy));
	copy->worker = ex->worker;
	copy->runtime = runtime_get(ex->runtime);
	copy->down = d;
	copy->is_mirror = true;
	copy->side = ex->side;
	copy->details = ex->details;
	copy->start_ns = loop_now_ns(ex->worker->loop);
	copy->start_wall_ms = ex->start_wall_ms;
	copy_request(ex, copy);
	memcpy(copy->made_id, ex->made_id, sizeof(copy->made_id));
	copy->has_made_id = ex->has_made_id;
	copy->self = ex->self;
	copy->decision = ex->decision;
	d->exchange = copy;
	http_body_init(&d->body, copy->head);
	copy->request_done = d->body.is_done;
	if (copy->request_done)
		copy->request_end_ns = copy->start_ns;
	ex->worker->exchange_count++;
	return copy;
}
