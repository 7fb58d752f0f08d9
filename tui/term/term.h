/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The terminal as a device: raw mode, bytes in, bytes out without ever
 * waiting, its size, and its restoration on every way out.
 *
 * One per process, because signal handlers have to find it.
 */
#ifndef MESHTOP_TUI_TERM_H
#define MESHTOP_TUI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct loop;
struct terminal;

struct term_sink {
	void (*on_bytes)(void *arg, const char *bytes, size_t len);
	void (*on_resize)(void *arg);	/* also after a resume */
	void (*on_drained)(void *arg);	/* pending output has gone */
	void (*on_gone)(void *arg);	/* the terminal went away */
	void *arg;
};

/*
 * Takes the terminal on standard input over: own description of it, raw mode,
 * signal handlers.  NULL and err (ERROR_USAGE, one line) when standard input
 * is no terminal or TERM is not usable.
 */
struct terminal *term_open(struct loop *loop, const struct term_sink *sink, struct error *err);
/* Gives it back as it was found. */
void term_close(struct terminal **tp);

void term_size(const struct terminal *t, unsigned *cols, unsigned *rows);
/* Queues bytes and writes what the terminal takes: one write() when it takes
 * all.  Bytes beyond TERM_PENDING_MAX are refused (false). */
#define TERM_PENDING_MAX (1u << 20)
bool term_write(struct terminal *t, const char *bytes, size_t len);
bool term_is_pending(const struct terminal *t);	/* some bytes are not taken yet */
/* A serial line of 19,200 baud or less; when it has sent what it was given, so
 * that nobody draws for a queue (loop time). */
bool term_is_slow(const struct terminal *t);
uint64_t term_free_ns(const struct terminal *t);
/* Presses and the wheel are told, or no longer. */
void term_set_mouse(struct terminal *t, bool on);
/* Gives the terminal back, stops the process, takes it again on SIGCONT. */
void term_suspend(struct terminal *t);
/* Gives the terminal to a program of the same process group until
 * term_take_back(): nothing is read or written here meanwhile, and Ctrl-C is
 * that program's. */
void term_lend(struct terminal *t);
void term_take_back(struct terminal *t);
bool term_is_lent(const struct terminal *t);
/* After the loop woke up: signals that were noted meanwhile. */
void term_on_wake(struct terminal *t);

#endif
