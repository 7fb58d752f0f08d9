/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A child whose system calls a test counts, and ends it at, or lets fail. */
#ifndef MESHTOP_TESTS_TRACER_H
#define MESHTOP_TESTS_TRACER_H

#include <stdbool.h>

enum traced_call {
	CALL_MADE,
	CALL_FAILS,		/* it is not made, and returns the error */
	CALL_SHORT,		/* of its bytes (third argument) only one is asked for */
	CALL_KILLS,		/* it is not made, the child dies */
};

enum traced { TRACED_KILLED, TRACED_ENDED, TRACED_NEVER };

struct tracer {
	/* What becomes of the next system call; number is -1 where
	 * tracer_knows_calls() is false. */
	enum traced_call (*decide)(void *arg, long number, int *error);
	void *arg;
	int exit_status;	/* out: of TRACED_ENDED */
};

/* Are numbers known here, and can calls be made to fail? */
bool tracer_knows_calls(void);
/*
 * Runs act(act_arg) in a child, which exits with what it returns.
 * TRACED_NEVER: tracing is not allowed here.
 */
enum traced tracer_run(struct tracer *t, int (*act)(void *arg), void *act_arg);

#endif
