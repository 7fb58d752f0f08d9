/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Graphs to draw; see graph_samples.h. */
#include "tests/lib/graph_samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/rng.h"
#include "src/base/xalloc.h"
#include "src/topology/graph.h"

static const struct { const char *name, *text; } samples[] = {
	{ "one", "alone" },
	{ "pair", "a b" },
	{ "mutual", "a b;b a" },
	{ "self", "a a;a b;b b" },
	{ "two kinds", "a b;a b tcp" },
	{ "isolated", "a;b;c d;e" },
	{ "triangle", "a b;b c;c a" },
	{ "prefixes", "cars cars-v1;cars cars-v2;cars-v1 c;cars-v2 c;c cars.v1" },
	{ "wide names", "\xe6\x97\x85\xe8\xa1\x8c caf\xc3\xa9;caf\xc3\xa9 \xe6\xb5\xb7;a \xe6\xb5\xb7" },
	{ "mirrored", "s v1;s v2;s v3 mirror;v1 d;v2 d;v3 d" },
	{ "travels workload",
	  "control-v1 travels-v1-portal 0.03;control-v1 viaggi-v1 0.03;control-v1 voyages-v1 0.03;"
	  "travels-v1-portal travels-v1 0.09;travels-v1-portal travels-v2 0.09;"
	  "travels-v1-portal travels-v3 0.09;viaggi-v1 travels-v1 0.09;"
	  "viaggi-v1 travels-v2 0.09;viaggi-v1 travels-v3 0.09;voyages-v1 travels-v1 0.09;"
	  "voyages-v1 travels-v2 0.09;voyages-v1 travels-v3 0.09;"
	  "travels-v1 hotels-v1 0.27;travels-v1 flights-v1 0.27;travels-v1 cars-v1 0.27;"
	  "travels-v1 insurances-v1 0.27;travels-v2 hotels-v1 0.27;travels-v2 flights-v1 0.27;"
	  "travels-v2 cars-v1 0.27;travels-v2 insurances-v1 0.27;travels-v3 hotels-v1 0.27;"
	  "travels-v3 flights-v1 0.27;travels-v3 cars-v1 0.27;travels-v3 insurances-v1 0.27;"
	  "hotels-v1 discounts-v1 0.81;flights-v1 discounts-v1 0.81;cars-v1 discounts-v1 0.81;"
	  "insurances-v1 discounts-v1 0.81;hotels-v1 mysqldb-v1 tcp 130;"
	  "flights-v1 mysqldb-v1 tcp 130;cars-v1 mysqldb-v1 tcp 130;"
	  "insurances-v1 mysqldb-v1 tcp 130" },
	{ "travels app",
	  "control portal;portal travels;travels hotels;travels flights;travels cars;"
	  "travels insurances;hotels discounts;flights discounts;cars discounts;"
	  "insurances discounts;hotels mysqldb tcp;flights mysqldb tcp;cars mysqldb tcp;"
	  "insurances mysqldb tcp" },
	{ "travels versions",
	  "control-v1 voyages;control-v1 viaggi;control-v1 travels-portal;voyages voyages-v1;"
	  "viaggi viaggi-v1;travels-portal portal-v1;voyages-v1 travels;viaggi-v1 travels;"
	  "portal-v1 travels;travels travels-v1;travels travels-v2;travels travels-v3;"
	  "travels-v1 hotels;travels-v1 flights;travels-v1 cars;travels-v1 insurances;"
	  "travels-v2 hotels;travels-v2 flights;travels-v2 cars;travels-v2 insurances;"
	  "travels-v3 hotels;travels-v3 flights;travels-v3 cars;travels-v3 insurances;"
	  "hotels hotels-v1;flights flights-v1;cars cars-v1;insurances insurances-v1;"
	  "hotels-v1 discounts;flights-v1 discounts;cars-v1 discounts;insurances-v1 discounts;"
	  "hotels-v1 mysqldb tcp;flights-v1 mysqldb tcp;cars-v1 mysqldb tcp;"
	  "insurances-v1 mysqldb tcp;discounts discounts-v1;mysqldb mysqldb-v1 tcp" },
	{ "bookinfo",
	  "istio-ingressgateway productpage-v1;productpage-v1 details-v1;"
	  "productpage-v1 reviews-v1;productpage-v1 reviews-v2;productpage-v1 reviews-v3;"
	  "reviews-v2 ratings-v1;reviews-v3 ratings-v1" },
	{ "online boutique",
	  "loadgenerator frontend;frontend adservice;frontend recommendationservice;"
	  "frontend productcatalogservice;frontend cartservice;frontend checkoutservice;"
	  "frontend currencyservice;frontend shippingservice;"
	  "checkoutservice productcatalogservice;checkoutservice cartservice;"
	  "checkoutservice currencyservice;checkoutservice shippingservice;"
	  "checkoutservice paymentservice;checkoutservice emailservice;"
	  "recommendationservice productcatalogservice;cartservice redis-cart tcp" },
	{ "social network",
	  "nginx compose-post;nginx home-timeline;nginx user-timeline;nginx social-graph;"
	  "nginx user-service;compose-post text-service;compose-post user-service;"
	  "compose-post unique-id;compose-post media-service;compose-post post-storage;"
	  "compose-post user-timeline;compose-post home-timeline;text-service url-shorten;"
	  "text-service user-mention;url-shorten url-memcached tcp;url-shorten url-mongodb tcp;"
	  "user-mention user-memcached tcp;user-mention user-mongodb tcp;"
	  "user-service user-memcached tcp;user-service user-mongodb tcp;"
	  "user-service social-graph;media-service media-memcached tcp;"
	  "media-service media-mongodb tcp;post-storage post-memcached tcp;"
	  "post-storage post-mongodb tcp;user-timeline timeline-redis tcp;"
	  "user-timeline timeline-mongodb tcp;user-timeline post-storage;"
	  "home-timeline home-redis tcp;home-timeline post-storage;home-timeline social-graph;"
	  "social-graph graph-redis tcp;social-graph graph-mongodb tcp;social-graph user-service" },
};

