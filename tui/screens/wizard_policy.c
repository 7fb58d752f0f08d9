/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The form's fields of traffic policy and circuit breaker: a row of a table
 * for each value, named by its path in the words of answers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "tui/screens/wizard_screen.h"

/* Parts that answers can set and remove as a whole. */
enum part { PART_TLS, PART_HASH, PART_POOL, PART_OUTLIER, PART_COUNT };

static const char *const part_paths[PART_COUNT] = {
	[PART_TLS] = "trafficPolicy.tls",
	[PART_HASH] = "trafficPolicy.loadBalancer.consistentHash",
	[PART_POOL] = "circuitBreaker.connectionPool",
	[PART_OUTLIER] = "circuitBreaker.outlierDetection",
};

enum policy_id {
	POLICY_LEAF = WIZARD_POLICY_IDS, POLICY_TLS, POLICY_PEER, POLICY_BALANCER, POLICY_HASH_KIND,
	POLICY_SWITCH, POLICY_MORE, POLICY_CONVERT,
};

static const char *const tls_words[] = { "unset", "DISABLE", "ISTIO_MUTUAL", "SIMPLE", "MUTUAL" };
static const char *const peer_words[] = { "unset", "DISABLE", "PERMISSIVE", "STRICT" };
static const char *const balancer_words[] = {
	"unset", "ROUND_ROBIN", "LEAST_REQUEST", "RANDOM", "PASSTHROUGH", "consistent hash",
};
#define BALANCER_HASH 5
static const char *const upgrade_words[] = { "DEFAULT", "DO_NOT_UPGRADE", "UPGRADE" };

static const struct {
	const char *word, *key;		/* key below consistentHash */
} hash_kinds[] = {
	{ "source address", "useSourceIp" }, { "header", "httpHeaderName" },
	{ "cookie", "httpCookie" }, { "query parameter", "httpQueryParameterName" },
};
static const char *const hash_words[] = { "source address", "header", "cookie", "query parameter" };

#define WHOLE(part, path, label) { part, path, label, FIELD_INTEGER, NULL, false }
#define WHOLE_MORE(part, path, label) { part, path, label, FIELD_INTEGER, NULL, true }
#define TIME_MORE(part, path, label) { part, path, label, FIELD_TEXT, "like 5s, 250ms, 1m", true }
#define TEXT_OF(part, path, label, note) { part, path, label, FIELD_TEXT, note, false }
#define YES_MORE(part, path, label) { part, path, label, FIELD_TOGGLE, NULL, true }

static const struct leaf {
	enum part part;
	const char *path, *label;	/* path below the part */
	enum field_kind kind;
	const char *note;
	bool is_more;			/* only behind "every field" */
} leaves[] = {
	TEXT_OF(PART_TLS, "clientCertificate", "  client certificate", "a file"),
	TEXT_OF(PART_TLS, "privateKey", "  private key", "a file"),
	TEXT_OF(PART_TLS, "caCertificates", "  CA certificates", "a file, may be empty"),
	TEXT_OF(PART_TLS, "sni", "  server name (SNI)", "may be empty"),
	TEXT_OF(PART_HASH, "httpHeaderName", "  name of the header", NULL),
	TEXT_OF(PART_HASH, "httpCookie.name", "  name of the cookie", NULL),
	TEXT_OF(PART_HASH, "httpCookie.ttl", "  its life", "0s: the session's"),
	TEXT_OF(PART_HASH, "httpQueryParameterName", "  name of the parameter", NULL),
	WHOLE(PART_POOL, "tcp.maxConnections", "  most connections"),
	WHOLE(PART_POOL, "http.http1MaxPendingRequests", "  most waiting requests"),
	WHOLE_MORE(PART_POOL, "http.http2MaxRequests", "  most requests at once"),
	WHOLE_MORE(PART_POOL, "http.maxRequestsPerConnection", "  requests per connection"),
	WHOLE_MORE(PART_POOL, "http.maxRetries", "  most retries at once"),
	TIME_MORE(PART_POOL, "tcp.connectTimeout", "  time to connect"),
	TIME_MORE(PART_POOL, "tcp.maxConnectionDuration", "  life of a connection"),
	TIME_MORE(PART_POOL, "tcp.idleTimeout", "  idle time, TCP"),
	TIME_MORE(PART_POOL, "http.idleTimeout", "  idle time, HTTP"),
	WHOLE_MORE(PART_POOL, "tcp.tcpKeepalive.probes", "  keepalive: probes"),
	TIME_MORE(PART_POOL, "tcp.tcpKeepalive.time", "  keepalive: after"),
	TIME_MORE(PART_POOL, "tcp.tcpKeepalive.interval", "  keepalive: every"),
	WHOLE_MORE(PART_POOL, "http.maxConcurrentStreams", "  streams per connection"),
	{ PART_POOL, "http.h2UpgradePolicy", "  upgrade to HTTP/2", FIELD_CHOICE, NULL, true },
	YES_MORE(PART_POOL, "http.useClientProtocol", "  the client's protocol"),
	WHOLE(PART_OUTLIER, "consecutive5xxErrors", "  after 5xx in a row"),
	WHOLE_MORE(PART_OUTLIER, "consecutiveGatewayErrors", "  after 502-504 in a row"),
	TIME_MORE(PART_OUTLIER, "interval", "  looked at every"),
	TIME_MORE(PART_OUTLIER, "baseEjectionTime", "  ejected for"),
	WHOLE_MORE(PART_OUTLIER, "maxEjectionPercent", "  ejected at most, %"),
	WHOLE_MORE(PART_OUTLIER, "minHealthPercent", "  only while healthy, %"),
	YES_MORE(PART_OUTLIER, "splitExternalLocalOriginErrors", "  local failures apart"),
	WHOLE_MORE(PART_OUTLIER, "consecutiveLocalOriginFailures", "  after local failures"),
};

