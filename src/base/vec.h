/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Growing arrays of any type.
 *
 *	VEC(struct node) nodes = VEC_INIT;
 *	vec_push(&nodes, node);
 *	for (size_t i = 0; i < nodes.len; i++) use(&nodes.items[i]);
 *	vec_fini(&nodes);
 */
#ifndef MESHTOP_BASE_VEC_H
#define MESHTOP_BASE_VEC_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

#define VEC(type) struct { type *items; size_t len, cap; }
#define VEC_INIT { NULL, 0, 0 }

/* Room for at least count items altogether. */
#define vec_reserve(v, count) do {						\
	size_t vec_want_ = (count);						\
	if (vec_want_ > (v)->cap) {						\
		size_t vec_cap_ = (v)->cap > 0 ? (v)->cap : 8;			\
		while (vec_cap_ < vec_want_)					\
			vec_cap_ *= 2;						\
		(v)->items = xrealloc((v)->items, vec_cap_, sizeof(*(v)->items)); \
		(v)->cap = vec_cap_;						\
	}									\
} while (0)

#define vec_push(v, item) do {							\
	vec_reserve((v), (v)->len + 1);						\
	(v)->items[(v)->len++] = (item);					\
} while (0)

/* Gives the room back that is not used. */
#define vec_trim(v) do {							\
	if ((v)->len > 0 && (v)->len < (v)->cap) {				\
		(v)->items = xrealloc((v)->items, (v)->len, sizeof(*(v)->items)); \
		(v)->cap = (v)->len;						\
	}									\
} while (0)

#define vec_remove(v, index) do {						\
	size_t vec_at_ = (index);						\
	memmove(&(v)->items[vec_at_], &(v)->items[vec_at_ + 1],			\
		((v)->len - vec_at_ - 1) * sizeof(*(v)->items));		\
	(v)->len--;								\
} while (0)

#define vec_fini(v) do {							\
	free((v)->items);							\
	(v)->items = NULL;							\
	(v)->len = (v)->cap = 0;						\
} while (0)

#endif
