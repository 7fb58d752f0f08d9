/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings of a portal and the choice of its next request. */
#include "src/platform/settings.h"

#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/value.h"

#define LONGEST_PAUSE_MS 15000.0
#define SHORTEST_PAUSE_MS 750.0
#define MAX_SHARE 1000000

static const char *const device_names[] = { "web", "mobile" };
static const char *const user_names[] = { "registered", "new" };
static const char *const travel_names[] = { "t1", "t2", "t3" };

/* The three kinds of class inside struct classes. */
static const struct {
	const char *key;
	const char *const *names;
	size_t count, offset;
} kinds[] = {
	{ "devices", device_names, DEVICE_COUNT, offsetof(struct classes, devices) },
	{ "users", user_names, USER_COUNT, offsetof(struct classes, users) },
	{ "travel_type", travel_names, TRAVEL_COUNT, offsetof(struct classes, travels) },
};

const char *
device_name(enum device d)
{
	return device_names[d];
}

const char *
user_name(enum user u)
{
	return user_names[u];
}

const char *
travel_name(enum travel t)
{
	return travel_names[t];
}

void
settings_init(struct settings *s)
{
	*s = (struct settings){ 50, { { 50, 50 }, { 50, 50 }, { 34, 33, 33 } } };
}

static int
read_number(const struct value *map, const char *key, int64_t max, int64_t *out,
	    struct error *err)
{
	const struct value *v = value_get(map, key);
	int64_t n;

	if (v == NULL)
		return 0;
	if (!value_to_int(v, &n) || n < 0 || n > max)
		return error_setf(err, ERROR_SYNTAX, "%s: must be a whole number from 0 to %lld",
				  key, (long long)max);
	*out = n;
	return 0;
}

int
settings_read(struct settings *s, const struct value *v, struct error *err)
{
	struct settings fresh = *s;

	if (!value_is_map(v))
		return error_setf(err, ERROR_SYNTAX, "settings must be an object");
	if (read_number(v, "request_ratio", 100, &fresh.request_ratio, err) < 0)
		return -1;
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		const struct value *map = value_get(v, kinds[k].key);
		int64_t *shares = (int64_t *)(void *)((char *)&fresh.shares + kinds[k].offset);

		if (map != NULL && !value_is_map(map))
			return error_setf(err, ERROR_SYNTAX, "%s: must be an object", kinds[k].key);
		for (size_t i = 0; i < kinds[k].count; i++)
			if (read_number(map, kinds[k].names[i], MAX_SHARE, &shares[i], err) < 0)
				return error_prefixf(err, "%s.", kinds[k].key);
	}
	*s = fresh;
	return 0;
}

void
classes_put(struct json_writer *w, const struct classes *c)
{
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		const int64_t *n = (const int64_t *)(const void *)((const char *)c + kinds[k].offset);

		json_open(w, kinds[k].key, '{');
		for (size_t i = 0; i < kinds[k].count; i++)
			json_int(w, kinds[k].names[i], n[i]);
		json_close(w, '}');
	}
}

void
settings_put(struct json_writer *w, const char *key, const struct settings *s)
{
	json_open(w, key, '{');
	json_int(w, "request_ratio", s->request_ratio);
	classes_put(w, &s->shares);
	json_close(w, '}');
}

/* From the wanted class on, the first that has something left; the wanted one
 * when no class has a share at all. */
static unsigned
take_class(int64_t *left, const int64_t *shares, unsigned count, unsigned wanted)
{
	unsigned taken = wanted;
	bool is_empty = true;

	for (unsigned i = 0; i < count; i++) {
		unsigned at = (wanted + i) % count;

		if (left[at] > 0) {
			left[at]--;
			taken = at;
			break;
		}
	}
	for (unsigned i = 0; i < count; i++)
		is_empty = is_empty && left[i] <= 0;
	for (unsigned i = 0; is_empty && i < count; i++)
		left[i] = shares[i];
	return taken;
}

struct portal_choice
settings_choose(const struct settings *s, struct classes *left, uint64_t n)
{
	struct portal_choice c;

	c.device = (enum device)take_class(left->devices, s->shares.devices, DEVICE_COUNT,
					   n % 2 == 0 ? DEVICE_MOBILE : DEVICE_WEB);
	c.user = (enum user)take_class(left->users, s->shares.users, USER_COUNT,
				       n % 2 == 0 ? USER_REGISTERED : USER_NEW);
	c.travel = (enum travel)take_class(left->travels, s->shares.travels, TRAVEL_COUNT,
					   (unsigned)(n % 3));
	return c;
}

void
classes_count(struct classes *made, const struct portal_choice *c)
{
	made->devices[c->device]++;
	made->users[c->user]++;
	made->travels[c->travel]++;
}

uint64_t
settings_pause_ns(const struct settings *s, double pace)
{
	double ms = LONGEST_PAUSE_MS * (1 - (double)s->request_ratio / 100);

	if (ms < SHORTEST_PAUSE_MS)
		ms = SHORTEST_PAUSE_MS;
	return (uint64_t)(ms / pace * (double)NS_PER_MS);
}
