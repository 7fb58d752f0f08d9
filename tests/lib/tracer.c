/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tracer.h. */
#include "tests/lib/tracer.h"

#include <signal.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/assert.h"

#define NOT_TRACED 99			/* exit status */
#define CALL_STOP (SIGTRAP | 0x80)	/* PTRACE_O_TRACESYSGOOD */

/* --- registers --- */

#ifdef __x86_64__

bool
tracer_knows_calls(void)
{
	return true;
}

static long
call_number(pid_t child)
{
	struct user_regs_struct regs;

	ASSERT(ptrace(PTRACE_GETREGS, child, NULL, &regs) == 0);
	return (long)regs.orig_rax;
}

/* The child stands in front of the call. */
static void
change_call(pid_t child, enum traced_call fate)
{
	struct user_regs_struct regs;

	ASSERT(ptrace(PTRACE_GETREGS, child, NULL, &regs) == 0);
	if (fate == CALL_FAILS)
		regs.orig_rax = UINT64_MAX;	/* no such call */
	else if (regs.rdx > 1)
		regs.rdx = 1;
	ASSERT(ptrace(PTRACE_SETREGS, child, NULL, &regs) == 0);
}

/* The child stands behind it. */
static void
return_error(pid_t child, int error)
{
	struct user_regs_struct regs;

	ASSERT(ptrace(PTRACE_GETREGS, child, NULL, &regs) == 0);
	regs.rax = (uint64_t)-(int64_t)error;
	ASSERT(ptrace(PTRACE_SETREGS, child, NULL, &regs) == 0);
}

#else

bool
tracer_knows_calls(void)
{
	return false;
}

static long
call_number(pid_t child)
{
	(void)child;
	return -1;
}

static void
change_call(pid_t child, enum traced_call fate)
{
	(void)child;
	(void)fate;
	ASSERT(!"calls cannot be changed here");
}

static void
return_error(pid_t child, int error)
{
	(void)child;
	(void)error;
}

#endif

/* --- the child --- */

static pid_t
start(int (*act)(void *), void *arg)
{
	pid_t child = fork();

	ASSERT(child >= 0);
	if (child > 0)
		return child;
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		_exit(NOT_TRACED);
	raise(SIGSTOP);
	_exit(act(arg));
}

static enum traced
kill_child(pid_t child)
{
	int status;

	kill(child, SIGKILL);
	ASSERT(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
	return TRACED_KILLED;
}

enum traced
tracer_run(struct tracer *t, int (*act)(void *arg), void *act_arg)
{
	pid_t child = start(act, act_arg);
	enum traced_call fate = CALL_MADE;
	bool is_inside = false;
	int status, error = 0;

	ASSERT(waitpid(child, &status, 0) == child);
	if (WIFEXITED(status))
		return TRACED_NEVER;
	ASSERT(ptrace(PTRACE_SETOPTIONS, child, NULL,
		      (void *)(uintptr_t)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) == 0);
	for (;;) {
		ASSERT(ptrace(PTRACE_SYSCALL, child, NULL, NULL) == 0);
		ASSERT(waitpid(child, &status, 0) == child);
		if (WIFEXITED(status)) {
			t->exit_status = WEXITSTATUS(status);
			return TRACED_ENDED;
		}
		/* No signal is expected but that of an assertion or a fault. */
		if (!WIFSTOPPED(status) || WSTOPSIG(status) != CALL_STOP) {
			kill_child(child);
			ASSERT(!"the child died");
		}
		is_inside = !is_inside;
		if (is_inside) {
			fate = t->decide(t->arg, call_number(child), &error);
			if (fate == CALL_KILLS)
				return kill_child(child);
			if (fate != CALL_MADE)
				change_call(child, fate);
		} else if (fate == CALL_FAILS) {
			return_error(child, error);
		}
	}
}
