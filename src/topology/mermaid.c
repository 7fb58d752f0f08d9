/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The graph as a Mermaid flowchart, for pages that draw those. */
#include <stdbool.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/topology/build.h"
#include "src/topology/graph.h"

#define LABEL_CELLS 200u	/* pages refuse flowcharts of more than 50 kB */

/* Would Markdown make a list or a heading of it?  "- x", "1. x" */
static bool
begins_a_list(const char *s)
{
	size_t digits = strspn(s, "0123456789");

	if (digits > 0 ? s[digits] != '.' : s[0] == '\0' || strchr("-+*", s[0]) == NULL)
		return false;
	return s[digits + 1] == ' ' || s[digits + 1] == '\0';
}

/* Inside quotes Mermaid knows entities only, takes < for markup, and a directive
 * (%%{) for one anywhere.  Quotes are never empty. */
static void
put_text(struct buf *out, const char *label)
{
	struct buf cut = BUF_INIT;
	const char *s;

	text_cut_middle(&cut, label, LABEL_CELLS, "\xe2\x80\xa6");
	s = buf_str(&cut);
	if (*s == '\0')
		buf_putc(out, ' ');
	if (begins_a_list(s))
		buf_printf(out, "#%d;", *s++);
	for (; *s != '\0'; s++) {
		switch (*s) {
		case '"': buf_puts(out, "#quot;"); break;
		case '#': buf_puts(out, "#35;"); break;
		case '<': buf_puts(out, "#lt;"); break;
		case '>': buf_puts(out, "#gt;"); break;
		case '&': buf_puts(out, "#amp;"); break;
		case '`': buf_puts(out, "#96;"); break;
		case '%': buf_puts(out, "#37;"); break;
		case '\\': buf_puts(out, "#92;"); break;	/* \n would end the line */
		default: buf_putc(out, *s);
		}
	}
	buf_fini(&cut);
}

static void
put_node(const struct graph *g, size_t i, struct buf *out)
{
	static const struct {
		const char *open, *close;
	} shapes[NODE_KIND_COUNT] = {
		[NODE_WORKLOAD] = { "([", "])" }, [NODE_SERVICE] = { "{{", "}}" },
		[NODE_APP] = { "[", "]" }, [NODE_VERSION] = { "[", "]" },
		[NODE_SERVICE_ENTRY] = { "[/", "\\]" }, [NODE_UNKNOWN] = { "([", "])" },
	};
	static const char *const classes[] = {
		[HEALTH_NA] = "idle", [HEALTH_HEALTHY] = "good", [HEALTH_NOT_READY] = "warn",
		[HEALTH_DEGRADED] = "warn", [HEALTH_FAILURE] = "bad",
	};
	const struct graph_node *n = &g->nodes.items[i];

	buf_printf(out, "  n%zu%s\"", i, shapes[n->kind].open);
	put_text(out, n->label);
	buf_printf(out, "\"%s:::%s\n", shapes[n->kind].close, classes[n->health]);
}

static void
put_edge(const struct graph_edge *e, unsigned label_bits, struct buf *out)
{
	const char *arrow = e->is_mirrored ? "-.->" : e->protocol == EDGE_TCP ? "==>" : "-->";
	struct buf label = BUF_INIT;

	if (label_bits != 0)
		edge_label_text(e, label_bits, false, &label);
	buf_printf(out, "  n%zu %s", e->from, arrow);
	if (label.len > 0) {
		buf_puts(out, "|\"");
		put_text(out, buf_str(&label));
		buf_puts(out, "\"|");
	}
	buf_printf(out, " n%zu\n", e->to);
	buf_fini(&label);
}

void
graph_put_mermaid(const struct graph *g, unsigned label_bits, struct buf *out)
{
	buf_puts(out, "flowchart LR\n");
	for (size_t i = 0; i < g->nodes.len; i++)
		put_node(g, i, out);
	for (size_t i = 0; i < g->edges.len; i++)
		put_edge(&g->edges.items[i], label_bits, out);
	buf_puts(out, "  classDef good stroke:#2da44e\n  classDef warn stroke:#bf8700,stroke-width:2px\n"
		 "  classDef bad stroke:#cf222e,stroke-width:3px\n"
		 "  classDef idle stroke:#8c959f,stroke-dasharray:4\n");
	for (size_t i = 0; i < g->edges.len; i++) {
		const struct graph_edge *e = &g->edges.items[i];

		if (e->health > HEALTH_HEALTHY)
			buf_printf(out, "  linkStyle %zu stroke:%s\n", i,
				   e->health == HEALTH_FAILURE ? "#cf222e" : "#bf8700");
		else if (e->is_idle)
			buf_printf(out, "  linkStyle %zu stroke:#8c959f\n", i);
	}
}
