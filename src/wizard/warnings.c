/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is odd about a result that may be stored all the same.  Paths are
 * those of the documents.
 */
#include <inttypes.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/istio/duration.h"
#include "src/istio/host.h"
#include "src/istio/obeyed.h"
#include "src/model/snapshot.h"
#include "src/wizard/wizard_priv.h"

struct warning {
	const struct wizard_state *w;
	const struct document_set *documents;
	struct problems *out;
	struct arena *arena;
	struct object rules;		/* identity of the VirtualService, for rows */
	struct object policy;		/* of the DestinationRule */
};

/* Identity of the document that a row is about; no file: it is not stored. */
static struct object
identity(const struct wizard_document *doc)
{
	return (struct object){ .kind_name = doc->kind, .ns = doc->ns, .name = doc->name,
				.file = "" };
}

static void
find_identities(struct warning *x)
{
	for (size_t i = x->documents->count; i > 0; i--) {
		const struct wizard_document *doc = &x->documents->items[i - 1];

		if (strcmp(doc->kind, "VirtualService") == 0 && doc->before == x->w->virtual_service)
			x->rules = identity(doc);
		if (strcmp(doc->kind, "DestinationRule") == 0 && doc->before == x->w->destination_rule)
			x->policy = identity(doc);
	}
}

static const char *
entry_path(struct warning *x, size_t index, const char *rest)
{
	return arena_printf(x->arena, "spec.%s[%zu]%s", wizard_list(x->w), index, rest);
}

static void
warn_removed(struct warning *x)
{
	const struct value *list = x->w->virtual_service != NULL
		? value_get(x->w->virtual_service->spec, wizard_list(x->w)) : NULL;
	struct buf text = BUF_INIT;
	size_t index = 0;

	VALUE_EACH(entry, list) {
		bool is_kept = false;
		struct wizard_rule r;

		for (size_t i = 0; i < x->w->rules.len; i++)
			is_kept = is_kept || x->w->rules.items[i].stored == entry;
		if (!is_kept) {
			wizard_rule_read(x->w, x->arena, entry, index, &r);
			buf_clear(&text);
			wizard_rule_text(&r, &text);
			problem_add(x->out, x->w->virtual_service, entry, CODE_REMOVED,
				    SEVERITY_INFO, entry_path(x, index, ""),
				    "stored rule %zu (%s) is removed", index + 1, buf_str(&text));
			wizard_rule_fini(&r);
		}
		index++;
	}
	buf_fini(&text);
}

static void
warn_order(struct warning *x)
{
	const struct wizard_state *w = x->w;
	size_t catch_all = SIZE_MAX;

	for (size_t i = 0; i < w->rules.len; i++) {
		const struct wizard_rule *r = &w->rules.items[i];

		if (catch_all != SIZE_MAX)
			problem_add(x->out, &x->rules, NULL, CODE_UNREACHABLE, SEVERITY_WARNING,
				    entry_path(x, i, ""),
				    "rule %zu is never used: rule %zu takes every request", i + 1,
				    catch_all + 1);
		else if (wizard_rule_is_catch_all(r))
			catch_all = i;
		for (size_t k = 0; k < i && catch_all == SIZE_MAX; k++)
			if (wizard_rule_same_match(r, &w->rules.items[k])) {
				problem_add(x->out, &x->rules, NULL, CODE_DUPLICATE,
					    SEVERITY_WARNING, entry_path(x, i, ".match"),
					    "rule %zu has the match of rule %zu and is never used",
					    i + 1, k + 1);
				break;
			}
	}
	if (catch_all == SIZE_MAX && !wizard_is_tcp(w))
		problem_add(x->out, &x->rules, NULL, CODE_NO_CATCH_ALL, SEVERITY_WARNING,
			    "spec.http", "no rule takes every request: the rest gets 404 (NR); "
			    "add a rule without match");
}

static bool
is_missing(const struct warning *x, const struct wizard_target *t)
{
	return t->is_gone && (t->weight > 0 || t->is_mirrored) && t->subset != NULL &&
	       subset_find(x->w, t->subset) == NULL;
}

static void
warn_targets(struct warning *x, const struct wizard_rule *r, size_t index)
{
	unsigned sum = weights_sum(r->targets.items, r->targets.len);

	if (!r->has_no_route && sum != 100)
		problem_add(x->out, &x->rules, NULL, CODE_ODD_WEIGHTS, SEVERITY_WARNING,
			    entry_path(x, index, ".route"), "the weights sum to %u, not 100%s", sum,
			    sum == 0 ? ": nothing is sent anywhere" : "");
	for (size_t i = 0; i < r->targets.len; i++) {
		const struct wizard_target *t = &r->targets.items[i];

		if (!t->is_gone || (t->weight == 0 && !t->is_mirrored))
			continue;
		if (is_missing(x, t))
			problem_add(x->out, &x->rules, NULL, CODE_NO_SUBSET, SEVERITY_WARNING,
				    entry_path(x, index, t->is_mirrored ? ".mirror" : ".route"),
				    "%s: no DestinationRule has subset %s%s", t->workload, t->subset,
				    t->is_mirrored ? "; nothing is copied"
						   : "; its share gets 503 (NC)");
		else
			problem_add(x->out, &x->rules, NULL, CODE_NO_SUBSET, SEVERITY_WARNING,
				    entry_path(x, index, t->is_mirrored ? ".mirror" : ".route"),
				    "%s is no workload of %s that this form knows; it is kept",
				    t->workload, x->w->service->name);
	}
}

