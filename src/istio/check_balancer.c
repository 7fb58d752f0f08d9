/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loadBalancer of a DestinationRule: hashes and localities. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/value.h"
#include "src/istio/check_destination_rule.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"

void
dr_check_cookie_name(struct checker *c, const struct value *text)
{
	if (text->kind == VALUE_STRING && text->len > 0 && !syntax_is_token(text->text))
		complain(c, text, NULL, "MT0031", "'%.80s' is not the name of a cookie or of its "
			 "attribute: letters, digits and !#$%%&'*+-.^_`|~", text->text);
}

void
dr_check_cookie_text(struct checker *c, const struct value *text)
{
	if (text->kind != VALUE_STRING)
		return;
	if (!syntax_is_line(text->text) || strpbrk(text->text, "\t;") != NULL)
		complain(c, text, NULL, "MT0031", "a cookie has neither control characters nor ';' in it");
}

void
dr_check_prime(struct checker *c, const struct value *number)
{
	int64_t n;

	if (!value_to_int(number, &n) || n <= 0 || n > 5000010)
		return;
	for (int64_t i = 2; i * i <= n; i++)
		if (n % i == 0) {
			complain(c, number, NULL, "MT0023", "must be a prime: %lld is %lld times %lld",
				 (long long)n, (long long)i, (long long)(n / i));
			return;
		}
}

void
dr_check_positive(struct checker *c, const struct value *number)
{
	double d;

	if (value_to_double(number, &d) && d == 0)
		complain(c, number, NULL, "MT0023", "must be more than 0");
}

void
dr_check_hash(struct checker *c, const struct value *hash)
{
	const struct value *ring = member(hash, "ringHash"), *maglev = member(hash, "maglev");

	if (ring != NULL && maglev != NULL)
		complain_member(c, hash, "maglev", "MT0029", "excludes ringHash: only one of the two may "
				"stand");
	if (member(hash, "minimumRingSize") != NULL && (ring != NULL || maglev != NULL))
		complain_member(c, hash, "minimumRingSize", "MT0029",
				"excludes ringHash and maglev: write ringHash.minimumRingSize");
	if (member(hash, "httpHeaderName") == NULL && member(hash, "httpCookie") == NULL &&
	    member(hash, "useSourceIp") == NULL && member(hash, "httpQueryParameterName") == NULL)
		complain(c, hash, NULL, "MT0036", "has no effect without httpHeaderName, httpCookie, "
			 "useSourceIp or httpQueryParameterName: there is nothing to hash");
}

/* region/zone/subzone, "*" only at the end. */
void
dr_check_locality(struct checker *c, const struct value *text)
{
	const char *star = text->kind == VALUE_STRING ? strchr(text->text, '*') : NULL;
	size_t slashes = 0;

	if (text->kind != VALUE_STRING)
		return;
	for (const char *p = text->text; *p != '\0'; p++)
		slashes += *p == '/';
	if (text->len == 0 || slashes > 2 || strstr(text->text, "//") != NULL)
		complain(c, text, NULL, "MT0027", "'%.80s' is no locality: REGION, REGION/ZONE or "
			 "REGION/ZONE/SUBZONE", text->text);
	else if (star != NULL && (star[1] != '\0' || (star != text->text && star[-1] != '/')))
		complain(c, text, NULL, "MT0027", "'%.80s': '*' is the last part or no part", text->text);
}

void
dr_check_region(struct checker *c, const struct value *text)
{
	if (text->kind == VALUE_STRING && (text->len == 0 || strpbrk(text->text, "/*") != NULL))
		complain(c, text, NULL, "MT0027", "'%.80s' is no region: no '/', no '*'", text->text);
}

/* Do two localities have an endpoint in common?  A part left out is "*"; the
 * later one may say "*" for the rest. */
