/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ring file; see ring.h. */
#include "proxy/telemetry/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proxy/telemetry/ring_thin.h"
#include "proxy/telemetry/stats.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"

#define NEW_FILE RING_FILE ".new"
#define SLICE_BYTES (64u << 10)		/* of the old file, in one step */
#define SLICE_NS (10 * NS_PER_MS)	/* between two steps */
#define QUIET_MS 60000			/* without a line, at most */

/* A rewrite under way. */
struct rewrite {
	struct ring_thin *thin;		/* NULL: none */
	int from_fd, to_fd;
	size_t read, written;		/* bytes of the old and the new file */
	size_t fold_end, thin_end;	/* regions of the old file */
	struct buf in, out;		/* an unfinished line; what is to be written */
};

struct ring {
	struct loop *loop;
	struct stats_set *set;
	int dir_fd, fd;
	size_t size, max_bytes;
	uint64_t since;			/* 0: the baseline is not written yet */
	int64_t told_ms;		/* time of the line written last */
	bool is_failing;		/* said so already */
	bool folds_next;		/* thinning alone did not help enough */
	struct timer second, step;
	struct rewrite rewrite;
};

static int
open_file(struct ring *r, struct error *err)
{
	struct stat st;
	char last = '\n';

	r->fd = openat(r->dir_fd, RING_FILE,
		       O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (r->fd < 0 || fstat(r->fd, &st) < 0)
		return error_errnof(err, RING_FILE);
	if (!S_ISREG(st.st_mode))
		return error_setf(err, ERROR_REFUSED, RING_FILE " is not a regular file");
	r->size = (size_t)st.st_size;
	/* A line that a crash has torn is closed; readers skip it. */
	if (r->size > 0 && pread(r->fd, &last, 1, st.st_size - 1) == 1 && last != '\n' &&
	    write(r->fd, "\n", 1) == 1)
		r->size++;
	return 0;
}

/* --- one line --- */

static void
complain(struct ring *r, const char *what)
{
	if (!r->is_failing)
		log_at(LOGGER_FILE, LEVEL_ERROR, "telemetry file: %s: %s", what, strerror(errno));
	r->is_failing = true;
}

/* All or nothing: half a line would be worth nothing. */
static bool
append(struct ring *r, const struct buf *line)
{
	ssize_t n;

	do
		n = write(r->fd, line->data, line->len);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)line->len) {
		r->size += line->len;
		r->is_failing = false;
		return true;
	}
	if (n >= 0)
		errno = ENOSPC;
	complain(r, "not written");
	if (n > 0 && ftruncate(r->fd, (off_t)r->size) < 0)
		r->size += (size_t)n;
	return false;
}

/* What cannot be written now comes with a later line: figures are cumulative. */
static void
write_line(struct ring *r, bool is_last)
{
	struct buf line = BUF_INIT;
	int64_t now = loop_wall_ms(r->loop);
	uint64_t generation = stats_put_telemetry(r->set, r->since, now, &line);
	bool is_due = generation != r->since || is_last || now - r->told_ms >= QUIET_MS;

	buf_putc(&line, '\n');
	if (is_due && r->size + line.len <= r->max_bytes && append(r, &line)) {
		r->since = generation;
		r->told_ms = now;
	}
	buf_fini(&line);
}

/* --- rewriting --- */

static void
rewrite_end(struct ring *r)
{
	struct rewrite *w = &r->rewrite;

	loop_timer_cancel(&r->step);
	ring_thin_free(&w->thin);
	if (w->to_fd >= 0)
		close(w->to_fd);
	if (w->from_fd >= 0)
		close(w->from_fd);
	buf_fini(&w->in);
	buf_fini(&w->out);
	memset(w, 0, sizeof(*w));
	w->from_fd = w->to_fd = -1;
}

static void
rewrite_abandon(struct ring *r, const char *what)
{
	complain(r, what);
	unlinkat(r->dir_fd, NEW_FILE, 0);
	rewrite_end(r);
}

static enum ring_region
region_of(const struct rewrite *w, size_t offset)
{
	if (offset < w->fold_end)
		return RING_FOLD;
	return offset < w->thin_end ? RING_THIN : RING_KEEP;
}

/* Hands over the whole lines of in. */
static void
take_lines(struct rewrite *w)
{
	size_t at = 0, start = w->read - w->in.len;
	const char *end;

	while ((end = memchr(w->in.data + at, '\n', w->in.len - at)) != NULL) {
		size_t len = (size_t)(end - w->in.data) - at;

		ring_thin_line(w->thin, (struct slice){ w->in.data + at, len },
			       region_of(w, start + at), &w->out);
		at += len + 1;
	}
	buf_consume(&w->in, at);
}

