/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The vocabulary of HTTP heads: field names, reasons, tokens, authorities.
 */
#include "src/http/head.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/http/scan.h"

#define NAME_BYTES 48		/* longest name in fields.tbl, its NUL, rounded up */

_Static_assert(FIELD_COUNT <= 64, "sets of fields are one 64-bit word");

/* Padded with NUL, so that words can be compared. */
static const char field_names[FIELD_COUNT][NAME_BYTES] = {
#define FIELD(id, name, flags) [FIELD_##id] = name,
#include "src/http/fields.tbl"
#undef FIELD
};

const uint8_t http_field_flag_table[FIELD_COUNT] = {
#define FIELD(id, name, flags) [FIELD_##id] = flags,
#include "src/http/fields.tbl"
#undef FIELD
};

/* First and last row of each length; no row has length 0. */
static const struct {
	uint8_t first, last;
} field_spans[NAME_BYTES] = {
	[2] = { FIELD_TE, FIELD_TE },
	[4] = { FIELD_HOST, FIELD_DATE },
	[6] = { FIELD_SERVER, FIELD_ORIGIN },
	[7] = { FIELD_TRAILER, FIELD_UPGRADE },
	[8] = { FIELD_LOCATION, FIELD_LOCATION },
	[9] = { FIELD_X_API_KEY, FIELD_X_API_KEY },
	[10] = { FIELD_USER_AGENT, FIELD_SET_COOKIE },
	[11] = { FIELD_GRPC_STATUS, FIELD_TRACEPARENT },
	[12] = { FIELD_X_REQUEST_ID, FIELD_X_B3_TRACEID },
	[13] = { FIELD_AUTHORIZATION, FIELD_AUTHORIZATION },
	[14] = { FIELD_CONTENT_LENGTH, FIELD_CONTENT_LENGTH },
	[15] = { FIELD_X_FORWARDED_FOR, FIELD_X_ENVOY_IP_TAGS },
	[16] = { FIELD_PROXY_CONNECTION, FIELD_X_ENVOY_RETRY_ON },
	[17] = { FIELD_X_FORWARDED_PROTO, FIELD_SEC_WEBSOCKET_KEY },
	[18] = { FIELD_X_ENVOY_OVERLOADED, FIELD_PROXY_AUTHENTICATE },
	[19] = { FIELD_PROXY_AUTHORIZATION, FIELD_X_ENVOY_FORCE_TRACE },
	[21] = { FIELD_X_ENVOY_ATTEMPT_COUNT, FIELD_X_ENVOY_RETRY_GRPC_ON },
	[24] = { FIELD_X_ENVOY_PEER_METADATA_ID, FIELD_X_ENVOY_EXTERNAL_ADDRESS },
	[27] = { FIELD_X_ENVOY_DECORATOR_OPERATION, FIELD_X_ENVOY_DECORATOR_OPERATION },
	[29] = { FIELD_X_ENVOY_UPSTREAM_SERVICE_TIME, FIELD_ACCESS_CONTROL_REQUEST_METHOD },
	[30] = { FIELD_X_ENVOY_EXPECTED_RQ_TIMEOUT_MS, FIELD_X_ENVOY_UPSTREAM_ALT_STAT_NAME },
	[31] = { FIELD_X_ENVOY_DOWNSTREAM_SERVICE_NODE, FIELD_X_ENVOY_DOWNSTREAM_SERVICE_NODE },
	[32] = { FIELD_X_ENVOY_HEDGE_ON_PER_TRY_TIMEOUT,
		 FIELD_X_ENVOY_HEDGE_ON_PER_TRY_TIMEOUT },
	[34] = { FIELD_X_ENVOY_DOWNSTREAM_SERVICE_CLUSTER,
		 FIELD_X_ENVOY_DOWNSTREAM_SERVICE_CLUSTER },
	[38] = { FIELD_X_ENVOY_UPSTREAM_RQ_PER_TRY_TIMEOUT_MS,
		 FIELD_X_ENVOY_UPSTREAM_RQ_PER_TRY_TIMEOUT_MS },
	[40] = { FIELD_X_ENVOY_UPSTREAM_RQ_TIMEOUT_ALT_RESPONSE,
		 FIELD_X_ENVOY_UPSTREAM_RQ_TIMEOUT_ALT_RESPONSE },
};

