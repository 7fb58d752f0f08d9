/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Heads on their way out.  A received run is passed on in one piece only
 * where it is, byte for byte, what would be written from its parts.
 */
#include "src/http/write.h"

#include <stdio.h>
#include <string.h>

#include "src/base/buf.h"

void
http_pieces_init(struct http_pieces *p, char *scratch, size_t scratch_size)
{
	p->count = 0;
	p->bytes = 0;
	p->scratch = scratch;
	p->scratch_used = 0;
	p->scratch_size = scratch_size;
	p->is_overflow = false;
}

void
http_put(struct http_pieces *p, struct slice s)
{
	struct iovec *last = p->count > 0 ? &p->iov[p->count - 1] : NULL;

	if (s.len == 0)
		return;
	p->bytes += s.len;
	if (last != NULL && (const char *)last->iov_base + last->iov_len == s.ptr) {
		last->iov_len += s.len;
		return;
	}
	if (p->count == HTTP_MAX_PIECES) {
		p->is_overflow = true;
		return;
	}
	p->iov[p->count].iov_base = (void *)(uintptr_t)s.ptr;
	p->iov[p->count].iov_len = s.len;
	p->count++;
}

/* n bytes of scratch to write on, which become the next piece; NULL when
 * there is no room. */
static char *
reserve(struct http_pieces *p, size_t n)
{
	char *room = p->scratch + p->scratch_used;

	if (p->scratch_size - p->scratch_used < n)
		return NULL;
	p->scratch_used += n;
	http_put(p, (struct slice){ room, n });
	return room;
}

static char *
append(char *to, struct slice s)
{
	if (s.len > 0)
		memcpy(to, s.ptr, s.len);
	return to + s.len;
}

void
http_put_copy(struct http_pieces *p, struct slice s)
{
	char *room = reserve(p, s.len);

	if (room == NULL)
		p->is_overflow = true;
	else
		append(room, s);
}

struct slice
http_keep(struct http_pieces *p, struct slice s)
{
	char *room = p->scratch + p->scratch_used;

	if (p->scratch_size - p->scratch_used < s.len) {
		p->is_overflow = true;
		return SLICE("");
	}
	p->scratch_used += s.len;
	append(room, s);
	return (struct slice){ room, s.len };
}

void
http_put_field(struct http_pieces *p, struct slice name, struct slice value)
{
	size_t n = name.len + value.len;
	char *room;

	if (n > HTTP_SHORT_FIELD_BYTES) {
		http_put(p, name);
		http_put(p, SLICE(": "));
		http_put(p, value);
		http_put(p, SLICE("\r\n"));
		return;
	}
	room = reserve(p, n + 4);
	if (room == NULL) {
		p->is_overflow = true;
		return;
	}
	room = append(append(room, name), SLICE(": "));
	append(append(room, value), SLICE("\r\n"));
}

void
http_put_request_line(struct http_pieces *p, struct slice method, struct slice target)
{
	http_put(p, method);
	http_put_copy(p, SLICE(" "));
	http_put(p, target);
	http_put_copy(p, SLICE(" HTTP/1.1\r\n"));
}

/* path [ "?" query ] of a received target. */
static struct slice
path_and_query(const struct http_head *h)
{
	if (h->query.ptr == NULL)
		return h->path;
	return (struct slice){ h->path.ptr, h->path.len + 1 + h->query.len };
}

void
http_put_same_request_line(struct http_pieces *p, const struct http_head *head)
{
	static const char rest[] = " HTTP/1.1\r\n";
	struct slice line = head->method;

	if (head->is_absolute_form && head->query.ptr != NULL &&
	    head->path.ptr + head->path.len + 1 != head->query.ptr) {
		/* "http://host?query": the path is made up */
		http_put(p, head->method);
		http_put_copy(p, SLICE(" /?"));
		http_put(p, head->query);
		http_put_copy(p, SLICE(" HTTP/1.1\r\n"));
	} else if (head->is_absolute_form || head->minor != 1) {
		http_put_request_line(p, head->method, head->method_id == HTTP_CONNECT ?
						       head->target : path_and_query(head));
	} else {
		/* parsed: METHOD SP TARGET SP HTTP/1.1 CRLF, nothing else */
		line.len += 1 + head->target.len + sizeof(rest) - 1;
		http_put(p, line);
	}
}

void
http_put_status_line(struct http_pieces *p, unsigned status, struct slice reason)
{
	char line[] = "HTTP/1.1 000 ";
	char *room;

	line[9] = (char)('0' + status / 100 % 10);
	line[10] = (char)('0' + status / 10 % 10);
	line[11] = (char)('0' + status % 10);
	if (reason.ptr == NULL)
		reason = slice_of(http_reason(status));
	if (reason.len > HTTP_SHORT_FIELD_BYTES) {
		http_put_copy(p, (struct slice){ line, sizeof(line) - 1 });
		http_put(p, reason);
		http_put_copy(p, SLICE("\r\n"));
		return;
	}
	room = reserve(p, sizeof(line) - 1 + reason.len + 2);
	if (room == NULL) {
		p->is_overflow = true;
		return;
	}
	room = append(room, (struct slice){ line, sizeof(line) - 1 });
	append(append(room, reason), SLICE("\r\n"));
}

