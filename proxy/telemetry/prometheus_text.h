/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Labels in Prometheus' text format.
 */
#ifndef MESHTOP_PROXY_PROMETHEUS_TEXT_H
#define MESHTOP_PROXY_PROMETHEUS_TEXT_H

struct buf;

/* Appends name="value", sanitized and escaped. */
void prometheus_put_label(struct buf *out, const char *name, const char *value);

#endif
