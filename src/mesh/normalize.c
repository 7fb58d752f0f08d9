/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Paths before they are matched and forwarded (spec/dataplane.md 6.4).
 *
 * First escapes and slashes, then dot segments; what was escaped as "%2e"
 * counts as a dot.  The result is never longer than the path.
 */
#include <string.h>

#include "src/base/slice.h"
#include "src/mesh/route.h"

static bool
is_unreserved(int ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
	       (ch >= '0' && ch <= '9') || ch == '-' || ch == '.' || ch == '_' || ch == '~';
}

/* The byte that "%XX" at p stands for; -1 when it is no escape. */
static int
escaped(const char *p, const char *end)
{
	int high, low;

	if (end - p < 3 || *p != '%')
		return -1;
	high = slice_hex_digit(p[1]);
	low = slice_hex_digit(p[2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static bool
needs_work(struct slice path, bool merges)
{
	for (size_t i = 0; i < path.len; i++) {
		char ch = path.ptr[i];

		if (ch == '%' || ch == '\\')
			return true;
		if (ch == '/' && i + 1 < path.len &&
		    (path.ptr[i + 1] == '.' || (merges && path.ptr[i + 1] == '/')))
			return true;
	}
	return false;
}

/* False for an escaped NUL. */
static bool
unescape(struct slice path, bool decodes_slashes, bool merges, char *out, size_t *len)
{
	const char *p = path.ptr, *end = p + path.len;
	size_t n = 0;

	while (p < end) {
		int byte = escaped(p, end);
		char ch = *p == '\\' ? '/' : *p;

		if (byte == 0)
			return false;
		if (byte > 0 && decodes_slashes && (byte == '/' || byte == '\\'))
			ch = '/';
		else if (byte > 0 && is_unreserved(byte))
			ch = (char)byte;
		else
			byte = -1;
		p += byte > 0 ? 3 : 1;
		if (ch != '/' || !merges || n == 0 || out[n - 1] != '/')
			out[n++] = ch;
	}
	*len = n;
	return true;
}

/* In place; path[0] is '/'. */
static size_t
remove_dots(char *path, size_t len)
{
	size_t n = 1, i = 1;

	while (i < len) {
		const char *slash = memchr(path + i, '/', len - i);
		size_t end = slash != NULL ? (size_t)(slash - path) : len;
		size_t seg = end - i;

		if (seg == 2 && path[i] == '.' && path[i + 1] == '.') {
			if (n > 1)
				n--;
			while (path[n - 1] != '/')
				n--;
		} else if (seg != 1 || path[i] != '.') {
			memmove(path + n, path + i, seg);
			n += seg;
			if (slash != NULL)
				path[n++] = '/';
		}
		i = end + 1;
	}
	return n;
}

bool
route_normalize(const struct mesh_settings *s, struct slice path, char *scratch,
		struct slice *out)
{
	bool decodes = s->normalize == NORMALIZE_DECODE_MERGE;
	bool merges = decodes || s->normalize == NORMALIZE_MERGE;
	size_t len;

	*out = path;
	if (s->normalize == NORMALIZE_NONE || path.len == 0 || path.ptr[0] != '/' ||
	    !needs_work(path, merges))
		return true;
	if (!unescape(path, decodes, merges, scratch, &len))
		return false;
	*out = (struct slice){ scratch, remove_dots(scratch, len) };
	return true;
}
