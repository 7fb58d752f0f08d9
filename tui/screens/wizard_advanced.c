/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The form of what concerns the whole service: hosts, gateway, traffic
 * policy, circuit breaker.  It edits the words of an answers file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "tui/screens/wizard_screen.h"

enum field_id {
	ADV_HOSTS = 1, ADV_GATEWAY, ADV_GATEWAY_USE, ADV_GATEWAY_PORT, ADV_GATEWAY_HOSTS,
	ADV_MESH, ADV_TLS, ADV_PEER, ADV_BALANCER, ADV_POOL, ADV_CONNECTIONS, ADV_PENDING,
	ADV_OUTLIER, ADV_ERRORS,
};

static const char *const gateway_words[] = { "none", "create", "use" };
static const char *const tls_words[] = { "unset", "DISABLE", "ISTIO_MUTUAL", "SIMPLE", "MUTUAL" };
static const char *const peer_words[] = { "unset", "DISABLE", "PERMISSIVE", "STRICT" };
static const char *const balancer_words[] = {
	"unset", "ROUND_ROBIN", "LEAST_REQUEST", "RANDOM", "PASSTHROUGH",
};

#define POOL "circuitBreaker.connectionPool"
#define OUTLIER "circuitBreaker.outlierDetection"

static size_t
word_index(const char *const *words, size_t count, const char *word)
{
	for (size_t i = 0; word != NULL && i < count; i++) {
		if (strcmp(words[i], word) == 0)
			return i;
	}
	return 0;
}

static void
add_choice(struct form *f, int id, const char *label, const char *const *words, size_t count,
	   const char *now)
{
	struct form_field *field = form_add(f, FIELD_CHOICE, id, label);

	field->choices = words;
	field->choice_count = count;
	field->choice = word_index(words, count, now);
}

static struct form_field *
add_list(struct form *f, int id, const char *label, const struct value *list)
{
	struct form_field *field = form_add(f, FIELD_TEXT, id, label);
	struct buf b = BUF_INIT;

	VALUE_EACH(item, list) {
		buf_printf(&b, "%s%s", b.len > 0 ? ", " : "",
			   value_text(item) != NULL ? value_text(item) : "");
	}
	field_set(field, buf_str(&b));
	field->cells = 44;
	buf_fini(&b);
	return field;
}

static void
add_integer(struct form *f, int id, const char *label, const struct value *at, const char *other)
{
	const char *text = value_text(at);

	field_set(form_add(f, FIELD_INTEGER, id, label), text != NULL ? text : other);
}

static void
build_gateway(const struct value *a, struct form *f)
{
	const struct value *g = value_get(a, "gateway"), *create = value_get(g, "create");
	const char *use = value_get_text(g, "use");
	bool with_mesh = false;

	value_to_bool(value_get(g, "includeMesh"), &with_mesh);
	add_choice(f, ADV_GATEWAY, "Gateway", gateway_words, ARRAY_LEN(gateway_words),
		   create != NULL ? "create" : use != NULL ? "use" : "none");
	if (create != NULL) {
		add_integer(f, ADV_GATEWAY_PORT, "  port", value_get(create, "port"), "80");
		add_list(f, ADV_GATEWAY_HOSTS, "  hosts", value_get(create, "hosts"));
	} else if (use != NULL) {
		struct form_field *field = form_add(f, FIELD_TEXT, ADV_GATEWAY_USE, "  NAMESPACE/NAME");

		field_set(field, use);
	}
	if (create != NULL || use != NULL)
		form_add(f, FIELD_TOGGLE, ADV_MESH, "  callers in the mesh, too")->is_on = with_mesh;
}

static void
build_breaker(const struct value *a, struct form *f)
{
	const struct value *pool = value_path(a, POOL), *outlier = value_path(a, OUTLIER);

	form_add(f, FIELD_TOGGLE, ADV_POOL, "Limit connections")->is_on = value_is_map(pool);
	if (value_is_map(pool)) {
		add_integer(f, ADV_CONNECTIONS, "  most connections",
			    value_path(pool, "tcp.maxConnections"), "");
		add_integer(f, ADV_PENDING, "  most waiting requests",
			    value_path(pool, "http.http1MaxPendingRequests"), "");
	}
	form_add(f, FIELD_TOGGLE, ADV_OUTLIER, "Eject failing pods")->is_on = value_is_map(outlier);
	if (value_is_map(outlier))
		add_integer(f, ADV_ERRORS, "  after 5xx in a row",
			    value_get(outlier, "consecutive5xxErrors"), "");
}

void
wizard_advanced_build(struct wizard_screen *w, struct form *f)
{
	const struct value *a = w->state->advanced;

	f->label_cells = 26;
	add_list(f, ADV_HOSTS, "Hosts", value_get(a, "hosts"));
	build_gateway(a, f);
	form_add(f, FIELD_NOTE, 0, "");
	add_choice(f, ADV_TLS, "TLS of callers", tls_words, ARRAY_LEN(tls_words),
		   value_text(value_path(a, "trafficPolicy.tls.mode")));
	add_choice(f, ADV_PEER, "Peer authentication", peer_words, ARRAY_LEN(peer_words),
		   value_text(value_path(a, "trafficPolicy.peerAuthentication")));
	add_choice(f, ADV_BALANCER, "Load balancer", balancer_words, ARRAY_LEN(balancer_words),
		   value_text(value_path(a, "trafficPolicy.loadBalancer.simple")));
	if (value_path(a, "trafficPolicy.loadBalancer.consistentHash") != NULL)
		form_add(f, FIELD_NOTE, 0, "  a consistent hash is stored and kept unless one is chosen");
	form_add(f, FIELD_NOTE, 0, "");
	build_breaker(a, f);
}

