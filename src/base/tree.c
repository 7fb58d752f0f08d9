/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See tree.h. */
#include "src/base/tree.h"

#include <ftw.h>
#include <stdio.h>

#define OPEN_FOLDERS 16

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

int
tree_remove(const char *path)
{
	return nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : -1;
}
