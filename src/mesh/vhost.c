/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The virtual host of a request (spec/dataplane.md 2.2).
 *
 * Names are not stored in all their short forms: a Host is completed to the
 * full name instead, as far as that form is valid for the caller.  Exact
 * names come first, then the longest wildcard; no second try.
 */
#include <stdint.h>
#include <string.h>

#include "src/istio/host.h"
#include "src/mesh/table.h"

#define FETCHED_BYTES 256	/* rules with one condition and one destination */
#define FULL_BYTES (HOST_MAX_BYTES * 2 + sizeof(".svc." HOST_CLUSTER_DOMAIN))

_Static_assert(ROUTE_HOST_BYTES > HOST_MAX_BYTES, "names of hosts fit");

/* A Host in lower case without port. */
struct host_text {
	char text[HOST_MAX_BYTES + 1];
	size_t len;
};

static bool
read_host(struct slice authority, struct host_text *out)
{
	struct slice host = host_without_port(authority);

	if (host.len == 0 || host.len > HOST_MAX_BYTES)
		return false;
	for (size_t i = 0; i < host.len; i++) {
		char ch = host.ptr[i];

		out->text[i] = ch >= 'A' && ch <= 'Z' ? (char)(ch - 'A' + 'a') : ch;
	}
	out->text[host.len] = '\0';
	out->len = host.len;
	return true;
}

/* What the first rule asks for and where it leads lies behind (see
 * new_rules()): all of it is fetched at once. */
static inline void
fetch(const struct http_rules *rules)
{
	for (size_t at = 0; at < FETCHED_BYTES; at += 64)
		__builtin_prefetch((const char *)rules + at);
}

/* The first service of the host whose port the caller sees as HTTP. */
static bool
usable(const struct route_table *t, const struct host_services *h, uint16_t port,
       struct vhost *out)
{
	for (; h != NULL; h = h->next) {
		for (size_t i = 0; i < h->port_count; i++) {
			uint16_t number = i == 0 ? h->first_number : h->service->ports[i].number;
			const struct http_rules *rules = t->http[h->first_slot + i];

			if (number != port || rules == NULL)
				continue;
			fetch(rules);
			*out = (struct vhost){ .service = h->service, .rules = rules };
			return true;
		}
	}
	return false;
}

struct full_name {
	char text[FULL_BYTES];
	size_t len;
};

static void
add(struct full_name *f, struct slice s)
{
	memcpy(f->text + f->len, s.ptr, s.len);
	f->len += s.len;
}

/* "b", "b.ns" or "b.ns.svc" completed; false for other forms. */
static bool
complete(const struct route_table *t, struct slice host, struct full_name *f)
{
	const char *first = memchr(host.ptr, '.', host.len);
	const char *rest = first != NULL ? first + 1 : NULL;
	size_t rest_len = rest != NULL ? host.len - (size_t)(rest - host.ptr) : 0;

	f->len = 0;
	add(f, host);
	if (first == NULL) {
		add(f, SLICE("."));
		add(f, slice_of(t->ns));
		add(f, SLICE(".svc." HOST_CLUSTER_DOMAIN));
		return true;
	}
	if (memchr(rest, '.', rest_len) == NULL) {
		add(f, SLICE(".svc." HOST_CLUSTER_DOMAIN));
		return true;
	}
	if (rest_len > 4 && memcmp(rest + rest_len - 4, ".svc", 4) == 0 &&
	    memchr(rest, '.', rest_len - 4) == NULL) {
		add(f, SLICE("." HOST_CLUSTER_DOMAIN));
		return true;
	}
	return false;
}

static bool
exact(const struct route_table *t, struct slice host, uint16_t port, struct vhost *out)
{
	const struct host_index *hosts = &t->mesh->priv->hosts;
	struct full_name f;

	if (host.len > 1 && host.ptr[host.len - 1] == '.') {
		host.len--;		/* only full names may end in a dot */
		return usable(t, host_index_exact(hosts, host), port, out);
	}
	if ((t->mesh->priv->host_labels >> host_label_count(host) & 1) != 0 &&
	    usable(t, host_index_exact(hosts, host), port, out))
		return true;
	return complete(t, host, &f) &&
	       usable(t, host_index_exact(hosts, (struct slice){ f.text, f.len }), port, out);
}