#define SAME(c) [c] = (c)
#define LETTER(lower, upper) [lower] = (lower), [upper] = (lower)
const unsigned char http_token_lower[256] = {
	SAME('!'), SAME('#'), SAME('$'), SAME('%'), SAME('&'), SAME('\''), SAME('*'),
	SAME('+'), SAME('-'), SAME('.'), SAME('^'), SAME('_'), SAME('`'), SAME('|'), SAME('~'),
	SAME('0'), SAME('1'), SAME('2'), SAME('3'), SAME('4'),
	SAME('5'), SAME('6'), SAME('7'), SAME('8'), SAME('9'),
	LETTER('a', 'A'), LETTER('b', 'B'), LETTER('c', 'C'), LETTER('d', 'D'),
	LETTER('e', 'E'), LETTER('f', 'F'), LETTER('g', 'G'), LETTER('h', 'H'),
	LETTER('i', 'I'), LETTER('j', 'J'), LETTER('k', 'K'), LETTER('l', 'L'),
	LETTER('m', 'M'), LETTER('n', 'N'), LETTER('o', 'O'), LETTER('p', 'P'),
	LETTER('q', 'Q'), LETTER('r', 'R'), LETTER('s', 'S'), LETTER('t', 'T'),
	LETTER('u', 'U'), LETTER('v', 'V'), LETTER('w', 'W'), LETTER('x', 'X'),
	LETTER('y', 'Y'), LETTER('z', 'Z'),
};
#undef LETTER
#undef SAME

#ifdef __SSE2__
const unsigned char http_scan_ones[32] = {
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
};
#endif

static inline uint64_t
load8(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/* The first 8 bytes without their last `surplus` bits. */
static inline uint64_t
first_bytes(const char *p, unsigned surplus)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return load8(p) >> surplus;
#else
	return load8(p) << surplus;
#endif
}

/* Equality behind the first 8 bytes, by words of which the last overlaps. */
static inline bool
tails_agree(const char *a, const char *b, size_t len)
{
	for (size_t i = 8; i + 8 < len; i += 8)
		if (load8(a + i) != load8(b + i))
			return false;
	return load8(a + len - 8) == load8(b + len - 8);
}

enum http_field_id
http_field_lookup_padded(const char *name, size_t len)
{
	unsigned id, last, surplus;
	uint64_t word;

	if (len >= NAME_BYTES || field_spans[len].first == 0)
		return FIELD_OTHER;
	surplus = len < 8 ? 64 - 8 * (unsigned)len : 0;	/* bits behind the name */
	word = first_bytes(name, surplus);
	last = field_spans[len].last;
	for (id = field_spans[len].first; id <= last; id++)
		if (first_bytes(field_names[id], surplus) == word &&
		    (len <= 8 || tails_agree(name, field_names[id], len)))
			return (enum http_field_id)id;
	return FIELD_OTHER;
}

enum http_field_id
http_field_lookup(struct slice name)
{
	char padded[NAME_BYTES] = "";

	if (name.len == 0 || name.len >= NAME_BYTES)
		return FIELD_OTHER;
	memcpy(padded, name.ptr, name.len);
	return http_field_lookup_padded(padded, name.len);
}

const char *
http_field_name(enum http_field_id id)
{
	ASSERT(id < FIELD_COUNT);
	return field_names[id];
}

