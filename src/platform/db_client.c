/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The MySQL dialogue of one query as a small state machine over packets. */
#include "src/platform/db_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/address.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/loop.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "src/platform/client.h"
#include "src/platform/mysql.h"
#include "src/platform/pod.h"

#define READ_BYTES 4096
#define MAX_RESULT (256u * 1024)
#define DEADLINE_NS (30 * NS_PER_S)

enum query_state { WANT_GREETING, WANT_LOGIN, WANT_COUNT, WANT_COLUMNS, WANT_ROWS };

struct query {
	struct pod *pod;
	struct watch watch;
	struct timer deadline;
	struct deferred reap;
	char *statement;
	struct buf in, out;
	enum query_state state;
	uint64_t columns, columns_left;
	struct buf text;		/* of all cells */
	VEC(size_t) lengths;		/* of each cell */
	char error[200];
	bool has_failed;
	bool has_ended;
	db_done *done;
	void *arg;
};

static void
reap_query(struct deferred *d)
{
	struct query *q = CONTAINER_OF(d, struct query, reap);
	struct pod *p = q->pod;

	free(q->statement);
	buf_fini(&q->in);
	buf_fini(&q->out);
	buf_fini(&q->text);
	vec_fini(&q->lengths);
	free(q);
	pod_release(p);
}

static void
query_report(struct query *q)
{
	struct db_result r = { .error = q->error };
	struct slice *cells = NULL;

	if (!q->has_failed && q->columns > 0) {
		size_t at = 0;

		cells = xcalloc(q->lengths.len + 1, sizeof(*cells));
		for (size_t i = 0; i < q->lengths.len; i++) {
			cells[i] = (struct slice){ buf_str(&q->text) + at, q->lengths.items[i] };
			at += q->lengths.items[i];
		}
		r.columns = (size_t)q->columns;
		r.rows = q->lengths.len / r.columns;
		r.cells = cells;
	}
	q->done(q->arg, &r);
	free(cells);
}

static void
query_end(struct query *q)
{
	if (q->has_ended)
		return;
	q->has_ended = true;
	loop_timer_cancel(&q->deadline);
	loop_close(&q->watch);
	loop_defer(q->pod->host->loop, &q->reap, reap_query);
	query_report(q);
}

static void
query_fail(struct query *q, const char *what)
{
	q->has_failed = true;
	snprintf(q->error, sizeof(q->error), "%s", what);
	query_end(q);
}

static void
on_deadline(struct timer *t)
{
	struct query *q = CONTAINER_OF(t, struct query, deadline);

	if (q->error[0] == '\0') {
		query_fail(q, "database timed out");
		return;
	}
	q->has_failed = true;	/* before it began */
	query_end(q);
}

/* Sends the rest of out; what the kernel does not take waits for LOOP_WRITE. */
static void
query_write(struct query *q)
{
	while (q->out.len > 0) {
		ssize_t n = send(q->watch.fd, q->out.data, q->out.len, MSG_NOSIGNAL);

		if (n < 0) {
			if (errno != EAGAIN)
				query_fail(q, "database connection broken");
			return;
		}
		buf_consume(&q->out, (size_t)n);
	}
}

static void
answer_greeting(struct query *q, const struct mysql_packet *packet)
{
	struct mysql_greeting g;

	if (!mysql_get_greeting(packet->payload, &g)) {
		query_fail(q, "database speaks another protocol");
		return;
	}
	mysql_put_login(&q->out, (uint8_t)(packet->seq + 1),
			pod_env(q->pod, "MYSQL_USER", "root"),
			pod_env(q->pod, "MYSQL_PASSWORD", "password"),
			pod_env(q->pod, "MYSQL_DATABASE", "test"), g.scramble);
	q->state = WANT_LOGIN;
}

/* The server would rather have another method: ours is the only one. */
static void
answer_switch(struct query *q, const struct mysql_packet *packet)
{
	static const char plugin[] = "mysql_native_password";
	struct slice data = packet->payload;
	unsigned char auth[SHA1_BYTES];
	size_t begin;

	if (data.len < 1 + sizeof(plugin) + MYSQL_SCRAMBLE_BYTES ||
	    memcmp(data.ptr + 1, plugin, sizeof(plugin)) != 0) {
		query_fail(q, "database wants an authentication method that is not supported");
		return;
	}
	mysql_native_auth(pod_env(q->pod, "MYSQL_PASSWORD", "password"),
			  (const unsigned char *)data.ptr + 1 + sizeof(plugin), auth);
	begin = mysql_begin(&q->out, (uint8_t)(packet->seq + 1));
	buf_append(&q->out, auth, sizeof(auth));
	mysql_end(&q->out, begin);
}

