/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Places in the answers of what is said about a state or about the documents
 * made of it; see wizard.h.
 */
#include <string.h>

#include "src/base/assert.h"
#include "src/model/problem.h"
#include "src/wizard/wizard_priv.h"

static void
move_to(struct problem *row, const struct value *v)
{
	row->line = v->line;
	row->col = v->col;
}

/* The deepest value on the way of a path that is at least least long. */
static const struct value *
deepest(const struct value *answers, const char *path, size_t least)
{
	char *way = xstrdup(path);
	size_t len = strlen(way);
	const struct value *v = value_path(answers, way);

	while (v == NULL && len > least) {
		while (len > least && way[len - 1] != '.' && way[len - 1] != '[')
			len--;
		len -= len > least;
		way[len] = '\0';
		v = value_path(answers, way);
	}
	free(way);
	return v;
}

/* Does a value begin at that place? */
static bool
has_place(const struct value *v, unsigned line, unsigned col)
{
	if (v->line == line && v->col == col)
		return true;
	VALUE_EACH(child, v->kind == VALUE_MAP || v->kind == VALUE_LIST ? v : NULL)
		if (has_place(child, line, col))
			return true;
	return false;
}

void
locate_answers(struct problems *rows, const struct value *answers)
{
	for (size_t i = 0; i < rows->rows.len; i++) {
		struct problem *row = &rows->rows.items[i];
		const struct value *v = value_path(answers, row->path);

		/* One answer can bring several parts of a state. */
		if (v == NULL && (row->line == 0 || !has_place(answers, row->line, row->col)))
			v = deepest(answers, row->path, 0);
		if (v != NULL)
			move_to(row, v);
	}
}

/* Members of documents in the words of answers, the longer ones first; "rule"
 * is an entry of http, tcp or rules. */
static const struct {
	const char *kind, *member, *answer;
} words[] = {
	{ "VirtualService", "rule.fault.delay.fixedDelay", "delay.duration" },
	{ "VirtualService", "rule.fault.delay.percentage", "delay.percent" },
	{ "VirtualService", "rule.fault.delay", "delay" },
	{ "VirtualService", "rule.fault.abort.httpStatus", "abort.status" },
	{ "VirtualService", "rule.fault.abort.percentage", "abort.percent" },
	{ "VirtualService", "rule.fault.abort", "abort" },
	{ "VirtualService", "rule.mirrorPercentage", "mirror.percent" },
	{ "VirtualService", "rule.mirror", "mirror" },
	{ "VirtualService", "rule.match", "match" },
	{ "VirtualService", "rule.route", "route" },
	{ "VirtualService", "rule.timeout", "timeout" },
	{ "VirtualService", "rule.retries", "retries" },
	{ "VirtualService", "spec.hosts", "hosts" },
	{ "VirtualService", "spec.hosts", "gateway.create.hosts" },
	{ "VirtualService", "spec.gateways", "gateway" },
	{ "DestinationRule", "spec.trafficPolicy.connectionPool.tcp", "circuitBreaker.connectionPool.tcp" },
	{ "DestinationRule", "spec.trafficPolicy.connectionPool.tcp", "circuitBreaker.connectionPool" },
	{ "DestinationRule", "spec.trafficPolicy.connectionPool.http", "circuitBreaker.connectionPool.http" },
	{ "DestinationRule", "spec.trafficPolicy.connectionPool.http", "circuitBreaker.connectionPool" },
	{ "DestinationRule", "spec.trafficPolicy.outlierDetection", "circuitBreaker.outlierDetection" },
	{ "DestinationRule", "spec.trafficPolicy", "trafficPolicy" },
	{ "Gateway", "spec.servers[0].port", "gateway.create.port" },
	{ "Gateway", "spec.servers[0].hosts", "gateway.create.hosts" },
	{ "PeerAuthentication", "spec.mtls", "trafficPolicy.peerAuthentication" },
#define ROUTE(kind)						\
	{ kind, "rule.matches", "match" },			\
	{ kind, "rule.filters", "filters" },			\
	{ kind, "rule.backendRefs", "backends" },		\
	{ kind, "spec.hostnames", "hosts" },			\
	{ kind, "spec.hostnames", "gateway.create.hosts" },	\
	{ kind, "spec.parentRefs", "gateway" }
	ROUTE("HTTPRoute"),
	ROUTE("GRPCRoute"),
#undef ROUTE
	{ "Gateway", "spec.listeners", "gateway.create.hosts" },
	{ "Gateway", "spec.gatewayClassName", "gateway.create.class" },
};

/* "spec.http[1].timeout" as "rule.timeout" and, where answers have a list of
 * rules, the base "rules[1]." in front of its answer. */
static const char *
split_rule(struct arena *a, enum wizard_kind kind, const char *path, const char **base)
{
	static const char *const lists[] = { "spec.rules[", "spec.http[", "spec.tcp[" };

	*base = "";
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		size_t len = strlen(lists[i]), digits;

		if (strncmp(path, lists[i], len) != 0)
			continue;
		digits = strspn(path + len, "0123456789");
		if (i == 0 || kind == WIZARD_REQUEST_ROUTING)
			*base = arena_printf(a, "rules[%.*s].", (int)digits, path + len);
		return arena_printf(a, "rule%s", path + len + digits + 1);
	}
	return path;
}

/* Is it the member, or below it?  Then what follows. */
static const char *
below(const char *path, const char *member)
{
	size_t len = strlen(member);
	bool is_below = strncmp(path, member, len) == 0 &&
			(path[len] == '\0' || path[len] == '.' || path[len] == '[');

	return is_below ? path + len : NULL;
}

static const struct value *
find_answer(struct arena *a, enum wizard_kind kind, const struct value *answers,
	    const struct problem *row)
{
	const char *base, *path = split_rule(a, kind, row->path, &base);

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const char *rest = below(path, words[i].member);
		const char *answer;
		const struct value *v;

		if (rest == NULL || strcmp(words[i].kind, row->kind) != 0)
			continue;
		answer = arena_printf(a, "%s%s", base, words[i].answer);
		v = deepest(answers, arena_printf(a, "%s%s", answer, rest), strlen(answer));
		if (v != NULL)
			return v;
	}
	return NULL;
}

void
wizard_locate(enum wizard_kind kind, const struct value *answers, const char *file,
	      struct problems *rows)
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < rows->rows.len; i++) {
		struct problem *row = &rows->rows.items[i];
		const struct value *v = find_answer(a, kind, answers, row);

		if (v == NULL)
			continue;
		move_to(row, v);
		row->file = file;
	}
	arena_free(&a);
}
