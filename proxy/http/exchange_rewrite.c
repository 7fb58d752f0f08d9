/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Paths and Hosts as a rule wants them, and redirects (spec/dataplane.md 3.2).
 */
#include "proxy/http/exchange.h"

#include <string.h>

#include "proxy/http/downstream.h"
#include "proxy/http/header_ops.h"
#include "proxy/worker.h"
#include "src/base/buf.h"
#include "src/base/regex.h"
#include "src/base/value.h"

static void
put_slice(struct buf *out, struct slice s)
{
	if (s.len > 0)
		buf_append(out, s.ptr, s.len);
}

/* The path with what the match took replaced. */
static void
replace_matched(const struct exchange *ex, const char *with, struct buf *out)
{
	struct slice prefix;

	buf_puts(out, with);
	if (http_match_prefix(ex->decision.rule, ex->decision.match, &prefix) &&
	    ex->path.len >= prefix.len)
		buf_append(out, ex->path.ptr + prefix.len, ex->path.len - prefix.len);
}

static void
put_query(const struct exchange *ex, struct buf *out)
{
	if (ex->head->query.ptr == NULL)
		return;
	buf_putc(out, '?');
	put_slice(out, ex->head->query);
}

/* New and old path live in one block of the exchange. */
static void
set_new_path(struct exchange *ex, const struct buf *path)
{
	struct slab_set *blocks = &ex->worker->blocks;
	struct buf both = BUF_INIT;
	size_t size, old_size = ex->path_block_size;
	char *old = ex->path_block;
	size_t routed;

	buf_append(&both, path->data, path->len);
	put_slice(&both, ex->path);
	routed = ex->path.len;
	put_query(ex, &both);
	size = both.len;
	ex->path_block = slab_set_take(blocks, &size);
	ex->path_block_size = size;
	memcpy(ex->path_block, both.data, both.len);
	ex->new_path = (struct slice){ ex->path_block, path->len };
	ex->path = (struct slice){ ex->path_block + path->len, routed };
	ex->original_path = (struct slice){ ex->path.ptr, both.len - path->len };
	slab_set_give(blocks, old, old_size);
	buf_fini(&both);
}

bool
exchange_rewrite(struct exchange *ex)
{
	const struct http_rule *rule = ex->decision.rule;
	const struct route_destination *to = ex->decision.destination;
	struct buf path = BUF_INIT;
	bool ok = true;

	if (rule->rewrite_authority != NULL)
		ex->authority = slice_of(rule->rewrite_authority);
	else if (to->authority != NULL)
		ex->authority = slice_of(to->authority);
	if (rule->rewrite_regex != NULL)
		ok = regex_replace_all(rule->rewrite_regex, ex->path.ptr, ex->path.len,
				       rule->rewrite_regex_to, &path) != REGEX_LIMIT;
	else if (rule->rewrite_uri != NULL)
		replace_matched(ex, rule->rewrite_uri, &path);
	if (ok && path.len > 0 &&
	    !slice_eq(ex->path, (struct slice){ path.data, path.len }))
		set_new_path(ex, &path);
	buf_fini(&path);
	if (!ok)
		exchange_fail(ex, FAILURE_REGEX);
	return ok;
}

/* --- redirects --- */

struct slice
exchange_split_authority(struct slice authority, unsigned *port)
{
	const char *colon = authority.len > 0 ? memrchr(authority.ptr, ':', authority.len) : NULL;
	struct slice host = authority;

	*port = 0;
	if (colon == NULL || memchr(colon, ']', (size_t)(authority.ptr + authority.len - colon)))
		return host;
	host.len = (size_t)(colon - authority.ptr);
	for (const char *p = colon + 1; p < authority.ptr + authority.len; p++)
		*port = *port * 10 + (unsigned)(*p - '0');
	return host;
}

static unsigned
default_port(struct slice scheme)
{
	return slice_eq(scheme, SLICE("https")) ? 443 : 80;
}

/* 0: none is set.  As Istio has it, the default of the scheme counts as that. */
static unsigned
redirect_port(const struct exchange *ex, const struct value *r, struct slice scheme)
{
	const char *derive = value_get_text(r, "derivePort");
	int64_t given = 0;

	if (!value_to_int(value_get(r, "port"), &given) && derive != NULL &&
	    strcmp(derive, "FROM_REQUEST_PORT") == 0)
		given = exchange_dialled_port(ex);
	return (unsigned)given == default_port(scheme) ? 0 : (unsigned)given;
}

/* The request's Host.  Its port gives way to one that is set, and stays behind
 * when it was the default of a scheme that changes. */
static struct slice
redirected_host(const struct exchange *ex, struct slice scheme, bool has_port)
{
	struct slice host, old_scheme = exchange_scheme(ex);
	bool changes = !slice_eq(scheme, old_scheme) && !ex->decision.rule->keeps_authority;
	unsigned port;

	host = exchange_split_authority(ex->head->authority, &port);
	if (has_port || (changes && port == default_port(old_scheme)))
		return host;
	return ex->head->authority;
}

static void
put_redirected_path(const struct exchange *ex, const struct value *r, struct buf *out)
{
	const char *uri = value_get_text(r, "uri"), *prefix = value_get_text(r, "prefixRewrite");
	struct buf path = BUF_INIT;

	if (uri != NULL)
		buf_puts(&path, uri);
	else if (prefix != NULL)
		replace_matched(ex, prefix, &path);
	else
		put_slice(&path, ex->path);
	if (path.len == 0 || path.data[0] != '/')
		buf_putc(out, '/');
	put_slice(out, (struct slice){ path.data, path.len });
	buf_fini(&path);
	if (uri == NULL || strchr(uri, '?') == NULL)
		put_query(ex, out);
}

static void
put_location(const struct exchange *ex, const struct value *r, struct buf *out)
{
	const char *new_scheme = value_get_text(r, "scheme");
	const char *authority = value_get_text(r, "authority");
	struct slice scheme = new_scheme != NULL ? slice_of(new_scheme) : exchange_scheme(ex);
	unsigned port = redirect_port(ex, r, new_scheme != NULL ? scheme : SLICE("http"));

	buf_puts(out, "location: ");
	put_slice(out, scheme);
	buf_puts(out, "://");
	put_slice(out, authority != NULL ? slice_of(authority) :
					   redirected_host(ex, scheme, port != 0));
	if (port != 0)
		buf_printf(out, ":%u", port);
	put_redirected_path(ex, r, out);
	buf_puts(out, "\r\n");
}

void
exchange_redirect(struct exchange *ex)
{
	const struct value *r = ex->decision.rule->redirect;
	struct buf fields = BUF_INIT;
	int64_t code = 0;

	value_to_int(value_get(r, "redirectCode"), &code);
	put_location(ex, r, &fields);
	ex->details = "direct_response";
	exchange_answer_by_rule(ex, code != 0 ? (unsigned)code : 301, SLICE_NONE, buf_str(&fields));
	buf_fini(&fields);
}