struct slice
http_digits(char text[HTTP_DIGITS_BYTES], uint64_t n)
{
	char *digit = text + HTTP_DIGITS_BYTES;

	do
		*--digit = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	return (struct slice){ digit, (size_t)(text + HTTP_DIGITS_BYTES - digit) };
}

void
http_put_framing(struct http_pieces *p, const struct http_head *head)
{
	char text[HTTP_DIGITS_BYTES];

	if (head->framing == HTTP_CHUNKED) {
		http_put_copy(p, SLICE("transfer-encoding: chunked\r\n"));
		return;
	}
	if (!head->has_content_length)
		return;
	http_put_field(p, SLICE("content-length"), http_digits(text, head->content_length));
}

/* Do the received bytes of f read "name: value\r\n"? */
static inline bool
is_as_written(const struct http_field *f)
{
	const char *colon = f->name.ptr + f->name.len;

	return f->value.ptr == colon + 2 && colon[1] == ' ' &&
	       f->value.ptr[f->value.len] == '\r' && f->value.ptr[f->value.len + 1] == '\n';
}

static inline bool
is_forwarded(const struct http_field *f, const uint64_t *skip)
{
	if (f->is_dropped)
		return false;
	if (f->id == FIELD_OTHER)
		return true;
	return (http_field_flags(f->id) & FIELD_FRAMING) == 0 &&
	       (skip == NULL || (skip[f->id / 64] >> (f->id % 64) & 1) == 0);
}

void
http_put_fields(struct http_pieces *p, const struct http_head *head,
		const uint64_t skip[(FIELD_COUNT + 63) / 64])
{
	struct slice run = SLICE_NONE;

	for (unsigned i = 0; i < head->field_count; i++) {
		const struct http_field *f = &head->fields[i];
		size_t n = f->name.len + f->value.len + 4;

		if (!is_forwarded(f, skip))
			continue;
		if (is_as_written(f) && run.ptr != NULL && f->name.ptr == run.ptr + run.len) {
			run.len += n;
			continue;
		}
		http_put(p, run);
		run = SLICE_NONE;
		if (is_as_written(f))
			run = (struct slice){ f->name.ptr, n };
		else
			http_put_field(p, f->name, f->value);
	}
	http_put(p, run);
}

void
http_put_end(struct http_pieces *p)
{
	http_put_copy(p, SLICE("\r\n"));
}

void
http_write_reply(struct buf *out, unsigned status, const char *content_type,
		 struct slice body, const char *extra, bool close, bool is_head)
{
	bool may_have_body = status >= 200 && status != 204 && status != 304;

	buf_printf(out, "HTTP/1.1 %u %s\r\n", status, http_reason(status));
	if (may_have_body && body.len > 0 && content_type != NULL)
		buf_printf(out, "content-type: %s\r\n", content_type);
	if (may_have_body)
		buf_printf(out, "content-length: %zu\r\n", body.len);
	buf_puts(out, extra);
	if (close)
		buf_puts(out, "connection: close\r\n");
	buf_puts(out, "\r\n");
	if (may_have_body && !is_head && body.len > 0)
		buf_append(out, body.ptr, body.len);
}

static char *
put_digits(char *to, unsigned value, unsigned count)
{
	for (unsigned i = count; i-- > 0; value /= 10)
		to[i] = (char)('0' + value % 10);
	return to + count;
}

/* Year, month and day of a day counted from 1970-01-01: years start in March,
 * so that the leap day is the last one. */
static void
civil_date(int64_t day, int64_t *year, unsigned *month, unsigned *mday)
{
	int64_t z = day + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	unsigned in_era = (unsigned)(z - era * 146097);
	unsigned y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	unsigned in_year = in_era - (365 * y + y / 4 - y / 100);
	unsigned m = (5 * in_year + 2) / 153;

	*mday = in_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 2 : m - 10;	/* 0 is January */
	*year = (int64_t)y + era * 400 + (*month < 2);
}

void
http_date(int64_t wall_ms, char out[HTTP_DATE_BYTES])
{
	static const char days[] = "ThuFriSatSunMonTueWed";	/* 1970-01-01 was one */
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t seconds = wall_ms > 0 ? wall_ms / 1000 : 0;
	int64_t day = seconds / 86400, year;
	unsigned in_day = (unsigned)(seconds % 86400), month, mday;
	char *p = out;

	civil_date(day, &year, &month, &mday);
	p = append(p, (struct slice){ days + 3 * (day % 7), 3 });
	p = append(p, SLICE(", "));
	p = put_digits(p, mday, 2);
	p = append(p, SLICE(" "));
	p = append(p, (struct slice){ months + 3 * month, 3 });
	p = append(p, SLICE(" "));
	p = put_digits(p, (unsigned)year, 4);
	p = append(p, SLICE(" "));
	p = put_digits(p, in_day / 3600, 2);
	p = append(p, SLICE(":"));
	p = put_digits(p, in_day / 60 % 60, 2);
	p = append(p, SLICE(":"));
	p = put_digits(p, in_day % 60, 2);
	p = append(p, SLICE(" GMT"));
	*p = '\0';
}
