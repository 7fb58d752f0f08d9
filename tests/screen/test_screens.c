/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Screens as text: each file in tests/screen/cases holds keys and the screens
 * they lead to, seen through curses, a pseudo terminal and an emulator.
 *
 *	size 80x24
 *	args --broken
 *	keys Down Down w
 *	screen
 *	... the rows, each behind a bar ...
 *	end
 *
 * MESHTOP_UPDATE=1 rewrites the screens with what is seen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/vec.h"
#include "src/base/xalloc.h"
#include "tests/lib/vterm.h"
#include "tui/term/key.h"

#define QUIET_MS 400

static const char *
env_or(const char *name, const char *other)
{
	const char *value = getenv(name);

	return value != NULL ? value : other;
}

struct play {
	const char *path;
	struct vt *vt;
	unsigned cols, rows;
	char *args;
	struct buf rewritten;
};

static void
start(struct play *p)
{
	char *program = xasprintf("%s/tests/screen/fake_console", env_or("MESHTOP_BUILDDIR", "."));
	const char *argv[8] = { program };
	size_t argc = 1;
	char *args = xstrdup(p->args != NULL ? p->args : "");

	for (char *word = strtok(args, " "); word != NULL && argc < 7; word = strtok(NULL, " "))
		argv[argc++] = word;
	p->vt = vt_spawn(p->cols, p->rows, argv, NULL);
	free(args);
	free(program);
}

/* Names of keys; words in quotes are typed. */
static void
send_keys(struct play *p, const char *line)
{
	while (*line != '\0') {
		size_t len = line[0] == '"' ? strcspn(line + 1, "\"") + 2 : strcspn(line, " ");
		struct buf bytes = BUF_INIT;
		char *name = xstrndup(line, len);

		if (line[0] == '"') {
			buf_append(&bytes, line + 1, len - 2);
		} else {
			uint32_t key = key_parse(name);

			if (key == K_NONE)
				fail_msg("%s: no key \"%s\"", p->path, name);
			key_encode(key, &bytes);
		}
		if (strcmp(name, "Esc") != 0)
			vt_send(p->vt, bytes.data, bytes.len);
		else if (!vt_escape(p->vt))
			fail_msg("%s: Esc changes nothing", p->path);
		buf_fini(&bytes);
		free(name);
		line += len;
		line += strspn(line, " ");
	}
}

static void
put_rows(struct buf *out, const char *screen)
{
	while (*screen != '\0') {
		size_t len = strcspn(screen, "\n");

		buf_printf(out, "|%.*s\n", (int)len, screen);
		screen += len + (screen[len] == '\n');
	}
}

static void
check_screen(struct play *p, const char *want)
{
	struct buf seen = BUF_INIT;
	bool is_equal;

	if (getenv("MESHTOP_UPDATE") != NULL) {
		vt_wait_text(p->vt, "meshtop");
		vt_quiesce(p->vt, QUIET_MS);
	}
	is_equal = getenv("MESHTOP_UPDATE") != NULL || vt_wait_screen(p->vt, want);
	vt_text(p->vt, &seen);
	put_rows(&p->rewritten, buf_str(&seen));
	if (!is_equal)
		fail_msg("%s: wanted\n%sseen\n%s", p->path, want, buf_str(&seen));
	buf_fini(&seen);
}

/* Plays the lines of a file. */
static void
play(struct play *p, FILE *in)
{
	char line[8192];
	struct buf want = BUF_INIT;
	bool in_screen = false;

	while (fgets(line, sizeof(line), in) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (in_screen && line[0] == '|') {
			buf_printf(&want, "%s\n", line + 1);
			continue;
		}
		if (in_screen) {
			check_screen(p, buf_str(&want));
			buf_clear(&want);
			in_screen = false;
		}
		buf_printf(&p->rewritten, "%s\n", line);
		if (strncmp(line, "size ", 5) == 0) {
			sscanf(line + 5, "%ux%u", &p->cols, &p->rows);
			if (p->vt != NULL)
				vt_resize(p->vt, p->cols, p->rows);
		} else if (strncmp(line, "args ", 5) == 0) {
			free(p->args);
			p->args = xstrdup(line + 5);
		} else if (strncmp(line, "keys ", 5) == 0) {
			if (p->vt == NULL)
				start(p);
			assert_true(vt_wait_text(p->vt, "meshtop"));
			send_keys(p, line + 5);
		} else if (strcmp(line, "screen") == 0) {
			if (p->vt == NULL)
				start(p);
			in_screen = true;
		}
	}
	if (in_screen)
		fail_msg("%s: a screen without \"end\"", p->path);
	buf_fini(&want);
}

static void
test_screen__looks_as_stored(void **state)
{
	struct play p = { .path = *state, .cols = 80, .rows = 24 };
	FILE *in = fopen(p.path, "re");

	assert_non_null(in);
	play(&p, in);
	fclose(in);
	if (getenv("MESHTOP_UPDATE") != NULL && (in = fopen(p.path, "we")) != NULL) {
		fputs(buf_str(&p.rewritten), in);
		fclose(in);
	}
	vt_free(&p.vt);
	free(p.args);
	buf_fini(&p.rewritten);
}

static int
compare_tests(const void *a, const void *b)
{
	return strcmp(((const struct CMUnitTest *)a)->name, ((const struct CMUnitTest *)b)->name);
}

int
main(void)
{
	char *dir_path = xasprintf("%s/tests/screen/cases", env_or("MESHTOP_SRCDIR", "."));
	DIR *dir = opendir(dir_path);
	struct dirent *entry;
	VEC(struct CMUnitTest) tests = VEC_INIT;
	const char *only = getenv("MESHTOP_CASE");
	int failed;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		size_t len = strlen(entry->d_name);

		if (len < 8 || strcmp(entry->d_name + len - 7, ".screen") != 0 ||
		    (only != NULL && strstr(entry->d_name, only) == NULL))
			continue;
		vec_push(&tests, ((struct CMUnitTest){
			.name = xasprintf("test_screen__%.*s", (int)len - 7, entry->d_name),
			.test_func = test_screen__looks_as_stored,
			.initial_state = xasprintf("%s/%s", dir_path, entry->d_name) }));
	}
	ASSERT(tests.len > 0);
	qsort(tests.items, tests.len, sizeof(tests.items[0]), compare_tests);
	failed = _cmocka_run_group_tests("screens", tests.items, tests.len, NULL, NULL);
	for (size_t i = 0; i < tests.len; i++) {
		free((char *)(uintptr_t)tests.items[i].name);
		free(tests.items[i].initial_state);
	}
	vec_fini(&tests);
	closedir(dir);
	free(dir_path);
	return failed;
}
