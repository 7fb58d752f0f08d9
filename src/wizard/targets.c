/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rows of the weight table: the service's workloads that have an app and
 * a version label (spec/kiali.md 1.1), and the subset of each.
 */
#include <string.h>

#include "src/base/error.h"
#include "src/wizard/wizard_priv.h"

static const char *const app_labels[] = {
	"service.istio.io/canonical-name", "app.kubernetes.io/name", "app",
};
static const char *const version_labels[] = {
	"service.istio.io/canonical-revision", "app.kubernetes.io/version", "version",
};

/* The first of the three that the labels have. */
static const char *
first_label(const struct value *labels, const char *const keys[3])
{
	for (size_t i = 0; i < 3; i++) {
		const char *text = value_get_text(labels, keys[i]);

		if (text != NULL && text[0] != '\0')
			return keys[i];
	}
	return NULL;
}

/* By the service's selector, so that a workload without pods counts too. */
static bool
is_selected(const struct mesh_service *s, const struct mesh_workload *w)
{
	const struct value *selector = s->is_entry
		? value_path(s->object->spec, "workloadSelector.labels")
		: value_get(s->object->spec, "selector");

	return strcmp(s->ns, w->ns) == 0 && selector != NULL && selector->count > 0 &&
	       labels_match(w->labels, selector);
}

static const struct mesh_workload *
workload_at(const struct wizard_state *w, size_t row)
{
	return mesh_find_workload(w->mesh, w->service->ns, w->rows.items[row].workload);
}

/* Workloads of the service that a destination with these labels reaches. */
static size_t
count_selected(const struct wizard_state *w, const struct value *labels)
{
	size_t n = 0;

	for (size_t i = 0; i < w->rows.len; i++) {
		const struct mesh_workload *workload = workload_at(w, i);

		n += labels_match(workload->labels, labels);
	}
	return n;
}

/* The n-th stored subset of all DestinationRules that are merged with ours. */
static bool
is_merged(const struct wizard_state *w, const struct object *o)
{
	return w->destination_rule != NULL && o->kind->id == KIND_DESTINATION_RULE &&
	       strcmp(o->ns, w->destination_rule->ns) == 0 &&
	       value_get(o->spec, "workloadSelector") == NULL;
}

/* Visits the subsets, those of the rule that is worked on first. */
typedef bool subset_test(const struct wizard_state *w, const struct value *subset,
			 const void *arg);

static const struct value *
subset_search(const struct wizard_state *w, subset_test *test, const void *arg)
{
	for (size_t pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < w->stored.len; i++) {
			const struct object *o = w->stored.items[i];

			if (!is_merged(w, o) || (o == w->destination_rule) != (pass == 0))
				continue;
			VALUE_EACH(subset, value_get(o->spec, "subsets"))
				if (test(w, subset, arg))
					return subset;
		}
	return NULL;
}

static bool
has_name(const struct wizard_state *w, const struct value *subset, const void *arg)
{
	const char *name = value_get_text(subset, "name");

	(void)w;
	return name != NULL && strcmp(name, arg) == 0;
}

const struct value *
subset_find(const struct wizard_state *w, const char *name)
{
	return subset_search(w, has_name, name);
}

/* Exactly {VERSIONLABEL: VERSION}. */
static bool
is_of_version(const struct wizard_state *w, const struct value *subset, const void *arg)
{
	const struct wizard_target *t = arg;
	const struct mesh_workload *workload =
		mesh_find_workload(w->mesh, w->service->ns, t->workload);
	const struct value *labels = value_get(subset, "labels");
	const char *key = first_label(workload->labels, version_labels);
	const char *text = key != NULL ? value_get_text(labels, key) : NULL;

	return labels != NULL && labels->count == 1 && text != NULL &&
	       strcmp(text, t->version) == 0;
}

/* Labels that of all rows this one alone has. */
static bool
is_only_of(const struct wizard_state *w, const struct value *subset, const void *arg)
{
	const struct wizard_target *t = arg;
	const struct mesh_workload *workload =
		mesh_find_workload(w->mesh, w->service->ns, t->workload);
	const struct value *labels = value_get(subset, "labels");

	return labels != NULL && labels->count > 0 && labels_match(workload->labels, labels) &&
	       count_selected(w, labels) == 1;
}

