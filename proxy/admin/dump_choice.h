/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Less of a configuration dump than all of it, as Envoy's parameters resource,
 * mask and name_regex of /config_dump have it: elements of one repeated field,
 * some of their members, those with certain names.
 */
#ifndef MESHTOP_PROXY_DUMP_CHOICE_H
#define MESHTOP_PROXY_DUMP_CHOICE_H

#include <stdbool.h>

#include "src/base/slice.h"

struct arena;
struct dump_choice;
struct json_writer;
struct value;

/* Of a part of a dump; repeated when its elements have a type. */
struct dump_field {
	const char *name;
	const char *type;		/* "@type" of an element; NULL: it is no list */
	const char *name_path;		/* where an element has its name: "cluster.name" */
	const char *any;		/* the member whose own members a mask may name; NULL */
	const char *members;		/* all that an element may have, "a,b"; NULL: not known */
};

/* Cuts the first of "a.b,c" off; false: there is none. */
bool dump_mask_next(struct slice *mask, struct slice *path);
/*
 * Puts what is chosen of a part: one object, or those of the field that is the
 * resource.  fields ends with one without a name; arena is for what changes.
 * False, and nothing put: the mask does not fit the elements of the resource.
 */
bool dump_put_chosen(struct value *part, const struct dump_field *fields,
		     const struct dump_choice *choice, struct arena *arena,
		     struct json_writer *json);

#endif
