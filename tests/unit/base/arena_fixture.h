/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An arena for each test: *state is the struct arena *.  cmocka.h comes first.
 */
#ifndef MESHTOP_TESTS_UNIT_BASE_ARENA_FIXTURE_H
#define MESHTOP_TESTS_UNIT_BASE_ARENA_FIXTURE_H

#include "src/base/arena.h"

static int
arena_setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int
arena_teardown(void **state)
{
	struct arena *a = *state;

	arena_free(&a);
	return 0;
}

#endif
