/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CHAOS_MONKEY variables: a service that sleeps before some of its answers.
 */
#ifndef MESHTOP_PLATFORM_CHAOS_H
#define MESHTOP_PLATFORM_CHAOS_H

#include <stdint.h>

#include "src/base/slice.h"

struct pod;
struct request;

/* How long the answer to rq is held back; 0: not.  With CHAOS_MONKEY=true and
 * a match of _PORTAL, _DEVICE or _USER, or a request without those headers. */
uint64_t chaos_delay_ns(const struct pod *p, const struct request *rq, const char *user);
/* For travels: a match of _CITY or _USER, or neither is set. */
uint64_t chaos_city_delay_ns(const struct pod *p, const struct request *rq, const char *city);

#endif