static size_t
word_index(const char *const *words, size_t count, const char *word)
{
	for (size_t i = 0; word != NULL && i < count; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return 0;
}

static void
set_words(struct form_field *field, const char *const *words, size_t count, size_t choice)
{
	field->choices = words;
	field->choice_count = count;
	field->choice = choice;
}

static const struct value *
part_of(const struct wizard_screen *w, enum part part)
{
	return value_path(w->state->advanced, part_paths[part]);
}

static void
add_leaf(const struct wizard_screen *w, size_t i, struct form *f)
{
	const struct leaf *l = &leaves[i];
	const struct value *v = value_path(part_of(w, l->part), l->path);
	const char *text = value_text(v);
	struct form_field *field = form_add(f, l->kind, POLICY_LEAF, l->label);

	field->row = i;
	if (l->kind == FIELD_CHOICE)
		set_words(field, upgrade_words, ARRAY_LEN(upgrade_words),
			  word_index(upgrade_words, ARRAY_LEN(upgrade_words), text));
	else if (l->kind == FIELD_TOGGLE)
		value_to_bool(v, &field->is_on);
	else
		field_set(field, text != NULL ? text : "");
	if (l->note != NULL)
		field_note(field, STYLE_DIM, "%s", l->note);
	if (l->kind == FIELD_TEXT)
		field->cells = l->part == PART_TLS ? 30 : 16;
}

/* Which certificates a mode has; which names a kind of hash has. */
static bool
is_shown(const struct wizard_screen *w, const struct leaf *l)
{
	const char *mode = value_get_text(part_of(w, PART_TLS), "mode");
	size_t key = strcspn(l->path, ".");

	if (l->part == PART_TLS)
		return mode != NULL && (strcmp(mode, "MUTUAL") == 0 ||
			(strcmp(mode, "SIMPLE") == 0 && strncmp(l->path, "ca", 2) == 0) ||
			(strcmp(mode, "SIMPLE") == 0 && strcmp(l->path, "sni") == 0));
	if (l->part == PART_HASH) {
		char *word = xstrndup(l->path, key);
		bool has = value_get(part_of(w, PART_HASH), word) != NULL;

		free(word);
		return has;
	}
	return true;
}

static void
add_leaves(const struct wizard_screen *w, enum part part, bool more, struct form *f)
{
	for (size_t i = 0; i < ARRAY_LEN(leaves); i++)
		if (leaves[i].part == part && leaves[i].is_more == more && is_shown(w, &leaves[i]))
			add_leaf(w, i, f);
}

static void
add_part(const struct wizard_screen *w, enum part part, const char *label, struct form *f)
{
	const struct value *v = part_of(w, part), *old = value_get(v, "consecutiveErrors");
	struct form_field *field = form_add(f, FIELD_TOGGLE, POLICY_SWITCH, label);

	field->row = part;
	field->is_on = value_is_map(v);
	if (!value_is_map(v))
		return;
	if (part == PART_OUTLIER && old != NULL) {
		field = form_add(f, FIELD_NOTE, 0, "  consecutiveErrors is stored: Istio ignores it");
		field->note_style = STYLE_WARN;
		form_add(f, FIELD_BUTTON, POLICY_CONVERT, "make it consecutive5xxErrors");
	}
	add_leaves(w, part, false, f);
	field = form_add(f, FIELD_TOGGLE, POLICY_MORE, "  every field");
	field->row = part;
	field->is_on = (w->shows_more & 1u << part) != 0;
	if (field->is_on)
		add_leaves(w, part, true, f);
}

static size_t
hash_kind(const struct value *hash)
{
	for (size_t i = 0; i < ARRAY_LEN(hash_kinds); i++)
		if (value_get(hash, hash_kinds[i].key) != NULL)
			return i;
	return 0;
}

void
wizard_policy_build(const struct wizard_screen *w, struct form *f)
{
	const struct value *a = w->state->advanced, *hash = part_of(w, PART_HASH);

	set_words(form_add(f, FIELD_CHOICE, POLICY_TLS, "TLS of callers"), tls_words,
		  ARRAY_LEN(tls_words), word_index(tls_words, ARRAY_LEN(tls_words),
		  value_get_text(part_of(w, PART_TLS), "mode")));
	add_leaves(w, PART_TLS, false, f);
	set_words(form_add(f, FIELD_CHOICE, POLICY_PEER, "Peer authentication"), peer_words,
		  ARRAY_LEN(peer_words), word_index(peer_words, ARRAY_LEN(peer_words),
		  value_text(value_path(a, "trafficPolicy.peerAuthentication"))));
	set_words(form_add(f, FIELD_CHOICE, POLICY_BALANCER, "Load balancer"), balancer_words,
		  ARRAY_LEN(balancer_words), hash != NULL ? BALANCER_HASH :
		  word_index(balancer_words, ARRAY_LEN(balancer_words),
		  value_text(value_path(a, "trafficPolicy.loadBalancer.simple"))));
	if (hash != NULL) {
		set_words(form_add(f, FIELD_CHOICE, POLICY_HASH_KIND, "  by"), hash_words,
			  ARRAY_LEN(hash_words), hash_kind(hash));
		add_leaves(w, PART_HASH, false, f);
	}
	if (w->state->kind == WIZARD_TCP_TRAFFIC_SHIFTING &&
	    part_of(w, PART_POOL) == NULL && part_of(w, PART_OUTLIER) == NULL)
		return;
	form_add(f, FIELD_NOTE, 0, "");
	add_part(w, PART_POOL, "Limit connections", f);
	add_part(w, PART_OUTLIER, "Eject failing pods", f);
}

/* "unset" removes. */
static struct value *
word_or_false(struct arena *a, const struct form_field *field)
{
	return field->choice == 0 ? value_new_bool(a, false) :
		value_new_string(a, field->choices[field->choice]);
}

static void
answer_hash(struct arena *a, struct value *root, size_t kind)
{
	char *path = xasprintf("%s.%s%s", part_paths[PART_HASH], hash_kinds[kind].key,
			       kind == 2 ? ".name" : "");

	wizard_put_answer(a, root, path, kind == 0 ? value_new_bool(a, true) :
			  value_new_string(a, kind == 1 ? "x-user" : "user"));
	if (kind == 2)
		wizard_put_answer(a, root, "trafficPolicy.loadBalancer.consistentHash.httpCookie.ttl",
				  value_new_string(a, "0s"));
	free(path);
}

static void
answer_balancer(struct arena *a, struct value *root, const struct form_field *field)
{
	if (field->choice == 0)
		wizard_put_answer(a, root, "trafficPolicy.loadBalancer", value_new_bool(a, false));
	else if (field->choice == BALANCER_HASH)
		answer_hash(a, root, 0);
	else
		wizard_put_answer(a, root, "trafficPolicy.loadBalancer.simple", word_or_false(a, field));
}

static void
answer_switch(struct arena *a, struct value *root, const struct form_field *field)
{
	if (!field->is_on) {
		wizard_put_answer(a, root, part_paths[field->row], value_new_bool(a, false));
	} else if (field->row == PART_POOL) {
		wizard_put_answer(a, root, "circuitBreaker.connectionPool.tcp.maxConnections",
				  value_new_int(a, 1));
		wizard_put_answer(a, root, "circuitBreaker.connectionPool.http.http1MaxPendingRequests",
				  value_new_int(a, 1));
	} else {
		wizard_put_answer(a, root, "circuitBreaker.outlierDetection.consecutive5xxErrors",
				  value_new_int(a, 1));
	}
}

/* The number moves to the field that counts, unless that has one. */
static void
answer_convert(const struct wizard_screen *w, struct arena *a, struct value *root)
{
	const struct value *outlier = part_of(w, PART_OUTLIER);

	if (value_get(outlier, "consecutive5xxErrors") == NULL)
		wizard_put_answer(a, root, "circuitBreaker.outlierDetection.consecutive5xxErrors",
				  value_copy(a, value_get(outlier, "consecutiveErrors")));
	wizard_put_answer(a, root, "circuitBreaker.outlierDetection.consecutiveErrors",
			  value_new_bool(a, false));
}

/* A value that was emptied: its part is said anew without it. */
static void
answer_emptied(const struct wizard_screen *w, struct arena *a, struct value *first,
	       struct value *root, const struct leaf *l)
{
	struct value *part = value_copy(a, part_of(w, l->part)), *at = part;
	const char *path = l->path, *dot;

	while (at != NULL && (dot = strchr(path, '.')) != NULL) {
		at = value_get(at, arena_strndup(a, path, (size_t)(dot - path)));
		path = dot + 1;
	}
	if (at != NULL)
		value_remove(at, path);
	wizard_put_answer(a, first, part_paths[l->part], value_new_bool(a, false));
	wizard_put_answer(a, root, part_paths[l->part], part);
}

static void
answer_leaf(const struct wizard_screen *w, struct arena *a, struct value *first,
	    struct value *root, const struct form_field *field)
{
	const struct leaf *l = &leaves[field->row];
	const char *text = buf_str(&field->value);
	char *path = xasprintf("%s.%s", part_paths[l->part], l->path);

	if (l->kind == FIELD_TOGGLE)
		wizard_put_answer(a, root, path, value_new_bool(a, field->is_on));
	else if (l->kind == FIELD_CHOICE)
		wizard_put_answer(a, root, path, value_new_string(a, field->choices[field->choice]));
	else if (field->value.len == 0 && (l->is_more || l->part == PART_TLS))
		answer_emptied(w, a, first, root, l);
	else if (l->kind == FIELD_INTEGER)
		wizard_put_answer(a, root, path, value_new_int(a, strtoll(text, NULL, 10)));
	else
		wizard_put_answer(a, root, path, value_new_string(a, text));
	free(path);
}

bool
wizard_policy_may_be_empty(const struct form_field *field)
{
	return field->id == POLICY_LEAF &&
	       (leaves[field->row].is_more || leaves[field->row].part == PART_TLS);
}

bool
wizard_policy_answer(struct wizard_screen *w, struct arena *a, struct value *first,
		     struct value *root, const struct form_field *field)
{
	switch (field->id) {
	case POLICY_LEAF: answer_leaf(w, a, first, root, field); return true;
	case POLICY_TLS:
		wizard_put_answer(a, root, field->choice == 0 ? "trafficPolicy.tls" :
				  "trafficPolicy.tls.mode", word_or_false(a, field));
		return true;
	case POLICY_PEER:
		wizard_put_answer(a, root, "trafficPolicy.peerAuthentication",
				  word_or_false(a, field));
		return true;
	case POLICY_BALANCER: answer_balancer(a, root, field); return true;
	case POLICY_HASH_KIND: answer_hash(a, root, field->choice); return true;
	case POLICY_SWITCH: answer_switch(a, root, field); return true;
	case POLICY_CONVERT: answer_convert(w, a, root); return true;
	case POLICY_MORE:
		w->shows_more ^= 1u << field->row;
		return true;
	default: return false;
	}
}
