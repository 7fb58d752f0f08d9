/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands behind "advanced": hosts, gateways, traffic policy, circuit
 * breaker.  Read whole from the stored documents, so that members no form
 * shows come back when they are written.
 */
#include <string.h>

#include "src/base/assert.h"
#include "src/wizard/wizard_priv.h"

/* Members of the DestinationRule's trafficPolicy and where answers have them. */
static const struct {
	const char *section, *key;
} policy_parts[] = {
	{ "trafficPolicy", "tls" }, { "trafficPolicy", "loadBalancer" },
	{ "circuitBreaker", "connectionPool" }, { "circuitBreaker", "outlierDetection" },
};

void
value_put_path(struct arena *a, struct value *map, const char *const *keys, size_t count,
	       const struct value *v)
{
	struct value *inner;

	if (count == 1) {
		if (v != NULL)
			value_set(a, map, keys[0], value_copy(a, v));
		else
			value_remove(map, keys[0]);
		return;
	}
	inner = value_get(map, keys[0]);
	if (!value_is_map(inner)) {
		if (v == NULL)
			return;
		inner = value_ensure_map(a, map, keys[0]);
	}
	value_put_path(a, inner, keys + 1, count - 1, v);
	if (inner->count == 0)
		value_remove(map, keys[0]);
}

static void
put2(struct arena *a, struct value *map, const char *section, const char *key,
     const struct value *v)
{
	const char *const keys[] = { section, key };

	value_put_path(a, map, keys, 2, v);
}

static void
read_gateway(const struct wizard_state *w, struct value *out)
{
	struct value *gateway = value_new_map(w->arena);
	const char *use = NULL;
	bool has_mesh = false;

	VALUE_EACH(g, value_get(w->virtual_service->spec, "gateways")) {
		const char *text = value_text(g);

		if (text != NULL && strcmp(text, MESH_GATEWAY) == 0)
			has_mesh = true;
		else if (use == NULL)
			use = text;
	}
	if (use == NULL)
		return;
	value_set_string(w->arena, gateway, "use", use);
	value_set_bool(w->arena, gateway, "includeMesh", has_mesh);
	value_set(w->arena, out, "gateway", gateway);
}

struct value *
advanced_read(const struct wizard_state *w)
{
	struct arena *a = w->arena;
	struct value *out = value_new_map(a);
	const struct value *hosts = w->virtual_service != NULL
		? value_get(w->virtual_service->spec, "hosts") : NULL;
	const struct value *policy = w->destination_rule != NULL
		? value_get(w->destination_rule->spec, "trafficPolicy") : NULL;
	struct value *copy;

	copy = value_is_list(hosts) ? value_copy(a, hosts) : value_new_list(a);
	if (hosts == NULL)
		value_append(copy, value_new_string(a, w->service->fqdn));
	value_set(a, out, "hosts", copy);
	if (w->virtual_service != NULL)
		read_gateway(w, out);
	for (size_t i = 0; i < ARRAY_LEN(policy_parts); i++) {
		const struct value *part = value_get(policy, policy_parts[i].key);

		if (!value_is_null(part))
			put2(a, out, policy_parts[i].section, policy_parts[i].key,
			     value_stored_form(a, part));
	}
	if (w->peer_auth != NULL) {
		const struct value *mode = value_path(w->peer_auth->spec, "mtls.mode");

		if (value_text(mode) != NULL)
			put2(a, out, "trafficPolicy", "peerAuthentication", mode);
	}
	return out;
}

void
advanced_write_policy(struct arena *a, const struct value *advanced, struct value *spec)
{
	for (size_t i = 0; i < ARRAY_LEN(policy_parts); i++) {
		const struct value *now = value_get(value_get(advanced, policy_parts[i].section),
						    policy_parts[i].key);
		const struct value *was = value_get(value_get(spec, "trafficPolicy"),
						    policy_parts[i].key);

		if (!value_equal(now, was))
			put2(a, spec, "trafficPolicy", policy_parts[i].key, now);
	}
}

/* The first gateway is ours; others that stand there stay. */
static struct value *
gateways_of(struct arena *a, const struct value *advanced, const char *gateway,
	    const struct value *was)
{
	struct value *out = value_new_list(a);
	bool has_mesh = false, is_first = true, had_mesh = false;

	value_to_bool(value_path(advanced, "gateway.includeMesh"), &has_mesh);
	value_append(out, value_new_string(a, gateway));
	VALUE_EACH(g, was) {
		const char *text = value_text(g);
		bool is_mesh = text != NULL && strcmp(text, MESH_GATEWAY) == 0;

		if (is_mesh && has_mesh) {
			value_append(out, value_copy(a, g));
			had_mesh = true;
		} else if (!is_mesh && !is_first && text != NULL && strcmp(text, gateway) != 0) {
			value_append(out, value_copy(a, g));
		}
		is_first = is_first && is_mesh;
	}
	if (has_mesh && !had_mesh)
		value_append(out, value_new_string(a, MESH_GATEWAY));
	return out;
}

/* Do both name the same gateways? */
static bool
same_gateways(const struct value *a, const struct value *b)
{
	if (a->count != (b != NULL ? b->count : 0))
		return false;
	VALUE_EACH(x, a) {
		bool found = false;

		VALUE_EACH(y, b)
			found = found || value_equal(x, y);
		if (!found)
			return false;
	}
	return true;
}

void
advanced_write_hosts(struct arena *a, const struct value *advanced, const char *gateway,
		     struct value *spec)
{
	const struct value *hosts = value_get(advanced, "hosts");
	const struct value *was = value_get(spec, "gateways");
	struct value *gateways;

	if (!value_equal(hosts, value_get(spec, "hosts")))
		value_set(a, spec, "hosts", value_copy(a, hosts));
	if (gateway != NULL) {
		gateways = gateways_of(a, advanced, gateway, was);
		if (!same_gateways(gateways, was))
			value_set(a, spec, "gateways", gateways);
		return;
	}
	/* Only "mesh" is the same as none. */
	VALUE_EACH(g, was)
		if (value_text(g) == NULL || strcmp(value_text(g), MESH_GATEWAY) != 0) {
			value_remove(spec, "gateways");
			return;
		}
}
