/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Envoy's numbers of the HTTP connection managers, one for each direction of
 * a proxy: made of what its proxies report, so that they add up with Istio's
 * metrics.
 */
#include <stdlib.h>
#include <string.h>

#include "proxy/admin/admin_pages.h"
#include "proxy/engine.h"
#include "proxy/telemetry/stats.h"
#include "src/base/assert.h"
#include "src/base/xalloc.h"

struct sums {
	uint64_t by_class[6];		/* [2]: 2xx; [0]: no answer */
	uint64_t delays, aborts;	/* injected */
	unsigned delayed;		/* now */
};

struct http_table {
	size_t count;			/* of workloads */
	struct mesh_workload **sorted;	/* by namespace and name */
	struct sums (*sums)[2];		/* by index; inbound, outbound */
};

static int
by_name(const void *a, const void *b)
{
	const struct mesh_workload *x = *(struct mesh_workload *const *)a;
	const struct mesh_workload *y = *(struct mesh_workload *const *)b;
	int order = strcmp(x->ns, y->ns);

	return order != 0 ? order : strcmp(x->name, y->name);
}

/* NULL: it is not in the mesh any more. */
static struct sums *
sums_of(struct http_table *t, const char *ns, const char *workload, bool is_outbound)
{
	struct mesh_workload named = { .ns = ns, .name = workload }, *key = &named, **found;

	found = bsearch(&key, t->sorted, t->count, sizeof(key), by_name);
	return found != NULL ? &t->sums[(*found)->index][is_outbound] : NULL;
}

/* Is it one of "DI,FI"? */
static bool
has_flag(const char *flags, const char *letters)
{
	size_t len = strlen(letters);

	for (const char *at = flags; at != NULL; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, letters, len) == 0 && (at[len] == ',' || at[len] == '\0'))
			return true;
	}
	return false;
}

static void
on_reading(void *arg, const struct stats_http *r)
{
	struct sums *s = sums_of(arg, r->ns, r->workload, r->is_outbound);
	unsigned class = (unsigned)(r->code[0] - '0');

	if (s == NULL)
		return;
	if (class < ARRAY_LEN(s->by_class))
		s->by_class[class] += r->requests;
	if (has_flag(r->flags, "DI"))
		s->delays += r->requests;
	if (has_flag(r->flags, "FI"))
		s->aborts += r->requests;
}

static void
on_delayed(void *arg, const struct mesh_workload *caller)
{
	struct sums *s = sums_of(arg, caller->ns, caller->name, true);

	if (s != NULL)
		s->delayed++;
}

struct http_table *
http_table_new(struct engine *e)
{
	const struct mesh *m = engine_mesh(e);
	struct http_table *t = xcalloc(1, sizeof(*t));

	t->count = m->workload_count;
	t->sorted = xcalloc(t->count + 1, sizeof(*t->sorted));
	memcpy(t->sorted, m->workloads, t->count * sizeof(*t->sorted));
	qsort(t->sorted, t->count, sizeof(*t->sorted), by_name);
	t->sums = xcalloc(t->count + 1, sizeof(*t->sums));
	stats_each_http(engine_stats(e), on_reading, t);
	engine_each_delayed(e, on_delayed, t);
	return t;
}

void
http_table_free(struct http_table **tp)
{
	struct http_table *t = *tp;

	if (t == NULL)
		return;
	free(t->sorted);
	free(t->sums);
	free(t);
	*tp = NULL;
}

static struct http_stat *
put_classes(struct http_stat *out, const char *direction, const struct sums *s)
{
	static const char *const names[] = { NULL, "downstream_rq_1xx", "downstream_rq_2xx",
		"downstream_rq_3xx", "downstream_rq_4xx", "downstream_rq_5xx" };
	uint64_t completed = 0;

	for (size_t i = 1; i < ARRAY_LEN(names); i++) {
		*out++ = (struct http_stat){ direction, names[i], false, s->by_class[i] };
		completed += s->by_class[i];
	}
	*out++ = (struct http_stat){ direction, "downstream_rq_completed", false, completed };
	return out;
}

void
http_table_read(const struct http_table *t, const struct mesh_workload *w,
		struct http_stat out[HTTP_STATS])
{
	const struct sums *in = &t->sums[w->index][0], *to = &t->sums[w->index][1];
	struct http_stat *end = put_classes(out, "inbound", in);

	end = put_classes(end, "outbound", to);
	*end++ = (struct http_stat){ "outbound", "fault.aborts_injected", false, to->aborts };
	*end++ = (struct http_stat){ "outbound", "fault.active_faults", true, to->delayed };
	*end++ = (struct http_stat){ "outbound", "fault.delays_injected", false, to->delays };
	ASSERT(end == out + HTTP_STATS);
}
