/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `wizard`: a wizard without a screen, from an answers file or by questions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/base/yaml.h"
#include "src/client/admin.h"
#include "src/commands.h"
#include "src/mesh/mesh.h"
#include "src/model/overlay.h"
#include "src/model/snapshot.h"
#include "src/store/store.h"
#include "src/target.h"
#include "src/wizard/forecast.h"
#include "src/wizard/route_wizard.h"
#include "src/wizard/wizard.h"
#include "src/wizard_prompt.h"

#define ANSWERS_MAX ((size_t)1 << 20)

const struct cli_option cmd_wizard_options[] = {
	{ "service", 's', "NAME.NS", "the service whose rules are made" },
	{ "answers", 'a', "FILE", "answers as YAML or JSON; - is stdin; none: what is there" },
	{ "apply", 0, NULL, "write the documents to the target, as one change" },
	{ "forecast", 0, NULL, "try the rules on the recent requests of the running engine" },
	{ NULL, 0, NULL, NULL },
};

/* One `wizard` on its way. */
struct running {
	const struct cli *cli;
	struct arena *arena;
	struct target target;
	enum cli_output form;
	enum wizard_kind kind;		/* WIZARD_KIND_COUNT: one of the Gateway API */
	enum route_wizard_kind route_kind;
	const struct mesh_service *service;
	struct snapshot *snapshot;
	struct mesh *mesh;
	const struct value *answers;	/* NULL: none */
	const char *answers_name;
	struct wizard_state *wizard;	/* with a prompt: the prompt's; NULL: Gateway API */
	struct wizard_prompt *prompt;	/* NULL: nothing is asked */
	struct wizard_preview *preview;
};

static int
choose_kind(struct running *r, struct error *err)
{
	const char *word = cli_operand(r->cli, 0);
	struct buf names = BUF_INIT;
	int status = 0;

	for (int k = 0; k < WIZARD_KIND_COUNT; k++)
		buf_printf(&names, "%s, ", wizard_kind_name((enum wizard_kind)k));
	for (int k = 0; k < ROUTE_WIZARD_KIND_COUNT; k++)
		buf_printf(&names, "%s%s", k > 0 ? ", " : "",
			   route_wizard_name((enum route_wizard_kind)k));
	r->kind = WIZARD_KIND_COUNT;
	if (!wizard_kind_parse(word, &r->kind) && !route_wizard_parse(word, &r->route_kind))
		status = error_setf(err, ERROR_USAGE, "wizard: unknown kind '%s' (%s)", word,
				    buf_str(&names));
	buf_fini(&names);
	return status;
}

static bool
is_of_gateway_api(const struct running *r)
{
	return r->kind == WIZARD_KIND_COUNT;
}

static int
parse_answers(struct running *r, const struct buf *text, struct error *err)
{
	struct yaml_stream docs = { .docs = VEC_INIT };
	int status = yaml_parse(r->arena, buf_str(text), text->len, r->answers_name, &docs, err);

	if (status == 0 && docs.docs.len > 1) {
		status = error_setf(err, ERROR_SYNTAX, "answers are one document, not %zu",
				    docs.docs.len);
		error_at(err, r->answers_name, docs.docs.items[1].line, 1);
	}
	if (status == 0 && docs.docs.len == 1)
		r->answers = docs.docs.items[0].root;
	yaml_stream_fini(&docs);
	return status;
}

static int
read_answers(struct running *r, struct error *err)
{
	const char *name = cli_value(r->cli, "answers");
	struct buf text = BUF_INIT;
	int status;

	if (name == NULL)
		return 0;
	r->answers_name = strcmp(name, "-") == 0 ? "(stdin)" : name;
	status = file_read_word(name, ANSWERS_MAX, &text, err);
	if (status == 0)
		status = parse_answers(r, &text, err);
	buf_fini(&text);
	return status;
}

