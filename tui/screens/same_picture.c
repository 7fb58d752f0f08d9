/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a picture may stay when the graph is read anew; see same_picture.h. */
#include "tui/screens/same_picture.h"

#include <stdint.h>
#include <string.h>

#include "src/base/text.h"
#include "src/topology/graph.h"

bool
picture_same_shape(const struct graph *a, const struct graph *b)
{
	if (a->nodes.len != b->nodes.len || a->edges.len != b->edges.len)
		return false;
	for (size_t i = 0; i < a->nodes.len; i++) {
		if (strcmp(a->nodes.items[i].id, b->nodes.items[i].id) != 0 ||
		    strcmp(a->nodes.items[i].label, b->nodes.items[i].label) != 0)
			return false;
	}
	for (size_t i = 0; i < a->edges.len; i++) {
		const struct graph_edge *x = &a->edges.items[i], *y = &b->edges.items[i];

		if (x->from != y->from || x->to != y->to || x->protocol != y->protocol ||
		    x->is_mirrored != y->is_mirrored)
			return false;
	}
	return true;
}

bool
picture_same_looks(const struct graph *a, const struct graph *b)
{
	for (size_t i = 0; i < a->nodes.len; i++) {
		if (a->nodes.items[i].health != b->nodes.items[i].health ||
		    a->nodes.items[i].is_idle != b->nodes.items[i].is_idle)
			return false;
	}
	for (size_t i = 0; i < a->edges.len; i++) {
		if (a->edges.items[i].health != b->edges.items[i].health ||
		    a->edges.items[i].is_idle != b->edges.items[i].is_idle)
			return false;
	}
	return true;
}

bool
picture_same_texts(const char *const *a, const char *const *b, size_t count)
{
	if (a == NULL || b == NULL)
		return a == b;
	for (size_t i = 0; i < count; i++) {
		if (a[i] == NULL || b[i] == NULL ? a[i] != b[i] : strcmp(a[i], b[i]) != 0)
			return false;
	}
	return true;
}

bool
picture_same_lengths(const char *const *a, const char *const *b, size_t count)
{
	if (a == NULL || b == NULL)
		return a == b;
	for (size_t i = 0; i < count; i++) {
		if (a[i] == NULL || b[i] == NULL ? a[i] != b[i] : strlen(a[i]) != strlen(b[i]) ||
		    text_width(a[i], strlen(a[i])) != text_width(b[i], strlen(b[i])))
			return false;
	}
	return true;
}

void
picture_put_texts(const char *const *old, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (texts[i] != NULL)
			memcpy((char *)(uintptr_t)old[i], texts[i], strlen(texts[i]));
}