static void
take_row(struct query *q, struct slice row)
{
	for (uint64_t i = 0; i < q->columns; i++) {
		struct slice cell;

		if (!mysql_get_text(&row, &cell) || q->text.len + cell.len > MAX_RESULT) {
			query_fail(q, "database sent a bad row");
			return;
		}
		buf_append(&q->text, cell.ptr, cell.len);
		vec_push(&q->lengths, cell.len);
	}
}

static void
fail_with_error(struct query *q, struct slice payload)
{
	size_t skip = payload.len > 9 && payload.ptr[3] == '#' ? 9 : 3;

	q->has_failed = true;
	if (payload.len > skip)
		snprintf(q->error, sizeof(q->error), "database: %.*s",
			 (int)(payload.len - skip), payload.ptr + skip);
	else
		snprintf(q->error, sizeof(q->error), "database refused");
	query_end(q);
}

/* Everything is there: say goodbye, then report. */
static void
finish(struct query *q)
{
	mysql_put_command(&q->out, MYSQL_QUIT, SLICE_NONE);
	query_write(q);
	query_end(q);
}

static void
take_packet(struct query *q, const struct mysql_packet *packet)
{
	struct slice payload = packet->payload;
	unsigned first = payload.len > 0 ? (unsigned char)payload.ptr[0] : MYSQL_ERROR;
	bool is_eof = first == MYSQL_EOF && payload.len < 9, is_null;

	if (first == MYSQL_ERROR) {
		fail_with_error(q, payload);
		return;
	}
	switch (q->state) {
	case WANT_GREETING:
		answer_greeting(q, packet);
		break;
	case WANT_LOGIN:
		if (first == MYSQL_SWITCH) {
			answer_switch(q, packet);
			break;
		}
		mysql_put_command(&q->out, MYSQL_QUERY, slice_of(q->statement));
		q->state = WANT_COUNT;
		break;
	case WANT_COUNT:
		if (first == MYSQL_OK || !mysql_get_length(&payload, &q->columns, &is_null) ||
		    q->columns > 64) {
			finish(q);
			break;
		}
		q->state = WANT_COLUMNS;
		break;
	case WANT_COLUMNS:
		if (is_eof)
			q->state = WANT_ROWS;
		break;
	case WANT_ROWS:
		if (is_eof)
			finish(q);
		else
			take_row(q, payload);
		break;
	}
}

static void
query_feed(struct query *q)
{
	while (!q->has_ended) {
		struct mysql_packet packet;
		long used = mysql_next(q->in.data, q->in.len, &packet);

		if (used < 0)
			query_fail(q, "database sent too much");
		if (used <= 0)
			return;
		take_packet(q, &packet);
		buf_consume(&q->in, (size_t)used);
	}
}

static void
on_query(struct watch *w, unsigned events)
{
	struct query *q = CONTAINER_OF(w, struct query, watch);

	if (events & LOOP_ERROR) {
		query_fail(q, "database connection refused");
		return;
	}
	while (!q->has_ended && (events & (LOOP_READ | LOOP_HANGUP))) {
		ssize_t n;

		buf_reserve(&q->in, READ_BYTES);
		n = recv(w->fd, q->in.data + q->in.len, READ_BYTES, 0);
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) {
			query_fail(q, "database closed the connection");
			return;
		}
		q->in.len += (size_t)n;
		query_feed(q);
	}
	if (!q->has_ended)
		query_write(q);
}

void
db_query(struct pod *p, const char *statement, db_done *done, void *arg)
{
	struct loop *loop = p->host->loop;
	struct query *q = xcalloc(1, sizeof(*q));
	struct service_url u;
	struct address to;
	int fd;

	q->pod = p;
	pod_hold(p);
	q->statement = xstrdup(statement);
	q->done = done;
	q->arg = arg;
	q->watch.fd = -1;
	if (!service_url_parse(&u, pod_env(p, "MYSQL_SERVICE", "mysqldb:3306")) ||
	    !pod_resolve(p, u.host, u.port, &to)) {
		snprintf(q->error, sizeof(q->error), "no such database service");
	} else if ((fd = pod_dial(p, &to)) < 0) {
		snprintf(q->error, sizeof(q->error), "cannot connect to the database");
	} else if (loop_watch(loop, &q->watch, fd, on_query, NULL) < 0) {
		close(fd);
		snprintf(q->error, sizeof(q->error), "cannot watch the database");
	}
	/* an early failure is reported from the loop, by the same timer */
	loop_timer_set(loop, &q->deadline,
		       loop_now_ns(loop) + (q->error[0] == '\0' ? DEADLINE_NS : 0), on_deadline);
}

void
db_put_quoted(struct buf *out, const char *s)
{
	buf_putc(out, '\'');
	for (; *s != '\0'; s++) {
		if (*s == '\'' || *s == '\\')
			buf_putc(out, *s);
		buf_putc(out, *s);
	}
	buf_putc(out, '\'');
}
