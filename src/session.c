/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What consoles with a mesh of their own share; see session.h. */
#include "src/session.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/tree.h"
#include "src/base/xalloc.h"
#include "src/extras.h"
#include "src/platform/seed.h"
#include "src/supervisor.h"

static void
on_check(void *arg, struct buf *notice)
{
	supervisor_check(((struct session *)arg)->supervisor, notice);
}

static int
on_deploy(void *arg, const char *name, bool undeploy, struct error *err)
{
	return extra_deploy(((struct session *)arg)->dir, name, undeploy, err);
}

static void
on_each_extra(void *arg, void (*fn)(void *to, const char *name), void *to)
{
	(void)arg;
	extra_each(fn, to);
}

struct feed_supervisor
session_hooks(struct session *s)
{
	return (struct feed_supervisor){ s, on_check, on_deploy, on_each_extra };
}

int
scratch_demo(int (*fn)(void *arg, const char *dir, struct error *err), void *arg,
	     struct error *err)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = xasprintf("%s/meshtop-XXXXXX", tmp != NULL && tmp[0] == '/' ? tmp : "/tmp");
	int status = -1;

	if (mkdtemp(dir) == NULL) {
		error_errnof(err, "%s", dir);
	} else {
		if (seed_demo(dir, false, err) == 0)
			status = fn(arg, dir, err);
		tree_remove(dir);
	}
	free(dir);
	return status;
}
