/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From mesh_instances to pods, by name and by what each was started with. */
#include "src/platform/deploy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/log.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "src/mesh/images.h"
#include "src/mesh/mesh.h"
#include "src/platform/pod.h"
#include "src/platform/pod_spec.h"
#include "src/platform/server.h"

#define GRACE_MS 500		/* until the mesh has noticed that a pod is gone */

struct running {
	struct pod *pod;
	char *spec;		/* text of the pod_spec that it was started with */
	bool is_wanted;
};

struct deploy {
	struct host *host;
	int run_dir_fd;
	VEC(struct running) pods;
	VEC(char *) told;	/* lines that were logged */
};

struct deploy *
deploy_new(struct host *h, int run_dir_fd)
{
	struct deploy *d = xcalloc(1, sizeof(*d));

	d->host = h;
	d->run_dir_fd = run_dir_fd;
	return d;
}

void
deploy_free(struct deploy **dp)
{
	struct deploy *d = *dp;

	if (d == NULL)
		return;
	ASSERT(d->pods.len == 0);
	for (size_t i = 0; i < d->told.len; i++)
		free(d->told.items[i]);
	vec_fini(&d->told);
	vec_fini(&d->pods);
	free(d);
	*dp = NULL;
}

/* Takes line. */
static void
tell_once(struct deploy *d, char *line)
{
	for (size_t i = 0; i < d->told.len; i++)
		if (strcmp(d->told.items[i], line) == 0) {
			free(line);
			return;
		}
	log_printf("%s", line);
	vec_push(&d->told, line);
}

static struct running *
find_running(struct deploy *d, const struct mesh_instance *i)
{
	for (size_t k = 0; k < d->pods.len; k++)
		if (strcmp(d->pods.items[k].pod->name, i->name) == 0 &&
		    strcmp(d->pods.items[k].pod->ns, i->ns) == 0)
			return &d->pods.items[k];
	return NULL;
}

static int
open_server(struct deploy *d, struct pod *p, const struct pod_spec *s, struct error *err)
{
	struct address at = s->address;
	char *name;
	int result;

	if (s->port == 0)
		return 0;
	if (!s->is_proxied) {
		address_set_port(&at, s->port);
		return server_open_tcp(p, &at, err);
	}
	name = xasprintf("%s.%s-%u.sock", p->name, p->ns, s->port);
	result = server_open_unix(p, d->run_dir_fd, name, err);
	free(name);
	return result;
}

/* NULL when its server cannot be opened. */
static struct pod *
start_pod(struct deploy *d, const struct mesh_instance *i, const struct pod_spec *s)
{
	struct pod *p = pod_new(d->host, s->app, i->ns, i->name, &s->address);
	struct error err = ERROR_INIT;

	for (size_t k = 0; k < s->env.len; k++)
		pod_add_env(p, s->env.items[k].name, s->env.items[k].value);
	if (open_server(d, p, s, &err) < 0) {
		tell_once(d, xasprintf("pod %s.%s: %s", i->name, i->ns, err.msg));
		pod_abandon(p);
		return NULL;
	}
	pod_start(p);
	return p;
}

/* The successor has taken over the socket's name when it is there. */
static void
replace_pod(struct deploy *d, struct running *r, const struct mesh_instance *i,
	    const struct pod_spec *s)
{
	struct pod *old = r->pod, *fresh;

	if (!s->is_proxied)
		pod_stop(old, 0);
	fresh = start_pod(d, i, s);
	if (fresh == NULL)
		return;
	pod_disown_sockets(old);
	pod_stop(old, GRACE_MS);
	free(r->spec);
	r->pod = fresh;
	r->spec = xstrdup(buf_str(&s->text));
}

/* False when the pod is wanted but cannot run yet. */
static bool
want_instance(struct deploy *d, const struct mesh_instance *i, const struct mesh *m)
{
	struct running *r = find_running(d, i);
	struct pod_spec s;

	if (!pod_spec_init(&s, i, m->snapshot))
		return true;
	if (!address_is_set(&i->address)) {
		if (r != NULL)
			r->is_wanted = true;	/* it had one: the next compilation has again */
		pod_spec_fini(&s);
		return false;
	}
	if (r == NULL) {
		struct running fresh = { start_pod(d, i, &s), NULL, true };

		if (fresh.pod != NULL) {
			fresh.spec = xstrdup(buf_str(&s.text));
			vec_push(&d->pods, fresh);
		}
		pod_spec_fini(&s);
		return fresh.pod != NULL;
	}
	r->is_wanted = true;
	if (strcmp(r->spec, buf_str(&s.text)) != 0)
		replace_pod(d, r, i, &s);
	pod_spec_fini(&s);
	return true;
}

static void
stop_running(struct deploy *d, size_t at)
{
	pod_stop(d->pods.items[at].pod, GRACE_MS);
	free(d->pods.items[at].spec);
	vec_remove(&d->pods, at);
}

static void
tell_unknown_images(struct deploy *d, const struct mesh *m)
{
	for (size_t k = 0; k < m->workload_count; k++) {
		const struct mesh_workload *w = m->workloads[k];

		if (w->image != NULL && w->object->kind != NULL &&
		    w->object->kind->id == KIND_DEPLOYMENT &&
		    image_lookup(w->image) == IMAGE_UNKNOWN)
			tell_once(d, xasprintf("Deployment %s.%s: image %s is not one that the "
					       "platform runs: no pods", w->name, w->ns, w->image));
	}
}

void
deploy_apply(struct deploy *d, const struct mesh *m, struct deploy_state *out)
{
	out->waiting = 0;
	for (size_t k = 0; k < d->pods.len; k++)
		d->pods.items[k].is_wanted = false;
	for (size_t k = 0; k < m->instance_count; k++)
		if (!want_instance(d, m->instances[k], m))
			out->waiting++;
	for (size_t k = d->pods.len; k-- > 0;)
		if (!d->pods.items[k].is_wanted)
			stop_running(d, k);
	tell_unknown_images(d, m);
	out->serving = d->pods.len;
}

void
deploy_stop_all(struct deploy *d)
{
	while (d->pods.len > 0)
		stop_running(d, d->pods.len - 1);
}
