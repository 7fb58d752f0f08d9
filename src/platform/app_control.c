/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * control: asks the portals for their status every 5 s, as its page does when
 * it is open in a browser, and passes settings on to them.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/value.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "src/platform/client.h"
#include "src/platform/pod.h"
#include "src/platform/server.h"
#include "src/platform/settings.h"

#define POLL_NS (5 * NS_PER_S)

struct known_portal {
	char *name, *url;
};

struct control {
	struct pod *pod;
	struct timer timer;
	VEC(struct known_portal) portals;	/* by name */
};

/* One round of questions to all portals; for an answer, or just so. */
struct poll {
	struct control *control;
	struct request *rq;	/* NULL: nobody waits */
	unsigned pending;
	struct arena *arena;
	struct value **status;	/* one a portal; NULL: no answer */
	bool as_page;		/* text instead of JSON */
};

struct poll_call {
	struct poll *poll;
	size_t portal;
};

/* A portal that does not answer stands in the middle of an ocean. */
static void
put_lost_portal(struct json_writer *w, const char *name)
{
	static const struct settings none;
	static const struct classes nothing;

	json_open(w, NULL, '{');
	json_string(w, "name", name);
	json_open(w, "coordinates", '[');
	json_double(w, NULL, -25.702539, -1);
	json_double(w, NULL, 37.747909, -1);
	json_close(w, ']');
	json_string(w, "country", "Atlantis");
	settings_put(w, "settings", &none);
	json_open(w, "status", '{');
	json_open(w, "requests", '{');
	json_int(w, "total", 0);
	classes_put(w, &nothing);
	json_close(w, '}');
	json_null(w, "cities");
	json_bool(w, "error", true);
	json_close(w, '}');
	json_close(w, '}');
}

static void
put_status(struct buf *body, const struct poll *o)
{
	struct json_writer w;

	json_begin(&w, body, false);
	json_open(&w, NULL, '[');
	for (size_t i = 0; i < o->control->portals.len; i++) {
		if (o->status[i] != NULL)
			json_value(&w, NULL, o->status[i]);
		else
			put_lost_portal(&w, o->control->portals.items[i].name);
	}
	json_close(&w, ']');
}

static void
put_page(struct buf *body, const struct poll *o)
{
	buf_puts(body, "Travel control\n\n");
	for (size_t i = 0; i < o->control->portals.len; i++) {
		const char *name = o->control->portals.items[i].name;
		double pace = o->control->pod->host->pace;
		struct settings settings;
		int64_t total = 0;

		if (o->status[i] == NULL) {
			buf_printf(body, "%-12s does not answer\n", name);
			continue;
		}
		settings_init(&settings);
		(void)settings_read(&settings, value_get(o->status[i], "settings"), NULL);
		value_to_int(value_path(o->status[i], "status.requests.total"), &total);
		buf_printf(body, "%-12s request ratio %lld %% (up to %.2f requests/s), "
			   "%lld loops so far\n", name, (long long)settings.request_ratio,
			   2.0 * (double)NS_PER_S / (double)settings_pause_ns(&settings, pace),
			   (long long)total);
	}
	buf_puts(body, "\nGET /status            everything, as JSON\n"
		       "PUT /settings/PORTAL   {\"request_ratio\": 0..100, ...}\n");
}

static void
poll_end(struct poll *o)
{
	struct buf body = BUF_INIT;

	if (o->rq != NULL) {
		if (o->as_page)
			put_page(&body, o);
		else
			put_status(&body, o);
		request_reply(o->rq, 200, o->as_page ? "text/plain" : "application/json",
			      (struct slice){ body.data, body.len });
		buf_fini(&body);
	}
	arena_free(&o->arena);
	free(o->status);
	free(o);
}

static void
on_status(void *arg, const struct call_result *r)
{
	struct poll_call *c = arg;
	struct poll *o = c->poll;

	if (r->status == 200 && o->rq != NULL) {
		struct value *v = json_parse(o->arena, r->body.ptr, r->body.len, NULL);

		if (value_is_map(v))
			o->status[c->portal] = v;
	}
	free(c);
	if (--o->pending == 0)
		poll_end(o);
}

