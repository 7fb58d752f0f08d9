/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unicode text; see text.h. */
#include "src/base/text.h"

#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/text_tables.h"

#define MARK_UTF8 "\xef\xbf\xbd"

size_t
text_decode(const char *s, size_t len, uint32_t *cp, bool *ok)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s;
	unsigned need = p[0] < 0x80 ? 1 : p[0] >= 0xf0 && p[0] < 0xf5 ? 4 :
			p[0] >= 0xe0 && p[0] < 0xf0 ? 3 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : 0;
	uint32_t c;

	*cp = TEXT_MARK;
	*ok = false;
	if (need == 0 || need > len)
		return 1;
	c = need == 1 ? p[0] : p[0] & (0x7fu >> need);
	for (unsigned i = 1; i < need; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 1;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[need] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 1;
	*cp = c;
	*ok = true;
	return need;
}

size_t
text_encode(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
		cp = TEXT_MARK;
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

static bool
is_in(uint32_t cp, const struct text_range *ranges, size_t count)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (cp > ranges[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && cp >= ranges[low].first;
}

bool
text_cp_is_unsafe(uint32_t cp)
{
	if (cp < 0x7f)
		return cp < 0x20;
	return cp > 0x10ffff || is_in(cp, unsafe_ranges, ARRAY_LEN(unsafe_ranges));
}

unsigned
text_cp_width(uint32_t cp)
{
	if (cp < 0x300)
		return 1;
	if (is_in(cp, combining_ranges, ARRAY_LEN(combining_ranges)))
		return 0;
	return is_in(cp, wide_ranges, ARRAY_LEN(wide_ranges)) ? 2 : 1;
}

bool
text_cp_is_ambiguous(uint32_t cp)
{
	return is_in(cp, ambiguous_ranges, ARRAY_LEN(ambiguous_ranges));
}

bool
text_is_excess_mark(unsigned *marks, uint32_t cp)
{
	if (text_cp_width(cp) > 0) {
		*marks = 0;
		return false;
	}
	if (*marks >= TEXT_MARKS_MAX)
		return true;
	++*marks;
	return false;
}

/* Bytes at the beginning that are printable ASCII: most texts are nothing else. */
static size_t
plain_bytes(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= ' ' && s[n] <= '~')
		n++;
	return n;
}

static void
sanitize(struct buf *out, const char *s, size_t len, bool keep_lines)
{
	unsigned marks = TEXT_MARKS_MAX;	/* a combining mark needs a base first */

	while (len > 0) {
		uint32_t cp;
		bool ok;
		size_t used = plain_bytes(s, len);

		if (used > 0) {
			buf_append(out, s, used);
			marks = 0;
			s += used;
			len -= used;
			continue;
		}
		used = text_decode(s, len, &cp, &ok);
		if (keep_lines && (cp == '\n' || cp == '\t')) {
			buf_putc(out, (char)cp);
			marks = TEXT_MARKS_MAX;
		} else if (!ok || text_cp_is_unsafe(cp)) {
			buf_puts(out, MARK_UTF8);
			marks = 0;
		} else if (text_is_excess_mark(&marks, cp)) {
			buf_puts(out, MARK_UTF8);
		} else {
			buf_append(out, s, used);
		}
		s += used;
		len -= used;
	}
}

void
text_sanitize(struct buf *out, const char *s, size_t len)
{
	sanitize(out, s, len, false);
}

void
text_sanitize_lines(struct buf *out, const char *s, size_t len)
{
	sanitize(out, s, len, true);
}

/* Bytes of the grapheme at s (a base and its combining marks), its cells in
 * *cells. */
static size_t
grapheme(const char *s, size_t len, size_t *cells)
{
	uint32_t cp;
	bool ok;
	size_t used = text_decode(s, len, &cp, &ok);

	*cells = text_cp_width(cp);
	while (used < len) {
		size_t more = text_decode(s + used, len - used, &cp, &ok);

		if (text_cp_width(cp) > 0)
			break;
		used += more;
	}
	return used;
}

void
text_vprintf(struct buf *out, const char *fmt, va_list ap)
{
	struct buf raw = BUF_INIT;

	buf_vprintf(&raw, fmt, ap);
	text_sanitize(out, buf_str(&raw), raw.len);
	buf_fini(&raw);
}

char *
text_clean(const char *s)
{
	struct buf clean = BUF_INIT;

	text_sanitize(&clean, s, strlen(s));
	return buf_steal(&clean);
}

size_t
text_width(const char *s, size_t len)
{
	size_t sum = plain_bytes(s, len);

	/* A combining mark behind them takes no cell. */
	s += sum;
	len -= sum;
	while (len > 0) {
		size_t cells, used = grapheme(s, len, &cells);

		sum += cells;
		s += used;
		len -= used;
	}
	return sum;
}

size_t
text_fit(const char *s, size_t len, size_t cells)
{
	size_t at = 0;

	while (at < len) {
		size_t width, used = grapheme(s + at, len - at, &width);

		if (width > cells)
			break;
		cells -= width;
		at += used;
	}
	return at;
}

size_t
text_fit_end(const char *s, size_t len, size_t cells)
{
	size_t width = text_width(s, len), at = 0;

	while (width > cells) {
		size_t w;

		at += grapheme(s + at, len - at, &w);
		width -= w;
	}
	return at;
}

/* Cells that the end may keep: the part from the last dash on ("-v1") when
 * it leaves a third for the beginning, else a third. */
static size_t
tail_cells(const char *s, size_t len, size_t cells)
{
	const char *dash = memrchr(s, '-', len);
	size_t tail = dash != NULL ? text_width(dash, len - (size_t)(dash - s)) : cells;

	return tail * 3 <= cells * 2 ? tail : cells / 3;
}

void
text_cut_middle(struct buf *out, const char *s, size_t cells, const char *mark)
{
	size_t len = strlen(s), tail;

	if (text_width(s, len) <= cells) {
		buf_append(out, s, len);
		return;
	}
	if (cells == 0)
		return;
	tail = tail_cells(s, len, cells - 1);
	buf_append(out, s, text_fit(s, len, cells - 1 - tail));
	buf_puts(out, mark);
	buf_puts(out, s + text_fit_end(s, len, tail));
}
