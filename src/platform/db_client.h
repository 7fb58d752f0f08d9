/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One query of a pod to a MySQL server: a connection of its own, login,
 * statement, result, goodbye.
 */
#ifndef MESHTOP_PLATFORM_DB_CLIENT_H
#define MESHTOP_PLATFORM_DB_CLIENT_H

#include <stddef.h>

#include "src/base/slice.h"

struct buf;
struct pod;

struct db_result {
	const char *error;		/* "" when there is a result */
	size_t columns, rows;
	const struct slice *cells;	/* row by row; borrowed for the callback */
};

typedef void db_done(void *arg, const struct db_result *r);

/* Server and credentials are the pod's MYSQL_* variables.  done is called
 * once, always from the loop.  Holds the pod until then. */
void db_query(struct pod *p, const char *statement, db_done *done, void *arg);

/* Appends s as a quoted SQL string. */
void db_put_quoted(struct buf *out, const char *s);

#endif
