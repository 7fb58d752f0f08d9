/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where instances run: region, zone and sub-zone, as Istio finds them.
 */
#include <string.h>
#include <strings.h>

#include "src/mesh/compile.h"

#define LABEL_REGION "topology.kubernetes.io/region"
#define LABEL_ZONE "topology.kubernetes.io/zone"
#define LABEL_SUB_ZONE "topology.istio.io/subzone"

/* Of the object's own labels; they hide everything else. */
static const char *const own_keys[] = { "istio-locality", "topology.istio.io/locality" };

/* Up to the separator, of which text then stands behind. */
static const char *
next_part(struct compile *c, const char **text, char separator)
{
	const char *from = *text, *end = strchr(from, separator);
	size_t len = end != NULL ? (size_t)(end - from) : strlen(from);

	*text = from + len + (end != NULL);
	return arena_strndup(c->arena, from, len);
}

void
locality_read(struct compile *c, struct mesh_locality *out, const char *text)
{
	char separator = strchr(text, '/') != NULL ? '/' : '.';

	out->region = next_part(c, &text, separator);
	out->zone = next_part(c, &text, separator);
	out->sub_zone = next_part(c, &text, separator);
}

/* False: the map has none of them. */
static bool
read_topology(struct mesh_locality *out, const struct value *labels)
{
	const char *region = value_get_text(labels, LABEL_REGION);
	const char *zone = value_get_text(labels, LABEL_ZONE);
	const char *sub_zone = value_get_text(labels, LABEL_SUB_ZONE);

	if (region == NULL && zone == NULL && sub_zone == NULL)
		return false;
	*out = (struct mesh_locality){ region != NULL ? region : "", zone != NULL ? zone : "",
				       sub_zone != NULL ? sub_zone : "" };
	return true;
}

/* A Deployment's pods may be bound to nodes by their labels. */
static void
read_node(struct compile *c, struct mesh_locality *out, const struct value *pod)
{
	const char *name = value_get_text(pod, "nodeName");
	const struct object *node =
		name != NULL ? snapshot_find(c->snapshot, KIND_NODE, "", name) : NULL;

	if (node == NULL || !read_topology(out, value_get(node->metadata, "labels")))
		read_topology(out, value_get(pod, "nodeSelector"));
}

/* False: the text is none of Istio's words.  Annotations may be of any case. */
static bool
read_distribution(const char *text, bool is_annotation, enum service_distribution *out)
{
	static const struct {
		const char *word;
		enum service_distribution means;
		bool in_spec;
	} words[] = {
		{ "PreferClose", DISTRIBUTE_SAME_ZONE, true },
		{ "PreferSameZone", DISTRIBUTE_SAME_ZONE, true },
		{ "PreferSameNode", DISTRIBUTE_SAME_NODE, true },
		{ "Any", DISTRIBUTE_ANYWHERE, false },
	};

	for (size_t i = 0; text != NULL && i < sizeof(words) / sizeof(words[0]); i++)
		if (is_annotation ? strcasecmp(text, words[i].word) == 0 :
				    words[i].in_spec && strcmp(text, words[i].word) == 0) {
			*out = words[i].means;
			return true;
		}
	return false;
}

enum service_distribution
distribution_of(struct compile *c, const struct object *service)
{
	static const char key[] = "networking.istio.io/traffic-distribution";
	const struct object *ns = snapshot_find(c->snapshot, KIND_NAMESPACE, "", service->ns);
	enum service_distribution out = DISTRIBUTE_ANYWHERE;

	if (service->kind->id == KIND_SERVICE &&
	    read_distribution(value_get_text(service->spec, "trafficDistribution"), false, &out))
		return out;
	if (!read_distribution(object_annotation(service, key), true, &out) && ns != NULL)
		read_distribution(object_annotation(ns, key), true, &out);
	return out;
}

void
locality_of_instance(struct compile *c, struct mesh_instance *i, const char *given,
		     const struct value *pod)
{
	const char *node = value_get_text(pod, "nodeName");

	i->node = node != NULL ? node : "";
	i->locality = (struct mesh_locality){ "", "", "" };
	for (size_t k = 0; k < sizeof(own_keys) / sizeof(own_keys[0]); k++) {
		const char *text = value_get_text(i->labels, own_keys[k]);

		if (text != NULL && text[0] != '\0') {
			locality_read(c, &i->locality, text);
			return;
		}
	}
	if (given != NULL && given[0] != '\0')
		locality_read(c, &i->locality, given);
	else if (!read_topology(&i->locality, i->labels))
		read_node(c, &i->locality, pod);
}
