/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments of the past as people write them; see moment.h. */
#include "src/base/moment.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/assert.h"
#include "src/base/error.h"

#define SPAN_MOST_MS (100000 * 86400e3)
#define WINDOW_MOST_MS (INT64_C(30) * 86400000)

/* Adds "2.5h" at *s, which is moved behind it; false for anything else. */
static bool
take_part(const char **s, double *ms)
{
	static const struct { const char *name; double ms; } units[] = {
		{ "ms", 1 }, { "s", 1e3 }, { "m", 60e3 }, { "h", 3600e3 }, { "d", 86400e3 }, { "w", 604800e3 },
	};
	size_t digits = strspn(*s, "0123456789."), name = strcspn(*s + digits, "0123456789.");
	char *end;
	double n = strtod(*s, &end);

	if (digits == 0 || end != *s + digits)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (strlen(units[i].name) == name && strncmp(end, units[i].name, name) == 0) {
			*s = end + name;
			*ms += n * units[i].ms;
			return true;
		}
	}
	return false;
}

int64_t
moment_span_ms(const char *s)
{
	double ms = 0;

	while (*s != '\0')
		if (!take_part(&s, &ms))
			return 0;
	return ms <= SPAN_MOST_MS ? (int64_t)ms : 0;
}

unsigned
moment_window_s(const char *s)
{
	int64_t ms = moment_span_ms(s);

	return ms <= WINDOW_MOST_MS ? (unsigned)(ms / 1000) : 0;
}

/* "2026-11-24T17:03", "17:03", each with ":20" behind: local time into *day,
 * which holds today; false for anything else. */
static bool
parse_day_time(const char *s, struct tm *day, bool *has_date)
{
	unsigned hour, minute, second = 0, month, date;
	int year, len = 0;
	char rest, between;

	*has_date = sscanf(s, "%4d-%2u-%2u%c%n", &year, &month, &date, &between, &len) == 4 &&
		    (between == 'T' || between == ' ');
	if (*has_date) {
		if (month < 1 || month > 12 || date < 1 || date > 31)
			return false;
		day->tm_year = year - 1900;
		day->tm_mon = (int)month - 1;
		day->tm_mday = (int)date;
		s += len;
	}
	if (sscanf(s, "%2u:%2u:%2u%c", &hour, &minute, &second, &rest) != 3 &&
	    sscanf(s, "%2u:%2u%c", &hour, &minute, &rest) != 2)
		return false;
	day->tm_hour = (int)hour;
	day->tm_min = (int)minute;
	day->tm_sec = (int)second;
	day->tm_isdst = -1;
	return hour <= 23 && minute <= 59 && second <= 59;
}

int
moment_of_day(const char *s, int64_t now_ms, int64_t *at_ms, struct error *err)
{
	time_t now = (time_t)(now_ms / 1000), then;
	bool has_date;
	struct tm day;

	if (localtime_r(&now, &day) == NULL || !parse_day_time(s, &day, &has_date) ||
	    (then = mktime(&day)) <= 0)
		return error_setf(err, ERROR_USAGE, "must be a moment: 17:03, 17:03:20, "
				  "2026-11-24T17:03 or 5m (ago)");
	if (then > now && has_date)
		return error_setf(err, ERROR_USAGE, "is still to come: only the past is known");
	if (then > now) {
		day.tm_mday--;
		day.tm_isdst = -1;
		then = mktime(&day);
	}
	*at_ms = (int64_t)then * 1000;
	return 0;
}

int
moment_parse(const char *s, int64_t now_ms, int64_t *at_ms, struct error *err)
{
	size_t sign = s[0] == '-', word = strcspn(s + sign, " ");
	char text[24];
	int64_t span = 0;

	if (word < sizeof(text) && (s[sign + word] == '\0' || strcmp(s + sign + word, " ago") == 0)) {
		snprintf(text, sizeof(text), "%.*s", (int)word, s + sign);
		span = moment_span_ms(text);
	}
	if (span == 0)
		return moment_of_day(s, now_ms, at_ms, err);
	*at_ms = now_ms - span;
	return 0;
}