static void
warn_times(struct warning *x, const struct wizard_rule *r, size_t index)
{
	uint64_t timeout = 0, delay = 0, per_try = 0;

	if (!r->has_timeout || !duration_parse(r->timeout, &timeout) || timeout == 0)
		return;
	if (r->has_delay && r->delay != NULL && duration_parse(r->delay, &delay) && delay > timeout)
		problem_add(x->out, &x->rules, NULL, CODE_TIMES, SEVERITY_WARNING,
			    entry_path(x, index, ".timeout"),
			    "the delay of %s is longer than the timeout of %s, which does not "
			    "count it: put the timeout on the caller's own route", r->delay,
			    r->timeout);
	if (r->has_retries && r->per_try_timeout != NULL && r->retry_attempts > 0 &&
	    duration_parse(r->per_try_timeout, &per_try) &&
	    (double)per_try * ((double)r->retry_attempts + 1) > (double)timeout)
		problem_add(x->out, &x->rules, NULL, CODE_TIMES, SEVERITY_WARNING,
			    entry_path(x, index, ".retries"),
			    "the first try and %" PRId64 " retries of %s may take longer than the "
			    "timeout of %s: the last ones are cut off", r->retry_attempts,
			    r->per_try_timeout, r->timeout);
}

/* The longest delay that a stored rule injects; its text. */
static const char *
longest_delay(const struct object *o, uint64_t *ns)
{
	const char *longest = NULL;

	*ns = 0;
	VALUE_EACH(entry, value_get(o->spec, "http")) {
		const char *text = value_text(value_path(entry, "fault.delay.fixedDelay"));
		uint64_t delay;

		if (text != NULL && duration_parse(text, &delay) && delay > *ns) {
			*ns = delay;
			longest = text;
		}
	}
	return longest;
}

/* The shortest timeout of a stored rule; its text. */
static const char *
shortest_timeout(const struct object *o, uint64_t *ns)
{
	const char *shortest = NULL;

	VALUE_EACH(entry, value_get(o->spec, "http")) {
		const char *text = value_get_text(entry, "timeout");
		uint64_t timeout;

		if (text != NULL && duration_parse(text, &timeout) && timeout > 0 &&
		    (shortest == NULL || timeout < *ns)) {
			*ns = timeout;
			shortest = text;
		}
	}
	return shortest;
}

/* A timeout here bites when a delay lies further along the way, and the other
 * way round.  Who calls whom is not known here, so it is said, not warned. */
static void
warn_elsewhere(struct warning *x, const struct wizard_rule *r, size_t index)
{
	uint64_t mine, theirs = 0;

	SNAPSHOT_EACH(o, x->w->mesh->snapshot, KIND_VIRTUAL_SERVICE) {
		const char *text;

		if (o == x->w->virtual_service)
			continue;
		if (r->has_timeout && duration_parse(r->timeout, &mine) && mine > 0 &&
		    (text = longest_delay(o, &theirs)) != NULL && theirs > mine)
			problem_add(x->out, &x->rules, NULL, CODE_TIMES, SEVERITY_INFO,
				    entry_path(x, index, ".timeout"),
				    "%s.%s delays by %s: requests that wait for it meet the timeout of %s "
				    "(504, UT)", o->name, o->ns, text, r->timeout);
		if (r->has_delay && r->delay != NULL && duration_parse(r->delay, &mine) &&
		    (text = shortest_timeout(o, &theirs)) != NULL && theirs < mine)
			problem_add(x->out, &x->rules, NULL, CODE_TIMES, SEVERITY_INFO,
				    entry_path(x, index, ".fault.delay"),
				    "%s.%s waits %s at most: its callers get 504 (UT) where they meet "
				    "this delay of %s", o->name, o->ns, text, r->delay);
	}
}

static void
warn_mirrors(struct warning *x, const struct wizard_rule *r, size_t index)
{
	for (size_t i = 0; i < r->targets.len; i++)
		if (r->targets.items[i].is_mirrored && r->targets.items[i].mirror_percent <= 0)
			problem_add(x->out, &x->rules, NULL, CODE_NO_EFFECT, SEVERITY_WARNING,
				    entry_path(x, index, ".mirrorPercentage"),
				    "0 %% of the requests are copied to %s: nothing is mirrored",
				    r->targets.items[i].workload);
}

