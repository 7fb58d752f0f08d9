/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rules will do, one line each. */
#include "src/wizard/wizard_priv.h"

static void
put_weights(const struct wizard_rule *r, struct buf *out)
{
	unsigned sum = weights_sum(r->targets.items, r->targets.len);
	const char *separator = "";

	for (size_t i = 0; i < r->targets.len; i++) {
		const struct wizard_target *t = &r->targets.items[i];

		if (t->weight == 0)
			continue;
		buf_printf(out, "%s%.4g %% to %s", separator, 100.0 * t->weight / sum,
			   t->workload);
		separator = ", ";
	}
	if (sum == 0)
		buf_puts(out, r->has_no_route ? "as stored" : "no destination");
	for (size_t i = 0; i < r->targets.len; i++)
		if (r->targets.items[i].is_mirrored)
			buf_printf(out, ", %.6g %% copied to %s",
				   r->targets.items[i].mirror_percent,
				   r->targets.items[i].workload);
}

void
wizard_rule_effect(const struct wizard_rule *r, struct buf *out)
{
	put_weights(r, out);
	if (r->has_delay)
		buf_printf(out, ", %.6g %% delayed by %s", r->delay_percent,
			   r->delay != NULL ? r->delay : "?");
	if (r->has_abort && r->abort_status != 0)
		buf_printf(out, ", %.6g %% aborted with %d", r->abort_percent,
			   (int)r->abort_status);
	else if (r->has_abort)
		buf_printf(out, ", %.6g %% aborted", r->abort_percent);
	if (r->has_timeout)
		buf_printf(out, ", timeout %s", r->timeout);
	if (r->has_retries && r->per_try_timeout != NULL)
		buf_printf(out, ", %d retries of %s", (int)r->retry_attempts, r->per_try_timeout);
	else if (r->has_retries)
		buf_printf(out, ", %d retries", (int)r->retry_attempts);
}

void
effects_add(const struct wizard_state *w, struct wizard_preview *p)
{
	struct buf line = BUF_INIT;
	bool has_catch_all = wizard_is_tcp(w);

	for (size_t i = 0; i < w->rules.len && w->kind != WIZARD_DELETE; i++) {
		const struct wizard_rule *r = &w->rules.items[i];

		buf_clear(&line);
		buf_printf(&line, "rule %zu ", i + 1);
		wizard_rule_text(r, &line);
		buf_puts(&line, ": ");
		wizard_rule_effect(r, &line);
		vec_push(&p->effects, arena_strdup(p->arena, buf_str(&line)));
		has_catch_all = has_catch_all || wizard_rule_is_catch_all(r);
	}
	buf_fini(&line);
	if (w->kind == WIZARD_DELETE)
		vec_push(&p->effects, "all requests: to any workload of the service, without rules");
	else if (!has_catch_all)
		vec_push(&p->effects, "any other request: 404, no rule takes it (NR)");
}
