/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the mesh directory when it changes and the engine's telemetry once a
 * second, and fills the model from both.
 *
 * The past comes from the ring file that the engine appends to, so that a
 * console that attaches later sees it; what is new comes from its admin
 * socket, asked without waiting.
 */
#include "tui/feed/feed_mesh.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/client/http.h"
#include "src/istio/check.h"
#include "src/mesh/addresses.h"
#include "src/mesh/checks.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/telemetry/series.h"
#include "tui/feed/feed_mesh_priv.h"
#include "tui/feed/model.h"

#define READ_EVERY_NS NS_PER_S
#define ANSWER_TIMEOUT_MS 2500
#define REQUESTS_ASKED 300
#define REQUESTS_COUNTED 1500
#define FILE_MAX (4u << 20)
#define PAST_AT_ONCE (1 << 20)		/* bytes; takes 50 ms */
#define SOCKET_NAME_MAX 108

static struct feed_mesh *
mesh_feed(struct feed *f)
{
	return (struct feed_mesh *)f;
}

void
feed_mesh_tell(struct feed_mesh *f, unsigned changes)
{
	if (f->feed.sink.on_change != NULL)
		f->feed.sink.on_change(f->feed.sink.arg, changes);
}

static void
read_addresses(struct feed_mesh *f)
{
	char *path = xasprintf("%s/addresses.json", store_state_path(f->store));
	FILE *in = fopen(path, "re");
	struct buf b = BUF_INIT;
	char chunk[4096];
	size_t n;

	free(path);
	if (in == NULL)
		return;
	while (b.len < FILE_MAX && (n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		buf_append(&b, chunk, n);
	fclose(in);
	addresses_free(&f->addresses);
	f->addresses = addresses_new(0);
	addresses_parse(f->addresses, buf_str(&b), b.len, NULL);
	addresses_set_read_only(f->addresses, true);
	buf_fini(&b);
}

static void
read_history(struct feed_mesh *f)
{
	struct model *m = f->feed.model;
	struct history h = { 0 };

	if (history_read(f->store, &h, NULL) < 0)
		return;
	history_fini(&f->history);
	f->history = h;
	m->history = &f->history;
}

static int
read_config(struct feed_mesh *f, struct error *err)
{
	struct model *m = f->feed.model;
	struct problems checked = PROBLEMS_INIT, compiled = PROBLEMS_INIT;
	struct snapshot *s;

	if (store_load(f->store, &s, &checked, err) < 0) {
		problems_fini(&checked);
		return -1;
	}
	read_addresses(f);
	feed_mesh_forget_then(f);
	if (m->mesh != NULL)
		mesh_put(&m->mesh);
	m->mesh = mesh_compile(s, f->addresses, NULL, &compiled);
	check_references(s, &checked);
	snapshot_put(&s);
	problems_fini(&m->problems);
	m->problems = (struct problems)PROBLEMS_INIT;
	checks_join(&checked, &compiled, &m->problems);
	problems_fini(&checked);
	problems_fini(&compiled);
	read_history(f);
	return 0;
}

static void
on_answer(void *arg, const struct http_answer *a)
{
	struct feed_mesh *f = arg;

	f->call = NULL;
	f->was_refused = a->was_refused;
	if (a->status == 200)
		reader_take_answer(&f->reader, buf_str(&a->body), a->body.len);
	else
		feed_mesh_answered(f, false, NULL, 0);
}

static void set_http_timer(struct feed_mesh *f);

static void
work_http(struct feed_mesh *f)
{
	http_client_work(f->http);
	set_http_timer(f);
}

static void
on_http_timer(struct timer *t)
{
	work_http(CONTAINER_OF(t, struct feed_mesh, http_timer));
}

static void
on_answered(struct watch *w, unsigned events)
{
	(void)events;
	work_http(CONTAINER_OF(w, struct feed_mesh, answered));
}

static void
set_http_timer(struct feed_mesh *f)
{
	int delay_ms = http_client_delay_ms(f->http);

	if (delay_ms < 0)
		loop_timer_cancel(&f->http_timer);
	else
		loop_timer_set(f->loop, &f->http_timer, loop_exact_ns(f->loop) +
			       (uint64_t)delay_ms * NS_PER_MS, on_http_timer);
}

static void
on_requests(void *arg, const struct http_answer *a)
{
	struct feed_mesh *f = arg;
	struct arena *arena = arena_new();
	struct value *list = a->status == 200 ?
		json_parse(arena, buf_str(&a->body), a->body.len, NULL) : NULL;

	f->requests_call = NULL;
	if (!value_is_list(list)) {
		arena_free(&arena);
		return;
	}
	arena_free(&f->requests);
	f->requests = arena;
	f->feed.model->requests = list;
	feed_mesh_tell(f, MODEL_REQUESTS);
}

static void
ask_requests(struct feed_mesh *f)
{
	struct http_call_options options = {
		.unix_socket = f->socket, .timeout_ms = ANSWER_TIMEOUT_MS,
	};
	char url[96];

	if (f->requests_call != NULL || !f->feed.model->wants_requests ||
	    f->feed.model->query.is_frozen)
		return;
	snprintf(url, sizeof(url), "http://engine/requests?limit=%d",
		 f->feed.model->wants_many_requests ? REQUESTS_COUNTED : REQUESTS_ASKED);
	options.url = url;
	f->feed.model->wants_requests = f->feed.model->wants_many_requests = false;
	f->requests_call = http_start(f->http, &options, on_requests, f, NULL);
	set_http_timer(f);
}

static void
drop_question(struct feed_question *q)
{
	struct feed_mesh *f = q->feed;

	for (size_t i = 0; i < f->questions.len; i++) {
		if (f->questions.items[i] == q) {
			vec_remove(&f->questions, i);
			break;
		}
	}
	free(q);
}

static void
on_question(void *arg, const struct http_answer *a)
{
	struct feed_question *q = arg;
	feed_answer *fn = q->fn;
	void *to = q->arg;
	char why[300];

	drop_question(q);
	if (a->status == 200) {
		fn(to, buf_str(&a->body), a->body.len, NULL);
		return;
	}
	if (a->status == 0)
		snprintf(why, sizeof(why), "the engine does not answer: %s", a->error);
	else
		snprintf(why, sizeof(why), "the engine answers %u", a->status);
	fn(to, NULL, 0, why);
}

static struct feed_question *
ask(struct feed *feed, const char *path, feed_answer *fn, void *arg)
{
	struct feed_mesh *f = (struct feed_mesh *)feed;
	char *url = xasprintf("http://engine%s", path);
	struct http_call_options options = {
		.url = url, .unix_socket = f->socket, .timeout_ms = ANSWER_TIMEOUT_MS,
	};
	struct feed_question *q = xcalloc(1, sizeof(*q));

	*q = (struct feed_question){ .feed = f, .fn = fn, .arg = arg };
	q->call = http_start(f->http, &options, on_question, q, NULL);
	free(url);
	if (q->call == NULL) {
		free(q);
		return NULL;
	}
	vec_push(&f->questions, q);
	set_http_timer(f);
	return q;
}

static void
forget(struct feed *feed, struct feed_question **qp)
{
	(void)feed;
	if (*qp == NULL)
		return;
	http_cancel(&(*qp)->call);
	drop_question(*qp);
	*qp = NULL;
}

static void
ask_engine(struct feed_mesh *f)
{
	struct http_call_options options = {
		.unix_socket = f->socket, .timeout_ms = ANSWER_TIMEOUT_MS,
	};
	char url[96];

	if (f->call != NULL || f->reader.reading != NULL)
		return;
	snprintf(url, sizeof(url), "http://engine/telemetry?since=%llu",
		 (unsigned long long)f->reader.known.generation);
	options.url = url;
	f->call = http_start(f->http, &options, on_answer, f, NULL);
	set_http_timer(f);
}

static uint64_t
read_every_ns(const struct feed_mesh *f)
{
	unsigned s = f->feed.model->query.refresh_s;

	return s > 0 ? s * NS_PER_S : READ_EVERY_NS;
}

static void
on_read(struct timer *t)
{
	struct feed_mesh *f = CONTAINER_OF(t, struct feed_mesh, read_timer);

	ask_engine(f);
	ask_requests(f);
	loop_timer_set(f->loop, t, loop_now_ns(f->loop) + read_every_ns(f), on_read);
}

static void set_poll(struct feed_mesh *f);

/* The configuration anew, and what the picture says of it. */
static void
show_config(struct feed_mesh *f)
{
	struct error err = ERROR_INIT;
	bool has_graph = read_config(f, &err) == 0 && reader_fill(&f->reader);

	feed_mesh_tell(f, MODEL_CONFIG | MODEL_HISTORY | (has_graph ? MODEL_GRAPH : 0u));
}

static void
look_for_changes(struct feed_mesh *f)
{
	if (store_poll_changed(f->store))
		show_config(f);
	set_poll(f);
}

/* What we stored ourselves is shown at once, before the folder's watch says so. */
void
feed_mesh_show_change(struct feed_mesh *f)
{
	show_config(f);
	set_poll(f);
}

static void
on_poll(struct timer *t)
{
	look_for_changes(CONTAINER_OF(t, struct feed_mesh, poll_timer));
}

static void
on_changed(struct watch *w, unsigned events)
{
	(void)events;
	look_for_changes(CONTAINER_OF(w, struct feed_mesh, changed));
}

static void
set_poll(struct feed_mesh *f)
{
	int delay_ms = store_poll_delay_ms(f->store);

	if (delay_ms < 0)
		loop_timer_cancel(&f->poll_timer);
	else
		loop_timer_set(f->loop, &f->poll_timer,
			       loop_now_ns(f->loop) + (uint64_t)delay_ms * NS_PER_MS, on_poll);
}

static void
query(struct feed *feed)
{
	struct feed_mesh *f = mesh_feed(feed);

	if (!feed->model->query.is_frozen)
		f->reader.frozen_ms = 0;
	else if (f->reader.frozen_ms == 0)
		f->reader.frozen_ms = f->reader.known.newest_ms;
	feed_mesh_tell(f, MODEL_STATE | (reader_fill(&f->reader) ? MODEL_GRAPH : 0u));
}

static void
refresh(struct feed *feed)
{
	struct feed_mesh *f = mesh_feed(feed);

	ask_engine(f);
	show_config(f);
	feed_mesh_tell(f, MODEL_STATE);
}

static int
deploy(struct feed *feed, const char *name, bool undeploy, struct error *err)
{
	struct feed_mesh *f = mesh_feed(feed);
	int status;

	if (f->supervisor.deploy == NULL)
		return error_setf(err, ERROR_REFUSED, "only the travel demo has extras");
	status = f->supervisor.deploy(f->supervisor.arg, name, undeploy, err);
	if (status == 0) {
		struct buf b = BUF_INIT;

		buf_printf(&b, undeploy ? "%s is removed" : "%s is deployed", name);
		look_for_changes(f);
		f->feed.sink.on_committed(f->feed.sink.arg, true, buf_str(&b), NULL);
		buf_fini(&b);
	}
	return status;
}

static void
each_extra(struct feed *feed, void (*fn)(void *arg, const char *name), void *arg)
{
	struct feed_mesh *f = mesh_feed(feed);

	if (f->supervisor.each_extra != NULL)
		f->supervisor.each_extra(f->supervisor.arg, fn, arg);
}

static bool
is_busy(const struct feed *feed)
{
	const struct feed_mesh *f = (const struct feed_mesh *)feed;

	return f->is_working || reader_is_busy(&f->reader);
}

static void
close_feed(struct feed **fp)
{
	struct feed_mesh *f = (struct feed_mesh *)*fp;

	if (f == NULL)
		return;
	loop_timer_cancel(&f->read_timer);
	loop_timer_cancel(&f->poll_timer);
	loop_timer_cancel(&f->job_timer);
	if (f->changed.fd >= 0)
		loop_unwatch(&f->changed);
	feed_mesh_end_job(f);
	reader_fini(&f->reader);
	loop_timer_cancel(&f->http_timer);
	if (f->answered.fd >= 0)
		loop_unwatch(&f->answered);
	while (f->questions.len > 0)
		free(f->questions.items[--f->questions.len]);
	vec_fini(&f->questions);
	http_client_free(&f->http);
	if (f->state_fd >= 0)
		close(f->state_fd);
	free(f->socket);
	f->feed.model->history = NULL;
	f->feed.model->requests = NULL;
	arena_free(&f->requests);
	feed_mesh_forget_then(f);
	history_fini(&f->history);
	addresses_free(&f->addresses);
	store_close(&f->store);
	free(f);
	*fp = NULL;
}

static const struct feed_ops ops = {
	.query = query,
	.refresh = refresh,
	.read_pages = feed_mesh_read_pages,
	.commit = feed_mesh_commit,
	.undo = feed_mesh_undo,
	.cancel = feed_mesh_cancel,
	.apply_file = feed_mesh_apply_file,
	.deploy = deploy,
	.each_extra = each_extra,
	.build = feed_mesh_build,
	.metrics = feed_mesh_metrics,
	.ask = ask,
	.forget = forget,
	.settle = feed_mesh_settle,
	.is_busy = is_busy,
	.close = close_feed,
};

static void
set_title(struct model *m, const struct feed_mesh_options *options, const struct store *s)
{
	const char *path = store_path(s), *slash = strrchr(path, '/');
	struct buf clean = BUF_INIT;

	if (options->title != NULL)
		text_sanitize(&clean, options->title, strlen(options->title));
	else
		text_sanitize(&clean, slash != NULL ? slash + 1 : path,
			      strlen(slash != NULL ? slash + 1 : path));
	snprintf(m->title, sizeof(m->title), "%.*s",
		 (int)text_fit(buf_str(&clean), clean.len, 40), buf_str(&clean));
	buf_fini(&clean);
}

/* The socket's name, through an open descriptor when it is too long. */
static int
name_socket(struct feed_mesh *f, const char *given, struct error *err)
{
	if (given != NULL)
		f->socket = xstrdup(given);
	else
		f->socket = xasprintf("%s/admin.sock", store_state_path(f->store));
	if (strlen(f->socket) < SOCKET_NAME_MAX)
		return 0;
	f->state_fd = open(store_state_path(f->store), O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (f->state_fd < 0)
		return error_errnof(err, "%s", store_state_path(f->store));
	free(f->socket);
	f->socket = xasprintf("/proc/self/fd/%d/admin.sock", f->state_fd);
	return 0;
}

static int
open_config(struct feed_mesh *f, const struct feed_mesh_options *options, struct error *err)
{
	f->store = store_open_directory(options->mesh_dir, false, err);
	if (f->store != NULL)
		store_set_check(f->store, check_object_is_good);
	if (f->store == NULL || store_watch(f->store, err) < 0 || read_config(f, err) < 0 ||
	    loop_watch_level(f->loop, &f->changed, store_fd(f->store), on_changed, err) < 0)
		return -1;
	set_title(f->feed.model, options, f->store);
	set_poll(f);
	return 0;
}

/* At once when it is short, else with the first reading beside the console. */
static void
read_past(struct feed_mesh *f)
{
	char *path = xasprintf("%s/telemetry", store_state_path(f->store));
	struct stat st;

	if (stat(path, &st) == 0 && st.st_size > PAST_AT_ONCE) {
		f->reader.past = path;
		return;
	}
	series_feed_file(f->reader.series, path, NULL);
	free(path);
}

static int
open_telemetry(struct feed_mesh *f, const struct feed_mesh_options *options, struct error *err)
{
	f->http = http_client_new(err);
	if (f->http == NULL || name_socket(f, options->admin_socket, err) < 0 ||
	    loop_watch_level(f->loop, &f->answered, http_client_fd(f->http), on_answered, err) < 0)
		return -1;
	read_past(f);
	reader_fill(&f->reader);
	feed_mesh_judge_state(f);
	f->reader.is_open = true;
	ask_engine(f);
	loop_timer_set(f->loop, &f->read_timer, loop_exact_ns(f->loop) + READ_EVERY_NS, on_read);
	return 0;
}

struct feed *
feed_mesh_open(struct loop *loop, struct model *model,
	       const struct feed_mesh_options *options, struct error *err)
{
	struct feed_mesh *f = xcalloc(1, sizeof(*f));
	struct feed *feed = &f->feed;

	f->feed.ops = &ops;
	f->feed.model = model;
	f->loop = loop;
	f->supervisor = options->supervisor;
	f->changed.fd = f->answered.fd = f->state_fd = -1;
	reader_init(&f->reader, loop, model, &feed_mesh_reader_ops, f);
	if (open_config(f, options, err) < 0 || open_telemetry(f, options, err) < 0) {
		close_feed(&feed);
		return NULL;
	}
	return feed;
}
