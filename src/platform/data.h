/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the demo's database holds: 45 cities (cities.tbl), and for each city 2
 * cars, 3 flights, 2 hotels and 2 insurances of invented companies, whose
 * prices follow from the city.
 */
#ifndef MESHTOP_PLATFORM_DATA_H
#define MESHTOP_PLATFORM_DATA_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/slice.h"

struct buf;

#define DATA_MAX_COLUMNS 4

struct data_table {
	const char *name;
	size_t column_count, row_count;
	struct { const char *name; bool is_number; } columns[DATA_MAX_COLUMNS];
	/* private: of an offer table */
	const char *const *companies;
	unsigned company_count, per_city;
	unsigned dearest, step;		/* price of the first offer; between offers, in percent */
};

size_t data_table_count(void);
const struct data_table *data_table_at(size_t index);
/* Names of tables and columns are compared without case; NULL, -1: none. */
const struct data_table *data_table_find(struct slice name);
int data_column_find(const struct data_table *t, struct slice name);
/* Appends the text of one cell. */
void data_put_cell(struct buf *out, const struct data_table *t, size_t row, size_t column);

#endif
