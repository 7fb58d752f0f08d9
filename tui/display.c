/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Display options of the picture; see display.h. */
#include "tui/display.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "src/topology/find.h"
#include "tui/app.h"
#include "tui/model.h"
#include "tui/screens/screens.h"

static const struct option {
	const char *name, *help;
	size_t offset;		/* of a bool in the query; SIZE_MAX: rank-by */
	bool is_inverted;	/* the bool says that it is off */
} options[] = {
	{ "service-nodes", "Service nodes between callers and workloads",
	  offsetof(struct model_query, no_service_nodes), true },
	{ "idle-nodes", "Services and workloads without traffic",
	  offsetof(struct model_query, shows_idle_nodes), false },
	{ "idle-edges", "Edges without traffic in the window",
	  offsetof(struct model_query, hides_idle_edges), true },
	{ "app-boxes", "Frames around the versions of an app, where there is room",
	  offsetof(struct model_query, hides_app_boxes), true },
	{ "namespace-boxes", "Frames around namespaces, where there is room",
	  offsetof(struct model_query, hides_namespace_boxes), true },
	{ "cluster-boxes", "Frames around clusters, where there is room",
	  offsetof(struct model_query, hides_cluster_boxes), true },
	{ "badges", "Badges of rules and proxies",
	  offsetof(struct model_query, hides_badges), true },
	{ "security", "Share of traffic with mTLS on the edges",
	  offsetof(struct model_query, shows_security), false },
	{ "animation", "Traffic as moving dots, x for errors",
	  offsetof(struct model_query, shows_animation), false },
	{ "ranks", "Rank of each node by its edges",
	  offsetof(struct model_query, shows_ranks), false },
	{ "rank-by", "Edges that make the rank", SIZE_MAX, false },
};

static const struct {
	const char *word;
	unsigned bits;
} rank_words[] = {
	{ "both", 0 }, { "inbound", RANK_BY_IN }, { "outbound", RANK_BY_OUT },
};

const char *
display_name(size_t i)
{
	return i < ARRAY_LEN(options) ? options[i].name : NULL;
}

const char *
display_help(size_t i)
{
	return options[i].help;
}

static bool *
bool_of(const struct model *m, size_t i)
{
	return (bool *)((char *)(uintptr_t)&m->query + options[i].offset);
}

const char *
display_value(const struct model *m, size_t i)
{
	if (options[i].offset != SIZE_MAX)
		return *bool_of(m, i) != options[i].is_inverted ? "on" : "off";
	for (size_t k = 0; k < ARRAY_LEN(rank_words); k++)
		if (rank_words[k].bits == m->query.rank_by)
			return rank_words[k].word;
	return "both";
}

static bool
set_rank(struct model *m, const char *value)
{
	for (size_t k = 0; k < ARRAY_LEN(rank_words); k++) {
		if (strcmp(value, rank_words[k].word) == 0) {
			m->query.rank_by = rank_words[k].bits;
			return true;
		}
	}
	return false;
}

bool
display_set(struct model *m, const char *name, const char *value, struct buf *answer)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		bool on = value[0] == '\0' || strcmp(value, "on") == 0 || strcmp(value, "true") == 0;

		if (strcmp(options[i].name, name) != 0)
			continue;
		if (options[i].offset == SIZE_MAX) {
			if (!set_rank(m, value))
				buf_printf(answer, "%s: write both, inbound or outbound", name);
			return answer->len == 0;
		}
		if (!on && strcmp(value, "off") != 0 && strcmp(value, "false") != 0) {
			buf_printf(answer, "%s: write on or off", name);
			return false;
		}
		*bool_of(m, i) = on != options[i].is_inverted;
		return true;
	}
	return false;
}

void
display_menu(struct app *a)
{
	struct menu *menu = menu_new("Display");
	const struct model *m = app_model(a);

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		const char *now = display_value(m, i);
		const char *next = strcmp(now, "on") == 0 ? "off" : strcmp(now, "off") == 0 ? "on" :
			strcmp(now, "both") == 0 ? "inbound" :
			strcmp(now, "inbound") == 0 ? "outbound" : "both";
		char *line = xasprintf("set %s %s", options[i].name, next);

		menu_add(menu, options[i].help, now, line);
		free(line);
	}
	app_push(a, menu_screen(menu));
}