static int
open_wizard(struct running *r, struct error *err)
{
	const char *word = cli_value(r->cli, "service"), *ns;
	char *name, *name_ns;

	if (cli_namespace(r->cli, &ns, err) < 0)
		return -1;
	target_split_name(word, ns, &name, &name_ns);
	r->service = mesh_find_service(r->mesh, name_ns, name);
	free(name);
	free(name_ns);
	if (r->service == NULL)
		return error_setf(err, ERROR_REFUSED, "service %s not found", word);
	if (is_of_gateway_api(r))
		return 0;
	r->wizard = wizard_open(r->kind, r->mesh, r->service, err);
	return r->wizard != NULL ? 0 : -1;
}

static int
answer(struct running *r, struct error *err)
{
	struct problems rows = PROBLEMS_INIT;
	int status;

	if (is_of_gateway_api(r))
		r->preview = route_wizard_preview(r->route_kind, r->mesh, r->service, r->answers, &rows);
	else
		wizard_answer(r->wizard, r->answers, &rows);
	for (size_t i = 0; i < rows.rows.len; i++)
		if (rows.rows.items[i].file[0] == '\0' && r->answers_name != NULL)
			rows.rows.items[i].file = r->answers_name;
	status = cli_refuse(&rows, SEVERITY_INFO, err);
	problems_fini(&rows);
	if (status < 0)
		return -1;
	if (!is_of_gateway_api(r))
		r->preview = wizard_preview(r->wizard, err);
	return r->preview != NULL ? 0 : -1;
}

static const char *const op_words[] = {
	[DOC_CREATE] = "new", [DOC_UPDATE] = "changed", [DOC_UNCHANGED] = "as it is",
	[DOC_DELETE] = "deleted",
};

/* What the console's last step shows, as lines. */
static void
put_preview(const struct running *r, struct buf *out)
{
	const struct wizard_preview *p = r->preview;

	buf_puts(out, "\nWhat will change\n");
	for (size_t i = 0; i < p->effects.len; i++)
		buf_printf(out, "  %s\n", p->effects.items[i]);
	for (size_t i = 0; i < p->document_count; i++) {
		const struct wizard_document *doc = &p->documents[i];

		buf_printf(out, "\n%s %s.%s: %s\n%s", doc->kind, doc->name, doc->ns,
			   op_words[doc->op], doc->diff);
	}
	buf_putc(out, '\n');
}

/* The documents as the store would hold them. */
static struct source_file *
documents_file(const struct running *r, struct problems *rows, struct error *err)
{
	struct buf text = BUF_INIT;
	struct source_file *f;

	for (size_t i = 0; i < r->preview->document_count; i++)
		if (r->preview->documents[i].root != NULL)
			buf_printf(&text, "---\n%s", r->preview->documents[i].yaml);
	f = source_file_new("(wizard)", buf_str(&text), text.len, NULL, rows, err);
	buf_fini(&text);
	return f;
}

/* Errors that the documents bring refuse them, as in `apply`. */
static int
check(struct running *r, struct error *err)
{
	struct problems rows = PROBLEMS_INIT;
	struct source_file *f = documents_file(r, &rows, err);
	struct snapshot *overlaid;
	int status;

	if (f == NULL) {
		problems_fini(&rows);
		return -1;
	}
	if (!problems_have_errors(&rows)) {
		overlaid = snapshot_overlay(r->snapshot, &f, 1, NULL, 0);
		cli_check_change(r->snapshot, overlaid, &rows);
		snapshot_put(&overlaid);
	}
	if (r->answers != NULL)
		wizard_locate(r->kind, r->answers, r->answers_name, &rows);
	status = cli_refuse(&rows, SEVERITY_ERROR, err);
	problems_fini(&rows);
	source_file_put(&f);
	return status;
}

static void
put_deletions(const struct running *r)
{
	for (size_t i = 0; i < r->preview->document_count; i++) {
		const struct wizard_document *doc = &r->preview->documents[i];

		if (doc->op == DOC_DELETE)
			log_printf("delete %s %s.%s", doc->kind, doc->name, doc->ns);
	}
	if (r->kind == WIZARD_DELETE && r->preview->document_count == 0)
		log_printf("nothing to delete: no rules are stored for %s",
			   cli_value(r->cli, "service"));
}

