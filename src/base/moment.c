/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments of the past as people write them; see moment.h. */
#include "src/base/moment.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/error.h"

int64_t
moment_span_ms(const char *s)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);
	int64_t unit = strcmp(end, "s") == 0 ? 1000 : strcmp(end, "m") == 0 ? 60000 :
		       strcmp(end, "h") == 0 ? 3600000 : strcmp(end, "d") == 0 ? 86400000 : 0;

	return end == s || s[0] == '-' || n > 100000 ? 0 : (int64_t)n * unit;
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
