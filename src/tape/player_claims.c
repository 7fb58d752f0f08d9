/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Steps that say what must be so: on the screen, on an edge of the graph, in
 * the store.
 */
#include "src/tape/player_priv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "src/base/regex.h"
#include "src/tape/tape.h"

#define POLL_NS 10000000ull		/* between two looks at the screen */
#define EDGE_POLL_NS 200000000ull

/* Line number (from 1) of a text; 0: the last one that is not empty. */
static void
take_line(const struct buf *screen, unsigned line, struct buf *out)
{
	const char *at = buf_str(screen), *last = at;
	size_t last_len = 0;

	for (unsigned n = 1; *at != '\0'; n++) {
		size_t len = strcspn(at, "\n");

		if (n == line) {
			buf_append(out, at, len);
			return;
		}
		if (len > 0) {
			last = at;
			last_len = len;
		}
		at += len + (at[len] == '\n');
	}
	if (line == 0)
		buf_append(out, last, last_len);
}

static bool
screen_matches(struct player *p, const struct tape_command *c)
{
	struct buf screen = BUF_INIT, line = BUF_INIT;
	const struct buf *subject = &screen;
	bool matches;

	p->host.screen(p->host.arg, &screen);
	if (c->on_line) {
		take_line(&screen, c->op == TAPE_EXPECT ? c->count : 0, &line);
		subject = &line;
	}
	matches = regex_search(c->pattern, buf_str(subject), subject->len) == REGEX_YES;
	buf_fini(&screen);
	buf_fini(&line);
	return matches;
}

enum step
player_wait(struct player *p, const struct tape_command *c, uint64_t now)
{
	uint64_t limit = c->has_duration ? c->duration_ns : p->tape->wait_timeout_ns;

	if (screen_matches(p, c))
		return STEP_DONE;
	if (now - p->begun_ns >= limit)
		return player_fail(p, c, "waited %.3g s for /%s/", (double)limit / 1e9, c->text);
	return player_again(p, now + POLL_NS);
}

enum step
player_expect(struct player *p, const struct tape_command *c, uint64_t now)
{
	if (!player_is_settled(p, now))
		return player_again(p, now + SETTLE_POLL_NS);
	if (screen_matches(p, c) != c->is_negated)
		return STEP_DONE;
	return player_fail(p, c, "expected %s/%s/%s", c->is_negated ? "no " : "", c->text,
			   c->on_line ? " on that line" : "");
}

static bool
compare(const struct tape_command *c, double v)
{
	bool equal = fabs(v - c->number) < 1e-9;

	switch (c->compare) {
	case COMPARE_NONE: return true;
	case COMPARE_LT: return v < c->number && !equal;
	case COMPARE_LE: return v < c->number || equal;
	case COMPARE_EQ: return equal;
	case COMPARE_NE: return !equal;
	case COMPARE_GE: return v > c->number || equal;
	case COMPARE_GT: return v > c->number && !equal;
	}
	return false;
}

static enum step
edge_failure(struct player *p, const struct tape_command *c, bool exists, double value)
{
	static const char *const ops[] = { "", "<", "<=", "=", "!=", ">=", ">" };
	char what[128] = "", got[64] = "";

	if (c->field != NULL)
		snprintf(what, sizeof(what), " %s %s %g", c->field, ops[c->compare], c->number);
	if (!exists)
		snprintf(got, sizeof(got), "there is no such edge");
	else
		snprintf(got, sizeof(got), "%s is %.5g", c->field != NULL ? c->field : "its rate", value);
	return player_fail(p, c, "expected %s\"%s\" -> \"%s\"%s over %g s; %s", c->is_negated ? "no " : "",
			   c->from, c->to, what, c->over_s, got);
}

enum step
player_edge(struct player *p, const struct tape_command *c, uint64_t now)
{
	const struct edge_query q = { c->from, c->to, c->reporter, c->protocol, c->field, c->over_s };
	uint64_t limit = c->has_duration ? c->duration_ns : p->tape->wait_timeout_ns;
	double value = 0;
	bool exists;

	if (c->op == TAPE_EXPECT_EDGE && !player_is_settled(p, now))
		return player_again(p, now + SETTLE_POLL_NS);
	exists = p->host.edge(p->host.arg, &q, &value);
	if ((exists && compare(c, value)) != c->is_negated)
		return STEP_DONE;
	if (c->op == TAPE_EXPECT_EDGE || now - p->begun_ns >= limit)
		return edge_failure(p, c, exists, value);
	return player_again(p, now + EDGE_POLL_NS);
}

enum step
player_yaml(struct player *p, const struct tape_command *c, uint64_t now)
{
	struct buf got = BUF_INIT;
	bool exists, right;

	if (!player_is_settled(p, now))
		return player_again(p, now + SETTLE_POLL_NS);
	exists = p->host.yaml(p->host.arg, c->kind, c->name, c->path, &got);
	right = c->value == NULL ? !exists : exists && strcmp(buf_str(&got), c->value) == 0;
	if (!right)
		player_fail(p, c, "expected %s %s %s %s; it is %s", c->kind, c->name, c->path,
			    c->value != NULL ? c->value : "(absent)", exists ? buf_str(&got) : "absent");
	buf_fini(&got);
	return right ? STEP_DONE : STEP_FAILED;
}
