/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loadBalancer of a DestinationRule: hashes and localities. */
#include <stdint.h>
#include <string.h>

#include "src/base/value.h"
#include "src/istio/check_destination_rule.h"
#include "src/istio/schema.h"

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
		complain(c, hash, NULL, "MT0022", "a consistentHash needs httpHeaderName, httpCookie, "
			 "useSourceIp or httpQueryParameterName");
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
	if (to != NULL && sum != 100)
		complain(c, to, "to", "MT0023", "the weights must sum to 100, they sum to %lld",
			 (long long)sum);
}

void
dr_check_failover(struct checker *c, const struct value *failover)
{
	const char *from = member_text(failover, "from"), *to = member_text(failover, "to");

	if (from != NULL && to != NULL && strcmp(from, to) == 0)
		complain_member(c, failover, "to", "MT0029", "must differ from 'from'");
}
