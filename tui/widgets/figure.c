/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers in a fixed number of cells.
 */
#include "tui/widgets/figure.h"

#include <math.h>

#include "src/base/buf.h"

/* Three digits and a point where they fit, with a unit of one cell. */
static void
put_scaled(struct buf *out, double v, double step, const char *units)
{
	size_t unit = 0;

	while (v >= 999.5 && units[unit] != '\0') {
		v /= step;
		unit++;
	}
	if (unit == 0) {
		buf_printf(out, v < 9.995 ? "%4.2f" : v < 99.95 ? "%4.1f" : "%4.0f", v);
		return;
	}
	if (v >= 999.5)
		buf_puts(out, ">999");
	else
		buf_printf(out, v < 9.95 ? "%3.1f%c" : "%3.0f%c", v, units[unit - 1]);
}

void
figure_put(struct buf *out, double v)
{
	if (!isfinite(v))
		buf_puts(out, " n/a");
	else if (v <= 0)
		buf_puts(out, "   0");
	else if (v < 0.005)
		buf_puts(out, "<.01");
	else
		put_scaled(out, v, 1000, "kMGT");
}

void
figure_rate(struct buf *out, double per_s)
{
	figure_put(out, per_s);
	buf_puts(out, "/s");
}

void
figure_bytes(struct buf *out, double bytes_per_s)
{
	if (!isfinite(bytes_per_s)) {
		buf_puts(out, "   n/a");
	} else if (bytes_per_s < 999.5) {
		buf_printf(out, "%3.0fbps", bytes_per_s > 0 ? bytes_per_s : 0);
	} else {
		put_scaled(out, bytes_per_s, 1024, "kMGT");
		buf_puts(out, "ps");
	}
}

void
figure_time(struct buf *out, double ms)
{
	if (!isfinite(ms) || ms < 0)
		buf_puts(out, "   n/a");
	else if (ms < 9.95)
		buf_printf(out, "%4.1fms", ms);
	else if (ms < 999.5)
		buf_printf(out, "%4.0fms", ms);
	else if (ms < 99995)
		buf_printf(out, "%5.2fs", ms / 1000);
	else
		buf_printf(out, "%5.0fs", ms < 9.9e7 ? ms / 1000 : 99999.0);
}

void
figure_percent(struct buf *out, double share)
{
	double percent = share * 100;

	if (!isfinite(percent) || percent < 0)
		buf_puts(out, "   -");
	else if (percent > 0 && percent < 0.05)
		buf_puts(out, "<.1%");
	else if (percent > 0 && percent < 9.95)
		buf_printf(out, "%3.1f%%", percent);
	else
		buf_printf(out, "%3.0f%%", percent < 999 ? percent : 999.0);
}

void
figure_age(struct buf *out, int64_t ms)
{
	long long s = ms > 0 ? ms / 1000 : 0;

	if (s < 60)
		buf_printf(out, "%llds", s);
	else if (s < 3600)
		buf_printf(out, "%lldm%02llds", s / 60, s % 60);
	else if (s < 86400)
		buf_printf(out, "%lldh%02lldm", s / 3600, s % 3600 / 60);
	else
		buf_printf(out, "%lldd%02lldh", s / 86400, s % 86400 / 3600);
}

void
figure_window(struct buf *out, unsigned seconds)
{
	if (seconds % 86400 == 0 && seconds > 0)
		buf_printf(out, "%ud", seconds / 86400);
	else if (seconds % 3600 == 0 && seconds > 0)
		buf_printf(out, "%uh", seconds / 3600);
	else if (seconds % 60 == 0 && seconds > 0)
		buf_printf(out, "%um", seconds / 60);
	else
		buf_printf(out, "%us", seconds);
}
