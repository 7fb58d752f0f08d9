/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ports of a Service, as Kubernetes' own validation has them. */
#include "src/istio/check_service.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/value.h"
#include "src/istio/schema.h"
#include "src/istio/unique.h"

#define PORT_NAME_MAX 15

/* The port's number when it is of that protocol. */
static const char *
number_if(const struct value *port, const char *protocol)
{
	const char *own = member_text(port, "protocol");

	return strcmp(own != NULL ? own : "TCP", protocol) == 0 ? member_text(port, "port") : NULL;
}

static const char *
tcp_number(const struct value *port)
{
	return number_if(port, "TCP");
}

static const char *
udp_number(const struct value *port)
{
	return number_if(port, "UDP");
}

static const char *
sctp_number(const struct value *port)
{
	return number_if(port, "SCTP");
}

void
svc_check(struct checker *c, const struct value *spec)
{
	static const unique_name numbers[] = { tcp_number, udp_number, sctp_number };
	const struct value *ports = member(spec, "ports");
	size_t index = 0;

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		unique_check(c, ports, "ports", "port", numbers[i]);
	unique_check(c, ports, "ports", "name", unique_member_name);
	VALUE_EACH(v, value_is_list(ports) && ports->count > 1 ? ports : NULL) {
		char below[40];

		snprintf(below, sizeof(below), "ports[%zu].name", index++);
		if (value_is_map(v) && member_set(v, "name") == NULL)
			complain(c, v, below, "MT0022", "each of several ports needs a name");
	}
}

/* A name of IANA's form: letters, digits and single '-' inside. */
static bool
is_port_name(const char *s)
{
	size_t len = strlen(s);
	bool has_letter = false;

	if (len == 0 || len > PORT_NAME_MAX || s[0] == '-' || s[len - 1] == '-' || strstr(s, "--") != NULL)
		return false;
	for (; *s != '\0'; s++) {
		has_letter |= *s >= 'a' && *s <= 'z';
		if (!(*s >= 'a' && *s <= 'z') && !(*s >= '0' && *s <= '9') && *s != '-')
			return false;
	}
	return has_letter;
}

void
svc_check_target(struct checker *c, const struct value *port)
{
	int64_t n;

	if (value_to_int(port, &n) && (n < 1 || n > 65535))
		complain(c, port, NULL, "MT0023", "must be 1 to 65535, this is %lld", (long long)n);
	else if (port->kind == VALUE_STRING && !is_port_name(port->text))
		complain(c, port, NULL, "MT0027", "'%.60s' is not the name of a container's port: at most %d "
			 "small letters, digits and '-'", port->text, PORT_NAME_MAX);
}
