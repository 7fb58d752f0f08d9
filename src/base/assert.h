/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Assertions that stay in release builds: what cannot happen.
 *
 * A failed assertion prints where and aborts; the console's SIGABRT handler
 * gives the terminal back first.
 */
#ifndef MESHTOP_BASE_ASSERT_H
#define MESHTOP_BASE_ASSERT_H

#define ASSERT(x) \
	((x) ? (void)0 : assert_failed(#x, __FILE__, __LINE__, __func__))

_Noreturn void assert_failed(const char *what, const char *file, int line,
			     const char *func);

/* What failed, for a handler of SIGABRT whose screen swallowed the line above;
 * "" when nothing did. */
const char *assert_last(void);

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The struct of which *member is the field called name. */
#define CONTAINER_OF(member, type, name) \
	((type *)(void *)((char *)(member) - offsetof(type, name)))

#endif
