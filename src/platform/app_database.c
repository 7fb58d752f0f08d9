/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mysqldb: speaks first, checks the password, answers statements.  A new
 * connection and each statement wait for one of few workers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/rng.h"
#include "src/base/xalloc.h"
#include "src/platform/mysql.h"
#include "src/platform/pod.h"
#include "src/platform/sql.h"

#define READ_BYTES 4096

struct database {
	struct db_session *sessions;
	uint32_t last_id;
};

struct db_session {
	struct pod *pod;
	struct db_session *next, **prev;
	struct watch watch;
	struct deferred reap;
	struct station_job job;
	struct buf in, out;
	unsigned char scramble[MYSQL_SCRAMBLE_BYTES];
	uint32_t id;
	bool is_logged_in;
	bool is_readable;
	bool is_busy;		/* waits for a worker or is served */
	bool closes;		/* after what is in out */
	bool is_dead;
};

static void session_run(struct db_session *s);

static void
reap_session(struct deferred *d)
{
	struct db_session *s = CONTAINER_OF(d, struct db_session, reap);
	struct pod *p = s->pod;

	buf_fini(&s->in);
	buf_fini(&s->out);
	free(s);
	pod_release(p);
}

static void
session_close(struct db_session *s)
{
	if (s->is_dead)
		return;
	s->is_dead = true;
	station_leave(&s->job);
	loop_close(&s->watch);
	*s->prev = s->next;
	if (s->next != NULL)
		s->next->prev = s->prev;
	loop_defer(s->pod->host->loop, &s->reap, reap_session);
}

static const char *
password_of(const struct pod *p)
{
	return pod_env(p, "MYSQL_ROOT_PASSWORD", "password");
}

static void
check_login(struct db_session *s, const struct mysql_packet *packet)
{
	unsigned char want[SHA1_BYTES];
	struct mysql_login login;
	uint8_t seq = (uint8_t)(packet->seq + 1);

	mysql_native_auth(password_of(s->pod), s->scramble, want);
	if (!mysql_get_login(packet->payload, &login)) {
		mysql_put_error(&s->out, seq, 1043, "08S01", "Bad handshake");
		s->closes = true;
	} else if (!slice_is(login.user, "root") ||
		   !slice_eq(login.auth, (struct slice){ (char *)want, sizeof(want) })) {
		mysql_put_error(&s->out, seq, 1045, "28000", "Access denied");
		s->closes = true;
	} else {
		s->is_logged_in = true;
		mysql_put_ok(&s->out, seq);
	}
}

/* The statement is still the first packet of in. */
static void
on_query_served(struct station_job *j)
{
	struct db_session *s = CONTAINER_OF(j, struct db_session, job);
	struct mysql_packet packet;
	long used = mysql_next(s->in.data, s->in.len, &packet);

	ASSERT(used > 0 && packet.payload.len > 0);
	packet.payload.ptr++;
	packet.payload.len--;
	sql_answer(&s->out, (uint8_t)(packet.seq + 1), packet.payload);
	buf_consume(&s->in, (size_t)used);
	s->is_busy = false;
	session_run(s);
}

static void
put_statistics(struct db_session *s, uint8_t seq)
{
	size_t begin = mysql_begin(&s->out, seq);

	buf_printf(&s->out, "Connections: %u", s->id);
	mysql_end(&s->out, begin);
}

/* False: the packet stays until it is served. */
static bool
take_command(struct db_session *s, const struct mysql_packet *packet)
{
	uint8_t seq = (uint8_t)(packet->seq + 1);
	unsigned command = packet->payload.len > 0 ? (unsigned char)packet->payload.ptr[0] : 0;

	switch (command) {
	case MYSQL_QUERY:
		s->is_busy = true;
		station_enter(&s->pod->station, &s->job, host_draw_ns(s->pod->host, 3, 8),
			      on_query_served);
		return false;
	case MYSQL_QUIT:
		s->closes = true;
		break;
	case MYSQL_INIT_DB:
	case MYSQL_PING:
		mysql_put_ok(&s->out, seq);
		break;
	case MYSQL_STATISTICS:
		put_statistics(s, seq);
		break;
	case MYSQL_FIELD_LIST:
		mysql_put_eof(&s->out, seq);
		break;
	default:
		mysql_put_error(&s->out, seq, 1047, "08S01", "Unknown command");
		break;
	}
	return true;
}

