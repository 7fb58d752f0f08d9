/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/mesh/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/base/error.h"
#include "src/http/parse.h"
#include "src/model/snapshot.h"

#define PADDING 64

void
fixture_open(struct fixture *f, const char *yaml)
{
	struct error err = ERROR_INIT;

	memset(f, 0, sizeof(*f));
	f->snapshot = snapshot_of_text("mesh.yaml", yaml, &f->problems, &err);
	if (f->snapshot == NULL)
		fail_msg("%u:%u: %s", err.line, err.col, err.msg);
	for (size_t i = 0; i < f->problems.rows.len; i++)
		fail_msg("%s", f->problems.rows.items[i].message);
	f->addresses = addresses_new(70);
	f->mesh = mesh_compile(f->snapshot, f->addresses, "/run", &f->problems);
	rng_seed(&f->rng, 1);
}

void
fixture_close(struct fixture *f)
{
	mesh_put(&f->mesh);
	addresses_free(&f->addresses);
	snapshot_put(&f->snapshot);
	problems_fini(&f->problems);
	buf_fini(&f->answer);
}

const struct mesh_workload *
fixture_workload(struct fixture *f, const char *ns, const char *name)
{
	const struct mesh_workload *w = mesh_find_workload(f->mesh, ns, name);

	if (w == NULL)
		fail_msg("no workload %s.%s", name, ns);
	return w;
}

/* Lines of head with CRLF, and the empty line. */
static char *
wire_of(const char *head, size_t *len)
{
	struct buf b = BUF_INIT;

	for (; *head != '\0'; head++) {
		if (*head == '\n')
			buf_putc(&b, '\r');
		buf_putc(&b, *head);
	}
	buf_puts(&b, "\r\n");
	*len = b.len;
	buf_fill(&b, '\0', PADDING);
	return buf_steal(&b);
}

void
fixture_decide(struct fixture *f, const struct mesh_workload *caller, uint16_t port,
	       const char *head, struct route_decision *out, struct route_trace *trace)
{
	struct http_limits limits = HTTP_LIMITS_DEFAULT;
	struct http_head *h = malloc(sizeof(*h));
	size_t len, consumed;
	const char *why = "";
	char *wire = wire_of(head, &len), id[RNG_UUID_BYTES];
	struct rng ids = f->rng;	/* the draws of rules stay as they are */
	struct route_request r;

	assert_non_null(h);
	if (http_parse_request(h, wire, len, &limits, &consumed, &why) != HTTP_DONE)
		fail_msg("%s: %s", head, why);
	r = (struct route_request){ .head = h, .path = h->path, .query = h->query,
				    .authority = h->authority,
				    .port = port, .is_trusted = mesh_trusts_client(caller) };
	if (h->first[FIELD_X_REQUEST_ID] == 0) {
		rng_uuid(&ids, id);
		r.made_id = (struct slice){ id, sizeof(id) };
	}
	route_http(caller->routes, &r, &f->rng, out, trace);
	free(wire);
	free(h);
}

static void
put_target(struct buf *b, const struct route_decision *d)
{
	switch (d->rule->action) {
	case ROUTE_REDIRECT:
		buf_puts(b, "REDIRECT");
		break;
	case ROUTE_DIRECT:
		buf_printf(b, "%u", d->rule->direct_status);
		break;
	case ROUTE_NO_ACTION:
		buf_puts(b, "NOTHING");
		break;
	default:
		buf_puts(b, d->destination->cluster != NULL ? d->destination->cluster->name
							    : "NC");
	}
}

const char *
fixture_route(struct fixture *f, const struct mesh_workload *caller, uint16_t port,
	      const char *head)
{
	static const char *const words[] = {
		[ROUTE_NO_HOST] = "NO_HOST", [ROUTE_NO_RULE] = "NO_RULE",
		[ROUTE_ALLOW_ANY] = "ALLOW_ANY", [ROUTE_BLOCK_ALL] = "BLOCK_ALL",
		[ROUTE_REGEX_LIMIT] = "LIMIT" };
	struct route_decision d;

	fixture_decide(f, caller, port, head, &d, NULL);
	buf_clear(&f->answer);
	if (d.outcome != ROUTE_FOUND) {
		buf_puts(&f->answer, words[d.outcome]);
		return buf_str(&f->answer);
	}
	if (d.rule->object != NULL)
		buf_printf(&f->answer, "%s[%zu] ", d.rule->object->name, d.rule->index);
	else
		buf_printf(&f->answer, "%s ", d.rule->name);
	put_target(&f->answer, &d);
	return buf_str(&f->answer);
}

const char *
fixture_stream(struct fixture *f, const struct mesh_workload *caller,
	       const struct tcp_request *r)
{
	static const char *const words[] = {
		[TCP_ALLOW_ANY] = "PassthroughCluster", [TCP_BLOCKED] = "BLOCKED",
		[TCP_NO_RULE] = "NO_RULE", [TCP_ENDS_TLS] = "ENDS_TLS" };
	struct tcp_decision d;

	route_tcp(caller->routes, r, &f->rng, &d);
	if (d.outcome != TCP_FOUND)
		return words[d.outcome];
	buf_clear(&f->answer);
	if (d.rule->object != NULL)
		buf_printf(&f->answer, "%s[%zu] ", d.rule->object->name, d.rule->index);
	buf_puts(&f->answer, d.destination->cluster != NULL ? d.destination->cluster->name
							    : "NC");
	return buf_str(&f->answer);
}

const char *
fixture_tcp(struct fixture *f, const struct mesh_workload *caller, const char *ns,
	    const char *service, uint16_t port)
{
	const struct tcp_request r = {
		.service = service != NULL ? mesh_find_service(f->mesh, ns, service) : NULL,
		.port = port };

	return fixture_stream(f, caller, &r);
}

size_t
fixture_problems(const struct fixture *f, const char *code)
{
	size_t count = 0;

	for (size_t i = 0; i < f->problems.rows.len; i++)
		count += strcmp(f->problems.rows.items[i].code, code) == 0;
	return count;
}
