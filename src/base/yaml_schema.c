/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an unquoted word means in YAML; see yaml_schema.h. */
#include "src/base/yaml_schema.h"

#include <string.h>
#include <strings.h>

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_one_of(const char *s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(s, *words) == 0)
			return true;
	return false;
}

static const char *
skip_digits(const char *s)
{
	while (is_digit(*s))
		s++;
	return s;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool
is_decimal(const char *s)
{
	const char *p = *s == '-' || *s == '+' ? s + 1 : s;
	const char *digits = p;

	p = skip_digits(p);
	if (*p == '.') {
		const char *fraction = p + 1;

		p = skip_digits(fraction);
		if (digits + 1 == fraction && p == fraction)
			return false;
	} else if (p == digits) {
		return false;
	}
	if (*p == 'e' || *p == 'E') {
		digits = p[1] == '-' || p[1] == '+' ? p + 2 : p + 1;
		p = skip_digits(digits);
		if (p == digits)
			return false;
	}
	return *p == '\0';
}

static bool
is_number(const char *s, size_t len)
{
	static const char *const specials[] = {
		".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf",
		"-.INF", ".nan", ".NaN", ".NAN", NULL
	};

	if (len > 2 && s[0] == '0' && s[1] == 'o')
		return strspn(s + 2, "01234567") == len - 2;
	if (len > 2 && s[0] == '0' && s[1] == 'x')
		return strspn(s + 2, "0123456789abcdefABCDEF") == len - 2;
	return is_decimal(s) || is_one_of(s, specials);
}

enum value_kind
yaml_schema_kind(const char *s, size_t len)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
	static const char *const bools[] = {
		"true", "True", "TRUE", "false", "False", "FALSE", NULL
	};

	if (is_one_of(s, nulls))
		return VALUE_NULL;
	if (is_one_of(s, bools))
		return VALUE_BOOL;
	return is_number(s, len) ? VALUE_NUMBER : VALUE_STRING;
}

bool
yaml_schema_is_old_word(const char *s, size_t len)
{
	static const char *const words[] = {
		"y", "n", "yes", "no", "on", "off", "null", "true", "false", NULL
	};

	for (const char *const *word = words; *word != NULL; word++)
		if (strcasecmp(s, *word) == 0)
			return true;
	if (strcmp(s, "=") == 0 || strcmp(s, "<<") == 0)
		return true;
	/* Numbers with signs, _, sexagesimal colons, 0b and dates: what begins
	 * like a number and has nothing else in it.  Addresses go free. */
	if (*s == '-' || *s == '+')
		s++, len--;
	if (len == 0 || (!is_digit(*s) && *s != '.'))
		return false;
	if (len > 2 && *s == '0' && strchr("bxo", s[1]) != NULL)
		return strspn(s + 2, "0123456789abcdefABCDEF_") == len - 2;
	if (strspn(s, "0123456789_") == len || strspn(s, "0123456789:") == len ||
	    strspn(s, "0123456789_:.eE+") == len)
		return strspn(s, "0123456789.") != len || strchr(s, '.') == NULL ||
		       strchr(strchr(s, '.') + 1, '.') == NULL;
	return len >= 8 && strspn(s, "0123456789") == 4 && s[4] == '-' &&
	       strspn(s, "0123456789-tTzZ:. +") == len;
}
