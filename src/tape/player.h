/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plays a tape against a console: keys in, expectations on what comes out.
 *
 * The player knows no terminal and no mesh; it asks its host through a few
 * callbacks and is stepped by the host's loop, so that the same code runs on
 * screen and headless.
 */
#ifndef MESHTOP_TAPE_PLAYER_H
#define MESHTOP_TAPE_PLAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;
struct tape;

/* What ExpectEdge and WaitEdge ask for. */
struct edge_query {
	const char *from, *to;		/* as written: NS/NAME or service:NS/NAME */
	const char *reporter;		/* NULL: both */
	const char *protocol;		/* NULL: any */
	const char *field;		/* rate, errors, share, avg, p50, p95, p99; NULL: exists */
	double over_s;			/* 60 */
};

struct player_host {
	void *arg;
	/* Keys as the terminal would send them: UTF-8 text or escape bytes. */
	void (*send)(void *arg, const char *bytes, size_t len);
	void (*resize)(void *arg, unsigned cols, unsigned rows);
	/* The screen as text, one line per row, trailing blanks removed. */
	void (*screen)(void *arg, struct buf *out);
	/* No work pending: a screen read now shows the effect of all keys. */
	bool (*is_settled)(void *arg);
	/* True and *value (of q->field; the rate when that is NULL) when the edge
	 * exists; false when it does not. */
	bool (*edge)(void *arg, const struct edge_query *q, double *value);
	/* Text of the value at path of an object; false when absent. */
	bool (*yaml)(void *arg, const char *kind, const char *name, const char *path,
		     struct buf *out);
	int (*apply)(void *arg, const char *file, struct error *err);
	int (*deploy)(void *arg, const char *name, bool undeploy, struct error *err);
	void (*caption)(void *arg, const char *text);	/* "" clears */
	void (*mark)(void *arg, const char *text);
	/* The screen as an SVG picture; false when there is none.  May be NULL. */
	bool (*screen_svg)(void *arg, struct buf *out);
	/* Appends the bytes that turn the screen at the last call into that of now,
	 * for a terminal in a cast.  May be NULL: plain text is recorded. */
	void (*frame)(void *arg, struct buf *out);
	/* Pause: the learner goes on; false when nobody can (headless). */
	bool (*pause)(void *arg);
};

enum player_state { PLAYER_RUNNING, PLAYER_PASSED, PLAYER_FAILED };

/* What a recording beside the screen wants to know. */
enum player_event { PLAYER_MARK, PLAYER_HIDE, PLAYER_SHOW };

struct player_options {
	double speed;			/* 1 as written; 0: as fast as possible */
	bool update_goldens;
	bool allow_write;		/* Apply, Deploy and Undeploy may change the target */
	void (*on_event)(void *arg, enum player_event event, const char *text); /* NULL: none */
	void *event_arg;
};

struct player;

struct player *player_new(const struct tape *t, const struct player_host *host,
			  const struct player_options *options);
void player_free(struct player **pp);
/* Does what is due at now_ns; *next_ns says when to call again at the latest. */
enum player_state player_step(struct player *p, uint64_t now_ns, uint64_t *next_ns);
/* The console has ended, perhaps before the tape: failed when a line is left
 * that waits, expects or changes something.  The host is not asked again. */
enum player_state player_end(struct player *p);
/* After PLAYER_FAILED: "TAPE:LINE: what was expected", and the screen. */
void player_failure(const struct player *p, struct buf *out);

#endif
