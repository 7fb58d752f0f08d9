/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting threads; see thread.h. */
#include "src/base/thread.h"

#include <signal.h>
#include <stddef.h>

#include "src/base/assert.h"

int
thread_start(pthread_t *thread, void *(*run)(void *), void *arg)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP };
	sigset_t blocked, before;
	int status;

	sigfillset(&blocked);
	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		sigdelset(&blocked, faults[i]);
	pthread_sigmask(SIG_SETMASK, &blocked, &before);
	status = pthread_create(thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return status;
}
