/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * meshtop explain: what would happen to a request; nothing is sent.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/value.h"
#include "src/base/vec.h"
#include "src/base/yaml.h"
#include "src/commands.h"
#include "src/mesh/explain.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/target.h"

const struct cli_option cmd_explain_options[] = {
	{ "from", 0, "WORKLOAD.NS", "who would send it" },
	{ "request", 'X', "METHOD", "the method (GET)" },
	{ "header", 'H', "'NAME: VALUE'", "a header; may be repeated" },
	{ NULL, 0, NULL, NULL },
};

struct explaining {
	const struct cli *cli;
	struct target target;
	struct snapshot *snapshot;
	struct mesh *mesh;
	const struct mesh_workload *workload;
};

static int
find_workload(struct explaining *x, struct error *err)
{
	const char *word = cli_value(x->cli, "from");
	const char *default_ns;
	char *name, *ns;

	if (word == NULL)
		return error_setf(err, ERROR_USAGE, "explain: --from WORKLOAD.NS is missing");
	if (cli_namespace(x->cli, &default_ns, err) < 0)
		return -1;
	target_split_name(word, default_ns, &name, &ns);
	x->workload = mesh_find_workload(x->mesh, ns, name);
	free(name);
	free(ns);
	if (x->workload == NULL)
		return error_setf(err, ERROR_REFUSED, "--from %s: there is no such workload", word);
	return 0;
}

static int
explain(struct explaining *x, struct buf *json, struct error *err)
{
	struct explain_question question = {
		.method = cli_value(x->cli, "request"), .url = cli_operand(x->cli, 0),
	};
	VEC(const char *) headers = VEC_INIT;
	int status;

	if (target_choose(&x->target, x->cli, TARGET_READS_FILES, err) < 0 ||
	    target_load(&x->target, &x->snapshot, NULL, err) < 0)
		return -1;
	x->mesh = target_compile(&x->target, x->snapshot, NULL);
	if (find_workload(x, err) < 0)
		return -1;
	for (size_t i = 0; i < cli_count(x->cli, "header"); i++)
		vec_push(&headers, cli_value_at(x->cli, "header", i));
	question.headers = headers.items;
	question.header_count = headers.len;
	status = explain_put_json(x->mesh, x->workload, &question, json, err);
	vec_fini(&headers);
	return status < 0 && error_exit_status(err) == 2 ? error_prefixf(err, "explain") : status;
}

int
cmd_explain(struct cli *c)
{
	struct explaining x = { .cli = c };
	struct arena *arena = arena_new();
	struct error err = ERROR_INIT;
	enum cli_output output;
	struct buf json = BUF_INIT, out = BUF_INIT;
	int status;

	if (cli_output(c, &output, &err) < 0 || explain(&x, &json, &err) < 0) {
		status = cli_fail(&err);
	} else {
		struct value *v = json_parse(arena, buf_str(&json), json.len, &err);

		if (output == OUTPUT_JSON)
			buf_append(&out, buf_str(&json), json.len);
		else if (output == OUTPUT_YAML)
			yaml_emit(&out, v);
		else
			explain_put_text(v, &out);
		status = cli_print(&out, EXIT_YES);
	}
	mesh_put(&x.mesh);
	snapshot_put(&x.snapshot);
	target_fini(&x.target);
	buf_fini(&json);
	buf_fini(&out);
	arena_free(&arena);
	return status;
}
