/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recording a session: a tape of what was pressed and, beside it, a cast of
 * what was seen and the data that the mesh told.  A console that dies leaves
 * what was recorded until then: cast and data line by line, the tape as it was
 * a second ago.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"
#include "src/base/yaml.h"
#include "src/mesh/mesh.h"
#include "src/istio/secrets.h"
#include "src/model/snapshot.h"
#include "src/tape/asciicast.h"
#include "src/tape/recorder.h"
#include "tui/app/app.h"
#include "tui/console/console_priv.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"
#include "tui/term/ansi.h"
#include "tui/term/canvas.h"
#include "tui/term/key.h"

struct recording {
	struct recorder *tape;
	struct cast *cast;
	struct canvas *last;		/* in the cast; NULL before the first frame */
	char *path;
	bool is_ahead;			/* of what stands in the tape's file */
	FILE *data;			/* what the engine and the configuration said */
	struct feed_question *past;	/* all that is known at the begin, asked for */
	struct mesh *mesh;		/* whose documents are in the data */
	uint64_t begun_ns;
};

static bool
ends_in_tape(const char *path)
{
	size_t len = strlen(path);

	return len > 5 && strcmp(path + len - 5, ".tape") == 0;
}

static uint64_t
since_begun(const struct console *c)
{
	return loop_exact_ns(c->loop) - c->recording->begun_ns;
}

static void
put_data(struct console *c, const char *source, const char *body)
{
	struct buf line = BUF_INIT;
	struct json_writer w;

	json_begin(&w, &line, false);
	json_open(&w, NULL, '{');
	json_int(&w, "t", loop_wall_ms(c->loop));
	json_string(&w, "source", source);
	json_string(&w, "body", body);
	json_close(&w, '}');
	buf_putc(&line, '\n');
	fwrite(line.data, 1, line.len, c->recording->data);
	buf_fini(&line);
}

/* What is told before the past has come is in the past: counters begin with it, or
 * all that was ever counted would have happened in one second. */
static void
on_data(void *arg, const char *body, size_t len)
{
	struct console *c = arg;

	(void)len;
	if (c->recording->past == NULL)
		put_data(c, "telemetry", body);
}

static void
on_past(void *arg, const char *text, size_t len, const char *error)
{
	struct console *c = arg;

	(void)len;
	(void)error;
	c->recording->past = NULL;
	if (text != NULL)
		put_data(c, "telemetry", text);
}

/* A document as it stands in its file, or without the secrets in it. */
static void
put_document(const struct model *m, const struct object *o, struct buf *out)
{
	struct arena *a = arena_new();
	const struct value *clean = secrets_removed(a, o->root);

	buf_puts(out, "---\n");
	if (clean != NULL)
		yaml_emit(out, clean);
	else
		app_object_text(m, o, out);
	if (out->data[out->len - 1] != '\n')
		buf_putc(out, '\n');
	arena_free(&a);
}

/* All documents but Secrets, when they are others than those written last. */
static void
record_config(struct console *c)
{
	struct mesh *mesh = c->model->mesh;
	struct buf text = BUF_INIT;

	if (mesh == NULL || mesh == c->recording->mesh)
		return;
	if (c->recording->mesh != NULL)
		mesh_put(&c->recording->mesh);
	c->recording->mesh = mesh_get(mesh);
	for (size_t i = 0; i < mesh->snapshot->count; i++) {
		const struct object *o = mesh->snapshot->objects[i];

		if (strcmp(o->kind_name, "Secret") != 0)
			put_document(c->model, o, &text);
	}
	put_data(c, "config", buf_str(&text));
	buf_fini(&text);
}

static int
open_data(struct console *c, const char *stem, size_t len, struct error *err)
{
	char *path = xasprintf("%.*s.data", (int)len, stem);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	/* One that was there before may be open to others. */
	c->recording->data = fd >= 0 && fchmod(fd, 0600) == 0 ? fdopen(fd, "w") : NULL;
	if (c->recording->data == NULL) {
		error_errnof(err, "%s", path);
		if (fd >= 0)
			close(fd);
		free(path);
		return -1;
	}
	free(path);
	setvbuf(c->recording->data, NULL, _IOLBF, BUFSIZ);
	record_config(c);
	if (c->feed->ops->ask != NULL)
		c->recording->past = c->feed->ops->ask(c->feed, "/telemetry?since=0", on_past, c);
	c->feed->on_data = on_data;
	c->feed->data_arg = c;
	return 0;
}

