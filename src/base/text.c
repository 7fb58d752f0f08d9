/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unicode text; see text.h. */
#include "src/base/text.h"

#include "src/base/buf.h"

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

void
text_sanitize(struct buf *out, const char *s, size_t len)
{
	while (len > 0) {
		uint32_t cp;
		bool ok;
		size_t used = text_decode(s, len, &cp, &ok);

		if (!ok || cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			buf_puts(out, "\xef\xbf\xbd");
		else
			buf_append(out, s, used);
		s += used;
		len -= used;
	}
}

bool
text_cp_is_unsafe(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || (cp & 0xfffe) == 0xfffe ||
	       cp == 0xfeff || cp == 0x2028 || cp == 0x2029;
}
