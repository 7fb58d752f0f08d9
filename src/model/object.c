/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One object: labels, titles, names; see object.h. */
#include "src/model/object.h"

#include <string.h>
#include <strings.h>

#include "src/base/buf.h"
#include "src/base/slice.h"
#include "src/base/value.h"

#define LABEL_MAX 63
#define SUBDOMAIN_MAX 253

const char *
object_label(const struct object *o, const char *key)
{
	return value_get_text(value_get(o->metadata, "labels"), key);
}

const char *
object_annotation(const struct object *o, const char *key)
{
	return value_get_text(value_get(o->metadata, "annotations"), key);
}

void
object_title(const struct object *o, struct buf *out)
{
	buf_printf(out, "%s %s", o->kind_name, o->name);
	if (o->ns[0] != '\0')
		buf_printf(out, ".%s", o->ns);
}

bool
object_is_of_word(const struct object *o, const char *word)
{
	size_t len = strcspn(word, "."), own = strlen(o->kind_name);

	if (o->kind != NULL || strncasecmp(o->kind_name, word, own) != 0)
		return false;
	if (len != own && (len != own + 1 || (word[own] != 's' && word[own] != 'S')))
		return false;
	return word[len] == '\0' ||
	       slice_eq_nocase(slice_of(word + len + 1), kind_group(o->api_version));
}

bool
labels_match(const struct value *labels, const struct value *selector)
{
	if (selector != NULL && selector->count > 0 && !value_is_map(selector))
		return false;
	VALUE_EACH(want, selector) {
		const char *text = value_text(want);
		const char *have = value_get_text(labels, want->key);

		if (text == NULL || have == NULL || strcmp(text, have) != 0)
			return false;
	}
	return true;
}

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool
is_label(const char *s, size_t len)
{
	if (len == 0 || len > LABEL_MAX || !is_alnum(s[0]) || !is_alnum(s[len - 1]))
		return false;
	for (size_t i = 1; i + 1 < len; i++)
		if (!is_alnum(s[i]) && s[i] != '-')
			return false;
	return true;
}

bool
name_is_dns_label(const char *s)
{
	return is_label(s, strlen(s));
}

/* The parts of a subdomain may be longer than labels (RFC 1123 as Kubernetes
 * reads it: only the whole is limited). */
bool
name_is_dns_subdomain(const char *s)
{
	size_t len = strlen(s);

	if (len == 0 || len > SUBDOMAIN_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool is_edge = i == 0 || i + 1 == len || s[i - 1] == '.' || s[i + 1] == '.';

		if (s[i] == '.' ? is_edge : !is_alnum(s[i]) && (is_edge || s[i] != '-'))
			return false;
	}
	return true;
}
