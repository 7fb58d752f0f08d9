/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads that leave signals to the program's first one.  Those of faults stay
 * open: blocked, the kernel would end the program without the handler that
 * gives the terminal back.
 */
#ifndef MESHTOP_BASE_THREAD_H
#define MESHTOP_BASE_THREAD_H

#include <pthread.h>

/* As pthread_create(): 0, or the error's number. */
int thread_start(pthread_t *thread, void *(*run)(void *), void *arg);

#endif
