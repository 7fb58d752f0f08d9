/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Services against the workloads they select (Kiali's KIA06xx, KIA0701);
 * PeerAuthentications and Sidecars against those and each other (KIA0002 to
 * 0004, KIA10xx).
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "src/base/value.h"
#include "src/istio/host.h"
#include "src/istio/known.h"
#include "src/model/object.h"
#include "src/model/snapshot.h"

/* A domain before the name makes it somebody's own: kubernetes.io/h2c. */
static bool
app_protocol_is_known(const char *s)
{
	static const char *const known[] = { "grpc", "grpc-web", "http", "http2", "https", "mongo",
					     "redis", "tcp", "tls", "udp", "mysql", "hbone" };

	if (strchr(s, '/') != NULL)
		return true;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcasecmp(s, known[i]) == 0)
			return true;
	return false;
}

static void
check_port_name(struct checker *c, const struct value *port, const char *below, bool is_in_mesh)
{
	const struct value *app = member(port, "appProtocol"), *name = member(port, "name");
	const char *transport = member_text(port, "protocol");

	if (!is_in_mesh || (transport != NULL && strcmp(transport, "UDP") == 0))
		return;
	if (value_text(app) != NULL) {
		if (!app_protocol_is_known(app->text))
			complain(c, app, below, "KIA0602", "'%.60s' is not known: grpc, grpc-web, http, "
				 "http2, https, mongo, redis, tcp, tls, udp or mysql", app->text);
		return;
	}
	/* Without a name the protocol is sniffed. */
	if (value_text(name) != NULL && name->len > 0 && !port_name_is_known(name->text))
		complain(c, name, below, "KIA0601", "'%.60s' is not PROTOCOL or PROTOCOL-SUFFIX, such as "
			 "http or http-web: name it so or set appProtocol", name->text);
}

/* Has the Deployment a container port of this number or name?  One that
 * declares none at all may serve any. */
static bool
exposes(const struct object *deployment, const char *target)
{
	size_t declared = 0;

	VALUE_EACH(c, value_path(deployment->spec, "template.spec.containers"))
		VALUE_EACH(p, value_get(c, "ports")) {
			const char *number = value_get_text(p, "containerPort");
			const char *name = value_get_text(p, "name");

			declared++;
			if ((number != NULL && strcmp(number, target) == 0) ||
			    (name != NULL && strcmp(name, target) == 0))
				return true;
		}
	return declared == 0;
}

/* Each Deployment that the service selects should have the port. */
static void
check_target(const struct known *k, struct checker *c, const struct value *port, const char *below)
{
	const struct value *selector = member(c->object->spec, "selector");
	const struct value *target = member(port, "targetPort");
	const char *text = value_text(target != NULL ? target : member(port, "port"));
	const struct object *without = NULL;

	if (text == NULL)
		return;
	for (const struct known_link *l = known_candidates(k, c->object->ns, selector); l != NULL;
	     l = l->next) {
		const struct object *o = l->workload->object;

		if (o->kind->id != KIND_DEPLOYMENT || !labels_match(l->workload->labels, selector))
			continue;
		if (exposes(o, text))
			return;
		without = o;
	}
	if (without != NULL)
		complain(c, target != NULL ? target : port, below, "KIA0701", "Deployment %s exposes no "
			 "container port %.40s", without->name, text);
}

static bool
has_proxies(const struct known *k, const struct object *o, const struct value *selector)
{
	for (const struct known_link *l = known_candidates(k, o->ns, selector); l != NULL; l = l->next)
		if (l->workload->has_proxy && labels_match(l->workload->labels, selector))
			return true;
	return false;
}

void
refer_services(const struct known *k, struct problems *out)
{
	SNAPSHOT_EACH(o, k->snapshot, KIND_SERVICE) {
		const struct value *selector = member(o->spec, "selector");
		bool selects = value_is_map(selector) && selector->count > 0;
		bool is_in_mesh = selects && has_proxies(k, o, selector);
		struct checker c = checker_at_spec(o, out);
		size_t index = 0;

		VALUE_EACH(port, member(o->spec, "ports")) {
			char below[40];

			snprintf(below, sizeof(below), "ports[%zu]", index++);
			check_port_name(&c, port, below, is_in_mesh);
			if (selects)
				check_target(k, &c, port, below);
		}
		checker_fini(&c);
	}
}

/* PeerAuthentications and Sidecars alike: one without selector a namespace,
 * one with a selector a workload. */
struct selecting {
	const struct known *known;
	struct problems *out;
	const char *member_name, *labels_name, *what;
	struct strmap whole;		/* NS -> the first without selector */
	struct strmap claimed;		/* address of a workload's object -> object */
};

static const struct value *
labels_of(const struct selecting *x, const struct object *o)
{
	return member(member(o->spec, x->member_name), x->labels_name);
}

