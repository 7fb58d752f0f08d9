/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One running pod: an app with its own address, environment, servers and
 * waiting line.  A pod outlives its stop until everything that it began has
 * ended: each connection, request, call and loop holds a reference.
 */
#ifndef MESHTOP_PLATFORM_POD_H
#define MESHTOP_PLATFORM_POD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/address.h"
#include "src/base/loop.h"
#include "src/base/rng.h"
#include "src/base/vec.h"
#include "src/mesh/images.h"
#include "src/platform/station.h"

struct error;
struct link;
struct pod;
struct request;
struct server;

/* What all pods of the process share. */
struct host {
	struct loop *loop;
	struct rng rng;
	double pace;		/* divides the portals' pauses */
	size_t pod_count;	/* that are not freed yet */
	/* Address at which a pod of namespace ns dials name:port; false when no
	 * service has that name. */
	bool (*resolve)(void *arg, const char *ns, const char *name, uint16_t port,
			struct address *out);
	void (*on_pod_gone)(void *arg, struct pod *p);	/* being freed, not counted; may be NULL */
	void *arg;
};

/* A service time between lo_ms and hi_ms, drawn per request. */
uint64_t host_draw_ns(struct host *h, unsigned lo_ms, unsigned hi_ms);

struct env {
	char *name, *value;
};

/* One kind of app.  All callbacks get the pod; pod->state is the app's own. */
struct app {
	enum image_app image;
	const char *name;
	uint16_t default_port;	/* 0: listens nowhere */
	unsigned workers;	/* requests that it works on at once */
	void (*start)(struct pod *p);	/* may be NULL */
	void (*stop)(struct pod *p);	/* begin nothing new; may be NULL */
	void (*fini)(struct pod *p);	/* frees state; may be NULL */
	/* HTTP apps; called after the waiting line and the hop's service time.
	 * Ends in exactly one request_reply(), at once or later. */
	void (*on_request)(struct pod *p, struct request *rq);
	/* Other apps get the accepted connection, non-blocking, to own. */
	void (*on_connection)(struct pod *p, int fd);
	void (*on_close)(struct pod *p);	/* grace is over: end idle ones; may be NULL */
};

extern const struct app app_control, app_portal, app_travels, app_hotels, app_cars,
	app_flights, app_insurances, app_discounts, app_database, app_load;

/* NULL for an image that has no app. */
const struct app *app_of_image(enum image_app image);

struct pod {
	struct host *host;
	const struct app *app;
	char *ns, *name;
	struct address address;	/* source of its calls; unset: any */
	VEC(struct env) env;
	void *state;
	struct station station;
	VEC(struct server *) servers;
	struct link *idle;	/* kept connections of its client */
	unsigned idle_count;
	unsigned refs;
	bool is_stopping;
	struct timer grace;
	struct deferred reap;
};

/* Not started; add the environment, then pod_start(). */
struct pod *pod_new(struct host *h, const struct app *app, const char *ns,
		    const char *name, const struct address *address);
void pod_add_env(struct pod *p, const char *name, const char *value);
/* Value of an environment variable; fallback when absent or empty. */
const char *pod_env(const struct pod *p, const char *name, const char *fallback);
/* As pod_env() for a whole number within lo..hi, else fallback. */
long pod_env_int(const struct pod *p, const char *name, long lo, long hi, long fallback);
void pod_start(struct pod *p);
/*
 * Loops end with what they are doing.  The servers stay open for a moment,
 * until the mesh no longer sends anything (grace_ms), then close when their
 * requests are answered; the pod frees itself after that.
 */
void pod_stop(struct pod *p, unsigned grace_ms);
/* Ends a pod that was never started. */
void pod_abandon(struct pod *p);
/* Keeps the socket names of its servers in place: a successor has them. */
void pod_disown_sockets(struct pod *p);

void pod_hold(struct pod *p);
void pod_release(struct pod *p);

#endif
