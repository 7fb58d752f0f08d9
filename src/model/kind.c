/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of kinds and how words find a row; see kind.h. */
#include "src/model/kind.h"

#include <string.h>

#include "src/base/error.h"
#include "src/base/slice.h"

#define VERSION_BYTES 64

static const struct kind kinds[KIND_COUNT] = {
#define KIND(id, name, plural, shorts, group, versions, namespaced, strictness) \
	[KIND_##id] = { KIND_##id, name, plural, shorts, group, versions, namespaced, \
			KIND_##strictness },
#include "src/model/kinds.tbl"
#undef KIND
};

static const struct ignored_kind ignored[] = {
#define IGNORED(group, name, is_guard, effect) { group, name, is_guard, effect },
#include "src/model/ignored.tbl"
#undef IGNORED
};

const struct ignored_kind *
kind_ignored(struct slice group, const char *name)
{
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		if (strcmp(ignored[i].name, name) == 0 && slice_is(group, ignored[i].group))
			return &ignored[i];
	return NULL;
}

/* Is word one of a comma separated list? */
static bool
list_has(const char *list, struct slice word)
{
	while (*list != '\0') {
		size_t len = strcspn(list, ",");

		if (slice_eq_nocase((struct slice){ list, len }, word))
			return true;
		list += len + (list[len] == ',');
	}
	return false;
}

const struct kind *
kind_by_id(enum kind_id id)
{
	return id > KIND_NONE && id < KIND_COUNT ? &kinds[id] : NULL;
}

struct slice
kind_group(const char *api_version)
{
	const char *slash = strchr(api_version, '/');

	return (struct slice){ api_version, slash != NULL ? (size_t)(slash - api_version) : 0 };
}

const struct kind *
kind_of_document(const char *api_version, const char *kind, bool *known_version)
{
	const char *slash = strchr(api_version, '/');
	struct slice group = kind_group(api_version);
	struct slice version = slice_of(slash != NULL ? slash + 1 : api_version);

	for (size_t i = KIND_NONE + 1; i < KIND_COUNT; i++) {
		const struct kind *k = &kinds[i];

		if (strcmp(k->name, kind) != 0 || !slice_is(group, k->group))
			continue;
		if (known_version != NULL)
			*known_version = list_has(k->versions, version);
		return k;
	}
	return NULL;
}

/* "networking.istio.io" or "v1.networking.istio.io" behind the kind's word. */
static bool
group_matches(const struct kind *k, struct slice suffix)
{
	struct slice group = slice_of(k->group);
	struct slice version;

	if (suffix.ptr == NULL || slice_eq_nocase(suffix, group))
		return true;
	if (group.len == 0)
		return list_has(k->versions, suffix);
	if (suffix.len <= group.len + 1 || suffix.ptr[suffix.len - group.len - 1] != '.')
		return false;
	version = (struct slice){ suffix.ptr, suffix.len - group.len - 1 };
	suffix = (struct slice){ suffix.ptr + version.len + 1, group.len };
	return slice_eq_nocase(suffix, group) && list_has(k->versions, version);
}

const struct kind *
kind_by_word(const char *word, struct error *err)
{
	size_t len = strcspn(word, ".");
	struct slice name = { word, len };
	struct slice suffix = word[len] == '.' ? slice_of(word + len + 1) : SLICE_NONE;

	for (size_t i = KIND_NONE + 1; len > 0 && i < KIND_COUNT; i++) {
		const struct kind *k = &kinds[i];

		if ((slice_eq_nocase(name, slice_of(k->name)) ||
		     slice_eq_nocase(name, slice_of(k->plural)) || list_has(k->shorts, name)) &&
		    group_matches(k, suffix))
			return k;
	}
	error_setf(err, ERROR_USAGE, "unknown kind '%s'", word);
	return NULL;
}

/* First of "v1,v1beta1" as a literal: v1 or v1beta1 are all that lead a row. */
static bool
leads_with_v1(const char *versions)
{
	return versions[2] == ',' || versions[2] == '\0';
}

const char *
kind_api_version(const struct kind *k)
{
	switch (k->id) {
#define KIND(id_, name_, plural_, shorts_, group_, versions_, namespaced_, strictness_) \
	case KIND_##id_: \
		if (sizeof(group_) == 1) \
			return "v1"; \
		return leads_with_v1(versions_) ? group_ "/v1" : group_ "/v1beta1";
#include "src/model/kinds.tbl"
#undef KIND
	default:
		return "";
	}
}
