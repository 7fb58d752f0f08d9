/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One line for each exchange and side: Istio's text or JSON format, or the
 * mesh's own (spec/dataplane.md 6.5), to a file, stdout or nowhere.
 *
 * Lines are gathered and written at least once a second (access_log_flush);
 * a reader that does not keep up loses lines, which are counted, and never
 * stalls traffic.
 */
#ifndef MESHTOP_PROXY_ACCESS_LOG_H
#define MESHTOP_PROXY_ACCESS_LOG_H

#include <stdbool.h>

struct access_log;
struct error;
struct record;

/* path "-": stdout; "" or NULL: off (NULL is returned without err).  format:
 * Istio's command-operator format for text, "" for the default. */
struct access_log *access_log_open(const char *path, bool json, const char *format,
				   struct error *err);
void access_log_close(struct access_log **lp);		/* flushes */
void access_log_add(struct access_log *l, const struct record *r);
void access_log_flush(struct access_log *l);

#endif
