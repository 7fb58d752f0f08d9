/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Life of a pod: started, stopped with grace, freed when nothing refers to it. */
#include "src/platform/pod.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/xalloc.h"
#include "src/platform/client.h"
#include "src/platform/server.h"

static const struct app *const apps[] = {
	&app_control, &app_portal, &app_travels, &app_hotels, &app_cars,
	&app_flights, &app_insurances, &app_discounts, &app_database, &app_load,
};

const struct app *
app_of_image(enum image_app image)
{
	for (size_t i = 0; i < ARRAY_LEN(apps); i++)
		if (apps[i]->image == image)
			return apps[i];
	return NULL;
}

uint64_t
host_draw_ns(struct host *h, unsigned lo_ms, unsigned hi_ms)
{
	ASSERT(hi_ms > lo_ms);
	return lo_ms * NS_PER_MS + rng_below(&h->rng, (hi_ms - lo_ms) * NS_PER_MS + 1);
}

struct pod *
pod_new(struct host *h, const struct app *app, const char *ns, const char *name,
	const struct address *address)
{
	struct pod *p = xcalloc(1, sizeof(*p));

	p->host = h;
	p->app = app;
	p->ns = xstrdup(ns);
	p->name = xstrdup(name);
	if (address != NULL)
		p->address = *address;
	p->refs = 1;
	h->pod_count++;
	station_init(&p->station, h->loop, app->workers);
	return p;
}

void
pod_add_env(struct pod *p, const char *name, const char *value)
{
	struct env e = { xstrdup(name), xstrdup(value) };

	vec_push(&p->env, e);
}

const char *
pod_env(const struct pod *p, const char *name, const char *fallback)
{
	for (size_t i = p->env.len; i-- > 0;)
		if (strcmp(p->env.items[i].name, name) == 0)
			return p->env.items[i].value[0] != '\0' ? p->env.items[i].value
								: fallback;
	return fallback;
}

long
pod_env_int(const struct pod *p, const char *name, long lo, long hi, long fallback)
{
	const char *text = pod_env(p, name, "");
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0 || n < lo || n > hi)
		return fallback;
	return n;
}

void
pod_start(struct pod *p)
{
	if (p->app->start != NULL)
		p->app->start(p);
}

static void
close_servers(struct timer *t)
{
	struct pod *p = CONTAINER_OF(t, struct pod, grace);

	for (size_t i = 0; i < p->servers.len; i++)
		server_close(p->servers.items[i]);
	if (p->app->on_close != NULL)
		p->app->on_close(p);
	pod_release(p);		/* that of pod_new() */
}

void
pod_stop(struct pod *p, unsigned grace_ms)
{
	struct loop *loop = p->host->loop;

	if (p->is_stopping)
		return;
	p->is_stopping = true;
	if (p->app->stop != NULL)
		p->app->stop(p);
	client_close_idle(p);
	loop_timer_set(loop, &p->grace, loop_now_ns(loop) + grace_ms * NS_PER_MS,
		       close_servers);
}

void
pod_abandon(struct pod *p)
{
	p->is_stopping = true;
	pod_release(p);
}

void
pod_disown_sockets(struct pod *p)
{
	for (size_t i = 0; i < p->servers.len; i++)
		server_disown_socket(p->servers.items[i]);
}

static void
reap_pod(struct deferred *d)
{
	struct pod *p = CONTAINER_OF(d, struct pod, reap);

	p->host->pod_count--;
	if (p->host->on_pod_gone != NULL)
		p->host->on_pod_gone(p->host->arg, p);
	if (p->app->fini != NULL && p->state != NULL)
		p->app->fini(p);
	for (size_t i = 0; i < p->servers.len; i++)
		server_free(&p->servers.items[i]);
	vec_fini(&p->servers);
	for (size_t i = 0; i < p->env.len; i++) {
		free(p->env.items[i].name);
		free(p->env.items[i].value);
	}
	vec_fini(&p->env);
	free(p->ns);
	free(p->name);
	free(p);
}

void
pod_hold(struct pod *p)
{
	p->refs++;
}

void
pod_release(struct pod *p)
{
	ASSERT(p->refs > 0);
	if (--p->refs == 0)
		loop_defer(p->host->loop, &p->reap, reap_pod);
}
