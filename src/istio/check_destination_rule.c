/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A DestinationRule and its traffic policies (spec/dataplane.md 1.2). */
#include "src/istio/check_destination_rule.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "src/base/value.h"
#include "src/istio/host.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"
#include "src/model/object.h"

static bool
has_members(const struct value *map)
{
	VALUE_EACH(v, map)
		if (v->kind != VALUE_NULL)
			return true;
	return false;
}

void
dr_check(struct checker *c, const struct value *spec)
{
	const struct value *selector = member(spec, "workloadSelector");
	const struct value *list = member(spec, "exportTo");
	bool is_wide = false;

	if (selector == NULL)
		return;
	if (!has_members(member(selector, "matchLabels")))
		complain_member(c, spec, "workloadSelector", "MT0036",
				"has no effect without matchLabels: the rule is for all workloads");
	VALUE_EACH(v, list) {
		const char *ns = value_text(v);

		is_wide |= ns != NULL && strcmp(ns, ".") != 0 && strcmp(ns, c->object->ns) != 0;
	}
	if (is_wide)
		complain_member(c, spec, "exportTo", "MT0029", "beside workloadSelector only '.' may "
				"stand: the rule is for workloads of its own namespace");
}

/* Without ejections no locality ever counts as failed. */
static void
check_failover(struct checker *c, const struct value *policy)
{
	static const char *const settings[] = { "localityLbSetting", "zoneAwareLbSetting" };
	static const char *const lists[] = { "failover", "failoverPriority" };

	if (member(policy, "outlierDetection") != NULL)
		return;
	for (size_t i = 0; i < 4; i++) {
		const char *setting = settings[i / 2], *name = lists[i % 2];
		const struct value *list = member(member(member(policy, "loadBalancer"), setting), name);
		char below[64];

		snprintf(below, sizeof(below), "loadBalancer.%s.%s", setting, name);
		if (list != NULL && list->count > 0)
			complain(c, list, below, "MT0036", "has no effect without outlierDetection");
	}
}

void
dr_check_policy(struct checker *c, const struct value *policy)
{
	if (!has_members(policy))
		complain(c, policy, NULL, "MT0032", "a trafficPolicy needs at least one member");
	check_failover(c, policy);
}

void
dr_check_port_level(struct checker *c, const struct value *setting)
{
	if (member(setting, "loadBalancer") == NULL && member(setting, "connectionPool") == NULL &&
	    member(setting, "outlierDetection") == NULL && member(setting, "tls") == NULL)
		complain(c, setting, NULL, "MT0032", "a portLevelSetting needs loadBalancer, "
			 "connectionPool, outlierDetection or tls");
	check_failover(c, setting);
}

void
dr_check_pool(struct checker *c, const struct value *pool)
{
	if (member(pool, "tcp") == NULL && member(pool, "http") == NULL)
		complain(c, pool, NULL, "MT0032", "a connectionPool needs tcp or http");
}

void
dr_check_pool_http(struct checker *c, const struct value *http)
{
	const char *upgrade = member_text(http, "h2UpgradePolicy");
	bool uses = false;

	value_to_bool(member(http, "useClientProtocol"), &uses);
	if (uses && upgrade != NULL && strcmp(upgrade, "UPGRADE") == 0)
		complain_member(c, http, "useClientProtocol", "MT0029",
				"excludes h2UpgradePolicy: UPGRADE");
}

void
dr_check_outlier(struct checker *c, const struct value *outlier)
{
	int64_t failures = 0;
	bool splits = false;

	value_to_bool(member(outlier, "splitExternalLocalOriginErrors"), &splits);
	value_to_int(member(outlier, "consecutiveLocalOriginFailures"), &failures);
	if (failures > 0 && !splits)
		complain_member(c, outlier, "consecutiveLocalOriginFailures", "MT0029",
				"needs splitExternalLocalOriginErrors: true");
}

static void
check_skip_verify(struct checker *c, const struct value *tls, bool is_mutual)
{
	/* Of MUTUAL a credentialName brings the client's certificate, too. */
	static const char *const excluded[] = { "caCertificates", "subjectAltNames", "credentialName" };
	bool skips = false;

	if (!value_to_bool(member(tls, "insecureSkipVerify"), &skips) || !skips)
		return;
	for (size_t i = 0; i < (is_mutual ? 2 : 3); i++)
		if (member_set(tls, excluded[i]) != NULL)
			complain_member(c, tls, excluded[i], "MT0029", "excludes insecureSkipVerify: nothing "
					"is verified then");
}

/* Files, or the name of a secret. */
static void
check_certificates(struct checker *c, const struct value *tls, bool is_mutual)
{
	static const char *const files[] = { "clientCertificate", "privateKey", "caCertificates",
					     "caCrl" };
	bool has_name = member_set(tls, "credentialName") != NULL;

	for (size_t i = 0; i < 4 && has_name; i++)
		if (member_set(tls, files[i]) != NULL)
			complain_member(c, tls, files[i], "MT0029", "excludes credentialName: only one of "
					"the two may stand");
	for (size_t i = 0; i < 2 && is_mutual && !has_name; i++)
		check_mode_needs(c, tls, "", "MUTUAL", files[i]);
}

void
dr_check_tls(struct checker *c, const struct value *tls)
{
	const char *mode = member_text(tls, "mode");
	bool is_mutual = mode != NULL && strcmp(mode, "MUTUAL") == 0;

	if (!is_mutual && (mode == NULL || strcmp(mode, "SIMPLE") != 0))
		return;
	check_certificates(c, tls, is_mutual);
	check_skip_verify(c, tls, is_mutual);
	complain_member(c, tls, "mode", "MT2007", "TLS to servers is not done by this version: "
			"requests are answered with 503 (UF)");
}

void
dr_check_tunnel(struct checker *c, const struct value *tunnel)
{
	const char *protocol = member_text(tunnel, "protocol"), *host = member_text(tunnel, "targetHost");

	if (protocol != NULL && protocol[0] != '\0' && strcmp(protocol, "CONNECT") != 0 &&
	    strcmp(protocol, "POST") != 0)
		complain_member(c, tunnel, "protocol", "MT0024", "'%.40s' is not CONNECT or POST", protocol);
	if (host != NULL && host[0] != '\0' && !syntax_is_fqdn(host) && !host_is_ip(host))
		complain_member(c, tunnel, "targetHost", "MT0026", "'%.80s' is neither a host name nor an "
				"address", host);
}