int
console_record(struct console *c, const char *path, struct error *err)
{
	const struct canvas *canvas = app_canvas(c->app);
	struct recording *r;
	char *cast_path;
	int fd;

	if (!ends_in_tape(path))
		return error_setf(err, ERROR_USAGE, "\"%s\": write NAME.tape", path);
	if (c->recording != NULL)
		return error_setf(err, ERROR_REFUSED, "%s is being recorded; :record ends it",
				  c->recording->path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_errnof(err, "%s", path);
	close(fd);			/* made at once: no surprise at the end */
	r = xcalloc(1, sizeof(*r));
	r->is_ahead = true;
	r->path = xstrdup(path);
	r->begun_ns = loop_exact_ns(c->loop);
	r->tape = recorder_new(canvas->cols, canvas->rows, canvas->glyphs);
	c->recording = r;
	cast_path = xasprintf("%.*s.cast", (int)(strlen(path) - 5), path);
	r->cast = cast_open(cast_path, true, canvas->cols, canvas->rows, c->model->title,
			    loop_wall_ms(c->loop), err);
	free(cast_path);
	if (r->cast == NULL || open_data(c, path, strlen(path) - 5, err) < 0) {
		console_record_end(c, false, NULL);
		unlink(path);
		return -1;
	}
	console_record_frame(c);
	return 0;
}

static int
close_data(struct console *c, struct error *err)
{
	struct recording *r = c->recording;
	bool is_bad;

	if (r->data != NULL && c->feed->ops->settle != NULL)
		c->feed->ops->settle(c->feed);
	c->feed->on_data = NULL;
	if (r->past != NULL)
		c->feed->ops->forget(c->feed, &r->past);
	if (r->mesh != NULL)
		mesh_put(&r->mesh);
	if (r->data == NULL)
		return 0;
	is_bad = ferror(r->data) != 0;
	is_bad = fclose(r->data) != 0 || is_bad;
	r->data = NULL;
	return is_bad ? error_setf(err, ERROR_IO, "%s: the data could not be written whole", r->path) : 0;
}

static int
write_tape(struct recording *r, struct error *err)
{
	struct buf text = BUF_INIT;
	int status;

	recorder_put(r->tape, &text);
	status = file_replace(r->path, &text, err);
	r->is_ahead = status < 0;		/* tried again */
	buf_fini(&text);
	return status;
}

void
console_record_tick(struct console *c)
{
	struct error err = ERROR_INIT;

	if (c->recording == NULL)
		return;
	record_config(c);
	if (c->recording->is_ahead && write_tape(c->recording, &err) < 0)
		app_say_error(c->app, &err);
}

int
console_record_end(struct console *c, bool was_typed, struct error *err)
{
	struct recording *r = c->recording;
	struct error ignored = ERROR_INIT;
	int status;

	if (r == NULL)
		return 0;
	if (was_typed)
		recorder_drop_line(r->tape);
	status = write_tape(r, err != NULL ? err : &ignored);
	if (close_data(c, err != NULL ? err : &ignored) < 0)
		status = -1;
	if (r->cast != NULL && cast_close(&r->cast, err != NULL ? err : &ignored) < 0)
		status = -1;
	recorder_free(&r->tape);
	canvas_free(&r->last);
	free(r->path);
	free(r);
	c->recording = NULL;
	return status;
}

enum recorder_place
console_key_place(const struct console *c)
{
	return app_is_masked(c->app) ? RECORDER_MASKED :
	       app_line_is_open(c->app) ? RECORDER_LINE : RECORDER_SCREEN;
}

void
console_record_key(struct console *c, uint32_t key)
{
	struct buf bytes = BUF_INIT, screen = BUF_INIT;

	if (c->recording == NULL)
		return;
	key_encode(key, &bytes);
	canvas_text(app_canvas(c->app), &screen);
	c->recording->is_ahead = true;
	recorder_key(c->recording->tape, loop_exact_ns(c->loop), buf_str(&bytes), bytes.len,
		     buf_str(&screen), console_key_place(c));
	buf_fini(&bytes);
	buf_fini(&screen);
}

void
console_record_paste(struct console *c, const char *text, size_t len)
{
	struct buf screen = BUF_INIT;
	char *copy;

	if (c->recording == NULL || app_is_masked(c->app))
		return;
	copy = xstrndup(text, len);
	canvas_text(app_canvas(c->app), &screen);
	c->recording->is_ahead = true;
	recorder_paste(c->recording->tape, loop_exact_ns(c->loop), copy, buf_str(&screen));
	buf_fini(&screen);
	free(copy);
}

void
console_record_resize(struct console *c, unsigned cols, unsigned rows)
{
	if (c->recording == NULL)
		return;
	c->recording->is_ahead = true;
	recorder_resize(c->recording->tape, cols, rows);
	cast_resize(c->recording->cast, since_begun(c), cols, rows);
}

void
console_record_drop_command(struct console *c)
{
	if (c->recording != NULL)
		console_drop_command(c, c->recording->tape);
}

void
console_record_mark(struct console *c, const char *text)
{
	if (c->recording == NULL)
		return;
	recorder_drop_line(c->recording->tape);		/* the mark says it */
	recorder_mark(c->recording->tape, text);
	cast_mark(c->recording->cast, since_begun(c), text);
}

void
console_frame(struct console *c, struct canvas **last, struct buf *out)
{
	const struct canvas *now = app_canvas(c->app);

	canvas_put_ansi(now, *last, out);
	if (*last == NULL)
		*last = canvas_new(now->cols, now->rows);
	canvas_copy(*last, now);
}

void
console_record_frame(struct console *c)
{
	struct buf bytes = BUF_INIT;

	if (c->recording == NULL || c->recording->cast == NULL)
		return;
	console_frame(c, &c->recording->last, &bytes);
	if (bytes.len > 0)
		cast_output(c->recording->cast, since_begun(c), bytes.data, bytes.len);
	buf_fini(&bytes);
}