static bool
write_out(struct rewrite *w)
{
	while (w->out.len > 0) {
		ssize_t n = write(w->to_fd, w->out.data, w->out.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		w->written += (size_t)n;
		buf_consume(&w->out, (size_t)n);
	}
	return true;
}

/* The new file takes the old one's place. */
static void
rewrite_finish(struct ring *r)
{
	struct rewrite *w = &r->rewrite;

	ring_thin_end(w->thin, &w->out);
	if (!write_out(w) || renameat(r->dir_fd, NEW_FILE, r->dir_fd, RING_FILE) < 0) {
		rewrite_abandon(r, "not rewritten");
		return;
	}
	close(r->fd);
	r->fd = w->to_fd;
	w->to_fd = -1;
	r->size = w->written;
	/* Next time the oldest part has to go, or soon nothing would be won. */
	r->folds_next = r->size > r->max_bytes / 2;
	rewrite_end(r);
}

static void
on_step(struct timer *t)
{
	struct ring *r = CONTAINER_OF(t, struct ring, step);
	struct rewrite *w = &r->rewrite;
	ssize_t n;

	buf_reserve(&w->in, SLICE_BYTES);
	n = pread(w->from_fd, w->in.data + w->in.len, SLICE_BYTES, (off_t)w->read);
	if (n < 0) {
		rewrite_abandon(r, "not read");
		return;
	}
	if (n == 0) {
		rewrite_finish(r);
		return;
	}
	w->in.len += (size_t)n;
	w->read += (size_t)n;
	take_lines(w);
	if (w->in.len > r->max_bytes / 4)
		buf_clear(&w->in);	/* no line of ours is that long */
	if (!write_out(w))
		rewrite_abandon(r, "not rewritten");
	else
		loop_timer_set(r->loop, &r->step, loop_now_ns(r->loop) + SLICE_NS, on_step);
}

static void
rewrite_begin(struct ring *r)
{
	struct rewrite *w = &r->rewrite;

	unlinkat(r->dir_fd, NEW_FILE, 0);
	w->to_fd = openat(r->dir_fd, NEW_FILE,
			  O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	w->from_fd = fcntl(r->fd, F_DUPFD_CLOEXEC, 3);
	if (w->to_fd < 0 || w->from_fd < 0) {
		rewrite_abandon(r, "not rewritten");
		return;
	}
	w->thin = ring_thin_new();
	w->thin_end = r->size - r->size / 4;
	w->fold_end = r->folds_next ? r->size / 3 : 0;
	loop_timer_set(r->loop, &r->step, loop_now_ns(r->loop) + SLICE_NS, on_step);
}

/* --- life --- */

static void
on_second(struct timer *t)
{
	struct ring *r = CONTAINER_OF(t, struct ring, second);

	write_line(r, false);
	if (r->rewrite.thin == NULL && r->size > r->max_bytes - r->max_bytes / 8)
		rewrite_begin(r);
	loop_timer_set(r->loop, &r->second, loop_now_ns(r->loop) + NS_PER_S, on_second);
}

struct ring *
ring_open(struct loop *l, struct stats_set *set, const char *state_path, size_t max_bytes,
	  struct error *err)
{
	struct ring *r = xcalloc(1, sizeof(*r));

	r->loop = l;
	r->set = set;
	r->max_bytes = max_bytes;
	r->fd = -1;
	r->rewrite.from_fd = r->rewrite.to_fd = -1;
	r->dir_fd = open(state_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->dir_fd < 0)
		error_errnof(err, "%s", state_path);
	if (r->dir_fd < 0 || open_file(r, err) < 0) {
		error_prefixf(err, "telemetry file");
		ring_close(&r);
		return NULL;
	}
	write_line(r, false);
	loop_timer_set(l, &r->second, loop_now_ns(l) + NS_PER_S, on_second);
	return r;
}

void
ring_close(struct ring **rp)
{
	struct ring *r = *rp;

	if (r == NULL)
		return;
	if (r->fd >= 0) {
		write_line(r, true);
		loop_timer_cancel(&r->second);
		if (r->rewrite.thin != NULL)
			unlinkat(r->dir_fd, NEW_FILE, 0);
		rewrite_end(r);
		close(r->fd);
	}
	if (r->dir_fd >= 0)
		close(r->dir_fd);
	free(r);
	*rp = NULL;
}
