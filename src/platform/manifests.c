/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Manifests of the demo, from files or from the program itself. */
#include "src/platform/manifests.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/datadir.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/xalloc.h"

#define MANIFEST_MAX (1u << 20)

/* A row for each line. */
static const struct { const char *file, *line; } embedded[] = {
#include "src/platform/manifests.inc"
};

static const char *const extras[] = {
	"loadtester", "mysqldb-v2", "mysqldb-v3", "travels-v2", "travels-v3", NULL,
};
static const char *const base[] = {
	"base/travel-agency", "base/travel-control", "base/travel-portal", NULL,
};

const char *const *
demo_extras(void)
{
	return extras;
}

const char *const *
demo_base(void)
{
	return base;
}

static bool
is_listed(const char *const *names, const char *name)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static char *
file_of(const char *name)
{
	char *relative = xasprintf("demo/travels/%s.yaml", name);
	char *path = datadir_find(relative);

	free(relative);
	return path;
}

char *
demo_extra_path(const char *name)
{
	return is_listed(extras, name) ? file_of(name) : NULL;
}

static int
no_such_manifest(const char *name, struct error *err)
{
	struct buf known = BUF_INIT;
	int result;

	for (size_t i = 0; extras[i] != NULL; i++)
		buf_printf(&known, "%s%s", i > 0 ? ", " : "", extras[i]);
	result = error_setf(err, ERROR_USAGE, "%s: not an extra of the demo; there are %s", name,
			    buf_str(&known));
	buf_fini(&known);
	return result;
}

int
demo_manifest(const char *name, struct buf *out, struct error *err)
{
	char *path, *file;
	int result = -1;

	if (!is_listed(extras, name) && !is_listed(base, name))
		return no_such_manifest(name, err);
	path = file_of(name);
	if (path != NULL) {
		result = file_read(path, MANIFEST_MAX, out, err);
		free(path);
		return result;
	}
	file = xasprintf("%s.yaml", name);
	for (size_t i = 0; i < ARRAY_LEN(embedded); i++)
		if (strcmp(embedded[i].file, file) == 0) {
			buf_puts(out, embedded[i].line);
			result = 0;
		}
	free(file);
	ASSERT(result == 0);	/* every listed name is embedded */
	return result;
}
