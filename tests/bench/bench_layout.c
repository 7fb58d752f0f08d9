/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Size, crossings and CPU time of the layout, beside the crossings of dot for the
 * same graphs (when dot is installed): one line a known graph, then one line
 * for many generated ones of a size.
 *
 * dot is asked twice: for its own picture, and for the order on its ranks
 * when every piece of a long edge is an edge; the smaller number counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/xalloc.h"
#include "src/topology/graph.h"
#include "src/topology/layout.h"
#include "tests/lib/graph_samples.h"

enum { REPEATS = 5 };

/* A file to write for dot; the path is a template for mkstemp(). */
static FILE *
open_input(char *path)
{
	int fd = mkstemp(path);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (f != NULL)
		fputs("digraph g {\nrankdir=LR; node [shape=box];\n", f);
	return f;
}

/* Runs dot on the file and removes it.  Crossings that dot reports, -1 when
 * it cannot be asked; columns (may be NULL): place of each node along, by its
 * number in the file. */
static int
run_dot(FILE *f, const char *path, double *columns)
{
	char command[200], line[4000];
	int crossings = -1, found;
	unsigned node;
	double x;

	fputs("}\n", f);
	fclose(f);
	snprintf(command, sizeof(command), "timeout 60 dot -v -Tplain %s 2>&1", path);
	f = popen(command, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		const char *at = strstr(line, " crossings,");

		if (columns != NULL && sscanf(line, "node n%u %lf", &node, &x) == 2)
			columns[node] = x;
		while (at != NULL && at > line && at[-1] >= '0' && at[-1] <= '9')
			at--;
		if (at != NULL && sscanf(at, "%d crossings,", &found) == 1)
			crossings = found;
	}
	if (f != NULL)
		pclose(f);
	unlink(path);
	return crossings;
}

static int
ask_for_picture(const struct graph *g, double *columns)
{
	char path[] = "/tmp/meshtop-bench-XXXXXX";
	FILE *f = open_input(path);

	if (f == NULL)
		return -1;
	for (size_t i = 0; i < g->nodes.len; i++)
		fprintf(f, "n%zu;\n", i);
	for (size_t i = 0; i < g->edges.len; i++)
		fprintf(f, "n%zu -> n%zu;\n", g->edges.items[i].from, g->edges.items[i].to);
	return run_dot(f, path, columns);
}

static int
compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Columns become ranks, in place; returns how many there are. */
static unsigned
number_columns(double *columns, unsigned *ranks, size_t count)
{
	double *sorted = xmalloc((count + 1) * sizeof(*sorted));
	unsigned all = 0;

	memcpy(sorted, columns, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare_doubles);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || sorted[i] > sorted[all - 1])
			sorted[all++] = sorted[i];
	for (size_t i = 0; i < count; i++)
		for (ranks[i] = 0; sorted[ranks[i]] < columns[i];)
			ranks[i]++;
	free(sorted);
	return all;
}

/* The same ranks, with a node wherever an edge passes one. */
static int
ask_for_order(const struct graph *g, double *columns)
{
	char path[] = "/tmp/meshtop-bench-XXXXXX";
	FILE *f = open_input(path);
	unsigned *ranks = xcalloc(g->nodes.len + 1, sizeof(*ranks)), all, passing = 0;

	if (f == NULL) {
		free(ranks);
		return -1;
	}
	all = number_columns(columns, ranks, g->nodes.len);
	for (size_t i = 0; i < g->edges.len; i++) {
		size_t from = g->edges.items[i].from, to = g->edges.items[i].to;
		size_t low = ranks[from] < ranks[to] ? from : to, high = low == from ? to : from;

		fprintf(f, "n%zu", low);
		for (unsigned rank = ranks[low] + 1; rank < ranks[high]; rank++)
			fprintf(f, " -> p%u", passing++);
		fprintf(f, " -> n%zu;\n", high);
	}
	for (unsigned rank = 0; rank < all; rank++) {
		fputs("{ rank=same;", f);
		for (size_t i = 0; i < g->nodes.len; i++)
			if (ranks[i] == rank)
				fprintf(f, " n%zu;", i);
		fputs(" }\n", f);
	}
	free(ranks);
	return run_dot(f, path, NULL);
}

/* The number to hold; -1 when dot cannot be asked. */
static int
ask_dot(const struct graph *g)
{
	double *columns = xcalloc(g->nodes.len + 1, sizeof(*columns));
	int picture = ask_for_picture(g, columns);
	int order = picture > 0 ? ask_for_order(g, columns) : picture;

	free(columns);
	return order >= 0 && order < picture ? order : picture;
}

