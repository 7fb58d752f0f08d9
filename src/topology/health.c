/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Health from response codes and replicas (spec/kiali.md section 4). */
#include "src/topology/build_priv.h"

#include <string.h>

enum { HTTP, GRPC };

void
outcomes_add(struct outcomes *o, enum edge_protocol protocol, const char *code, double count)
{
	int p = protocol == EDGE_GRPC ? GRPC : HTTP;

	if (protocol == EDGE_TCP)
		return;
	o->total[p] += count;
	if (strcmp(code, "-") == 0)
		o->no_response[p] += count;
	else if (p == GRPC && strlen(code) < 3)
		o->grpc_errors += strcmp(code, "0") != 0 ? count : 0;
	else if (code[0] == '5')
		o->errors_5xx += count;
	else if (code[0] == '4')
		o->errors_4xx += count;
}

double
outcomes_errors(const struct outcomes *o)
{
	return o->errors_5xx + o->errors_4xx + o->no_response[HTTP] + o->no_response[GRPC] +
	       o->grpc_errors;
}

enum health
health_worse(enum health a, enum health b)
{
	return a > b ? a : b;
}

static enum health
judge(double matching, double total, double degraded_percent, double failure_percent)
{
	double percent;

	if (!(matching > 0) || !(total > 0))
		return total > 0 ? HEALTH_HEALTHY : HEALTH_NA;
	percent = matching / total * 100;
	if (percent >= failure_percent)
		return HEALTH_FAILURE;
	return percent >= degraded_percent ? HEALTH_DEGRADED : HEALTH_HEALTHY;
}

enum health
outcomes_health(const struct outcomes *o)
{
	/* HTTP errors of a gRPC call are told by its HTTP code. */
	double all = o->total[HTTP] + o->total[GRPC];
	enum health h = judge(o->errors_5xx, all, 0, 10);

	h = health_worse(h, judge(o->errors_4xx, all, 10, 20));
	h = health_worse(h, judge(o->no_response[HTTP], o->total[HTTP], 0, 10));
	h = health_worse(h, judge(o->no_response[GRPC], o->total[GRPC], 0, 10));
	return health_worse(h, judge(o->grpc_errors, o->total[GRPC], 0, 10));
}

enum health
replicas_health(unsigned desired, unsigned available)
{
	if (desired == 0)
		return HEALTH_NOT_READY;
	if (available == 0)
		return HEALTH_FAILURE;
	return available < desired ? HEALTH_DEGRADED : HEALTH_HEALTHY;
}