const struct http_field *
http_head_find(const struct http_head *h, struct slice name)
{
	enum http_field_id id = http_field_lookup(name);

	if (id != FIELD_OTHER)
		return http_head_field(h, id);
	for (unsigned i = 0; i < h->field_count; i++)
		if (h->fields[i].id == FIELD_OTHER && slice_eq(h->fields[i].name, name))
			return &h->fields[i];
	return NULL;
}

static const struct {
	unsigned status;
	const char *reason;
} reasons[] = {
	{ 100, "Continue" },
	{ 101, "Switching Protocols" },
	{ 102, "Processing" },
	{ 103, "Early Hints" },
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 203, "Non-Authoritative Information" },
	{ 204, "No Content" },
	{ 205, "Reset Content" },
	{ 206, "Partial Content" },
	{ 207, "Multi-Status" },
	{ 208, "Already Reported" },
	{ 226, "IM Used" },
	{ 300, "Multiple Choices" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 305, "Use Proxy" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 407, "Proxy Authentication Required" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Payload Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 421, "Misdirected Request" },
	{ 422, "Unprocessable Entity" },
	{ 423, "Locked" },
	{ 424, "Failed Dependency" },
	{ 425, "Too Early" },
	{ 426, "Upgrade Required" },
	{ 428, "Precondition Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 451, "Unavailable For Legal Reasons" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
	{ 506, "Variant Also Negotiates" },
	{ 507, "Insufficient Storage" },
	{ 508, "Loop Detected" },
	{ 511, "Network Authentication Required" },
};

const char *
http_reason(unsigned status)
{
	if (status == 200)
		return "OK";
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}

bool
http_is_token(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (http_token_lower[(unsigned char)s.ptr[i]] == 0)
			return false;
	return s.len > 0;
}

/* Length of "[...]" at the start of s; 0 when it is no IPv6 literal. */
static size_t
ipv6_literal_len(struct slice s)
{
	const char *close = memchr(s.ptr, ']', s.len);
	char text[INET6_ADDRSTRLEN];
	struct in6_addr addr;
	size_t inside;

	if (close == NULL)
		return 0;
	inside = (size_t)(close - s.ptr) - 1;
	if (inside == 0 || inside >= sizeof(text) || memchr(s.ptr, '\0', s.len) != NULL)
		return 0;
	memcpy(text, s.ptr + 1, inside);
	text[inside] = '\0';
	return inet_pton(AF_INET6, text, &addr) == 1 ? inside + 2 : 0;
}

/* ":" and digits; RFC 3986 lets the digits be absent. */
static bool
is_port_suffix(struct slice s)
{
	unsigned port = 0;

	if (s.len == 0)
		return true;
	if (s.ptr[0] != ':' || s.len > 6)
		return false;
	for (size_t i = 1; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
		port = port * 10 + (unsigned)(s.ptr[i] - '0');
	}
	return port <= 65535;
}

/* name_len: bytes of host characters at the start of s. */
static bool
is_authority(struct slice s, size_t name_len)
{
	size_t n = name_len;

	if (s.len == 0)
		return false;
	if (s.ptr[0] == '[')
		n = ipv6_literal_len(s);
	return n > 0 && is_port_suffix((struct slice){ s.ptr + n, s.len - n });
}

bool
http_is_authority(struct slice s)
{
	return is_authority(s, http_scan_host_plain(s.ptr, s.len));
}

bool
http_is_authority_padded(struct slice s)
{
	return is_authority(s, http_scan_host(s.ptr, s.len));
}

struct slice
http_authority_host(struct slice authority, int *port)
{
	const char *end = authority.ptr + authority.len, *colon;
	struct slice host = authority;

	*port = -1;
	colon = authority.len > 0 ? memrchr(authority.ptr, ':', authority.len) : NULL;
	if (colon == NULL || end[-1] == ']')
		return host;
	host.len = (size_t)(colon - authority.ptr);
	if (colon + 1 < end)
		*port = 0;
	for (const char *p = colon + 1; p < end; p++)
		*port = *port * 10 + (*p - '0');
	return host;
}