static double
lay_out(const struct graph *g, const struct layout_options *o, int repeats,
	struct layout_stats *s)
{
	double best_ms = 1e9;

	for (int i = 0; i < repeats; i++) {
		clock_t begin = clock();
		struct layout *l = layout_new(g, o, NULL, NULL);
		double ms = (double)(clock() - begin) * 1e3 / CLOCKS_PER_SEC;

		best_ms = ms < best_ms ? ms : best_ms;
		layout_get_stats(l, s);
		layout_free(&l);
	}
	return best_ms;
}

/* Size of the picture with a rate beside every line. */
static struct layout_stats
measure_with_rates(const struct graph *g)
{
	const char **labels = xcalloc(g->edges.len + 1, sizeof(*labels));
	struct layout_options o = { .edge_labels = labels, .sum_label = sample_sum_label };
	struct layout_stats s;

	for (size_t i = 0; i < g->edges.len; i++)
		labels[i] = "0.27";
	lay_out(g, &o, 1, &s);
	free(labels);
	return s;
}

static void
measure(const struct graph *g, const char *name)
{
	struct layout_stats s, rates = measure_with_rates(g);
	double ms = lay_out(g, NULL, REPEATS, &s);

	printf("%-24s %3zu %3zu %3u layers %4ux%-4u with rates %4ux%-4u %3u crossings  "
	       "dot %4d  %6.2f ms\n", name, g->nodes.len, g->edges.len, s.layers, s.width,
	       s.height, rates.width, rates.height, s.crossings, ask_dot(g), ms);
	fflush(stdout);
}

/* Graphs of one size: means, and in how many of them dot has fewer. */
static void
measure_size(unsigned nodes, bool has_cycles, unsigned seeds)
{
	double crossings = 0, bar = 0, worst_ms = 0;
	unsigned lost = 0;

	for (unsigned seed = 0; seed < seeds; seed++) {
		struct sample_wish wish = { nodes, nodes * 3 / 2, has_cycles ? nodes / 25 + 1 : 0,
					    seed };
		struct graph *g = sample_random(&wish);
		struct layout_stats s;
		double ms = lay_out(g, NULL, 2, &s);
		int dot = ask_dot(g);

		crossings += s.crossings;
		bar += dot;
		lost += dot >= 0 && s.crossings > (unsigned)dot;
		worst_ms = ms > worst_ms ? ms : worst_ms;
		graph_free(&g);
	}
	printf("%-8s %4u nodes, %2u graphs  %8.1f crossings  dot %8.1f  dot has fewer in %u  "
	       "at most %.2f ms\n", has_cycles ? "cyclic" : "acyclic", nodes, seeds,
	       crossings / seeds, bar / seeds, lost, worst_ms);
	fflush(stdout);
}

/* Far more edges than a mesh has: as wide as it takes, and folded to fit a
 * terminal.  dot is not asked. */
static void
measure_dense(unsigned nodes, unsigned edges)
{
	struct graph *g = sample_dense(nodes, edges, 1);

	for (unsigned cols = 0; cols <= 160; cols += 80) {
		struct layout_options o = { .cols = cols };
		struct layout_stats s;
		double ms = lay_out(g, &o, 2, &s);

		printf("dense    %4u nodes, %4u edges, %3u columns  %4ux%-4u %6u crossings  "
		       "%3u folded  %8.2f ms\n", nodes, edges, cols, s.width, s.height,
		       s.crossings, s.hidden_nodes, ms);
	}
	fflush(stdout);
	graph_free(&g);
}

int
main(void)
{
	static const struct { unsigned nodes, edges; } dense[] = {
		{ 30, 180 }, { 80, 320 }, { 80, 960 }, { 150, 290 }, { 200, 2000 },
	};
	static const struct { unsigned nodes, seeds; } sizes[] = {
		{ 20, 40 }, { 30, 40 }, { 50, 20 }, { 75, 20 }, { 100, 20 }, { 200, 5 }, { 500, 2 },
	};
	const char *name;
	struct graph *g;

	for (size_t i = 0; (g = sample_named(i, &name)) != NULL; i++) {
		measure(g, name);
		graph_free(&g);
	}
	for (size_t i = 0; i < 2 * ARRAY_LEN(sizes); i++)
		measure_size(sizes[i / 2].nodes, i % 2, sizes[i / 2].seeds);
	for (size_t i = 0; i < ARRAY_LEN(dense); i++)
		measure_dense(dense[i].nodes, dense[i].edges);
	return 0;
}