static bool
localities_overlap(const char *a, const char *later)
{
	while (*a != '\0' && *later != '\0') {
		size_t x = strcspn(a, "/"), y = strcspn(later, "/");

		if (*a == '*' || *later == '*')
			return *a == '*';
		if (x != y || memcmp(a, later, x) != 0)
			return false;
		a += x + (a[x] == '/');
		later += y + (later[y] == '/');
	}
	return true;
}

#define LOCALITIES_MAX 200	/* of a list that are compared by pairs */

/* Each against those before it; name says where an item has its locality,
 * NULL for keys of a map. */
static void
check_overlaps(struct checker *c, const struct value *list, const char *list_name, const char *name)
{
	size_t index = 0;

	VALUE_EACH(v, list) {
		const char *text = name != NULL ? member_text(v, name) : v->key;
		char below[160];

		if (name != NULL)
			snprintf(below, sizeof(below), "%s[%zu].%s", list_name, index, name);
		else
			snprintf(below, sizeof(below), "%s[\"%.80s\"]", list_name, v->key);
		for (const struct value *w = list->first; w != v && index < LOCALITIES_MAX; w = w->next) {
			const char *other = name != NULL ? member_text(w, name) : w->key;

			if (text == NULL || other == NULL || !localities_overlap(other, text))
				continue;
			complain(c, name != NULL ? member(v, name) : v, below, "MT0030", "locality '%.80s' and "
				 "'%.80s' overlap", other, text);
			break;
		}
		index++;
	}
}

void
dr_check_distribute(struct checker *c, const struct value *distribute)
{
	const struct value *to = member(distribute, "to");
	int64_t sum = 0, n;

	VALUE_EACH(v, value_is_map(to) ? to : NULL) {
		struct value key = *v;

		key.kind = VALUE_STRING;
		key.text = v->key;
		key.len = strlen(v->key);
		dr_check_locality(c, &key);
		if (!value_to_int(v, &n))
			return;
		sum += n;
	}
	if (sum != 100)
		complain(c, to != NULL ? to : distribute, "to", "MT0023", "the weights must sum to 100, they "
			 "sum to %lld", (long long)sum);
	if (value_is_map(to))
		check_overlaps(c, to, "to", NULL);
}

void
dr_check_balancer(struct checker *c, const struct value *balancer)
{
	if (member(balancer, "localityLbSetting") != NULL && member(balancer, "zoneAwareLbSetting") != NULL)
		complain_member(c, balancer, "zoneAwareLbSetting", "MT0029", "excludes localityLbSetting: "
				"only one of the two may stand");
}

/* Labels of the topology stand for what another field says here. */
static void
check_priorities(struct checker *c, const struct value *setting, const char *why)
{
	static const char *const topology[] = {
		"topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone",
	};
	const struct value *list = member(setting, "failoverPriority");
	size_t index = 0;

	VALUE_EACH(v, value_is_list(list) ? list : NULL) {
		char below[48];

		snprintf(below, sizeof(below), "failoverPriority[%zu]", index++);
		for (size_t i = 0; i < ARRAY_LEN(topology); i++)
			if (value_text(v) != NULL && strcmp(v->text, topology[i]) == 0)
				complain(c, v, below, "MT0029", "%s", why);
	}
}

void
dr_check_localities(struct checker *c, const struct value *setting)
{
	const struct value *distribute = member(setting, "distribute");

	if (value_is_list(distribute))
		check_overlaps(c, distribute, "distribute", "from");
	if (member(setting, "failover") != NULL)
		check_priorities(c, setting, "excludes failover: both order localities");
}

void
dr_check_zones(struct checker *c, const struct value *setting)
{
	check_priorities(c, setting, "regions and zones are ordered without it here");
}

void
dr_check_failover(struct checker *c, const struct value *failover)
{
	const char *from = member_text(failover, "from"), *to = member_text(failover, "to");

	if (from != NULL && to != NULL && strcmp(from, to) == 0)
		complain_member(c, failover, "to", "MT0029", "must differ from 'from'");
}
