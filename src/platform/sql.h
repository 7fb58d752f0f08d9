/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The small part of SQL that the demo and a curious person with a client
 * speak: SELECT of columns, * or COUNT(*) from one or two tables, joined and
 * filtered by equalities, with LIMIT; SHOW TABLES and DATABASES; SELECT of
 * the variables that clients ask for; SET and USE do nothing.
 */
#ifndef MESHTOP_PLATFORM_SQL_H
#define MESHTOP_PLATFORM_SQL_H

#include <stdint.h>

#include "src/base/slice.h"

struct buf;

/* Appends the packets that answer the statement: OK, an error, or a text
 * result set; the first one has number seq. */
void sql_answer(struct buf *out, uint8_t seq, struct slice statement);

#endif
