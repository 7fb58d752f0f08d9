/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Priorities and weights of localities; see spread.h. */
#include "src/mesh/spread.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"

#define LOCALITY_RANKS 5	/* of failover(): 0 to 4 */

static const struct mesh_locality nowhere = { "", "", "" };

/* Where an endpoint belongs. */
struct place {
	uint32_t endpoint;
	uint32_t priority;
	uint32_t leader;		/* first endpoint of its priority and locality */
	const struct mesh_locality *locality;
};

struct spreading {
	const struct mesh *mesh;
	const struct mesh_cluster *cluster;
	const struct mesh_instance *caller;
	const struct mesh_locality *here;
	const struct value *setting;
	struct place *places;		/* one for each endpoint, in any order */
	struct mesh_spread *out;
};

const struct mesh_locality *
spread_locality(const struct mesh_cluster *c, size_t endpoint)
{
	const struct mesh_locality *l = c->endpoints[endpoint].locality;

	return l != NULL && l->region != NULL ? l : &nowhere;
}

static int
compare_numbers(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int
by_priority(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return compare_numbers(x->priority, y->priority);
}

/* Numbers them anew from 0, in their order, without gaps. */
static void
close_gaps(struct spreading *x)
{
	size_t n = x->cluster->endpoint_count;
	uint32_t last = 0, number = 0;

	qsort(x->places, n, sizeof(*x->places), by_priority);
	for (size_t i = 0; i < n; i++) {
		struct place *p = &x->places[i];

		number += i > 0 && p->priority != last;
		last = p->priority;
		p->priority = number;
	}
	x->out->priority_count = number + 1;
}

/* --- failover --- */

static bool
is_named(const char *text, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(text, name, len) == 0;
}

/* Labels of topology are part of all labels; "" where there is none. */
static const char *
label_of(const struct spreading *x, const struct value *labels, const struct mesh_locality *l,
	 const struct mesh_instance *copy, const char *key, size_t len)
{
	const struct { const char *key, *value; } topology[] = {
		{ "topology.kubernetes.io/region", l->region },
		{ "topology.kubernetes.io/zone", l->zone },
		{ "topology.istio.io/subzone", l->sub_zone },
		{ "topology.istio.io/cluster", x->mesh->settings.cluster_id },
		{ "kubernetes.io/hostname", copy != NULL ? copy->node : NULL },
	};

	for (size_t i = 0; i < sizeof(topology) / sizeof(topology[0]); i++)
		if (is_named(key, len, topology[i].key) && topology[i].value != NULL &&
		    topology[i].value[0] != '\0')
			return topology[i].value;
	VALUE_EACH(v, labels)
		if (v->key != NULL && is_named(key, len, v->key) && value_text(v) != NULL)
			return value_text(v);
	return "";
}

/* KEY, as the caller has it, or KEY=VALUE. */
static bool
label_agrees(const struct spreading *x, const char *wanted, size_t endpoint)
{
	const struct mesh_endpoint *ep = &x->cluster->endpoints[endpoint];
	size_t len = strcspn(wanted, "=");
	const char *value = wanted[len] == '=' ? wanted + len + 1 :
		label_of(x, x->caller != NULL ? x->caller->labels : NULL, x->here, x->caller, wanted,
			 len);

	return strcmp(value, label_of(x, ep->labels, spread_locality(x->cluster, endpoint),
				      ep->instance, wanted, len)) == 0;
}

/* The later the first label that differs, the better. */
static void
fail_over_by_labels(struct spreading *x, const char *const *labels)
{
	for (size_t i = 0; i < x->cluster->endpoint_count; i++) {
		struct place *p = &x->places[i];
		size_t n = 0;

		while (labels[n] != NULL && label_agrees(x, labels[n], p->endpoint))
			n++;
		p->priority = UINT16_MAX - (uint32_t)n;
	}
	close_gaps(x);
}

static void
fail_over_by_list(struct spreading *x, const struct value *list)
{
	const char **labels = xcalloc(list->count + 1, sizeof(*labels));
	size_t n = 0;

	VALUE_EACH(v, list)
		labels[n++] = value_text(v) != NULL ? value_text(v) : "";
	fail_over_by_labels(x, labels);
	free(labels);
}

/* Is the region where the caller's fails over to, or is nothing said of it? */
static bool
takes_over(const struct spreading *x, const char *region)
{
	VALUE_EACH(v, value_get(x->setting, "failover")) {
		const char *from = value_get_text(v, "from"), *to = value_get_text(v, "to");

		if (from != NULL && strcmp(from, x->here->region) == 0)
			return to != NULL && strcmp(to, region) == 0;
	}
	return true;
}

static uint32_t
rank_of(const struct spreading *x, const struct mesh_locality *there)
{
	if (strcmp(x->here->region, there->region) != 0)
		return takes_over(x, there->region) ? 3 : 4;
	if (strcmp(x->here->zone, there->zone) != 0)
		return 2;
	return strcmp(x->here->sub_zone, there->sub_zone) != 0;
}

static void
fail_over(struct spreading *x)
{
	const struct value *by_labels = value_get(x->setting, "failoverPriority");
	const struct value *by_region = value_get(x->setting, "failover");
	bool has_labels = value_is_list(by_labels) && by_labels->count > 0;
	bool has_regions = value_is_list(by_region) && by_region->count > 0;

	x->out->is_weighted = has_labels || has_regions;
	if (x->cluster->policy.locality.order != NULL) {
		x->out->is_weighted = true;
		fail_over_by_labels(x, x->cluster->policy.locality.order);
		return;
	}
	if (has_labels)
		fail_over_by_list(x, by_labels);
	for (size_t i = 0; (has_regions || !has_labels) && i < x->cluster->endpoint_count; i++) {
		struct place *p = &x->places[i];

		p->priority = p->priority * LOCALITY_RANKS + rank_of(x, p->locality);
	}
	close_gaps(x);
}

/* --- groups --- */

static int
compare_groups(const struct place *a, const struct place *b)
{
	const struct mesh_locality *l = a->locality, *m = b->locality;
	int order = compare_numbers(a->priority, b->priority);

	if (order == 0)
		order = strcmp(l->region, m->region);
	if (order == 0)
		order = strcmp(l->zone, m->zone);
	return order != 0 ? order : strcmp(l->sub_zone, m->sub_zone);
}

static int
by_group(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = compare_groups(x, y);

	return order != 0 ? order : compare_numbers(x->endpoint, y->endpoint);
}

static int
by_leader(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = compare_numbers(x->priority, y->priority);

	if (order == 0)
		order = compare_numbers(x->leader, y->leader);
	return order != 0 ? order : compare_numbers(x->endpoint, y->endpoint);
}

/* Groups of a priority stand in the order of their first endpoints. */
static void
sort_into_groups(struct spreading *x)
{
	size_t n = x->cluster->endpoint_count;

	qsort(x->places, n, sizeof(*x->places), by_group);
	for (size_t i = 0; i < n; i++) {
		struct place *p = &x->places[i];

		p->leader = i > 0 && compare_groups(p - 1, p) == 0 ? p[-1].leader : p->endpoint;
	}
	qsort(x->places, n, sizeof(*x->places), by_leader);
}

static void
make_groups(struct spreading *x)
{
	struct mesh_spread *s = x->out;
	struct spread_group *g = NULL;
	size_t n = x->cluster->endpoint_count;

	s->groups = xcalloc(n, sizeof(*s->groups));
	s->members = xcalloc(n, sizeof(*s->members));
	sort_into_groups(x);
	for (size_t i = 0; i < n; i++) {
		const struct place *p = &x->places[i];

		if (p->leader == p->endpoint) {
			g = &s->groups[s->group_count++];
			*g = (struct spread_group){ .locality = p->locality,
						    .priority = p->priority, .first = i };
		}
		g->count++;
		g->weight += x->cluster->endpoints[p->endpoint].weight;
		s->members[i] = p->endpoint;
	}
}

/* --- distribute --- */

/* A part of a rule's locality: "", missing and "*" stand for any. */
static bool
part_agrees(const char **rule, const char *part)
{
	const char *text = *rule;
	size_t len = strcspn(text, "/");

	*rule = text + len + (text[len] == '/');
	return len == 0 || is_named(text, len, "*") || is_named(text, len, part);
}

static bool
locality_agrees(const struct mesh_locality *l, const char *rule)
{
	return part_agrees(&rule, l->region) && part_agrees(&rule, l->zone) &&
	       part_agrees(&rule, l->sub_zone);
}

/* How many parts of it are named. */
static unsigned
precision_of(const char *rule)
{
	unsigned n = 0;

	while (*rule != '\0') {
		size_t len = strcspn(rule, "/");

		n += len > 0 && !is_named(rule, len, "*");
		rule += len + (rule[len] == '/');
	}
	return n;
}

/* The localities that a rule's part names and no preciser part has had share
 * its weight. */
static void
give_weight(struct mesh_spread *s, bool *has_weight, const char *rule, uint32_t weight)
{
	uint64_t total = 0;

	for (size_t i = 0; i < s->group_count; i++)
		if (!has_weight[i] && locality_agrees(s->groups[i].locality, rule))
			total += s->groups[i].weight;
	for (size_t i = 0; i < s->group_count; i++) {
		struct spread_group *g = &s->groups[i];

		if (has_weight[i] || !locality_agrees(g->locality, rule))
			continue;
		has_weight[i] = true;
		if (total > 0)
			g->weight = (g->weight * weight + total - 1) / total;
	}
}

/* Leaves the others out; members stay without gaps. */
static void
keep_groups(struct mesh_spread *s, const bool *is_kept)
{
	size_t kept = 0, at = 0;

	for (size_t i = 0; i < s->group_count; i++) {
		struct spread_group g = s->groups[i];

		if (!is_kept[i])
			continue;
		memmove(s->members + at, s->members + g.first, g.count * sizeof(*s->members));
		g.first = at;
		at += g.count;
		s->groups[kept++] = g;
	}
	s->group_count = kept;
}

static const struct value *
distribution_from(const struct spreading *x)
{
	VALUE_EACH(v, value_get(x->setting, "distribute")) {
		const char *from = value_get_text(v, "from");

		if (from != NULL && locality_agrees(x->here, from))
			return value_get(v, "to");
	}
	return NULL;
}

static void
distribute(struct spreading *x)
{
	struct mesh_spread *s = x->out;
	const struct value *to = distribution_from(x);
	bool *has_weight = xcalloc(s->group_count + 1, sizeof(*has_weight));

	for (int precision = 3; precision >= 0; precision--)
		VALUE_EACH(v, to) {
			int64_t weight;

			if (v->key != NULL && precision_of(v->key) == (unsigned)precision &&
			    value_to_int(v, &weight) && weight > 0 && weight <= 100)
				give_weight(s, has_weight, v->key, (uint32_t)weight);
		}
	if (to != NULL)
		keep_groups(s, has_weight);
	free(has_weight);
}

/* --- all of it --- */

static bool
says_nothing(const struct spreading *x)
{
	const struct mesh_spread *s = x->out;
	size_t covered = 0;

	for (size_t i = 0; i < s->group_count; i++)
		covered += s->groups[i].count;
	return s->priority_count == 1 && covered == x->cluster->endpoint_count &&
	       (!s->is_weighted || s->group_count == 1);
}

static void
place_endpoints(struct spreading *x)
{
	x->places = xcalloc(x->cluster->endpoint_count, sizeof(*x->places));
	for (size_t i = 0; i < x->cluster->endpoint_count; i++)
		x->places[i] = (struct place){ .endpoint = (uint32_t)i,
					       .locality = spread_locality(x->cluster, i) };
}

static void
note_priorities(struct mesh_spread *s, size_t endpoint_count)
{
	s->priorities = xcalloc(endpoint_count, sizeof(*s->priorities));
	for (size_t i = 0; i < endpoint_count; i++)
		s->priorities[i] = -1;
	for (size_t i = 0; i < s->group_count; i++)
		for (size_t k = 0; k < s->groups[i].count; k++)
			s->priorities[s->members[s->groups[i].first + k]] =
				(int)s->groups[i].priority;
}

struct mesh_spread *
spread_new(const struct mesh *m, const struct mesh_cluster *c, const struct mesh_instance *caller)
{
	struct spreading x = { .mesh = m, .cluster = c, .caller = caller, .here = &nowhere,
			       .setting = c->policy.locality.setting };
	const struct value *list = value_get(x.setting, "distribute");
	bool distributes = value_is_list(list) && list->count > 0;

	if (!c->policy.locality.is_on || c->endpoint_count == 0 ||
	    (!distributes && !c->policy.outlier.is_on && c->policy.locality.order == NULL))
		return NULL;
	if (caller != NULL && caller->locality.region != NULL)
		x.here = &caller->locality;
	x.out = xcalloc(1, sizeof(*x.out));
	place_endpoints(&x);
	x.out->priority_count = 1;
	if (!distributes)
		fail_over(&x);
	make_groups(&x);
	if (distributes) {
		x.out->is_weighted = true;
		distribute(&x);
	}
	free(x.places);
	if (says_nothing(&x))
		spread_free(&x.out);
	else
		note_priorities(x.out, c->endpoint_count);
	return x.out;
}

void
spread_free(struct mesh_spread **sp)
{
	struct mesh_spread *s = *sp;

	if (s == NULL)
		return;
	free(s->groups);
	free(s->members);
	free(s->priorities);
	free(s);
	*sp = NULL;
}

int
spread_priority(const struct mesh_spread *s, size_t endpoint)
{
	return s != NULL ? s->priorities[endpoint] : 0;
}