static void
poll_begin(struct control *k, struct request *rq, bool as_page)
{
	struct poll *o = xcalloc(1, sizeof(*o));

	o->control = k;
	o->rq = rq;
	o->as_page = as_page;
	o->arena = arena_new();
	o->status = xcalloc(k->portals.len + 1, sizeof(struct value *));
	o->pending = (unsigned)k->portals.len;
	for (size_t i = 0; i < k->portals.len; i++) {
		struct poll_call *c = xcalloc(1, sizeof(*c));
		struct call_options call = { .base_url = k->portals.items[i].url,
					     .path = "/status", .inbound = rq };

		*c = (struct poll_call){ o, i };
		call_start(k->pod, &call, on_status, c);
	}
	if (o->pending == 0)
		poll_end(o);
}

static void
on_poll(struct timer *t)
{
	struct control *k = CONTAINER_OF(t, struct control, timer);
	struct loop *loop = k->pod->host->loop;

	poll_begin(k, NULL, false);
	loop_timer_set(loop, t, loop_now_ns(loop) + POLL_NS, on_poll);
}

/* Settings */

static void
on_forwarded(void *arg, const struct call_result *r)
{
	struct request *rq = arg;

	if (r->status == 0)
		request_reply_error(rq, 502, "the portal does not answer: %s", r->error);
	else
		request_reply(rq, r->status, "application/json", r->body);
}

static void
forward_settings(struct control *k, struct request *rq, const char *portal)
{
	for (size_t i = 0; i < k->portals.len; i++) {
		struct call_options o = { .base_url = k->portals.items[i].url, .path = "/settings",
					  .method = "PUT", .inbound = rq,
					  .body = { rq->body.data, rq->body.len } };

		if (strcmp(k->portals.items[i].name, portal) == 0) {
			call_start(k->pod, &o, on_forwarded, rq);
			return;
		}
	}
	request_reply_error(rq, 404, "Error portal %s not found", portal);
}

static void
put_settings(struct control *k, struct request *rq, const char *portal)
{
	struct arena *a = arena_new();
	struct error err = ERROR_INIT;
	struct value *v = json_parse(a, rq->body.data, rq->body.len, &err);
	struct settings probe;

	settings_init(&probe);
	if (v == NULL || settings_read(&probe, v, &err) < 0)
		request_reply_error(rq, 400, "%s", err.msg);
	else
		forward_settings(k, rq, portal);
	arena_free(&a);
}

static void
control_on_request(struct pod *p, struct request *rq)
{
	struct control *k = p->state;
	char *portal = request_path_tail(rq, "/settings/");

	if (portal != NULL && rq->method_id == HTTP_PUT)
		put_settings(k, rq, portal);
	else if (rq->method_id != HTTP_GET)
		request_reply_error(rq, 405, "no such page for this method");
	else if (slice_is(rq->path, "/status"))
		poll_begin(k, rq, false);
	else if (slice_is(rq->path, "/") || slice_is(rq->path, "/console"))
		poll_begin(k, rq, true);
	else
		request_reply_error(rq, 404, "no such page");
	free(portal);
}

static int
by_name(const void *a, const void *b)
{
	const struct known_portal *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* PORTAL_SERVICES: NAME;URL,NAME;URL... */
static void
read_portals(struct control *k)
{
	const char *text = pod_env(k->pod, "PORTAL_SERVICES", "");

	while (*text != '\0') {
		size_t len = strcspn(text, ",");
		const char *split = memchr(text, ';', len);

		if (split != NULL && split > text) {
			struct known_portal p = {
				xstrndup(text, (size_t)(split - text)),
				xstrndup(split + 1, len - (size_t)(split + 1 - text)),
			};

			vec_push(&k->portals, p);
		}
		text += len;
		if (*text == ',')
			text++;
	}
	if (k->portals.len > 0)
		qsort(k->portals.items, k->portals.len, sizeof(k->portals.items[0]), by_name);
}

static void
control_start(struct pod *p)
{
	struct control *k = xcalloc(1, sizeof(*k));

	p->state = k;
	k->pod = p;
	read_portals(k);
	loop_timer_set(p->host->loop, &k->timer, loop_now_ns(p->host->loop) + NS_PER_S, on_poll);
}

static void
control_stop(struct pod *p)
{
	struct control *k = p->state;

	loop_timer_cancel(&k->timer);
}

static void
control_fini(struct pod *p)
{
	struct control *k = p->state;

	for (size_t i = 0; i < k->portals.len; i++) {
		free(k->portals.items[i].name);
		free(k->portals.items[i].url);
	}
	vec_fini(&k->portals);
	free(k);
}

const struct app app_control = {
	.image = IMAGE_CONTROL,
	.name = "control",
	.default_port = 8080,
	.workers = 4,
	.start = control_start,
	.stop = control_stop,
	.fini = control_fini,
	.on_request = control_on_request,
};
