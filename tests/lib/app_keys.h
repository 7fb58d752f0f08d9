/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys pressed on an app, and what it then shows, without a terminal.  For
 * tests of cmocka, which include cmocka.h before.
 */
#ifndef MESHTOP_TESTS_LIB_APP_KEYS_H
#define MESHTOP_TESTS_LIB_APP_KEYS_H

#include <stdbool.h>

struct app;

/* Words of a test's own; both may be NULL. */
struct app_words {
	bool (*take)(void *arg, const char *word);	/* false: not one of them */
	void (*pressed)(void *arg, const char *keys);	/* after each word; keys: the rest */
	void *arg;
};

/* "Down w :services Enter": names of keys; other words are typed, "_" is a
 * blank.  own may be NULL. */
void app_press(struct app *app, const char *keys, const struct app_words *own);
char *app_text(struct app *app);	/* the screen; freed by the caller */
bool app_shows(struct app *app, const char *text);

#define assert_app_shows(app, text) do { \
	if (!app_shows((app), (text))) \
		fail_msg("\"%s\" is not in\n%s", (text), app_text(app)); \
} while (0)

#endif
