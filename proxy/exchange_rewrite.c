/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Paths and Hosts as a rule wants them, and redirects (spec/dataplane.md 3.2).
 */
#include "proxy/exchange.h"

#include <string.h>

#include "proxy/downstream.h"
#include "proxy/header_ops.h"
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

static void
put_location(const struct exchange *ex, const struct value *r, struct buf *out)
{
	const char *new_scheme = value_get_text(r, "scheme");
	const char *authority = value_get_text(r, "authority");
	const char *derive = value_get_text(r, "derivePort");
	const char *uri = value_get_text(r, "uri"), *prefix = value_get_text(r, "prefixRewrite");
	struct slice host, scheme = exchange_scheme(ex);
	unsigned port;
	int64_t given;

	host = exchange_split_authority(authority != NULL ? slice_of(authority) :
						    ex->head->authority, &port);
	if (new_scheme != NULL) {
		if (port == default_port(scheme) && !ex->decision.rule->keeps_authority)
			port = 0;	/* the old scheme's own */
		scheme = slice_of(new_scheme);
	}
	if (value_to_int(value_get(r, "port"), &given))
		port = (unsigned)given == default_port(scheme) ? 0 : (unsigned)given;
	else if (derive != NULL && strcmp(derive, "FROM_PROTOCOL_DEFAULT") == 0)
		port = 0;
	else if (derive != NULL && strcmp(derive, "FROM_REQUEST_PORT") == 0)
		port = exchange_dialled_port(ex) == default_port(scheme) ?
			       0 : exchange_dialled_port(ex);
	buf_puts(out, "location: ");
	put_slice(out, scheme);
	buf_puts(out, "://");
	put_slice(out, host);
	if (port != 0)
		buf_printf(out, ":%u", port);
	if (uri != NULL)
		buf_puts(out, uri);
	else if (prefix != NULL)
		replace_matched(ex, prefix, out);
	else
		put_slice(out, ex->path);
	if (uri == NULL || strchr(uri, '?') == NULL)
		put_query(ex, out);
	buf_puts(out, "\r\n");
}

void
exchange_redirect(struct exchange *ex)
{
	const struct value *r = ex->decision.rule->redirect;
	struct buf fields = BUF_INIT;
	int64_t code = 301;

	value_to_int(value_get(r, "redirectCode"), &code);
	put_location(ex, r, &fields);
	ex->details = "direct_response";
	exchange_answer_by_rule(ex, (unsigned)code, SLICE_NONE, buf_str(&fields));
	buf_fini(&fields);
}
