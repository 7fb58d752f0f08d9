/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the query of /config_dump chooses, and how it is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/admin/admin_pages.h"
#include "proxy/engine.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/regex.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/mesh/mesh.h"

void
admin_dump_failure(const struct dump_choice *choice, enum dump_outcome outcome, struct buf *out)
{
	if (outcome == DUMP_TOO_LARGE) {
		buf_puts(out, "too large to choose from: ask without resource, mask and name_regex");
		return;
	}
	buf_puts(out, "FieldMask ");
	text_sanitize(out, choice->mask, strlen(choice->mask));
	buf_puts(out, " could not be successfully used.");
}

void
admin_refuse_dump(const struct dump_choice *choice, enum dump_outcome outcome,
		  struct admin_reply *reply)
{
	struct buf why = BUF_INIT;

	admin_dump_failure(choice, outcome, &why);
	admin_refuse(reply, outcome == DUMP_TOO_LARGE ? 500 : 400, "", buf_str(&why), "");
	buf_fini(&why);
}

static bool
choose_names(const char *pattern, struct dump_choice *out, struct admin_reply *reply)
{
	struct error err = ERROR_INIT;
	char why[sizeof(err.msg) + 2];

	if (pattern == NULL || pattern[0] == '\0')
		return true;
	out->names = regex_new(pattern, &err);
	if (out->names != NULL)
		return true;
	snprintf(why, sizeof(why), ": %s", err.msg);
	admin_refuse(reply, 400, "Error while parsing name_regex from ", pattern, why);
	return false;
}

/* Of all proxies a mask is tried on the first, so that one that fits nothing is
 * refused; what it does not fit of another, which may have other members, that one
 * tells. */
static bool
mask_fits(struct engine *e, const struct dump_choice *choice, struct admin_reply *reply)
{
	const struct mesh *m = engine_mesh(e);
	const struct mesh_workload *w = NULL;
	struct buf text = BUF_INIT;
	struct json_writer json;
	enum dump_outcome outcome;

	for (size_t i = 0; w == NULL && i < m->workload_count; i++)
		if (m->workloads[i]->has_proxy)
			w = m->workloads[i];
	if (w == NULL || choice->mask == NULL)
		return true;
	json_begin(&json, &text, false);
	json_open(&json, NULL, '{');
	outcome = admin_put_config_dump(e, w, choice, &json);
	buf_fini(&text);
	if (outcome == DUMP_MISFIT)
		admin_refuse_dump(choice, outcome, reply);
	return outcome != DUMP_MISFIT;
}

bool
admin_choose_dump(struct engine *e, const struct admin_query *q, bool is_of_all,
		  struct dump_choice *out, struct admin_reply *reply)
{
	struct buf why = BUF_INIT;
	unsigned status;
	bool ok;

	out->resource = q->resource != NULL ? xstrdup(q->resource) : NULL;
	out->mask = q->mask != NULL ? xstrdup(q->mask) : NULL;
	out->has_endpoints = q->has_endpoints;
	ok = admin_check_dump(out, &status, &why);
	if (!ok)
		admin_refuse(reply, status, "", buf_str(&why), "");
	buf_fini(&why);
	return ok && choose_names(q->name_regex, out, reply) &&
	       (!is_of_all || mask_fits(e, out, reply));
}

void
dump_choice_fini(struct dump_choice *choice)
{
	free(choice->resource);
	free(choice->mask);
	regex_free(&choice->names);
}
