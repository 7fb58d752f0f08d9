/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an access log may say of a record, by Envoy's command operators
 * (%DURATION%, %REQ(X-REQUEST-ID)%).
 */
#ifndef MESHTOP_PROXY_ACCESS_VALUE_H
#define MESHTOP_PROXY_ACCESS_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/address.h"
#include "src/base/buf.h"
#include "src/base/slice.h"

struct record;

struct access_value {
	enum { ACCESS_ABSENT, ACCESS_NUMBER, ACCESS_TEXT } kind;
	uint64_t number;
	struct slice text;		/* borrowed from the record or from room */
	char room[ADDRESS_TEXT_BYTES];
	struct buf made;		/* texts that had to be put together */
};

struct access_operator;

/* NULL: not known. */
const struct access_operator *access_operator_find(struct slice name);
/* argument: what stood in brackets, "NAME" or "NAME?OTHER" for fields. */
void access_operator_get(const struct access_operator *op, const struct record *r,
			 struct slice argument, struct access_value *out);
void access_value_fini(struct access_value *v);

#endif