/* Other rules for the same host: one VirtualService is in force. */
static void
warn_others(struct warning *x)
{
	for (size_t i = 0; i < x->w->stored.len; i++) {
		const struct object *o = x->w->stored.items[i];

		if (o->kind->id == KIND_VIRTUAL_SERVICE && o != x->w->virtual_service)
			problem_add(x->out, o, NULL, CODE_SHADOWED, SEVERITY_WARNING, "spec.hosts",
				    "is a second VirtualService for the service; the wizard works on "
				    "%s.%s, which is in force", x->w->virtual_service->name,
				    x->w->virtual_service->ns);
		if (o->kind->id == KIND_DESTINATION_RULE && o != x->w->destination_rule)
			problem_add(x->out, o, NULL, CODE_SHADOWED, SEVERITY_WARNING, "spec.host",
				    "is another DestinationRule for the host; the wizard leaves it as it is");
	}
}

/* Rules for "*.suffix" stop to count for a host with a rule of its own. */
static void
warn_wildcards(struct warning *x)
{
	if (x->w->destination_rule != NULL)
		return;
	SNAPSHOT_EACH(o, x->w->mesh->snapshot, KIND_DESTINATION_RULE) {
		const char *host = value_get_text(o->spec, "host");

		if (host != NULL && host_is_wildcard(host) &&
		    host_matches(host, x->w->service->fqdn))
			problem_add(x->out, o, NULL, CODE_SHADOWED, SEVERITY_WARNING, "spec.host",
				    "no longer applies to %s.%s: the rule of its own hides it",
				    x->w->service->name, x->w->service->ns);
	}
}

static void
warn_tls(struct warning *x)
{
	const char *mode = value_text(value_path(x->w->advanced, "trafficPolicy.tls.mode"));

	if (mode == NULL || strcmp(mode, "DISABLE") == 0)
		return;
	problem_add(x->out, &x->policy, NULL, CODE_TLS, SEVERITY_INFO, "spec.trafficPolicy.tls",
		    strcmp(mode, "ISTIO_MUTUAL") == 0
		    ? "%s is stored and obeyed as policy; loopback is not encrypted"
		    : "%s is stored; on the embedded mesh it is answered with 503 (UF), "
		      "loopback is not encrypted", mode);
}

static void
warn_old_errors(struct warning *x)
{
	const struct value *outlier = value_path(x->w->advanced, "circuitBreaker.outlierDetection");

	if (value_get(outlier, "consecutiveErrors") != NULL)
		problem_add(x->out, &x->policy, NULL, CODE_NO_EFFECT, SEVERITY_WARNING,
			    "spec.trafficPolicy.outlierDetection.consecutiveErrors",
			    "Istio ignores it%s", value_get(outlier, "consecutive5xxErrors") != NULL
			    ? "" : ": five errors in a row eject; say consecutive5xxErrors instead");
}

/* One row for each field that the engine does not obey, at the outermost. */
static void
warn_obeyed(struct warning *x, const struct object *o, enum kind_id kind, const struct value *v,
	    const char *path)
{
	size_t i = 0;

	if (!field_is_obeyed(kind, path)) {
		problem_add(x->out, o, NULL, CODE_NOT_OBEYED, SEVERITY_INFO, path,
			    "not obeyed by this version");
		return;
	}
	VALUE_EACH(child, v)
		warn_obeyed(x, o, kind, child, v->kind == VALUE_LIST
			    ? arena_printf(x->arena, "%s[%zu]", path, i++)
			    : arena_printf(x->arena, "%s.%s", path, child->key));
}

static void
warn_documents(struct warning *x)
{
	for (size_t i = 0; i < x->documents->count; i++) {
		const struct wizard_document *doc = &x->documents->items[i];
		struct object o = identity(doc);
		enum kind_id kind = strcmp(doc->kind, "VirtualService") == 0 ? KIND_VIRTUAL_SERVICE
			: strcmp(doc->kind, "DestinationRule") == 0 ? KIND_DESTINATION_RULE
			: KIND_NONE;

		if (kind != KIND_NONE && doc->root != NULL)
			warn_obeyed(x, &o, kind, value_get(doc->root, "spec"), "spec");
	}
}

static void
warn_proxies(struct warning *x)
{
	for (size_t i = 0; i < x->w->rows.len; i++) {
		const struct mesh_workload *workload =
			mesh_find_workload(x->w->mesh, x->w->service->ns,
					   x->w->rows.items[i].workload);

		if (workload->has_proxy)
			return;
	}
	problem_add(x->out, &x->rules, NULL, CODE_NO_EFFECT, SEVERITY_INFO, "",
		    "no workload of %s has a proxy; the rules hold for callers that have one",
		    x->w->service->name);
}

void
warnings_add(const struct wizard_state *w, const struct document_set *d, struct problems *out)
{
	struct warning x = { .w = w, .documents = d, .out = out, .arena = arena_new() };

	if (w->kind != WIZARD_DELETE) {
		find_identities(&x);
		warn_removed(&x);
		warn_order(&x);
		for (size_t i = 0; i < w->rules.len; i++) {
			warn_targets(&x, &w->rules.items[i], i);
			warn_times(&x, &w->rules.items[i], i);
			warn_elsewhere(&x, &w->rules.items[i], i);
			warn_mirrors(&x, &w->rules.items[i], i);
		}
		warn_others(&x);
		warn_wildcards(&x);
		warn_tls(&x);
		warn_old_errors(&x);
		warn_proxies(&x);
		warn_documents(&x);
	}
	arena_free(&x.arena);
}