/* Shapes of a size: from i to j where has_edge says so. */
struct shape {
	const char *name;
	unsigned nodes;
	bool (*has_edge)(unsigned from, unsigned to, unsigned nodes);
};

static bool
in_chain(unsigned from, unsigned to, unsigned nodes)
{
	(void)nodes;
	return to == from + 1;
}

static bool
in_ring(unsigned from, unsigned to, unsigned nodes)
{
	return to == (from + 1) % nodes;
}

static bool
in_fan_out(unsigned from, unsigned to, unsigned nodes)
{
	(void)nodes;
	return from == 0 && to > 0;
}

static bool
in_fan_in(unsigned from, unsigned to, unsigned nodes)
{
	return to == nodes - 1 && from < to;
}

static bool
in_halves(unsigned from, unsigned to, unsigned nodes)
{
	return from < nodes / 2 && to >= nodes / 2;
}

static bool
in_ladder(unsigned from, unsigned to, unsigned nodes)
{
	(void)nodes;
	return to > from && to <= from + 3;
}

static bool
in_all(unsigned from, unsigned to, unsigned nodes)
{
	(void)nodes;
	return from != to;
}

/* Each of the upper half calls a different half of the lower: no two equal. */
static bool
in_partial(unsigned from, unsigned to, unsigned nodes)
{
	return from < nodes / 2 && to >= nodes / 2 && ((from + 1) >> (to % 4) & 1);
}

static const struct shape shapes[] = {
	{ "chain of 30", 30, in_chain }, { "ring of 12", 12, in_ring },
	{ "fan of 40", 41, in_fan_out }, { "fan into one", 25, in_fan_in },
	{ "six by six", 12, in_halves }, { "ladder", 24, in_ladder },
	{ "everyone calls everyone", 7, in_all }, { "partly shared", 16, in_partial },
};

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

static size_t
node_of(struct graph *g, const char *id)
{
	size_t node = graph_find(g, id);

	return node != SIZE_MAX ? node : graph_add_node(g, NODE_WORKLOAD, id);
}

static void
parse_line(struct graph *g, char *line)
{
	char *save = NULL, *from = strtok_r(line, " ", &save), *to, *word;
	struct graph_edge *e;
	size_t a, b;

	if (from == NULL)
		return;
	a = node_of(g, from);
	to = strtok_r(NULL, " ", &save);
	if (to == NULL)
		return;
	b = node_of(g, to);
	e = graph_add_edge(g, a, b, EDGE_HTTP);
	e->health = HEALTH_HEALTHY;
	while ((word = strtok_r(NULL, " ", &save)) != NULL) {
		if (strcmp(word, "tcp") == 0)
			e->protocol = EDGE_TCP;
		else if (strcmp(word, "mirror") == 0)
			e->is_mirrored = true;
		else
			e->rate = strtod(word, NULL);
	}
}

