/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kinds of wizards by name. */
#include <string.h>

#include "src/wizard/wizard_priv.h"

static const struct {
	const char *name, *title, *label;
} kinds[WIZARD_KIND_COUNT] = {
	[WIZARD_REQUEST_ROUTING] = { "request-routing", "Request Routing", "request_routing" },
	[WIZARD_FAULT_INJECTION] = { "fault-injection", "Fault Injection", "fault_injection" },
	[WIZARD_TRAFFIC_SHIFTING] = { "traffic-shifting", "Traffic Shifting", "traffic_shifting" },
	[WIZARD_TCP_TRAFFIC_SHIFTING] = { "tcp-traffic-shifting", "TCP Traffic Shifting",
					  "tcp_traffic_shifting" },
	[WIZARD_REQUEST_TIMEOUTS] = { "request-timeouts", "Request Timeouts",
				      "request_timeouts" },
	[WIZARD_DELETE] = { "delete-traffic-routing", "Delete Traffic Routing", "" },
};

const char *
wizard_kind_name(enum wizard_kind k)
{
	return kinds[k].name;
}

const char *
wizard_kind_title(enum wizard_kind k)
{
	return kinds[k].title;
}

const char *
wizard_label(enum wizard_kind k)
{
	return kinds[k].label;
}

bool
wizard_kind_parse(const char *word, enum wizard_kind *out)
{
	for (unsigned k = 0; k < WIZARD_KIND_COUNT; k++)
		if (strcmp(word, kinds[k].name) == 0) {
			*out = (enum wizard_kind)k;
			return true;
		}
	return false;
}