static struct value *
make_list(struct arena *a, const char *text)
{
	struct value *list = value_new_list(a);

	while (*text != '\0') {
		size_t len;

		text += strspn(text, ", ");
		len = strcspn(text, ", ");
		if (len > 0)
			value_append(list, value_new_string(a, arena_strndup(a, text, len)));
		text += len;
	}
	return list;
}

/* Sets a leaf below maps; path as in "a.b.c". */
static void
put(struct arena *a, struct value *root, const char *path, struct value *leaf)
{
	struct value *at = root;
	const char *dot;

	while ((dot = strchr(path, '.')) != NULL) {
		at = value_ensure_map(a, at, arena_strndup(a, path, (size_t)(dot - path)));
		path = dot + 1;
	}
	value_set(a, at, path, leaf);
}

/* "unset" removes. */
static struct value *
word_or_false(struct arena *a, const struct form_field *field)
{
	return field->choice == 0 ? value_new_bool(a, false) :
		value_new_string(a, field->choices[field->choice]);
}

static void
answer_gateway(struct arena *a, struct value *root, const struct form_field *field)
{
	switch (field->choice) {
	case 0:
		value_set(a, root, "gateway", value_new_bool(a, false));
		break;
	case 1:
		put(a, root, "gateway.create.port", value_new_int(a, 80));
		put(a, root, "gateway.create.hosts", make_list(a, "*"));
		put(a, root, "gateway.includeMesh", value_new_bool(a, false));
		break;
	default:
		put(a, root, "gateway.use", value_new_string(a, "istio-system/gateway"));
		break;
	}
}

/* The gateway is answered as a whole, so what it has goes along. */
static void
change_gateway(struct arena *a, struct value *root, const struct value *now, const char *path,
	       struct value *leaf)
{
	const struct value *g = value_get(now, "gateway");

	value_set(a, root, "gateway", g != NULL ? value_copy(a, g) : value_new_map(a));
	put(a, root, path, leaf);
}

static void
answer_policy(struct arena *a, struct value *root, const struct form_field *field)
{
	if (field->id == ADV_TLS && field->choice == 0)
		put(a, root, "trafficPolicy.tls", value_new_bool(a, false));
	else if (field->id == ADV_TLS)
		put(a, root, "trafficPolicy.tls.mode", word_or_false(a, field));
	else if (field->id == ADV_PEER)
		put(a, root, "trafficPolicy.peerAuthentication", word_or_false(a, field));
	else if (field->choice == 0)
		put(a, root, "trafficPolicy.loadBalancer", value_new_bool(a, false));
	else
		put(a, root, "trafficPolicy.loadBalancer.simple", word_or_false(a, field));
}

static void
answer(const struct wizard_screen *w, struct arena *a, struct value *root,
       const struct form_field *field)
{
	const struct value *now = w->state->advanced;
	const char *text = buf_str(&field->value);
	struct value *number = value_new_int(a, strtoll(text, NULL, 10));

	switch (field->id) {
	case ADV_HOSTS: value_set(a, root, "hosts", make_list(a, text)); break;
	case ADV_GATEWAY: answer_gateway(a, root, field); break;
	case ADV_GATEWAY_USE:
		change_gateway(a, root, now, "gateway.use", value_new_string(a, text));
		break;
	case ADV_GATEWAY_PORT: change_gateway(a, root, now, "gateway.create.port", number); break;
	case ADV_GATEWAY_HOSTS:
		change_gateway(a, root, now, "gateway.create.hosts", make_list(a, text));
		break;
	case ADV_MESH:
		change_gateway(a, root, now, "gateway.includeMesh", value_new_bool(a, field->is_on));
		break;
	case ADV_POOL:
		if (!field->is_on) {
			put(a, root, POOL, value_new_bool(a, false));
			break;
		}
		put(a, root, POOL ".tcp.maxConnections", value_new_int(a, 1));
		put(a, root, POOL ".http.http1MaxPendingRequests", value_new_int(a, 1));
		break;
	case ADV_CONNECTIONS: put(a, root, POOL ".tcp.maxConnections", number); break;
	case ADV_PENDING: put(a, root, POOL ".http.http1MaxPendingRequests", number); break;
	case ADV_OUTLIER:
		if (field->is_on)
			put(a, root, OUTLIER ".consecutive5xxErrors", value_new_int(a, 1));
		else
			put(a, root, OUTLIER, value_new_bool(a, false));
		break;
	case ADV_ERRORS: put(a, root, OUTLIER ".consecutive5xxErrors", number); break;
	default: answer_policy(a, root, field); break;
	}
}

/* On a copy first: a refused answer leaves the state as it was. */
bool
wizard_advanced_take(struct wizard_screen *w, struct form_field *field)
{
	struct arena *a = arena_new();
	struct value *root = value_new_map(a);
	struct problems problems = PROBLEMS_INIT;
	struct wizard_state *copy;
	bool is_good;

	if (field->kind == FIELD_INTEGER && field->value.len == 0) {
		field_error(field, "a number");
		arena_free(&a);
		return false;
	}
	answer(w, a, root, field);
	copy = wizard_dup(w->state);
	is_good = wizard_answer_advanced(copy, root, &problems) == 0;
	field_error(field, is_good ? NULL : problems.rows.len > 0 ?
		    problems.rows.items[0].message : "not accepted");
	if (is_good) {
		wizard_free(&w->state);
		w->state = copy;
	} else {
		wizard_free(&copy);
	}
	problems_fini(&problems);
	arena_free(&a);
	return is_good && field->kind != FIELD_TEXT && field->kind != FIELD_INTEGER;
}
