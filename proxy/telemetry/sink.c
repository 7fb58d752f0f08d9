/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where finished exchanges go; see sink.h. */
#include "proxy/telemetry/sink.h"

#include <stddef.h>

#include "proxy/telemetry/access_log.h"
#include "proxy/telemetry/requests.h"
#include "proxy/telemetry/stats.h"

void
sink_add(struct sink *s, const struct record *r)
{
	if (s->stats != NULL)
		stats_add(s->stats, r);
	if (s->lock != NULL)
		pthread_mutex_lock(s->lock);
	if (s->log != NULL)
		access_log_add(s->log, r);
	if (s->requests != NULL)
		requests_add(s->requests, r);
	if (s->lock != NULL)
		pthread_mutex_unlock(s->lock);
	s->records++;
}
