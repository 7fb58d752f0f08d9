/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a request is hashed, and the cookie that is made where it has
 * none; see hash_key.h. */
#include "proxy/http/hash_key.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proxy/acceptor.h"
#include "proxy/cluster/hash.h"
#include "proxy/http/downstream.h"
#include "proxy/http/exchange.h"
#include "proxy/http/exchange_rules.h"
#include "proxy/runtime.h"
#include "src/base/address.h"
#include "src/base/buf.h"
#include "src/base/value.h"
#include "src/http/scan.h"

static bool
cookie_value(const struct http_head *h, const char *name, struct slice *out)
{
	size_t len = strlen(name);

	for (unsigned i = 0; i < h->field_count; i++) {
		struct slice rest = h->fields[i].value;

		if (h->fields[i].id != FIELD_COOKIE)
			continue;
		while (rest.len > 0) {
			const char *end = memchr(rest.ptr, ';', rest.len);
			struct slice pair = { rest.ptr, end != NULL ? (size_t)(end - rest.ptr)
								    : rest.len };

			rest.ptr += pair.len + (end != NULL);
			rest.len -= pair.len + (end != NULL);
			while (pair.len > 0 && pair.ptr[0] == ' ')
				pair.ptr++, pair.len--;
			if (pair.len <= len || memcmp(pair.ptr, name, len) != 0 ||
			    pair.ptr[len] != '=')
				continue;
			*out = (struct slice){ pair.ptr + len + 1, pair.len - len - 1 };
			if (out->len >= 2 && out->ptr[0] == '"' && out->ptr[out->len - 1] == '"')
				*out = (struct slice){ out->ptr + 1, out->len - 2 };
			return true;
		}
	}
	return false;
}

/* The first of that name, undecoded. */
static bool
query_value(struct slice query, const char *name, struct slice *out)
{
	size_t len = strlen(name);

	while (query.len > 0) {
		const char *end = memchr(query.ptr, '&', query.len);
		struct slice pair = { query.ptr, end != NULL ? (size_t)(end - query.ptr) :
							       query.len };

		if (pair.len >= len && memcmp(pair.ptr, name, len) == 0 &&
		    (pair.len == len || pair.ptr[len] == '=')) {
			size_t skip = pair.len == len ? len : len + 1;

			*out = (struct slice){ pair.ptr + skip, pair.len - skip };
			return true;
		}
		query.ptr += pair.len + (end != NULL);
		query.len -= pair.len + (end != NULL);
	}
	return false;
}

/* Breaks neither the field nor the line that it stands on. */
static bool
is_clean(const char *text)
{
	for (; *text != '\0'; text++)
		if (!http_is_value_char((unsigned char)*text) || *text == ';')
			return false;
	return true;
}

/* Such as SameSite=Lax; what is not clean is left out. */
static void
put_attributes(struct buf *out, const struct value *attributes)
{
	VALUE_EACH(v, attributes) {
		const char *name = value_get_text(v, "name"), *value = value_get_text(v, "value");

		if (name == NULL || !is_clean(name) || (value != NULL && !is_clean(value)))
			continue;
		buf_printf(out, "; %s", name);
		if (value != NULL && value[0] != '\0')
			buf_printf(out, "=%s", value);
	}
}

/* A client without the cookie gets one, made of its connection. */
static uint64_t
make_cookie(struct exchange *ex, const struct cluster_policy *p)
{
	char remote[ADDRESS_TEXT_BYTES], local[ADDRESS_TEXT_BYTES], value[24];
	struct exchange_rules *r = exchange_rules_of(ex);
	struct address peer;
	struct buf text = BUF_INIT;
	uint64_t hash;

	downstream_peer_address(ex->down, &peer);
	address_text(&peer, remote);
	address_text(&ex->down->acceptor->spec.address, local);
	buf_printf(&text, "%s%s", remote, local);
	snprintf(value, sizeof(value), "%016" PRIx64, hash_bytes(text.data, text.len, 0));
	hash = hash_bytes(value, strlen(value), 0);
	buf_clear(&text);
	buf_printf(&text, "%s=\"%s\"", p->hash.cookie, value);
	if (p->hash.cookie_ttl_ms > 0)
		buf_printf(&text, "; Max-Age=%" PRId64, p->hash.cookie_ttl_ms / 1000);
	if (p->hash.cookie_path != NULL && p->hash.cookie_path[0] != '\0' &&
	    is_clean(p->hash.cookie_path))
		buf_printf(&text, "; Path=%s", p->hash.cookie_path);
	put_attributes(&text, p->hash.cookie_attributes);
	buf_puts(&text, "; HttpOnly");
	free(r->set_cookie);
	r->set_cookie = buf_steal(&text);
	return hash;
}

static int
compare_values(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	size_t len = x->len < y->len ? x->len : y->len;
	int order = len > 0 ? memcmp(x->ptr, y->ptr, len) : 0;

	return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

bool
hash_of_header(const struct http_head *h, const char *name, uint64_t *hash)
{
	struct slice values[HTTP_MAX_FIELDS];
	size_t count = 0;

	for (unsigned i = 0; i < h->field_count; i++)
		if (slice_eq_nocase(h->fields[i].name, slice_of(name)))
			values[count++] = h->fields[i].value;
	if (count > 1)
		qsort(values, count, sizeof(*values), compare_values);
	*hash = 0;
	for (size_t i = 0; i < count; i++)
		*hash = hash_bytes(values[i].ptr, values[i].len, *hash);
	return count > 0;
}

/* An id that we have made stands for the request's own. */
static bool
hash_of_field(const struct exchange *ex, const char *name, uint64_t *hash)
{
	struct slice id;

	if (!ex->has_made_id || strcasecmp(name, "x-request-id") != 0)
		return hash_of_header(ex->head, name, hash);
	id = exchange_request_id(ex);
	*hash = hash_bytes(id.ptr, id.len, 0);
	return true;
}

bool
hash_of_exchange(struct exchange *ex, uint64_t *hash)
{
	const struct cluster_policy *p = &ex->binding->cluster->policy;
	struct slice value;
	bool found = false;

	if (p->hash.source_ip) {
		struct address peer;

		downstream_peer_address(ex->down, &peer);
		*hash = hash_of_address(&peer);
		return true;
	}
	if (p->hash.header != NULL)
		return hash_of_field(ex, p->hash.header, hash);
	if (p->hash.query != NULL)
		found = query_value(ex->head->query, p->hash.query, &value);
	else if (p->hash.cookie != NULL)
		found = cookie_value(ex->head, p->hash.cookie, &value);
	if (found)
		*hash = hash_bytes(value.ptr, value.len, 0);
	else if (p->hash.cookie != NULL && p->hash.cookie_ttl_ms >= 0 && is_clean(p->hash.cookie))
		*hash = make_cookie(ex, p);
	else
		return false;
	return true;
}
