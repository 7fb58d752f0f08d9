/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One line for each exchange and side, or TCP connection: Istio's text or
 * JSON format, or the mesh's own (spec/dataplane.md 6.5), to a file, stdout
 * or nowhere.
 *
 * Values are sanitized and escaped, so that none can end a line or leave its
 * quotes.  Lines are gathered and written at least once a second
 * (access_log_flush); a reader that does not keep up loses lines, which are
 * counted, and never stalls traffic.
 */
#ifndef MESHTOP_PROXY_ACCESS_LOG_H
#define MESHTOP_PROXY_ACCESS_LOG_H

#include <stdbool.h>
#include <stdint.h>

struct access_log;
struct error;
struct record;

/* path "-" or "/dev/stdout": stdout; "" or NULL: off (NULL is returned
 * without err).  format: Istio's command-operator format for text, "" or
 * NULL for the default; operators that the engine does not know read "-". */
struct access_log *access_log_open(const char *path, bool json, const char *format,
				   struct error *err);
void access_log_close(struct access_log **lp);		/* flushes */
void access_log_add(struct access_log *l, const struct record *r);
void access_log_flush(struct access_log *l);
uint64_t access_log_dropped(const struct access_log *l);	/* lines */

#endif