/* False when no whole packet is there. */
static bool
session_feed(struct db_session *s)
{
	struct mysql_packet packet;
	long used = mysql_next(s->in.data, s->in.len, &packet);

	if (used < 0) {
		session_close(s);
		return false;
	}
	if (used == 0)
		return false;
	if (!s->is_logged_in)
		check_login(s, &packet);
	else if (!take_command(s, &packet))
		return true;
	buf_consume(&s->in, (size_t)used);
	return true;
}

static bool
session_flush(struct db_session *s)
{
	while (s->out.len > 0) {
		ssize_t n = send(s->watch.fd, s->out.data, s->out.len, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			return false;
		if (n < 0) {
			session_close(s);
			return false;
		}
		buf_consume(&s->out, (size_t)n);
	}
	if (s->closes) {
		session_close(s);
		return false;
	}
	return true;
}

static bool
session_read(struct db_session *s)
{
	ssize_t n;

	if (s->is_dead || !s->is_readable)
		return false;
	buf_reserve(&s->in, READ_BYTES);
	n = recv(s->watch.fd, s->in.data + s->in.len, READ_BYTES, 0);
	if (n > 0) {
		s->in.len += (size_t)n;
		return true;
	}
	s->is_readable = false;
	if (n == 0 || errno != EAGAIN)
		session_close(s);
	return false;
}

static void
session_run(struct db_session *s)
{
	while (!s->is_dead && session_flush(s) && !s->is_busy)
		if (!session_feed(s) && !session_read(s))
			return;
}

static void
on_session(struct watch *w, unsigned events)
{
	struct db_session *s = CONTAINER_OF(w, struct db_session, watch);

	if (events & LOOP_ERROR) {
		session_close(s);
		return;
	}
	if (events & (LOOP_READ | LOOP_HANGUP))
		s->is_readable = true;
	session_run(s);
}

static void
on_welcome(struct station_job *j)
{
	struct db_session *s = CONTAINER_OF(j, struct db_session, job);

	s->is_busy = false;
	mysql_put_greeting(&s->out, s->id, s->scramble);
	session_run(s);
}

static void
database_on_connection(struct pod *p, int fd)
{
	struct database *db = p->state;
	struct db_session *s = xcalloc(1, sizeof(*s));

	s->pod = p;
	if (loop_watch(p->host->loop, &s->watch, fd, on_session, NULL) < 0) {
		close(fd);
		free(s);
		return;
	}
	pod_hold(p);
	s->id = ++db->last_id;
	for (unsigned i = 0; i < MYSQL_SCRAMBLE_BYTES; i++)	/* no NUL, as clients expect */
		s->scramble[i] = (unsigned char)(33 + rng_below(&p->host->rng, 94));
	s->next = db->sessions;
	s->prev = &db->sessions;
	if (s->next != NULL)
		s->next->prev = &s->next;
	db->sessions = s;
	s->is_busy = true;
	station_enter(&p->station, &s->job, host_draw_ns(p->host, 1, 3), on_welcome);
}

static void
database_start(struct pod *p)
{
	p->state = xcalloc(1, sizeof(struct database));
}

static void
database_on_close(struct pod *p)
{
	struct database *db = p->state;

	for (struct db_session *s = db->sessions, *next; s != NULL; s = next) {
		next = s->next;
		if (s->is_busy || s->out.len > 0)
			s->closes = true;
		else
			session_close(s);
	}
}

static void
database_fini(struct pod *p)
{
	free(p->state);
}

const struct app app_database = {
	.image = IMAGE_MYSQLDB,
	.name = "mysqldb",
	.default_port = 3306,
	.workers = 3,
	.start = database_start,
	.fini = database_fini,
	.on_connection = database_on_connection,
	.on_close = database_on_close,
};
