/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What kind of requests a portal makes: its settings, the countdown by which
 * each class gets exactly its share, and the counters that /status shows.
 * Pure.
 */
#ifndef MESHTOP_PLATFORM_SETTINGS_H
#define MESHTOP_PLATFORM_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct json_writer;
struct value;

enum device { DEVICE_WEB, DEVICE_MOBILE, DEVICE_COUNT };
enum user { USER_REGISTERED, USER_NEW, USER_COUNT };
enum travel { TRAVEL_T1, TRAVEL_T2, TRAVEL_T3, TRAVEL_COUNT };

const char *device_name(enum device d);
const char *user_name(enum user u);
const char *travel_name(enum travel t);

/* One number a class: shares, what is left of them, or requests made. */
struct classes {
	int64_t devices[DEVICE_COUNT], users[USER_COUNT], travels[TRAVEL_COUNT];
};

struct settings {
	int64_t request_ratio;		/* 0..100 */
	struct classes shares;		/* each 0..1000000 */
};

struct portal_choice {
	enum device device;
	enum user user;
	enum travel travel;
};

/* {request_ratio, devices{web, mobile}, users{registered, new},
 * travel_type{t1, t2, t3}} */
void settings_init(struct settings *s);
/* Members that v does not have keep their value; nothing changes on failure. */
int settings_read(struct settings *s, const struct value *v, struct error *err);
void settings_put(struct json_writer *w, const char *key, const struct settings *s);
void classes_put(struct json_writer *w, const struct classes *c);

/*
 * The n-th request (from 1): even ones ask for mobile and registered, odd
 * ones for web and new; n mod 3 asks for t1, t2, t3.  A class that has used
 * up its share gives way to the next; when all of a kind are used up their
 * shares begin anew.
 */
struct portal_choice settings_choose(const struct settings *s, struct classes *left, uint64_t n);
void classes_count(struct classes *made, const struct portal_choice *c);

/* Pause behind a loop: 15 s at ratio 0 down to 750 ms, divided by pace. */
uint64_t settings_pause_ns(const struct settings *s, double pace);

#endif
