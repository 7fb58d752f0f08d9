/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where finished exchanges go: metrics, access log, ring of requests.
 *
 * The one place at which the data path meets telemetry.
 */
#ifndef MESHTOP_PROXY_SINK_H
#define MESHTOP_PROXY_SINK_H

#include <pthread.h>
#include <stdint.h>

struct access_log;
struct record;
struct requests;
struct stats;

/* One for each worker; what is NULL is left out. */
struct sink {
	struct stats *stats;
	struct access_log *log;
	struct requests *requests;
	pthread_mutex_t *lock;	/* of log and requests, where workers share them; NULL */
	uint64_t records;	/* handed over since the start */
};

void sink_add(struct sink *s, const struct record *r);

#endif