/* "pod.b", "pod.b.ns" ...: the names of a headless service's instances.
 * Returns the length of the wildcard's suffix, 0 for none. */
static size_t
headless(const struct route_table *t, struct slice host, uint16_t port, struct vhost *out)
{
	if (!t->mesh->priv->has_headless)
		return 0;
	for (size_t i = 1; i + 1 < host.len; i++) {
		struct slice rest = { host.ptr + i + 1, host.len - i - 1 };

		if (host.ptr[i] == '.' && exact(t, rest, port, out) &&
		    out->service->is_headless)
			return rest.len + 1;
	}
	return 0;
}

static size_t
wildcard_service(const struct route_table *t, struct slice host, uint16_t port,
		 struct vhost *out)
{
	size_t len = SIZE_MAX;
	const struct host_services *h;

	while ((h = host_index_wildcard(&t->mesh->priv->hosts, host, &len)) != NULL)
		if (usable(t, h, port, out))
			return len;
	return 0;
}

/* The longest of all wildcards. */
static bool
wildcard(const struct route_table *t, struct slice host, uint16_t port, struct vhost *out)
{
	struct vhost of_entry, of_headless;
	size_t entry_len = wildcard_service(t, host, port, &of_entry);
	size_t headless_len = headless(t, host, port, &of_headless);
	size_t extra_len = SIZE_MAX;
	const struct host_index *extras = extra_hosts_of(t, port);
	const struct http_rules *extra =
		extras != NULL ? host_index_wildcard(extras, host, &extra_len) : NULL;

	if (headless_len > 0 && headless_len >= entry_len &&
	    (extra == NULL || headless_len >= extra_len)) {
		*out = of_headless;
		return true;
	}
	if (entry_len > 0 && (extra == NULL || entry_len >= extra_len)) {
		*out = of_entry;
		return true;
	}
	if (extra == NULL)
		return false;
	*out = (struct vhost){ NULL, extra, extra_len };
	return true;
}

static const struct gateway_port *
gateway_port(const struct route_table *t, uint16_t port)
{
	for (size_t i = 0; i < t->port_count; i++)
		if (t->ports[i].face.number == port)
			return &t->ports[i];
	return NULL;
}

static bool
at_gateway(const struct route_table *t, struct slice host, uint16_t port,
	   struct vhost *out)
{
	const struct gateway_port *p = gateway_port(t, port);

	*out = (struct vhost){ NULL, NULL, SIZE_MAX };
	if (p == NULL)
		return false;
	if (host.len > 1 && host.ptr[host.len - 1] == '.')
		host.len--;
	out->rules = host_index_exact(&p->hosts, host);
	if (out->rules == NULL)
		out->rules = host_index_wildcard(&p->hosts, host, &out->suffix_len);
	return out->rules != NULL;
}

bool
vhost_find(const struct route_table *t, const struct route_request *r, struct vhost *out)
{
	const struct host_index *extras;
	struct host_text host;
	struct slice name;

	if (!read_host(r->authority, &host))
		return false;
	name = (struct slice){ host.text, host.len };
	if (t->is_gateway)
		return at_gateway(t, name, r->port, out);
	if (exact(t, name, r->port, out))
		return true;
	extras = extra_hosts_of(t, r->port);
	if (extras != NULL) {
		out->service = NULL;
		out->rules = host_index_exact(extras, name);
		out->suffix_len = SIZE_MAX;
		if (out->rules != NULL)
			return true;
	}
	return wildcard(t, name, r->port, out);
}

struct slice
route_host_name(const struct route_table *t, struct slice authority, uint16_t port,
		char text[ROUTE_HOST_BYTES])
{
	const struct route_request r = { .authority = authority, .port = port };
	struct host_text host;
	struct vhost found;

	if (!read_host(authority, &host) || !vhost_find(t, &r, &found))
		return SLICE_NONE;
	if (found.service != NULL)
		return slice_of(found.service->fqdn);
	if (host.len > 1 && host.text[host.len - 1] == '.')
		host.len--;		/* as at_gateway() does */
	if (found.suffix_len == SIZE_MAX) {
		memcpy(text, host.text, host.len);
		return (struct slice){ text, host.len };
	}
	text[0] = '*';
	memcpy(text + 1, host.text + host.len - found.suffix_len, found.suffix_len);
	return (struct slice){ text, 1 + found.suffix_len };
}