/* The requests of the last minutes under the new rules, on stderr. */
static void
put_forecast(const struct running *r)
{
	struct error err = ERROR_INIT;
	const char *why = r->kind == WIZARD_TCP_TRAFFIC_SHIFTING ?
			  "connections are not kept, so for TCP one cannot tell" :
			  is_of_gateway_api(r) ? "the engine does not obey routes of the Gateway API" : NULL;
	const struct value *requests = r->target.dir == NULL || why != NULL ? NULL :
		admin_get_json(r->arena, r->target.dir, "/requests", &err);
	struct mesh *after = requests != NULL ? forecast_mesh(r->mesh, r->preview) : NULL;
	struct buf text = BUF_INIT;
	struct forecast *f;

	if (after == NULL) {
		log_printf("no forecast: %s", why != NULL ? why :
			   err.msg[0] != '\0' ? err.msg : "no engine runs there");
		return;
	}
	f = forecast_new(r->mesh, after, requests);
	forecast_put_text(f, &text);
	for (char *line = strtok(text.data, "\n"); line != NULL; line = strtok(NULL, "\n"))
		log_printf("%s", line);
	forecast_free(&f);
	mesh_put(&after);
	buf_fini(&text);
}

static void
put_documents(const struct running *r, struct buf *out)
{
	struct value *list = value_new_list(r->arena);
	size_t printed = 0;

	for (size_t i = 0; i < r->preview->document_count; i++) {
		const struct wizard_document *doc = &r->preview->documents[i];

		if (doc->root == NULL)
			continue;
		if (r->form == OUTPUT_JSON)
			value_append(list, value_copy(r->arena, doc->root));
		else
			buf_printf(out, "%s%s", printed++ > 0 ? "---\n" : "", doc->yaml);
	}
	if (r->form != OUTPUT_JSON)
		return;
	json_emit(out, list, true);
	buf_putc(out, '\n');
}

static int
commit(struct running *r, struct error *err)
{
	struct transaction t;
	struct change_result *results;
	int status = 0;

	if (is_of_gateway_api(r))
		route_wizard_transaction(r->preview, r->route_kind, r->service, &t);
	else
		wizard_transaction(r->preview, r->wizard, &t);
	results = xcalloc(t.changes.len + 1, sizeof(*results));
	if (t.changes.len > 0)
		status = store_commit(r->target.store, &t, results, err);
	vec_fini(&t.changes);
	free(results);
	return status;
}

/* Preview and checks of what was answered; -1 when it is not right yet. */
static int
look_at_answers(struct running *r, struct error *err)
{
	struct buf text = BUF_INIT, clean = BUF_INIT;

	wizard_preview_free(&r->preview);
	r->preview = wizard_preview(r->wizard, err);
	if (r->preview == NULL)
		return -1;
	put_preview(r, &text);
	text_sanitize_lines(&clean, buf_str(&text), text.len);
	fwrite(buf_str(&clean), 1, clean.len, stdout);
	fflush(stdout);
	buf_fini(&text);
	buf_fini(&clean);
	put_deletions(r);
	cli_put_problems(&r->preview->problems, SEVERITY_INFO);
	put_forecast(r);
	return check(r, err);
}

static char *
question(const struct running *r)
{
	unsigned count[] = { 0, 0, 0, 0 };

	for (size_t i = 0; i < r->preview->document_count; i++)
		count[r->preview->documents[i].op]++;
	return xasprintf("Store this in %s (%u new, %u changed, %u deleted)?", r->target.dir,
			 count[DOC_CREATE], count[DOC_UPDATE], count[DOC_DELETE]);
}

static bool
changes_anything(const struct running *r)
{
	for (size_t i = 0; i < r->preview->document_count; i++)
		if (r->preview->documents[i].op != DOC_UNCHANGED)
			return true;
	return false;
}

/* Questions until all is right and the person said yes: 1; 0: files are only
 * read, the documents are printed. */
