/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list in x-forwarded-for, read from its end; see forwarded.h. */
#include "proxy/http/forwarded.h"

#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Takes the last entry off a comma-separated list. */
static struct slice
pop_entry(struct slice *list)
{
	const char *end = list->ptr + list->len, *comma = memrchr(list->ptr, ',', list->len);
	const char *start = comma != NULL ? comma + 1 : list->ptr;

	list->len = comma != NULL ? (size_t)(comma - list->ptr) : 0;
	while (start < end && is_blank(*start))
		start++;
	while (end > start && is_blank(end[-1]))
		end--;
	return (struct slice){ start, (size_t)(end - start) };
}

/* Entry n of all lines together, counted from the end and from 1. */
static struct slice
entry_from_end(const struct http_head *h, unsigned n)
{
	for (unsigned i = h->field_count; i-- > 0;) {
		struct slice list = h->fields[i].value;

		if (h->fields[i].id != FIELD_X_FORWARDED_FOR)
			continue;
		while (list.len > 0) {
			struct slice entry = pop_entry(&list);

			if (--n == 0)
				return entry;
		}
	}
	return SLICE_NONE;
}

bool
forwarded_client(const struct http_head *h, unsigned trusted_proxies,
		 char text[ADDRESS_TEXT_BYTES])
{
	struct slice entry;
	struct address a;

	if (trusted_proxies == 0)
		return false;
	entry = entry_from_end(h, trusted_proxies);
	if (entry.len == 0 || entry.len >= ADDRESS_TEXT_BYTES)
		return false;
	memcpy(text, entry.ptr, entry.len);
	text[entry.len] = '\0';
	return address_parse_host(&a, text, 0, NULL) == 0;
}
