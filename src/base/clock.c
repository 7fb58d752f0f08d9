/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The system's clock; see clock.h. */
#include "src/base/clock.h"

#include <stdio.h>
#include <time.h>

static uint64_t
system_mono_ns(const struct clock *c)
{
	struct timespec ts;

	(void)c;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static int64_t
system_wall_ms(const struct clock *c)
{
	struct timespec ts;

	(void)c;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

const struct clock clock_system = { system_mono_ns, system_wall_ms };

void
clock_format_iso(int64_t wall_ms, char out[CLOCK_ISO_BYTES])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	unsigned ms = (unsigned)(wall_ms % 1000);
	char date[32];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out, CLOCK_ISO_BYTES, "%.19s.%03uZ", date, ms % 1000);
}

/* Days from 1970-01-01; years begin in March here, so that the leap day is last. */
static int64_t
days_before(int64_t year, unsigned month, unsigned day)
{
	unsigned in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	year -= month <= 2;
	return year * 365 + year / 4 - year / 100 + year / 400 + in_year - 719468;
}

int64_t
clock_parse_iso(const char *text)
{
	unsigned y, mo, d, h, mi, s, ms = 0;

	if (text == NULL ||
	    sscanf(text, "%4u-%2u-%2uT%2u:%2u:%2u.%3u", &y, &mo, &d, &h, &mi, &s, &ms) < 6 ||
	    y < 1970 || y > 9999 || mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || s > 60)
		return 0;
	return ((days_before(y, mo, d) * 24 + h) * 60 + mi) * 60000 + (int64_t)s * 1000 + ms;
}
