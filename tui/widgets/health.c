/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looks of health.
 */
#include "tui/widgets/health.h"

#include "src/base/assert.h"
#include "tui/term/canvas.h"

static const struct {
	unsigned style;
	const char *mark, *text;
} looks[] = {
	[HEALTH_NA] = { STYLE_DIM, "", "n/a" },
	[HEALTH_HEALTHY] = { STYLE_GOOD, "", "healthy" },
	[HEALTH_NOT_READY] = { STYLE_WARN, "! ", "not ready" },
	[HEALTH_DEGRADED] = { STYLE_WARN, "! ", "degraded" },
	[HEALTH_FAILURE] = { STYLE_BAD, "x ", "failing" },
};

unsigned
health_style(enum health h)
{
	ASSERT((unsigned)h < ARRAY_LEN(looks));
	return looks[h].style;
}

const char *
health_mark(enum health h)
{
	ASSERT((unsigned)h < ARRAY_LEN(looks));
	return looks[h].mark;
}

const char *
health_text(enum health h)
{
	ASSERT((unsigned)h < ARRAY_LEN(looks));
	return looks[h].text;
}
