/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recent requests as rows: what the list of all and the pages of services and
 * workloads share.
 */
#ifndef MESHTOP_TUI_SCREENS_REQUESTS_H
#define MESHTOP_TUI_SCREENS_REQUESTS_H

#include "tui/screens/table.h"

struct value;

#define REQUESTS_COLUMN_COUNT 10
/* from: title of the second column; service_from: width from which the service
 * has a column. */
#define REQUESTS_COLUMNS(from, service_from) \
	{ "TIME", 12, false, false, 0 }, { from, 13, true, false, 0 }, \
	{ "SERVICE", 13, true, false, service_from }, { "REQUEST", 10, true, false, 0 }, \
	{ "ST", 3, false, true, 0 }, { "FLAGS", 5, false, false, 0 }, \
	{ "TOOK", 6, false, true, 0 }, { "TRY", 3, false, true, 100 }, \
	{ "FLAGS IN WORDS", 14, true, false, 150 }, { "RULE", 12, true, false, 100 }

/* Appends one record of the engine (proxy/telemetry/requests.h). */
void request_row_add(struct table *t, const struct value *record);

#endif
