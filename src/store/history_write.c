/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of history.jsonl: made, appended, mended; see store_priv.h. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/slice.h"
#include "src/base/value.h"
#include "src/base/yaml.h"
#include "src/model/source_file.h"
#include "src/model/snapshot.h"
#include "src/store/files.h"
#include "src/store/history.h"
#include "src/store/store_priv.h"

#define TAIL_BYTES 16384	/* at first; longer lines are read in larger pieces */

void
object_put_text(const struct object *o, const struct source_file *f, struct buf *out)
{
	if (o->list_index != SIZE_MAX)
		yaml_emit(out, o->root);
	else
		buf_append(out, source_file_text(f, NULL) + o->begin, o->end - o->begin);
}

char *
history_user(uid_t uid)
{
	struct passwd pw, *found = NULL;
	char room[4096];

	if (getpwuid_r(uid, &pw, room, sizeof(room), &found) == 0 && found != NULL)
		return xstrdup(found->pw_name);
	return xasprintf("%u", (unsigned)uid);
}

void
history_put_line(const struct history_entry *e, struct buf *out)
{
	char time[CLOCK_ISO_BYTES];
	struct json_writer w;

	clock_format_iso(e->time_ms, time);
	json_begin(&w, out, false);
	json_open(&w, NULL, '{');
	json_uint(&w, "n", e->n);
	json_string(&w, "time", time);
	json_string(&w, "user", e->user);
	json_string(&w, "via", change_via_name(e->via));
	json_string(&w, "note", e->note != NULL ? e->note : "");
	if (e->undo_of != 0)
		json_uint(&w, "undo_of", e->undo_of);
	json_open(&w, "changes", '[');
	for (size_t i = 0; i < e->changes.len; i++) {
		const struct history_change *c = &e->changes.items[i];

		json_open(&w, NULL, '{');
		json_string(&w, "op", change_op_name(c->op));
		json_string(&w, "group", c->group);
		json_string(&w, "kind", c->kind);
		json_string(&w, "namespace", c->ns);
		json_string(&w, "name", c->name);
		json_string(&w, "file", c->file);
		json_string(&w, "before", c->before);
		json_string(&w, "after", c->after);
		json_close(&w, '}');
	}
	json_close(&w, ']');
	json_close(&w, '}');
	buf_putc(out, '\n');
}

/* Number in a line; 0 when it is not one of ours. */
static uint64_t
line_number(const char *line, size_t len)
{
	struct arena *a = arena_new();
	struct value *v = json_parse(a, line, len, NULL);
	int64_t n = 0;

	value_to_int(value_get(v, "n"), &n);
	arena_free(&a);
	return n > 0 ? (uint64_t)n : 0;
}

/* Looks for the last line with a number in the end of the history, before
 * which begin bytes stand.  False: it may stand further ahead. */
static bool
find_last(const struct buf *text, size_t begin, uint64_t *last_n, size_t *whole_bytes)
{
	size_t end = text->len;

	while (end > 0 && text->data[end - 1] != '\n')
		end--;
	*whole_bytes = begin + end;
	while (end > 0) {
		size_t start = end - 1;

		while (start > 0 && text->data[start - 1] != '\n')
			start--;
		if (start == 0 && begin > 0)
			return false;	/* perhaps a part of a line */
		*last_n = line_number(text->data + start, end - start);
		if (*last_n != 0)
			return true;
		end = start;
	}
	return begin == 0;
}

int
history_tail(struct store *s, uint64_t *last_n, size_t *whole_bytes, struct error *err)
{
	struct buf text = BUF_INIT;
	bool is_found = false;
	int status = 0;

	*last_n = 0;
	*whole_bytes = 0;
	for (size_t most = TAIL_BYTES; status == 0 && !is_found; most *= 4) {
		size_t begin;

		buf_clear(&text);
		status = files_read_end(s->root, HISTORY_FILE, most, &text, &begin, err);
		is_found = status == 0 && find_last(&text, begin, last_n, whole_bytes);
	}
	buf_fini(&text);
	if (status < 0)
		return error_prefixf(err, "%s/history.jsonl", s->state_path);
	return 0;
}

static int
append(int fd, const char *line, size_t len, size_t at)
{
	size_t done = 0;
	struct stat st;

	while (done < len) {
		ssize_t put = pwrite(fd, line + done, len - done, (off_t)(at + done));

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		done += (size_t)put;
	}
	if (fsync(fd) < 0 || fstat(fd, &st) < 0)
		return -1;
	errno = EIO;
	return (size_t)st.st_size == at + len ? 0 : -1;
}

int
history_append(struct store *s, const char *line, size_t whole_bytes, struct error *err)
{
	int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(s->root, HISTORY_FILE, flags, STATE_FILE_MODE);
	int saved;

	if (fd < 0)
		return error_errnof(err, "cannot open %s/history.jsonl", s->state_path);
	if (ftruncate(fd, (off_t)whole_bytes) < 0 ||
	    append(fd, line, strlen(line), whole_bytes) < 0) {
		saved = errno;
		if (ftruncate(fd, (off_t)whole_bytes) < 0)
			saved = errno;
		close(fd);
		errno = saved;
		return error_errnof(err, "cannot write %s/history.jsonl", s->state_path);
	}
	close(fd);
	return 0;
}