static int
converse(struct running *r, struct error *err)
{
	for (;;) {
		struct error wrong = ERROR_INIT;
		enum prompt_answer answer = wizard_prompt_ask(r->prompt);
		char *line;

		if (answer == PROMPT_LEFT)
			return error_setf(err, ERROR_REFUSED, "left: nothing was written");
		r->wizard = wizard_prompt_state(r->prompt);
		if (look_at_answers(r, &wrong) < 0) {
			log_printf("not yet: %s", wrong.msg);
			answer = wizard_prompt_confirm(r->prompt, "Go back to the questions?");
			if (answer == PROMPT_NO || answer == PROMPT_LEFT)
				return error_setf(err, ERROR_REFUSED, "left: nothing was written");
			continue;
		}
		if (r->target.dir == NULL)
			return 0;
		if (!changes_anything(r))
			return 1;
		line = question(r);
		answer = wizard_prompt_confirm(r->prompt, line);
		free(line);
		if (answer == PROMPT_GIVEN)
			return 1;
		if (answer != PROMPT_BACK)
			return error_setf(err, ERROR_REFUSED, "left: nothing was written");
	}
}

/* Line prompts instead of an answers file. */
static int
run_prompts(struct running *r, struct buf *out, struct error *err)
{
	int status;

	r->prompt = wizard_prompt_new(r->wizard, mesh_get(r->mesh), stdin, stdout);
	status = converse(r, err);
	if (status < 0)
		return -1;
	if (status == 0) {
		put_documents(r, out);
		return 0;
	}
	if (commit(r, err) < 0)
		return -1;
	buf_puts(out, changes_anything(r) ? "Stored; `meshtop undo` takes it back.\n" :
		 "Nothing to store: all is as it should be.\n");
	return 0;
}

static bool
wants_prompts(const struct running *r)
{
	return cli_value(r->cli, "answers") == NULL && !is_of_gateway_api(r) &&
	       wizard_prompt_is_wanted();
}

static int
run(struct running *r, struct buf *out, struct error *err)
{
	bool is_applied = cli_has(r->cli, "apply");

	if (choose_kind(r, err) < 0 || cli_output(r->cli, &r->form, err) < 0)
		return -1;
	if (cli_value(r->cli, "service") == NULL)
		return error_setf(err, ERROR_USAGE, "wizard: --service NAME.NS is missing");
	if (is_applied && cli_has(r->cli, "filename"))
		return error_setf(err, ERROR_USAGE, "wizard: --apply does not write to -f files; "
				  "name a mesh with --mesh DIR or --demo");
	if (target_choose(&r->target, r->cli, is_applied ? TARGET_DEMANDED : TARGET_READS_FILES,
			  err) < 0 ||
	    read_answers(r, err) < 0 ||
	    ((is_applied || (wants_prompts(r) && r->target.dir != NULL)) &&
	     target_store(&r->target, false, err) == NULL) ||
	    target_load(&r->target, &r->snapshot, NULL, err) < 0)
		return -1;
	r->mesh = target_compile(&r->target, r->snapshot, NULL);
	if (open_wizard(r, err) < 0)
		return -1;
	if (wants_prompts(r))
		return run_prompts(r, out, err);
	if (answer(r, err) < 0 || check(r, err) < 0)
		return -1;
	put_documents(r, out);
	put_deletions(r);
	cli_put_problems(&r->preview->problems, SEVERITY_INFO);
	if (cli_has(r->cli, "forecast"))
		put_forecast(r);
	return is_applied ? commit(r, err) : 0;
}

int
cmd_wizard(struct cli *c)
{
	struct running r = { .cli = c };
	struct error err = ERROR_INIT;
	struct buf out = BUF_INIT;
	int status;

	r.arena = arena_new();
	status = run(&r, &out, &err) < 0 ? cli_fail(&err) : cli_print(&out, EXIT_YES);
	wizard_preview_free(&r.preview);
	if (r.prompt != NULL)
		wizard_prompt_free(&r.prompt);
	else
		wizard_free(&r.wizard);
	mesh_put(&r.mesh);
	snapshot_put(&r.snapshot);
	target_fini(&r.target);
	arena_free(&r.arena);
	buf_fini(&out);
	return status;
}
