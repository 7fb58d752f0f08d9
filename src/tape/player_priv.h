/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A player as its files see it: player.c goes from command to command,
 * player_steps.c, player_claims.c and player_files.c are what the commands do.
 */
#ifndef MESHTOP_TAPE_PLAYER_PRIV_H
#define MESHTOP_TAPE_PLAYER_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/tape/player.h"
#include "src/tape/tape.h"

#define SETTLE_POLL_NS 1000000ull	/* between two questions whether keys had their effect */

enum step { STEP_DONE, STEP_AGAIN, STEP_FAILED };

struct player {
	const struct tape *tape;
	struct player_host host;
	struct player_options options;
	size_t at;			/* command being played */
	bool is_begun;			/* has its first step been made? */
	uint64_t begun_ns, due_ns;
	size_t offset;			/* bytes typed, keys pressed */
	uint64_t typing_ns;
	bool is_hidden;
	struct buf clipboard, last_frame, frames, failure;
	enum player_state state;
};

/* One command, called until it is done or has failed; STEP_AGAIN sets due_ns. */
typedef enum step player_step_fn(struct player *p, const struct tape_command *c, uint64_t now);
extern player_step_fn *const player_steps[TAPE_OP_COUNT];

/* All keys have had their effect, or that has been waited for long enough. */
bool player_is_settled(struct player *p, uint64_t now);
enum step player_again(struct player *p, uint64_t due_ns);
/* "TAPE:LINE: what", then the screen, for player_failure(). */
enum step player_fail(struct player *p, const struct tape_command *c, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Claims (player_claims.c). */
player_step_fn player_wait, player_expect, player_edge, player_yaml;

/* Files (player_files.c). */
player_step_fn player_golden, player_screenshot;
/* File names are relative to the tape; the caller frees. */
char *player_path(const struct player *p, const char *file);
/* Adds the screen to what Output gets, when it differs from the one before. */
void player_capture_frame(struct player *p);
/* What was shown, into the files of Output; the state that it leaves. */
enum player_state player_write_outputs(struct player *p, enum player_state state);

#endif
