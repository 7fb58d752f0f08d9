/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a resolver in a pod would answer. */
#include "src/platform/names.h"

#include <stdio.h>
#include <string.h>

#include "src/mesh/mesh.h"

#define MAX_NAME 253

static const struct mesh_service *
find_service(const struct mesh *m, const char *ns, const char *name)
{
	const struct mesh_service *s = mesh_service_of_host(m, name);
	char text[MAX_NAME + 1];
	char *dot, *rest;

	if (s != NULL)
		return s;
	snprintf(text, sizeof(text), "%s", name);
	dot = strchr(text, '.');
	if (dot == NULL) {
		s = mesh_find_service(m, ns, text);
	} else {
		*dot++ = '\0';
		rest = strchr(dot, '.');
		if (rest != NULL && strcmp(rest, ".svc") != 0 &&
		    strcmp(rest, ".svc.cluster.local") != 0)
			return NULL;
		if (rest != NULL)
			*rest = '\0';
		s = mesh_find_service(m, dot, text);
	}
	return s != NULL && !s->is_entry ? s : NULL;
}

/* A headless service has no address of its own: its first pod is dialled. */
static bool
first_instance(const struct mesh_service *s, const struct mesh_port *p, struct address *out)
{
	uint16_t port = p->target_number != 0 ? p->target_number : p->number;

	for (size_t i = 0; i < s->instance_count; i++) {
		if (!address_is_set(&s->instances[i]->address))
			continue;
		*out = s->instances[i]->address;
		address_set_port(out, port);
		return true;
	}
	return false;
}

bool
name_resolve(const struct mesh *m, const char *ns, const char *name, uint16_t port,
	     struct address *out)
{
	const struct mesh_service *s;
	const struct mesh_port *p;

	if (m == NULL || strlen(name) > MAX_NAME)
		return false;
	s = find_service(m, ns, name);
	p = s != NULL ? mesh_service_port(s, port) : NULL;
	if (p == NULL)
		return false;
	if (p->listen_count > 0 && address_is_set(&p->listen[0])) {
		*out = p->listen[0];
		return true;
	}
	return s->is_headless && first_instance(s, p, out);
}
