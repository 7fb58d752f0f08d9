/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One line a graph: size, crossings and time of the layout, beside what dot
 * reports for the same graph (when dot is installed).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/topology/graph.h"
#include "src/topology/grid.h"
#include "src/topology/layout.h"
#include "tests/lib/graph_samples.h"

enum { REPEATS = 5 };

static void
write_dot(const struct graph *g, const char *path)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		return;
	fputs("digraph g {\nrankdir=LR; node [shape=box];\n", f);
	for (size_t i = 0; i < g->nodes.len; i++)
		fprintf(f, "\"%s\";\n", g->nodes.items[i].label);
	for (size_t i = 0; i < g->edges.len; i++)
		fprintf(f, "\"%s\" -> \"%s\";\n", g->nodes.items[g->edges.items[i].from].label,
			g->nodes.items[g->edges.items[i].to].label);
	fputs("}\n", f);
	fclose(f);
}

/* Crossings that dot counts itself; -1 when it cannot be asked. */
static int
ask_dot(const struct graph *g)
{
	char path[] = "/tmp/meshtop-bench-XXXXXX", command[200], line[400];
	int fd = mkstemp(path), crossings = -1, found;
	FILE *f;

	if (fd < 0)
		return -1;
	close(fd);
	write_dot(g, path);
	snprintf(command, sizeof(command), "timeout 60 dot -v -Tplain %s 2>&1 >/dev/null", path);
	f = popen(command, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		const char *at = strstr(line, " crossings,");

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

static void
measure(const struct graph *g, const char *name)
{
	double best_ms = 1e9;
	struct layout_stats s;

	for (int i = 0; i < REPEATS; i++) {
		uint64_t begin = clock_mono_ns(&clock_system);
		struct layout *l = layout_new(g, NULL, NULL, NULL);
		double ms = (double)(clock_mono_ns(&clock_system) - begin) / 1e6;

		best_ms = ms < best_ms ? ms : best_ms;
		layout_get_stats(l, &s);
		layout_free(&l);
	}
	printf("%-24s %4zu %5zu %3u layers %4ux%-4u %6u crossings  dot %6d  %8.2f ms\n", name,
	       g->nodes.len, g->edges.len, s.layers, s.width, s.height, s.crossings,
	       ask_dot(g), best_ms);
	fflush(stdout);
}

int
main(void)
{
	static const unsigned sizes[] = { 20, 50, 100, 200, 500 };
	const char *name;
	struct graph *g;

	for (size_t i = 0; (g = sample_named(i, &name)) != NULL; i++) {
		measure(g, name);
		graph_free(&g);
	}
	for (size_t i = 0; i < 2 * sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct sample_wish wish = { sizes[i / 2], sizes[i / 2] * 3 / 2,
					    i % 2 ? sizes[i / 2] / 25 : 0, i };
		char text[32];

		snprintf(text, sizeof(text), "%s %u", i % 2 ? "cyclic" : "acyclic",
			 sizes[i / 2]);
		g = sample_random(&wish);
		measure(g, text);
		graph_free(&g);
	}
	return 0;
}
