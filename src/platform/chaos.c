/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When the chaos monkey strikes. */
#include "src/platform/chaos.h"

#include <stdbool.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/platform/pod.h"
#include "src/platform/server.h"

static bool
is_on(const struct pod *p)
{
	return strcmp(pod_env(p, "CHAOS_MONKEY", ""), "true") == 0;
}

static uint64_t
sleep_ns(const struct pod *p)
{
	return (uint64_t)pod_env_int(p, "CHAOS_MONKEY_SLEEP", 0, 3600000, 500) * NS_PER_MS;
}

static bool
matches(const struct pod *p, const char *variable, struct slice have)
{
	return have.len > 0 && slice_is(have, pod_env(p, variable, ""));
}

uint64_t
chaos_delay_ns(const struct pod *p, const struct request *rq, const char *user)
{
	struct slice portal = request_header(rq, "portal");
	struct slice device = request_header(rq, "device");
	struct slice who = user != NULL ? slice_of(user) : request_header(rq, "user");

	if (!is_on(p))
		return 0;
	if (matches(p, "CHAOS_MONKEY_PORTAL", portal) ||
	    matches(p, "CHAOS_MONKEY_DEVICE", device) || matches(p, "CHAOS_MONKEY_USER", who) ||
	    (portal.len == 0 && device.len == 0 && who.len == 0))
		return sleep_ns(p);
	return 0;
}

uint64_t
chaos_city_delay_ns(const struct pod *p, const struct request *rq, const char *city)
{
	if (!is_on(p))
		return 0;
	if (matches(p, "CHAOS_MONKEY_CITY", slice_of(city)) ||
	    matches(p, "CHAOS_MONKEY_USER", request_header(rq, "user")) ||
	    (pod_env(p, "CHAOS_MONKEY_CITY", "")[0] == '\0' &&
	     pod_env(p, "CHAOS_MONKEY_USER", "")[0] == '\0'))
		return sleep_ns(p);
	return 0;
}