static bool
is_selecting(const struct selecting *x, const struct object *o)
{
	const struct value *labels = labels_of(x, o);

	return labels != NULL && labels->count > 0;
}

static void
claim(struct selecting *x, struct checker *c, const struct value *labels)
{
	const struct known_link *l = known_candidates(x->known, c->object->ns, labels);
	const struct object *other = NULL, *workload = NULL;
	bool is_alone = true;

	for (; l != NULL; l = l->next) {
		/* Its first member is the object's address, which tells it from others. */
		struct slice key = { (const char *)&l->workload->object, sizeof(l->workload->object) };
		void **place;

		if (!labels_match(l->workload->labels, labels))
			continue;
		is_alone = false;
		place = strmap_put(&x->claimed, key);
		if (*place == NULL) {
			*place = (void *)(uintptr_t)c->object;
		} else if (*place != (const void *)c->object && other == NULL) {
			other = *place;
			workload = l->workload->object;
		}
	}
	if (is_alone)
		complain(c, member(c->object->spec, x->member_name), x->member_name, "KIA0004",
			 "no workload in namespace %s has these labels", c->object->ns);
	if (other != NULL)
		complain(c, member(c->object->spec, x->member_name), x->member_name, "KIA0003",
			 "%s %s selects workload %s, too: only the older one is obeyed", x->what, other->name,
			 workload->name);
}

static void
check_selecting(struct selecting *x, const struct object *o)
{
	struct checker c = checker_at_spec(o, x->out);
	const struct value *selector = member(o->spec, x->member_name);

	if (is_selecting(x, o)) {
		claim(x, &c, labels_of(x, o));
	} else {
		void **place = strmap_put(&x->whole, slice_of(o->ns));
		const struct object *other = *place;

		if (other == NULL)
			*place = (void *)(uintptr_t)o;
		else
			complain(&c, selector != NULL ? selector : o->spec, x->member_name, "KIA0002",
				 "%s %s is for the whole namespace %s, too: only the older one is obeyed",
				 x->what, other->name, o->ns);
	}
	checker_fini(&c);
}

static void
check_egress_host(const struct known *k, struct checker *c, const struct value *v, const char *below)
{
	const char *text = value_text(v), *slash = text != NULL ? strchr(text, '/') : NULL;
	char fqdn[HOST_MAX_BYTES + 1];

	if (slash == NULL || slash[1] == '\0' || slash[1] == '*' || text[0] == '~' ||
	    !host_resolve_into(fqdn, slash + 1, c->object->ns))
		return;
	if (known_find_host(k, fqdn) == NULL)
		complain(c, v, below, "KIA1004", "no service and no ServiceEntry has the host %.100s", fqdn);
}

static void
check_sidecar(const struct known *k, const struct object *o, struct problems *out)
{
	const struct value *policy = member(o->spec, "outboundTrafficPolicy");
	const struct value *selector = member(o->spec, "workloadSelector");
	const struct value *labels = member(selector, "labels");
	struct checker c = checker_at_spec(o, out);
	size_t listener = 0;

	VALUE_EACH(e, member(o->spec, "egress")) {
		size_t index = 0;

		VALUE_EACH(h, member(e, "hosts")) {
			char below[64];

			snprintf(below, sizeof(below), "egress[%zu].hosts[%zu]", listener, index++);
			check_egress_host(k, &c, h, below);
		}
		listener++;
	}
	if (strcmp(o->ns, k->root_ns) == 0 && labels != NULL && labels->count > 0)
		complain(&c, selector, "workloadSelector", "KIA1006", "a Sidecar of the root namespace is for "
			 "the mesh: it has no selector");
	if (policy != NULL && member(policy, "mode") == NULL)
		complain(&c, policy, "outboundTrafficPolicy", "KIA1007", "without mode it means REGISTRY_ONLY");
	checker_fini(&c);
}

static void
check_kind(struct selecting *x, enum kind_id kind)
{
	SNAPSHOT_EACH(o, x->known->snapshot, kind)
		check_selecting(x, o);
	strmap_fini(&x->whole);
	strmap_fini(&x->claimed);
}

void
refer_policies(const struct known *k, struct problems *out)
{
	struct selecting peers = { .known = k, .out = out, .member_name = "selector",
				   .labels_name = "matchLabels", .what = "PeerAuthentication" };
	struct selecting sidecars = { .known = k, .out = out, .member_name = "workloadSelector",
				      .labels_name = "labels", .what = "Sidecar" };

	check_kind(&peers, KIND_PEER_AUTH);
	check_kind(&sidecars, KIND_SIDECAR);
	SNAPSHOT_EACH(o, k->snapshot, KIND_SIDECAR)
		check_sidecar(k, o, out);
}
