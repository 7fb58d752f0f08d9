/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program on a pseudo terminal with a real emulator (libvterm) behind it.
 * Nothing sleeps: waiting means reading until a condition holds.
 */
#ifndef MESHTOP_TESTS_VTERM_H
#define MESHTOP_TESTS_VTERM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

struct buf;
struct vt;

/* argv[0] is the program; env is NULL-terminated "NAME=value" added to a
 * clean environment (TERM, LANG, HOME).  Aborts when it cannot start. */
struct vt *vt_spawn(unsigned cols, unsigned rows, const char *const *argv,
		    const char *const *env);
/* On a line of that speed (B9600). */
struct vt *vt_spawn_slow(unsigned cols, unsigned rows, const char *const *argv,
			 const char *const *env, speed_t speed);
/* Kills what still runs. */
void vt_free(struct vt **vp);
pid_t vt_pid(const struct vt *v);
void vt_send(struct vt *v, const char *bytes, size_t len);
void vt_resize(struct vt *v, unsigned cols, unsigned rows);
/* The screen: rows lines, trailing blanks removed. */
void vt_text(struct vt *v, struct buf *out);
/* Reads until the screen contains text (or equals it); false after 20 s. */
bool vt_wait_text(struct vt *v, const char *text);
bool vt_wait_screen(struct vt *v, const char *screen);
/* Reads until these bytes have come so many times in all; false after 20 s. */
bool vt_wait_bytes(struct vt *v, const char *bytes, size_t count);
/* Presses Escape and reads until the screen is another one, so that what is
 * sent next is no part of its sequence.  False after 20 s. */
bool vt_escape(struct vt *v);
/* Reads until nothing came for quiet_ms: for rewriting expectations only. */
void vt_quiesce(struct vt *v, int quiet_ms);
/* Reads to the end; the wait status. -1 when it does not end within 20 s. */
int vt_wait_exit(struct vt *v);
void vt_forget(struct vt *v);		/* the caller has waited for its end */
size_t vt_bytes(const struct vt *v);		/* read so far */
size_t vt_count(const struct vt *v, const char *bytes);	/* occurrences in them */
/* The last bytes read, at most 256. */
void vt_tail(const struct vt *v, struct buf *out);
/* Every byte read so far; the vt's own. */
const struct buf *vt_all(const struct vt *v);
/* Reads for so long, whatever comes: for moments that are left to chance. */
void vt_read_for(struct vt *v, int ms);
/* Modes of the terminal now. */
void vt_modes(const struct vt *v, struct termios *out);
/* What they were before the program began, however fast it is. */
const struct termios *vt_first_modes(const struct vt *v);
/* Hangs the line up, as a lost SSH connection does. */
void vt_hang_up(struct vt *v);

#endif
