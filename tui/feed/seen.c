/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What real requests carried: names and values for a form to offer.
 */
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/value.h"
#include "src/base/vec.h"
#include "tui/feed/model.h"

#define TEXT_BYTES_MAX 120	/* longer ones are no use in a rule */
#define TEXTS_MAX 64

struct seen {
	char *text;
	unsigned count;
};

struct seen_list {
	VEC(struct seen) items;
};

static void
count_text(struct seen_list *l, const char *text)
{
	struct buf clean = BUF_INIT;

	if (text == NULL || text[0] == '\0' || strlen(text) > TEXT_BYTES_MAX)
		return;
	text_sanitize(&clean, text, strlen(text));
	for (size_t i = 0; i < l->items.len; i++) {
		if (strcmp(l->items.items[i].text, buf_str(&clean)) == 0) {
			l->items.items[i].count++;
			buf_fini(&clean);
			return;
		}
	}
	if (l->items.len < TEXTS_MAX)
		vec_push(&l->items, ((struct seen){ buf_steal(&clean), 1 }));
	buf_fini(&clean);
}

static int
compare_seen(const void *x, const void *y)
{
	const struct seen *a = x, *b = y;

	return a->count != b->count ? (a->count < b->count ? 1 : -1) : strcmp(a->text, b->text);
}

/* What a proxy or library adds to every request says nothing about it. */
static bool
is_ordinary(const char *name)
{
	static const char *const names[] = {
		"host", "user-agent", "accept", "accept-encoding", "content-length", "connection",
		"content-type", "x-request-id", "x-forwarded-for", "x-forwarded-proto",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return strncmp(name, "x-envoy-", 8) == 0 || strncmp(name, "x-b3-", 5) == 0;
}

void
model_each_seen(struct model *m, const char *service, const char *header, model_name_fn *fn,
		void *arg)
{
	struct seen_list l = { VEC_INIT };

	m->wants_requests = true;
	VALUE_EACH(request, m->requests) {
		const char *to = value_get_text(request, "service");

		if (service != NULL && (to == NULL || strcmp(to, service) != 0))
			continue;
		VALUE_EACH(field, value_get(request, "request_headers")) {
			if (header == NULL && !is_ordinary(field->key))
				count_text(&l, field->key);
			else if (header != NULL && strcasecmp(field->key, header) == 0)
				count_text(&l, value_text(field));
		}
	}
	if (l.items.len > 0)
		qsort(l.items.items, l.items.len, sizeof(*l.items.items), compare_seen);
	for (size_t i = 0; i < l.items.len; i++) {
		fn(arg, l.items.items[i].text);
		free(l.items.items[i].text);
	}
	vec_fini(&l.items);
}
