/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where an engine's telemetry comes out: metrics, ring of requests, access
 * log, ring file, admin socket; and the tick that moves them once a second.
 */
#ifndef MESHTOP_PROXY_OUTLETS_H
#define MESHTOP_PROXY_OUTLETS_H

struct engine;
struct engine_options;
struct error;
struct mesh;
struct outlets;
struct requests;
struct stats_set;

/* Connects the sinks of all workers, which must outlive the outlets.
 * engine_loop() and engine_state_path() work by now. */
struct outlets *outlets_new(struct engine *e, const struct engine_options *options);
/* Once the first configuration is in force: admin socket and ring file. */
int outlets_open(struct outlets *o, struct error *err);
/* Stops serving; counting goes on. */
void outlets_close(struct outlets *o);
void outlets_free(struct outlets **op);

/* A configuration is taken over: each time, before its first exchange. */
void outlets_use_mesh(struct outlets *o, const struct mesh *m);
struct stats_set *outlets_stats(const struct outlets *o);
struct requests *outlets_requests(const struct outlets *o);

#endif