struct graph *
sample_parse(const char *text)
{
	struct graph *g = graph_new();
	char *copy = xstrdup(text), *save = NULL;

	g->type = "input";
	for (char *line = strtok_r(copy, ";\n", &save); line != NULL;
	     line = strtok_r(NULL, ";\n", &save))
		parse_line(g, line);
	free(copy);
	graph_finish(g);
	return g;
}

static struct graph *
make_shape(const struct shape *s)
{
	struct buf text = BUF_INIT;
	struct graph *g;

	for (unsigned i = 0; i < s->nodes; i++)
		for (unsigned j = 0; j < s->nodes; j++)
			if (s->has_edge(i, j, s->nodes))
				buf_printf(&text, "n%02u n%02u;", i, j);
	g = sample_parse(buf_str(&text));
	buf_fini(&text);
	return g;
}

struct graph *
sample_named(size_t index, const char **name)
{
	if (index < COUNT_OF(samples)) {
		*name = samples[index].name;
		return sample_parse(samples[index].text);
	}
	index -= COUNT_OF(samples);
	if (index >= COUNT_OF(shapes))
		return NULL;
	*name = shapes[index].name;
	return make_shape(&shapes[index]);
}

/* Names in an order that has nothing to do with the layers. */
static void
random_name(char *out, size_t size, unsigned node, unsigned nodes)
{
	snprintf(out, size, "svc-%03u", (unsigned)((node * 7919ull + 13) % nodes));
}

static void
add_random_nodes(struct graph *g, unsigned nodes)
{
	g->type = "input";
	for (unsigned i = 0; i < nodes; i++) {
		char name[32];

		random_name(name, sizeof(name), i, nodes);
		graph_add_node(g, NODE_WORKLOAD, name);
	}
}

struct graph *
sample_random(const struct sample_wish *wish)
{
	struct graph *g = graph_new();
	struct rng rng;
	unsigned entries = wish->nodes * 13 / 100, inner = wish->nodes * 61 / 100;
	unsigned hot = wish->nodes / 25 + 1;

	add_random_nodes(g, wish->nodes);
	rng_seed(&rng, wish->seed);
	for (unsigned i = 0; i < wish->edges; i++) {
		size_t from = rng_below(&rng, inner), to;

		if (rng_below(&rng, 5) == 0)
			to = entries + rng_below(&rng, hot) * (wish->nodes - entries) / hot;
		else
			to = from + 1 + rng_below(&rng, wish->nodes - from - 1);
		if (to < entries)
			to += entries;
		if (to >= wish->nodes || to <= from)
			continue;
		graph_add_edge(g, from, to, rng_below(&rng, 4) == 0 ? EDGE_TCP : EDGE_HTTP);
	}
	for (unsigned i = 0; i < wish->loops && g->edges.len > 0; i++) {
		struct graph_edge e = g->edges.items[rng_below(&rng, g->edges.len)];

		graph_add_edge(g, e.to, e.from, EDGE_HTTP);
	}
	graph_finish(g);
	return g;
}

struct graph *
sample_dense(unsigned nodes, unsigned edges, uint64_t seed)
{
	struct graph *g = graph_new();
	bool *is_there = xcalloc((size_t)nodes * nodes, sizeof(*is_there));
	struct rng rng;

	ASSERT(edges <= nodes * (nodes - 1));
	add_random_nodes(g, nodes);
	rng_seed(&rng, seed);
	while (g->edges.len < edges) {
		size_t from = rng_below(&rng, nodes), to = rng_below(&rng, nodes);

		if (from == to || is_there[from * nodes + to])
			continue;
		is_there[from * nodes + to] = true;
		graph_add_edge(g, from, to, EDGE_HTTP);
	}
	free(is_there);
	graph_finish(g);
	return g;
}

struct graph *
sample_by_name(const char *wanted)
{
	struct graph *g;
	const char *name;

	for (size_t i = 0; (g = sample_named(i, &name)) != NULL && strcmp(name, wanted) != 0; i++)
		graph_free(&g);
	ASSERT(g != NULL);
	return g;
}

const char *
sample_sum_label(void *data, const size_t *edges, size_t count)
{
	(void)data;
	(void)edges;
	return count > 1 ? "125" : "1";
}
