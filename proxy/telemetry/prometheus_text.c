/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels in Prometheus' text format; see prometheus_text.h. */
#include "proxy/telemetry/prometheus_text.h"

#include <string.h>

#include "src/base/buf.h"
#include "src/base/text.h"

void
prometheus_put_label(struct buf *out, const char *name, const char *value)
{
	buf_puts(out, name);
	buf_puts(out, "=\"");
	/* Line ends do not pass the gate, so two characters are left. */
	while (*value != '\0') {
		size_t plain = strcspn(value, "\\\"");

		text_sanitize(out, value, plain);
		value += plain;
		if (*value != '\0') {
			buf_putc(out, '\\');
			buf_putc(out, *value++);
		}
	}
	buf_putc(out, '"');
}
