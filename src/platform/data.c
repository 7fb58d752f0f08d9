/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows are computed: company and price of an offer follow from its number. */
#include "src/platform/data.h"

#include "src/base/assert.h"
#include "src/base/buf.h"

struct city {
	const char *name, *lat, *lng;
};

static const struct city cities[] = {
#define CITY(name, lat, lng) { name, lat, lng },
#include "src/platform/cities.tbl"
#undef CITY
};

static const char *const car_models[] = {
	"Tavira", "Ondine", "Norvo", "Kiriki", "Brisa", "Zephra", "Lumo", "Calder",
};
static const char *const airlines[] = {
	"Meridian Air", "Aurora Wings", "Blue Heron", "Northlight", "Skylark Air",
	"Alto Jet", "Swift Coast", "Pelican Air", "Solano Air", "Juniper Air",
};
static const char *const hotels[] = {
	"Linden House", "Old Mill Inn", "The Anchor", "Park Court", "Station Inn",
	"Harbour View", "Casa Marina", "Villa Oro", "Five Bells",
};
static const char *const insurers[] = {
	"Safe Harbour", "Evergard", "Lighthouse", "Good Journey", "Oak Shield",
	"Clearwater", "North Pillar",
};

#define CITY_COUNT ARRAY_LEN(cities)
#define OFFERS(name_, id, what, names, per_city_, dearest_, step_) { \
	.name = name_, .column_count = 4, .row_count = CITY_COUNT * (per_city_), \
	.columns = { { id, true }, { "cityId", true }, { what, false }, { "price", true } }, \
	.companies = names, .company_count = ARRAY_LEN(names), .per_city = per_city_, \
	.dearest = dearest_, .step = step_ }

static const struct data_table tables[] = {
	{ .name = "cities", .column_count = 4, .row_count = CITY_COUNT,
	  .columns = { { "cityId", true }, { "city", false }, { "lat", false }, { "lng", false } } },
	OFFERS("cars", "carId", "carModel", car_models, 2, 940, 42),
	OFFERS("flights", "flightId", "airline", airlines, 3, 880, 55),
	OFFERS("hotels", "hotelId", "hotel", hotels, 2, 760, 48),
	OFFERS("insurances", "insuranceId", "company", insurers, 2, 390, 60),
};

size_t
data_table_count(void)
{
	return ARRAY_LEN(tables);
}

const struct data_table *
data_table_at(size_t index)
{
	return &tables[index];
}

const struct data_table *
data_table_find(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		if (slice_eq_nocase(name, slice_of(tables[i].name)))
			return &tables[i];
	return NULL;
}

int
data_column_find(const struct data_table *t, struct slice name)
{
	for (size_t i = 0; i < t->column_count; i++)
		if (slice_eq_nocase(name, slice_of(t->columns[i].name)))
			return (int)i;
	return -1;
}

/* Whole units of money: each further offer of a city is cheaper by step. */
static unsigned
offer_price(const struct data_table *t, size_t city, size_t offer)
{
	unsigned price = t->dearest + (unsigned)(city * 17 % 61) * 3;

	while (offer-- > 0)
		price = price * t->step / 100;
	return price;
}

static void
put_city_cell(struct buf *out, size_t row, size_t column)
{
	const struct city *c = &cities[row];

	switch (column) {
	case 0: buf_printf(out, "%zu", row + 1); break;
	case 1: buf_puts(out, c->name); break;
	case 2: buf_puts(out, c->lat); break;
	default: buf_puts(out, c->lng); break;
	}
}

void
data_put_cell(struct buf *out, const struct data_table *t, size_t row, size_t column)
{
	size_t city, offer;

	ASSERT(row < t->row_count && column < t->column_count);
	if (t->companies == NULL) {
		put_city_cell(out, row, column);
		return;
	}
	city = row / t->per_city;
	offer = row % t->per_city;
	switch (column) {
	case 0: buf_printf(out, "%zu", row + 1); break;
	case 1: buf_printf(out, "%zu", city + 1); break;
	case 2: buf_puts(out, t->companies[(city + offer * 3) % t->company_count]); break;
	default: buf_printf(out, "%u", offer_price(t, city, offer)); break;
	}
}
