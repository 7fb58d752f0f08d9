/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Documents against tables: which fields a kind has, of which type and
 * range (spec/dataplane.md section 1; field names and types are those of
 * Istio's CRDs).  Only the files of this folder include it.
 *
 * A schema is the type of an object.  What a table cannot say stands in the
 * functions it names.  Fields are found by their lowerCamelCase name and by
 * its snake_case spelling, as protobuf's JSON has it.
 */
#ifndef MESHTOP_ISTIO_SCHEMA_H
#define MESHTOP_ISTIO_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/model/kind.h"
#include "src/model/problem.h"

struct object;
struct value;

/* One object on its way through the tables. */
struct checker {
	const struct object *object;
	struct problems *out;
	struct buf path;	/* of the value that is looked at */
	bool is_noted;		/* "not obeyed" was said of something above */
};

/*
 * A row at c->path, followed by below: NULL, "[3]", or "weight" for a member
 * (a dot comes before it).  The place is that of at, or the object's.  The
 * severity is the code's.
 */
void complain(struct checker *c, const struct value *at, const char *below, const char *code,
	      const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* At the member name of map, or at map itself while it has none. */
void complain_member(struct checker *c, const struct value *map, const char *name,
		     const char *code, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* Where at (a path below c->path, or "") stands, map lacks a member that mode
 * needs. */
void check_mode_needs(struct checker *c, const struct value *map, const char *at,
		      const char *mode, const char *name);

/* Of the key of v, a member of the map at c->path; at the key's place. */
void complain_key(struct checker *c, const struct value *v, const char *code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* With a severity of its own. */
void complain_as(struct checker *c, enum severity severity, const struct value *at,
		 const char *below, const char *code, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

typedef void (*value_check)(struct checker *c, const struct value *v);

enum field_shape { FIELD_ONE, FIELD_LIST, FIELD_MAP };

enum field_type {
	FIELD_STRING, FIELD_BOOL,
	FIELD_INT, FIELD_DOUBLE,	/* from min to max, both included */
	FIELD_DURATION,			/* at least 1 ms, whole ms */
	FIELD_DURATION_OR_ZERO,
	FIELD_ENUM,			/* one of words */
	FIELD_INT_OR_STRING,
	FIELD_OBJECT,
	FIELD_ANY,			/* known by name only */
};

enum field_flag {
	FIELD_REQUIRED = 1,
	FIELD_FULL = 2,			/* list or map: not empty where it stands */
	FIELD_DEPRECATED = 4,		/* note says what to write instead */
	FIELD_INEFFECTIVE = 8,		/* note says why */
	FIELD_REFUSED = 16,		/* Istio refuses it; note says why */
	FIELD_FILLED = 32,		/* text, or each of a list: not empty */
	FIELD_PRESENT = 64,		/* must stand, though it may be empty */
	FIELD_SET = 128,		/* list: no two items are equal */
};

struct schema;

struct field {
	const char *name;
	enum field_shape shape;
	enum field_type type;
	unsigned flags;
	double min, max;
	size_t most;			/* characters of a text, items of a list, members of a map; 0: any */
	const char *words;		/* "A|B|C" */
	const struct schema *object;
	value_check check;		/* of the value, or of each of a list or map */
	value_check check_all;		/* of the list or map */
	const char *note;
};

struct schema {
	const char *name;		/* "an http rule"; for messages */
	const struct field *fields;	/* ends with a row without name */
	const char *one_of;		/* "a|b|c": at most one of these stands */
	value_check check;		/* rules between the fields */
	bool is_loose;			/* unknown fields are kept and ignored */
};

#define UINT32_LIMIT 4294967295.0
#define INT32_LIMIT 2147483647.0

/* Rows of tables: the name, then what else is to be said. */
#define FIELD(type_, shape_, ...) { .type = type_, .shape = shape_, .name = __VA_ARGS__ }
#define RANGE(min_, max_) .min = min_, .max = max_
#define MOST(count) .most = count
#define OF(schema_) .object = &(schema_)

#define TEXT(...) FIELD(FIELD_STRING, FIELD_ONE, __VA_ARGS__)
#define TEXTS(...) FIELD(FIELD_STRING, FIELD_LIST, __VA_ARGS__)
#define TEXT_MAP(...) FIELD(FIELD_STRING, FIELD_MAP, __VA_ARGS__)
#define BOOL(...) FIELD(FIELD_BOOL, FIELD_ONE, __VA_ARGS__)
#define INT(...) FIELD(FIELD_INT, FIELD_ONE, __VA_ARGS__)
#define INTS(...) FIELD(FIELD_INT, FIELD_LIST, __VA_ARGS__)
#define INT_MAP(...) FIELD(FIELD_INT, FIELD_MAP, __VA_ARGS__)
#define COUNT(...) FIELD(FIELD_INT, FIELD_ONE, __VA_ARGS__, RANGE(0, INT32_LIMIT))
#define PORT(...) FIELD(FIELD_INT, FIELD_ONE, __VA_ARGS__, RANGE(1, 65535))
#define DOUBLE(...) FIELD(FIELD_DOUBLE, FIELD_ONE, __VA_ARGS__)
#define DURATION(...) FIELD(FIELD_DURATION, FIELD_ONE, __VA_ARGS__)
#define DURATION0(...) FIELD(FIELD_DURATION_OR_ZERO, FIELD_ONE, __VA_ARGS__)
#define ENUM(...) FIELD(FIELD_ENUM, FIELD_ONE, __VA_ARGS__)
#define OBJECT(...) FIELD(FIELD_OBJECT, FIELD_ONE, __VA_ARGS__)
#define OBJECTS(...) FIELD(FIELD_OBJECT, FIELD_LIST, __VA_ARGS__)
#define OBJECT_MAP(...) FIELD(FIELD_OBJECT, FIELD_MAP, __VA_ARGS__)
#define ANY(...) FIELD(FIELD_ANY, FIELD_ONE, __VA_ARGS__)
#define END { .name = NULL }

/* The member, in either spelling; NULL when absent or null. */
const struct value *member(const struct value *map, const char *name);
const char *member_text(const struct value *map, const char *name);
/* The same, but NULL for false and for an empty text or list, too: to Istio
 * they are as good as absent. */
const struct value *member_set(const struct value *map, const char *name);

/* v, standing at c->path. */
void schema_walk(struct checker *c, const struct value *v, const struct schema *s);
/* The schema of a kind's spec; NULL when there is none. */
const struct schema *schema_of_kind(enum kind_id kind);

extern const struct schema schema_virtual_service, schema_destination_rule, schema_gateway,
	schema_service_entry, schema_workload_entry, schema_sidecar, schema_peer_authentication,
	schema_service, schema_deployment, schema_pod, schema_k8s_gateway, schema_http_route,
	schema_grpc_route, schema_reference_grant;
/* Shared between kinds. */
extern const struct schema schema_connection_pool, schema_workload_selector;

#endif
