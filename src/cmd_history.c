/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `history` and `undo`. */
#include <stdint.h>
#include <stdio.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/base/json.h"
#include "src/base/yaml.h"
#include "src/commands.h"
#include "src/store/history.h"
#include "src/target.h"

const struct cli_option cmd_undo_options[] = {
	{ "force", 0, NULL, "also when the object was changed since" },
	{ NULL, 0, NULL, NULL },
};

static void
put_change(const struct history_change *c, struct buf *out)
{
	buf_printf(out, "%s %s %s", change_op_name(c->op), c->kind, c->name);
	if (c->ns[0] != '\0')
		buf_printf(out, ".%s", c->ns);
}

static void
put_row(const struct history_entry *e, struct buf *out)
{
	char time[CLOCK_ISO_BYTES];
	struct buf line = BUF_INIT;

	clock_format_iso(e->time_ms, time);
	buf_printf(&line, "%-5llu %.10s %.8s  %-10s %-8s ", (unsigned long long)e->n, time, time + 11,
		   e->user, change_via_name(e->via));
	for (size_t i = 0; i < e->changes.len && i < 3; i++) {
		buf_puts(&line, i > 0 ? ", " : "");
		put_change(&e->changes.items[i], &line);
	}
	if (e->changes.len > 3)
		buf_printf(&line, ", %zu more", e->changes.len - 3);
	if (e->undo_of != 0)
		buf_printf(&line, " (undo of %llu)", (unsigned long long)e->undo_of);
	text_sanitize(out, line.data, line.len);
	buf_putc(out, '\n');
	buf_fini(&line);
}

/* One entry in the words of history.jsonl. */
static struct value *
entry_value(struct arena *a, const struct history_entry *e)
{
	char time[CLOCK_ISO_BYTES];
	struct value *v = value_new_map(a), *changes = value_new_list(a);

	clock_format_iso(e->time_ms, time);
	value_set_int(a, v, "n", (int64_t)e->n);
	value_set_string(a, v, "time", time);
	value_set_string(a, v, "user", e->user);
	value_set_string(a, v, "via", change_via_name(e->via));
	value_set_string(a, v, "note", e->note);
	if (e->undo_of != 0)
		value_set_int(a, v, "undo_of", (int64_t)e->undo_of);
	for (size_t i = 0; i < e->changes.len; i++) {
		const struct history_change *c = &e->changes.items[i];
		struct value *m = value_new_map(a);

		value_set_string(a, m, "op", change_op_name(c->op));
		value_set_string(a, m, "group", c->group);
		value_set_string(a, m, "kind", c->kind);
		value_set_string(a, m, "namespace", c->ns);
		value_set_string(a, m, "name", c->name);
		value_set_string(a, m, "file", c->file);
		value_set(a, m, "before", c->before != NULL ? value_new_string(a, c->before) :
			  value_new_null(a));
		value_set(a, m, "after", c->after != NULL ? value_new_string(a, c->after) :
			  value_new_null(a));
		value_append(changes, m);
	}
	value_set(a, v, "changes", changes);
	return v;
}

static bool
is_namespace(const struct history_change *c)
{
	return c->group[0] == '\0' && strcmp(c->kind, "Namespace") == 0;
}

/* Did the change touch the namespace (NULL: any)? */
static bool
is_about(const struct history_entry *e, const char *ns)
{
	for (size_t i = 0; i < e->changes.len && ns != NULL; i++) {
		const struct history_change *c = &e->changes.items[i];

		if (strcmp(is_namespace(c) ? c->name : c->ns, ns) == 0)
			return true;
	}
	return ns == NULL;
}

static void
put_history(const struct history *h, const char *ns, enum cli_output form, struct buf *out)
{
	struct arena *a = arena_new();
	struct value *list = value_new_list(a);

	for (size_t i = 0; i < h->entries.len; i++) {
		if (!is_about(&h->entries.items[i], ns))
			continue;
		if (form == OUTPUT_TEXT && out->len == 0)
			buf_printf(out, "%-5s %-20s %-10s %-8s %s\n", "N", "TIME (UTC)", "USER", "VIA",
				   "CHANGES");
		if (form == OUTPUT_TEXT)
			put_row(&h->entries.items[i], out);
		else
			value_append(list, entry_value(a, &h->entries.items[i]));
	}
	if (form == OUTPUT_JSON) {
		json_emit(out, list, true);
		buf_putc(out, '\n');
	} else if (form == OUTPUT_YAML) {
		yaml_emit(out, list);
	}
	arena_free(&a);
}

int
cmd_history(struct cli *c)
{
	struct target t = { .cli = c };
	struct history h = { .arena = NULL };
	struct error err = ERROR_INIT;
	struct buf out = BUF_INIT;
	enum cli_output form;
	const char *ns;
	int status;

	if (cli_output(c, &form, &err) < 0 || cli_namespace(c, &ns, &err) < 0 ||
	    target_choose(&t, c, TARGET_READS, &err) < 0 ||
	    target_store(&t, false, &err) == NULL || history_read(t.store, &h, &err) < 0) {
		status = cli_fail(&err);
	} else {
		put_history(&h, ns, form, &out);
		status = cli_print(&out, EXIT_YES);
	}
	history_fini(&h);
	target_fini(&t);
	buf_fini(&out);
	return status;
}

static int
undo(struct cli *c, struct target *t, struct buf *diff, uint64_t *undone, struct error *err)
{
	const char *word = cli_operand(c, 0);
	long long n = 0;

	if (target_choose(t, c, TARGET_DEMANDED, err) < 0 ||
	    (word != NULL && cli_number("undo: N", word, 1, INT64_MAX, &n, err) < 0) ||
	    target_store(t, false, err) == NULL)
		return -1;
	return history_undo(t->store, (uint64_t)n, cli_has(c, "force"), diff, undone, err);
}

int
cmd_undo(struct cli *c)
{
	struct target t = { .cli = c };
	struct error err = ERROR_INIT;
	struct buf diff = BUF_INIT, out = BUF_INIT;
	uint64_t undone = 0;
	int status;

	if (undo(c, &t, &diff, &undone, &err) < 0) {
		status = cli_fail(&err);
		text_sanitize_lines(&out, buf_str(&diff), diff.len);
		fputs(buf_str(&out), stderr);
	} else {
		buf_printf(&out, "change %llu undone\n", (unsigned long long)undone);
		status = cli_print(&out, EXIT_YES);
	}
	target_fini(&t);
	buf_fini(&diff);
	buf_fini(&out);
	return status;
}
