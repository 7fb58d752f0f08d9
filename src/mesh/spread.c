/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Priorities and weights of localities; see spread.h. */
#include "src/mesh/spread.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"

#define LEFT_OUT UINT32_MAX
#define LOCALITY_RANKS 5	/* of failover(): 0 to 4 */

static const struct mesh_locality nowhere = { "", "", "" };

struct spreading {
	const struct mesh *mesh;
	const struct mesh_cluster *cluster;
	const struct mesh_instance *caller;
	const struct mesh_locality *here;
	const struct value *setting;
	uint32_t *priorities;		/* by endpoint */
	struct mesh_spread *out;
};

const struct mesh_locality *
spread_locality(const struct mesh_cluster *c, size_t endpoint)
{
	const struct mesh_locality *l = c->endpoints[endpoint].locality;

	return l != NULL && l->region != NULL ? l : &nowhere;
}

static bool
is_same(const struct mesh_locality *a, const struct mesh_locality *b)
{
	return strcmp(a->region, b->region) == 0 && strcmp(a->zone, b->zone) == 0 &&
	       strcmp(a->sub_zone, b->sub_zone) == 0;
}

/* Numbers them anew from 0, in their order, without gaps. */
static void
close_gaps(struct spreading *x)
{
	size_t n = x->cluster->endpoint_count;
	uint32_t next = 0;

	for (;;) {
		uint32_t least = LEFT_OUT;

		for (size_t i = 0; i < n; i++)
			if (x->priorities[i] >= next && x->priorities[i] < least)
				least = x->priorities[i];
		if (least == LEFT_OUT)
			break;
		for (size_t i = 0; i < n; i++)
			if (x->priorities[i] == least)
				x->priorities[i] = next;
		next++;
	}
	x->out->priority_count = next;
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
	 const char *key, size_t len)
{
	const struct { const char *key, *value; } topology[] = {
		{ "topology.kubernetes.io/region", l->region },
		{ "topology.kubernetes.io/zone", l->zone },
		{ "topology.istio.io/subzone", l->sub_zone },
		{ "topology.istio.io/cluster", x->mesh->settings.cluster_id },
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
		label_of(x, x->caller != NULL ? x->caller->labels : NULL, x->here, wanted, len);

	return strcmp(value, label_of(x, ep->labels, spread_locality(x->cluster, endpoint), wanted,
				      len)) == 0;
}

/* The later the first label that differs, the better. */
static void
fail_over_by_labels(struct spreading *x, const struct value *list)
{
	for (size_t i = 0; i < x->cluster->endpoint_count; i++) {
		uint32_t rank = (uint32_t)list->count;

		VALUE_EACH(v, list) {
			if (value_text(v) == NULL || !label_agrees(x, value_text(v), i))
				break;
			rank--;
		}
		x->priorities[i] = rank;
	}
	close_gaps(x);
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
	if (has_labels)
		fail_over_by_labels(x, by_labels);
	for (size_t i = 0; (has_regions || !has_labels) && i < x->cluster->endpoint_count; i++)
		x->priorities[i] = x->priorities[i] * LOCALITY_RANKS +
				   rank_of(x, spread_locality(x->cluster, i));
	close_gaps(x);
}

/* --- groups --- */

static struct spread_group *
group_of(struct mesh_spread *s, uint32_t priority, const struct mesh_locality *l)
{
	for (size_t i = 0; i < s->group_count; i++)
		if (s->groups[i].priority == priority && is_same(s->groups[i].locality, l))
			return &s->groups[i];
	s->groups[s->group_count] = (struct spread_group){ .locality = l, .priority = priority };
	return &s->groups[s->group_count++];
}

/* Those of a priority stand together. */
static void
make_groups(struct spreading *x)
{
	struct mesh_spread *s = x->out;
	size_t n = x->cluster->endpoint_count, at = 0;

	s->groups = xcalloc(n, sizeof(*s->groups));
	s->members = xcalloc(n, sizeof(*s->members));
	for (uint32_t p = 0; p < s->priority_count; p++)
		for (size_t i = 0; i < n; i++)
			if (x->priorities[i] == p) {
				struct spread_group *g =
					group_of(s, p, spread_locality(x->cluster, i));

				g->count++;
				g->weight += x->cluster->endpoints[i].weight;
			}
	for (size_t k = 0; k < s->group_count; k++) {
		struct spread_group *g = &s->groups[k];

		g->first = at;
		for (size_t i = 0; i < n; i++)
			if (x->priorities[i] == g->priority &&
			    is_same(g->locality, spread_locality(x->cluster, i)))
				s->members[at++] = (uint32_t)i;
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
			g->weight = (uint32_t)(((uint64_t)g->weight * weight + total - 1) / total);
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

struct mesh_spread *
spread_new(const struct mesh *m, const struct mesh_cluster *c, const struct mesh_instance *caller)
{
	struct spreading x = { .mesh = m, .cluster = c, .caller = caller, .here = &nowhere,
			       .setting = c->policy.locality.setting };
	const struct value *list = value_get(x.setting, "distribute");
	bool distributes = value_is_list(list) && list->count > 0;

	if (!c->policy.locality.is_on || c->endpoint_count == 0 ||
	    (!distributes && !c->policy.outlier.is_on))
		return NULL;
	if (caller != NULL && caller->locality.region != NULL)
		x.here = &caller->locality;
	x.out = xcalloc(1, sizeof(*x.out));
	x.priorities = xcalloc(c->endpoint_count, sizeof(*x.priorities));
	x.out->priority_count = 1;
	if (!distributes)
		fail_over(&x);
	make_groups(&x);
	if (distributes) {
		x.out->is_weighted = true;
		distribute(&x);
	}
	free(x.priorities);
	if (says_nothing(&x))
		spread_free(&x.out);
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
	free(s);
	*sp = NULL;
}

int
spread_priority(const struct mesh_spread *s, size_t endpoint)
{
	if (s == NULL)
		return 0;
	for (size_t i = 0; i < s->group_count; i++)
		for (size_t k = 0; k < s->groups[i].count; k++)
			if (s->members[s->groups[i].first + k] == endpoint)
				return (int)s->groups[i].priority;
	return -1;
}
