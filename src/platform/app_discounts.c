/* SPDX-License-Identifier: GPL-3.0-or-later */
/* discounts: GET /discounts/USER, one number. */
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/json.h"
#include "src/base/xalloc.h"
#include "src/platform/chaos.h"
#include "src/platform/pod.h"
#include "src/platform/server.h"

struct discount {
	struct request *rq;
	char *user;
	struct timer timer;
	struct deferred reap;
};

static double
discount_of(const char *user)
{
	if (strcmp(user, "registered") == 0)
		return 0.10;
	return strcmp(user, "new") == 0 ? 0.25 : 0.05;
}

static void
reap_discount(struct deferred *d)
{
	free(CONTAINER_OF(d, struct discount, reap));
}

static void
answer(struct timer *t)
{
	struct discount *d = CONTAINER_OF(t, struct discount, timer);
	struct loop *loop = d->rq->pod->host->loop;
	struct buf body = BUF_INIT;
	struct json_writer w;

	json_begin(&w, &body, false);
	json_open(&w, NULL, '{');
	json_string(&w, "user", d->user);
	json_double(&w, "discount", discount_of(d->user), -1);
	json_close(&w, '}');
	request_reply(d->rq, 200, "application/json", (struct slice){ body.data, body.len });
	buf_fini(&body);
	free(d->user);
	loop_defer(loop, &d->reap, reap_discount);
}

static void
discounts_on_request(struct pod *p, struct request *rq)
{
	char *user = request_path_tail(rq, "/discounts/");
	struct discount *d;
	uint64_t delay;

	if (user == NULL) {
		request_reply_error(rq, 404, "no such page");
		return;
	}
	if (rq->method_id != HTTP_GET) {
		free(user);
		request_reply_error(rq, 405, "only GET");
		return;
	}
	d = xcalloc(1, sizeof(*d));
	d->rq = rq;
	d->user = user;
	delay = chaos_delay_ns(p, rq, user);
	if (delay > 0)
		loop_timer_set(p->host->loop, &d->timer, loop_now_ns(p->host->loop) + delay,
			       answer);
	else
		answer(&d->timer);
}

const struct app app_discounts = {
	.image = IMAGE_DISCOUNTS,
	.name = "discounts",
	.default_port = 8092,
	.workers = 4,
	.on_request = discounts_on_request,
};
