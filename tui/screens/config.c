/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lists of configuration objects and of what is wrong with them.
 */
#include <stdio.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "tui/feed/model.h"
#include "tui/screens/pages.h"
#include "tui/screens/screens.h"
#include "tui/screens/table.h"
#include "tui/term/canvas.h"

static const struct {
	unsigned style;
	const char *mark;
} severities[] = {
	[SEVERITY_INFO] = { STYLE_DIM, "  " },
	[SEVERITY_WARNING] = { STYLE_WARN, "! " },
	[SEVERITY_ERROR] = { STYLE_BAD, "x " },
};

static void
add_object(struct table *t, struct page_checks *checks, const struct object *o)
{
	struct table_row *r = table_add(t);

	table_text(r, 0, STYLE_PLAIN, "%s", o->name);
	table_text(r, 1, STYLE_DIM, "%s", o->ns);
	table_text(r, 2, STYLE_SERVICE, "%s", o->kind_name);
	table_text(r, 3, STYLE_DIM, "%s:%u", o->file, o->line);
	page_put_check(r, 4, page_checks_object(checks, o));
	r->yaml = xasprintf("yaml %s%s%s %s%s%s", o->kind_name,
			    o->kind != NULL && o->kind->group[0] != '\0' ? "." : "",
			    o->kind != NULL ? o->kind->group : "", o->name, o->ns[0] != '\0' ? "." : "", o->ns);
	r->open = xstrdup(r->yaml);
	r->edit = xasprintf("edit%s", strchr(r->yaml, ' '));
}

/* Rules first: they are what one comes for. */
static void
fill_config(struct table *t, struct model *m)
{
	struct page_checks *checks = page_checks_new(m);

	for (int rules = 1; rules >= 0; rules--) {
		for (size_t i = 0; m->mesh != NULL && i < m->mesh->snapshot->count; i++) {
			const struct object *o = m->mesh->snapshot->objects[i];
			bool is_rule = o->kind != NULL && strchr(o->kind->group, '.') != NULL;

			if (is_rule == (rules != 0) &&
			    (o->ns[0] == '\0' || model_has_namespace(m, o->ns)))
				add_object(t, checks, o);
		}
	}
	page_checks_free(&checks);
}

static void
fill_validations(struct table *t, struct model *m)
{
	for (int severity = SEVERITY_ERROR; severity >= SEVERITY_INFO; severity--) {
		for (size_t i = 0; i < m->problems.rows.len; i++) {
			const struct problem *p = &m->problems.rows.items[i];
			struct table_row *r;

			if ((int)p->severity != severity)
				continue;
			r = table_add(t);
			table_text(r, 0, severities[severity].style, "%s%s",
				   severities[severity].mark, p->code);
			table_text(r, 1, STYLE_PLAIN, "%s%s%s", p->kind, p->name[0] ? " " : "", p->name);
			table_text(r, 2, STYLE_DIM, p->line > 0 ? "%s:%u:%u" : "%s", p->file, p->line,
				   p->col);
			table_text(r, 3, STYLE_PLAIN, "%s%s%s", p->path, p->path[0] ? ": " : "",
				   p->message);
			r->open = xasprintf("problem %zu", i + 1);
			if (p->name[0] != '\0')
				r->yaml = xasprintf("yaml %s %s%s%s", p->kind, p->name,
						    p->ns[0] != '\0' ? "." : "", p->ns);
		}
	}
}

static const struct table_spec config_spec = {
	.name = "Configuration",
	.empty = "no object in the chosen namespaces",
	.hint = "Enter YAML\tCtrl-E edit\ta actions\tSpace v mark\ts S I sort\t/ filter\tq back",
	.columns = {
		{ "NAME", 14, true, false, 0 }, { "NAMESPACE", 14, false, false, 0 },
		{ "KIND", 16, false, false, 0 }, { "FILE", 12, true, false, 0 },
		{ "CHECK", 9, false, false, 0 },
	},
	.column_count = 5,
	.fill = fill_config,
	.several = SEVERAL_NAMES | SEVERAL_YAML | SEVERAL_DELETE,
};

static const struct table_spec validations_spec = {
	.name = "Validations",
	.empty = "nothing is wrong with the configuration",
	.hint = "Enter in full\ty YAML\t/ filter\tq back",
	.columns = {
		{ "CODE", 9, false, false, 0 }, { "OBJECT", 24, false, false, 0 },
		{ "PLACE", 18, false, false, 0 }, { "WHAT", 18, true, false, 0 },
	},
	.column_count = 4,
	.fill = fill_validations,
};

struct screen *
config_open(struct app *a)
{
	return table_open(a, &config_spec);
}

struct screen *
validations_open(struct app *a)
{
	return table_open(a, &validations_spec);
}
