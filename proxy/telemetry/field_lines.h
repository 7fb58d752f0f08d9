/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Header fields as the ring of requests keeps them: lines as in a head,
 * "name: value\r\n", with the values of secret ones hidden (redact.h).
 */
#ifndef MESHTOP_PROXY_FIELD_LINES_H
#define MESHTOP_PROXY_FIELD_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/slice.h"

struct http_head;

/*
 * Writes the fields of a received head to out, which has room for that many
 * bytes; returns how many it wrote.  Fields that do not fit are left out and
 * counted.
 */
size_t field_lines_of_head(const struct http_head *h, size_t room, char *out, unsigned *omitted);
/* The same of lines that the engine wrote.  is_open: none of them is secret. */
size_t field_lines_of_text(struct slice lines, bool is_open, size_t room, char *out,
			   unsigned *omitted);

struct field_line {
	struct slice name, value;
	bool is_hidden;
};
/* Cuts the first of lines off; false: there is none. */
bool field_lines_next(struct slice *lines, struct field_line *f);

#endif
