/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sidecars and PeerAuthentications (spec/dataplane.md 1.5, 1.6). */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/value.h"
#include "src/istio/check_gateway.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"

/* NS/HOST with NS "*", ".", "~", a name, or "~" and a name to exclude. */
void
sc_check_host(struct checker *c, const struct value *text)
{
	const char *s = text->text, *slash = text->kind == VALUE_STRING ? strchr(s, '/') : NULL;
	size_t len;

	if (text->kind != VALUE_STRING)
		return;
	if (slash == NULL) {
		complain(c, text, NULL, "MT0026", "'%.80s': write NAMESPACE/HOST, such as ./* or */*", s);
		return;
	}
	len = (size_t)(slash - s);
	if (len > 1 && s[0] == '~') {
		s++;
		len--;
	}
	if (!syntax_is_dns_label(s, len) && !(len == 1 && strchr("*.~", s[0]) != NULL))
		complain(c, text, NULL, "MT0027", "'%.*s' is not a namespace, '.', '*' or '~'",
			 (int)(len < 80 ? len : 80), s);
	if (strcmp(slash + 1, "*") != 0 && !syntax_is_wildcard_domain(slash + 1))
		complain(c, text, NULL, "MT0026", "'%.80s' is not a host name", slash + 1);
}

void
sc_check_outbound(struct checker *c, const struct value *policy)
{
	const struct value *proxy = member(policy, "egressProxy");
	const char *mode = member_text(policy, "mode");

	if (proxy == NULL)
		return;
	if (mode == NULL || strcmp(mode, "ALLOW_ANY") != 0)
		complain_member(c, policy, "egressProxy", "MT0029", "needs mode: ALLOW_ANY");
	if (member(member(proxy, "port"), "number") == NULL)
		complain(c, proxy, "egressProxy.port", "MT0022", "an egressProxy needs port.number");
}

static void
check_egress(struct checker *c, const struct value *list)
{
	size_t index = 0;

	VALUE_EACH(v, value_is_list(list) ? list : NULL) {
		char below[40];

		snprintf(below, sizeof(below), "egress[%zu].port", index++);
		if (member(v, "port") == NULL && v->next != NULL)
			complain(c, v, below, "MT0022", "only the last egress listener may be without "
				 "port");
	}
}

void
sc_check(struct checker *c, const struct value *spec)
{
	static const char *const parts[] = { "ingress", "egress", "inboundConnectionPool",
					     "outboundTrafficPolicy" };
	bool is_empty = true;

	for (size_t i = 0; i < 4; i++)
		is_empty &= member(spec, parts[i]) == NULL;
	if (is_empty)
		complain(c, spec, NULL, "MT0032", "a Sidecar needs ingress, egress, "
			 "inboundConnectionPool or outboundTrafficPolicy");
	check_egress(c, member(spec, "egress"));
}

void
pa_check_ports(struct checker *c, const struct value *map)
{
	VALUE_EACH(v, value_is_map(map) ? map : NULL) {
		char *end;
		unsigned long n = strtoul(v->key, &end, 10);

		if (v->key[0] < '0' || v->key[0] > '9' || *end != '\0' || n < 1 || n > 65535)
			complain(c, v, v->key, "MT0023", "'%.40s' is no port: 1 to 65535", v->key);
	}
}

void
pa_check(struct checker *c, const struct value *spec)
{
	const struct value *selector = member(spec, "selector");
	const struct value *labels = member(selector, "matchLabels");
	bool is_all = labels == NULL || labels->count == 0;

	if (selector != NULL && is_all)
		complain_member(c, spec, "selector", "MT0036", "has no effect without matchLabels: the "
				"policy is for the whole namespace");
	if (member(spec, "portLevelMtls") != NULL && is_all)
		complain_member(c, spec, "portLevelMtls", "MT0029", "needs selector.matchLabels: ports "
				"belong to workloads");
}
