/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work in a thread of its own; see background.h. */
#include "tui/feed/background.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "src/base/thread.h"
#include "src/base/xalloc.h"

struct background {
	pthread_t thread;
	atomic_bool is_done;
	void (*work)(void *arg);
	void *arg;
};

static void *
run(void *arg)
{
	struct background *b = arg;

	b->work(b->arg);
	atomic_store(&b->is_done, true);
	return NULL;
}

struct background *
background_start(void (*work)(void *arg), void *arg)
{
	struct background *b = xcalloc(1, sizeof(*b));

	b->work = work;
	b->arg = arg;
	atomic_init(&b->is_done, false);
	if (thread_start(&b->thread, run, b) == 0)
		return b;
	free(b);
	return NULL;
}

bool
background_is_done(const struct background *b)
{
	return atomic_load(&b->is_done);
}

void
background_join(struct background **bp)
{
	if (*bp == NULL)
		return;
	pthread_join((*bp)->thread, NULL);
	free(*bp);
	*bp = NULL;
}
