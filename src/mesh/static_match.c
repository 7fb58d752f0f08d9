/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Conditions that do not depend on the request: port, gateways, labels and
 * namespace of the caller (spec/dataplane.md 1.1).
 */
#include <stdio.h>
#include <string.h>

#include "src/mesh/table.h"

static bool
port_holds(const struct value *match, uint16_t port)
{
	int64_t number = 0;

	return !value_to_int(value_get(match, "port"), &number) || number == 0 ||
	       number == port;
}

static bool
gateways_hold(const struct view *v, const struct value *gateways)
{
	if (v->gateway == NULL)
		return list_has(gateways, "mesh");
	VALUE_EACH(g, gateways)
		if (value_text(g) != NULL && gateway_is_named(value_text(g), v->rules_ns, v->gateway))
			return true;
	return false;
}

static bool
source_holds(const struct view *v, const struct value *match)
{
	const char *ns = value_get_text(match, "sourceNamespace");

	return labels_match(v->labels, value_get(match, "sourceLabels")) &&
	       (ns == NULL || ns[0] == '\0' || strcmp(ns, v->ns) == 0);
}

bool
static_match(const struct view *v, const struct value *match, uint16_t port, bool is_http)
{
	const struct value *gateways = value_get(match, "gateways");
	bool has_gateways = gateways != NULL && gateways->count > 0;

	if (!port_holds(match, port))
		return false;
	if (has_gateways && !gateways_hold(v, gateways))
		return false;
	/* http: a match with gateways does not look at its source. */
	return (has_gateways && is_http) || source_holds(v, match);
}

const char *
joined_texts(struct arena *a, const struct value *list)
{
	const char *out = "";

	VALUE_EACH(v, list)
		if (value_text(v) != NULL)
			out = arena_printf(a, "%s%s%s", out, out[0] != '\0' ? "," : "",
					   value_text(v));
	return out;
}

void
static_match_why(struct arena *a, const char *ns, const struct value *labels,
		 const struct value *match, uint16_t port, const char **field,
		 const char **want, const char **got)
{
	const struct value *gateways = value_get(match, "gateways");

	if (!port_holds(match, port)) {
		*field = "port";
		*want = value_get_text(match, "port");
		*got = arena_printf(a, "%u", port);
		return;
	}
	if (gateways != NULL && gateways->count > 0) {
		*field = "gateways";
		*want = joined_texts(a, gateways);
		*got = "mesh";
		return;
	}
	MEMBER_EACH(v, value_get(match, "sourceLabels")) {
		const char *own = value_get_text(labels, v->key);

		if (own != NULL && value_text(v) != NULL && strcmp(own, value_text(v)) == 0)
			continue;
		*field = arena_printf(a, "sourceLabels[%s]", v->key);
		*want = value_text(v);
		*got = own;
		return;
	}
	*field = "sourceNamespace";
	*want = value_get_text(match, "sourceNamespace");
	*got = ns;
}
