/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Durations in Go's syntax.
 */
#include "src/istio/duration.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"

#define DURATION_MAX_NS (UINT64_C(9000000000) * 1000000000)	/* about 285 years */

static const struct unit {
	const char *name;
	uint64_t ns;
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "\xc2\xb5s", 1000 },		/* micro sign */
	{ "\xce\xbcs", 1000 },		/* Greek mu */
	{ "ms", 1000000 },
	{ "s", UINT64_C(1000000000) },
	{ "m", UINT64_C(60000000000) },
	{ "h", UINT64_C(3600000000000) },
};

/* The unit at s: letters up to the next digit or dot. */
static const struct unit *
unit_at(const char *s, size_t *len)
{
	*len = strcspn(s, "0123456789.");
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (strlen(units[i].name) == *len && memcmp(s, units[i].name, *len) == 0)
			return &units[i];
	return NULL;
}

/* One "1.5h" at *sp; moves *sp behind it. */
static bool
parse_part(const char **sp, uint64_t *total)
{
	const char *s = *sp;
	uint64_t whole = 0, fraction = 0, scale = 1;
	const struct unit *u;
	size_t digits = 0, len;

	for (; *s >= '0' && *s <= '9'; s++, digits++) {
		if (whole > DURATION_MAX_NS / 10)
			return false;
		whole = whole * 10 + (uint64_t)(*s - '0');
	}
	if (*s == '.') {
		for (s++; *s >= '0' && *s <= '9'; s++, digits++) {
			if (scale >= UINT64_C(1000000000))
				continue;	/* below any nanosecond */
			fraction = fraction * 10 + (uint64_t)(*s - '0');
			scale *= 10;
		}
	}
	u = unit_at(s, &len);
	if (digits == 0 || u == NULL || whole > DURATION_MAX_NS / u->ns)
		return false;
	*total += whole * u->ns + (uint64_t)((long double)fraction * u->ns / scale);
	*sp = s + len;
	return *total <= DURATION_MAX_NS;
}

bool
duration_parse(const char *text, uint64_t *ns)
{
	uint64_t total = 0;

	if (*text == '+')
		text++;
	if (strcmp(text, "0") == 0) {
		*ns = 0;
		return true;
	}
	if (*text == '\0')
		return false;
	while (*text != '\0')
		if (!parse_part(&text, &total))
			return false;
	*ns = total;
	return true;
}

void
duration_text(uint64_t ns, char out[DURATION_TEXT_BYTES])
{
	uint64_t hours = ns / units[7].ns, minutes = ns / units[6].ns % 60;
	uint64_t rest = ns % units[6].ns;
	size_t n = 0;

	out[0] = '\0';
	if (hours > 0)
		n += (size_t)snprintf(out + n, DURATION_TEXT_BYTES - n, "%lluh",
				      (unsigned long long)hours);
	if (minutes > 0)
		n += (size_t)snprintf(out + n, DURATION_TEXT_BYTES - n, "%llum",
				      (unsigned long long)minutes);
	if (rest == 0 && n > 0)
		return;
	if (rest % units[5].ns == 0)
		snprintf(out + n, DURATION_TEXT_BYTES - n, "%llus",
			 (unsigned long long)(rest / units[5].ns));
	else if (rest % units[4].ns == 0 && rest < units[5].ns)
		snprintf(out + n, DURATION_TEXT_BYTES - n, "%llums",
			 (unsigned long long)(rest / units[4].ns));
	else if (rest < units[4].ns && rest % 1000 == 0)
		snprintf(out + n, DURATION_TEXT_BYTES - n, "%lluus",
			 (unsigned long long)(rest / 1000));
	else if (rest < 1000)
		snprintf(out + n, DURATION_TEXT_BYTES - n, "%lluns", (unsigned long long)rest);
	else {
		int len = snprintf(out + n, DURATION_TEXT_BYTES - n, "%llu.%09llu",
				   (unsigned long long)(rest / units[5].ns),
				   (unsigned long long)(rest % units[5].ns));

		n += (size_t)len;
		while (out[n - 1] == '0')
			n--;
		out[n] = 's';
		out[n + 1] = '\0';
	}
}
