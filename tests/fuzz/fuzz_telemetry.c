/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Telemetry objects, one a line, and the graph that is built of them. */
#include <math.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/telemetry/series.h"
#include "src/topology/build.h"
#include "src/topology/graph.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct graph_options options = { .type = GRAPH_VERSIONED_APP, .to_ms = INT64_MAX };
	struct series_store *s = series_new();
	struct buf out = BUF_INIT;
	struct graph *g;

	for (size_t at = 0; at < size;) {
		const uint8_t *end = memchr(data + at, '\n', size - at);
		size_t len = end != NULL ? (size_t)(end - data) - at : size - at;

		series_feed(s, (const char *)data + at, len, NULL);
		at += len + 1;
	}
	for (unsigned type = GRAPH_APP; type <= GRAPH_SERVICE; type++) {
		options.type = (enum graph_type)type;
		g = graph_build(s, NULL, &options);
		for (size_t i = 0; i < g->edges.len; i++)
			ASSERT(isfinite(g->edges.items[i].rate) && g->edges.items[i].rate >= 0);
		graph_put_json(g, &out);
		graph_free(&g);
	}
	buf_fini(&out);
	series_free(&s);
	return 0;
}