/* Subset names are DNS labels; versions need not be ("1.0_rc"). */
static char *
subset_name(struct wizard_state *w, const char *version)
{
	char *name = arena_strdup(w->arena, version);
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-",
			   name[i]) == NULL)
			name[i] = '-';
	for (; len > 0 && name[len - 1] == '-'; len--)
		name[len - 1] = '\0';
	while (*name == '-')
		name++;
	return *name != '\0' ? name : arena_strdup(w->arena, "version");
}

/* A name that no other subset has: an existing v1 may mean something else. */
static const char *
free_subset_name(struct wizard_state *w, const char *version)
{
	const char *base = subset_name(w, version);
	const char *name = base;

	for (unsigned n = 1; subset_find(w, name) != NULL; n++)
		name = arena_printf(w->arena, "%s-%u", base, n);
	return name;
}

const char *
targets_version_label(const struct wizard_state *w, const struct wizard_target *t)
{
	const struct mesh_workload *workload =
		mesh_find_workload(w->mesh, w->service->ns, t->workload);

	return first_label(workload->labels, version_labels);
}

static void
choose_subset(struct wizard_state *w, struct wizard_target *t)
{
	const struct value *subset;

	if (t->version == NULL)
		return;
	subset = subset_search(w, is_of_version, t);
	if (subset == NULL)
		subset = subset_search(w, is_only_of, t);
	t->subset = subset != NULL ? value_get_text(subset, "name") : NULL;
	if (t->subset == NULL)
		t->subset = free_subset_name(w, t->version);
}

static void
add_row(struct wizard_state *w, const struct mesh_workload *workload)
{
	const char *app = first_label(workload->labels, app_labels);
	const char *version = first_label(workload->labels, version_labels);
	struct wizard_target t = { .workload = workload->name };

	if (app == NULL)
		return;
	t.version = version != NULL ? value_get_text(workload->labels, version) : NULL;
	if (w->app_label == NULL) {
		w->app_label = app;
		w->app = value_get_text(workload->labels, app);
	}
	if (w->version_label == NULL)
		w->version_label = version;
	vec_push(&w->rows, t);
}

/* A version may be missing only when there is one workload. */
static void
drop_unversioned(struct wizard_state *w)
{
	for (size_t i = w->rows.len; i > 0 && w->rows.len > 1; i--)
		if (w->rows.items[i - 1].version == NULL)
			vec_remove(&w->rows, i - 1);
}

int
targets_find(struct wizard_state *w, struct error *err)
{
	size_t selected = 0;

	for (size_t i = 0; i < w->mesh->workload_count; i++) {
		if (!is_selected(w->service, w->mesh->workloads[i]))
			continue;
		selected++;
		add_row(w, w->mesh->workloads[i]);
	}
	if (selected > 1) {
		drop_unversioned(w);
		if (w->rows.len == 1 && w->rows.items[0].version == NULL)
			w->rows.len = 0;
	}
	if (w->rows.len == 0)
		return error_setf(err, ERROR_REFUSED, "%s.%s: none of its %zu workloads has the "
				  "labels app and version", w->service->name, w->service->ns,
				  selected);
	for (size_t i = 0; i < w->rows.len; i++)
		choose_subset(w, &w->rows.items[i]);
	return 0;
}

/* Row whose workload the destination's subset selects alone. */
static bool
row_fits(const struct wizard_state *w, size_t row, const char *name, const struct value *subset)
{
	const struct wizard_target *t = &w->rows.items[row];
	const struct value *labels = value_get(subset, "labels");

	if (t->subset != NULL && strcmp(t->subset, name) == 0 && subset != NULL)
		return true;
	if (subset == NULL)
		return t->version != NULL && strcmp(t->version, name) == 0;
	return labels != NULL && labels->count > 0 &&
	       labels_match(workload_at(w, row)->labels, labels) &&
	       (count_selected(w, labels) == 1 || is_of_version(w, subset, t));
}

size_t
targets_of_destination(const struct wizard_state *w, const struct value *destination,
		       const bool *taken)
{
	const char *ns = w->virtual_service != NULL ? w->virtual_service->ns : w->service->ns;
	const char *name = value_get_text(destination, "subset");

	if (!wizard_is_own_host(w, value_get_text(destination, "host"), ns))
		return SIZE_MAX;
	if (name == NULL || name[0] == '\0')	/* every workload: one only is a row */
		return w->rows.len == 1 && !taken[0] ? 0 : SIZE_MAX;
	for (size_t i = 0; i < w->rows.len; i++)
		if (!taken[i] && row_fits(w, i, name, subset_find(w, name)))
			return i;
	return SIZE_MAX;
}
