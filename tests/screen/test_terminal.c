/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The terminal as it is before, during and after the console: signals,
 * suspension, resizing, a line that hangs up, no terminal at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/tree.h"
#include "src/base/xalloc.h"
#include "tests/lib/vterm.h"

static char *
program_path(void)
{
	const char *dir = getenv("MESHTOP_BUILDDIR");

	return xasprintf("%s/tests/screen/fake_console", dir != NULL ? dir : ".");
}

static struct vt *
spawn_with(const char *option, const char *const *env)
{
	char *program = program_path();
	const char *argv[] = { program, option, NULL };
	struct vt *v = vt_spawn(80, 24, argv, env);

	free(program);
	return v;
}

static struct vt *
spawn(const char *const *env)
{
	return spawn_with(NULL, env);
}

static void
send_text(struct vt *v, const char *text)
{
	vt_send(v, text, strlen(text));
}

static void
assert_given_back(struct vt *v)
{
	const struct termios *before = vt_first_modes(v);
	struct termios after;
	struct buf tail = BUF_INIT;

	vt_tail(v, &tail);
	assert_non_null(strstr(buf_str(&tail), "\033[?2004l"));
	assert_non_null(strstr(buf_str(&tail), "\033[?25h"));
	assert_non_null(strstr(buf_str(&tail), "\033[?1049l"));
	vt_modes(v, &after);
	assert_int_equal(after.c_lflag, before->c_lflag);
	assert_int_equal(after.c_iflag, before->c_iflag);
	assert_int_equal(after.c_oflag, before->c_oflag);
	buf_fini(&tail);
}

static void
test_signal__terminal_is_given_back(void **state)
{
	static const int signals[] = {
		SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGSEGV, SIGABRT, SIGBUS, SIGFPE,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		struct vt *v = spawn(NULL);
		struct termios during;
		int status;

		assert_true(vt_wait_text(v, "control-v1"));
		vt_modes(v, &during);
		assert_int_equal(during.c_lflag & (ICANON | ECHO | ISIG), 0);
		kill(vt_pid(v), signals[i]);
		status = vt_wait_exit(v);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), signals[i]);
		assert_given_back(v);
		vt_free(&v);
	}
}

static void
test_assertion__terminal_is_given_back(void **state)
{
	struct vt *v = spawn(NULL);
	int status;

	(void)state;
	assert_true(vt_wait_text(v, "control-v1"));
	kill(vt_pid(v), SIGURG);
	status = vt_wait_exit(v);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	vt_free(&v);
}

static void
test_quit__asks_once_and_gives_back(void **state)
{
	struct vt *v = spawn(NULL);
	int status;

	(void)state;
	assert_true(vt_wait_text(v, "control-v1"));
	vt_send(v, "q", 1);
	assert_true(vt_wait_text(v, "leave meshtop?"));
	vt_send(v, "n", 1);
	assert_true(vt_wait_text(v, "left as it is"));
	vt_send(v, "qy", 2);
	status = vt_wait_exit(v);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_given_back(v);
	vt_free(&v);
}

static void
test_interrupt__twice_leaves(void **state)
{
	struct vt *v = spawn(NULL);
	int status;

	(void)state;
	assert_true(vt_wait_text(v, "control-v1"));
	vt_send(v, "\003", 1);
	assert_true(vt_wait_text(v, "Ctrl-C again"));
	vt_send(v, "\003", 1);
	status = vt_wait_exit(v);
	assert_true(WIFEXITED(status));
	vt_free(&v);
}

static void
test_hang_up__console_ends(void **state)
{
	struct vt *v = spawn(NULL);
	int status;

	(void)state;
	assert_true(vt_wait_text(v, "control-v1"));
	vt_hang_up(v);
	status = vt_wait_exit(v);
	assert_true(status != -1);
	vt_free(&v);
}

static void
test_resize__follows(void **state)
{
	struct vt *v = spawn(NULL);

	(void)state;
	assert_true(vt_wait_text(v, "control-v1"));
	for (unsigned i = 0; i < 20; i++)
		vt_resize(v, 20 + i * 10, 6 + i * 2);
	vt_resize(v, 30, 8);
	assert_true(vt_wait_text(v, "meshtop needs 40x10"));
	vt_resize(v, 60, 16);
	assert_true(vt_wait_text(v, "cars-v1"));
	vt_resize(v, 140, 40);
	assert_true(vt_wait_text(v, "The mesh"));
	vt_free(&v);
}

static void
test_suspend__shell_gets_the_terminal_and_it_comes_back(void **state)
{
	struct vt *v = spawn(NULL);
	int status;

	(void)state;
	assert_true(vt_wait_text(v, "control-v1"));
	/* The child leads an orphaned group, so only SIGSTOP can stop it. */
	kill(vt_pid(v), SIGSTOP);
	assert_int_equal(waitpid(vt_pid(v), &status, WUNTRACED), vt_pid(v));
	assert_true(WIFSTOPPED(status));
	kill(vt_pid(v), SIGCONT);
	vt_send(v, "?", 1);
	assert_true(vt_wait_text(v, "Keys of this view"));
	vt_free(&v);
}

/* Nobody reads what the console writes: it must go on taking keys. */
static void
test_output__a_stopped_terminal_stalls_nothing(void **state)
{
	struct vt *v = spawn(NULL);
	struct pollfd none = { .fd = -1 };
	int status = 0, waited = 0;

	(void)state;
	assert_true(vt_wait_text(v, "control-v1"));
	for (int i = 0; i < 60; i++)
		vt_send(v, "~", 1);		/* each repaints the whole picture */
	vt_send(v, "qy", 2);
	while (waitpid(vt_pid(v), &status, WNOHANG) == 0 && waited++ < 2000)
		poll(&none, 1, 10);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	vt_forget(v);
	vt_free(&v);
}

static int
run_without_terminal(const char *term, int stdin_fd, char *text, size_t size)
{
	char *program = program_path();
	int out[2], status;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(out), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(stdin_fd, 0);
		dup2(out[1], 2);
		if (term != NULL)
			setenv("TERM", term, 1);
		execl(program, program, (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	while (len + 1 < size && (n = read(out[0], text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(out[0]);
	waitpid(pid, &status, 0);
	free(program);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
test_start__without_terminal_is_one_line_and_2(void **state)
{
	int null = open("/dev/null", O_RDONLY);
	char text[512];

	(void)state;
	assert_int_equal(run_without_terminal("xterm", null, text, sizeof(text)), 2);
	assert_non_null(strstr(text, "meshtop: the console needs a terminal"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	close(null);
}

static void
test_start__unknown_type_is_one_line_and_2(void **state)
{
	static const char *const env[] = { "TERM=no-such-terminal", NULL };
	struct vt *v = spawn(env);
	int status = vt_wait_exit(v);
	struct buf screen = BUF_INIT;

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 2);
	vt_text(v, &screen);
	assert_non_null(strstr(buf_str(&screen), "\"no-such-terminal\" is not known"));
	buf_fini(&screen);
	vt_free(&v);
}

/* Without UTF-8 nothing is left to the terminal to repeat: a rule is as long
 * as the screen is wide, and the rows below are what they are. */
static void
test_locale__without_utf8_rules_are_whole(void **state)
{
	static const char *const env[] = { "LC_ALL=C", NULL };
	struct vt *v = spawn(env);
	struct buf screen = BUF_INIT;
	const char *at;

	(void)state;
	assert_true(vt_wait_text(v, "control-v1"));
	vt_send(v, ":services\r", 10);
	assert_true(vt_wait_text(v, "SERVICE"));
	vt_text(v, &screen);
	at = strstr(buf_str(&screen), "\n--");
	assert_non_null(at);
	assert_int_equal(strspn(at + 1, "-"), strcspn(at + 1, "\n"));
	at = strchr(at + 1, '\n');
	assert_non_null(at);
	assert_int_not_equal(at[1], '-');
	buf_fini(&screen);
	vt_free(&v);
}

/* Where lines may be two cells wide so may other text: until the terminal tells
 * what it does, nothing is sent that would shift a row. */
static void
test_locale__wide_ones_get_marks_for_ambiguous_text(void **state)
{
	char dir[] = "/tmp/meshtop-locale-XXXXXX";
	char *path = mkdtemp(dir) != NULL ? xasprintf("LOCPATH=%s", dir) : NULL;
	char *command = xasprintf("localedef -i ja_JP -f UTF-8 %s/ja_JP.UTF-8 2>/dev/null", dir);
	const char *env[] = { path, "LC_ALL=ja_JP.UTF-8", NULL };
	struct vt *v;

	(void)state;
	assert_non_null(path);
	if (system(command) != 0) {
		tree_remove(dir);
		skip();			/* nobody here makes locales */
	}
	v = spawn(env);
	assert_true(vt_wait_text(v, "control-v1"));
	send_text(v, "/a\303\251z");
	assert_true(vt_wait_text(v, "/a?z"));
	vt_free(&v);
	tree_remove(dir);
	free(command);
	free(path);
}

static void
test_type__the_linux_console_gets_lines_alone(void **state)
{
	static const char *const env[] = { "TERM=linux", NULL };
	struct vt *v = spawn(env);
	struct buf screen = BUF_INIT;

	(void)state;
	assert_true(vt_wait_text(v, "control-v1"));
	vt_text(v, &screen);
	assert_non_null(strstr(buf_str(&screen), "\u250c\u2500"));
	assert_null(strstr(buf_str(&screen), "\u25bc"));
	buf_fini(&screen);
	vt_free(&v);
}

static void
test_escape__alone_is_a_key(void **state)
{
	struct vt *v = spawn(NULL);

	(void)state;
	assert_true(vt_wait_text(v, "control-v1"));
	vt_send(v, "?", 1);
	assert_true(vt_wait_text(v, "Keys of this view"));
	vt_send(v, "\033", 1);
	assert_true(vt_wait_text(v, "arrows select"));
	vt_free(&v);
}

static void
test_script__a_key_takes_the_console_over(void **state)
{
	struct vt *v = spawn_with("--script", NULL);

	(void)state;
	assert_true(vt_wait_text(v, "a script plays"));
	send_text(v, "q");		/* not a key of the console's yet */
	assert_true(vt_wait_text(v, "the console is yours"));
	send_text(v, ":services\r");
	assert_true(vt_wait_text(v, "SERVICE"));
	send_text(v, "q");
	assert_true(vt_wait_text(v, "control-v1"));
	vt_free(&v);
}

static void
test_edit__the_editor_gets_the_terminal(void **state)
{
	char dir[] = "/tmp/meshtop-edit-XXXXXX";
	char *home = mkdtemp(dir) != NULL ? xasprintf("XDG_STATE_HOME=%s", dir) : NULL;
	const char *env[] = { home, "EDITOR=sh -c 'echo in the editor; read a; exit 3' --", NULL };
	char *draft = xasprintf("%s/meshtop/drafts/VirtualService-travels.travel-agency.yaml", dir);
	char *drafts = xasprintf("%s/meshtop/drafts", dir), *own = xasprintf("%s/meshtop", dir);
	char *lines = xasprintf("%s/meshtop/lines", dir);
	struct vt *v;
	struct termios during;

	(void)state;
	assert_non_null(home);
	v = spawn(env);
	assert_true(vt_wait_text(v, "control-v1"));
	send_text(v, ":edit vs travels.travel-agency\r");
	assert_true(vt_wait_text(v, "in the editor"));
	vt_modes(v, &during);
	assert_int_equal(during.c_lflag & (ICANON | ECHO), ICANON | ECHO);
	send_text(v, "\r");
	assert_true(vt_wait_text(v, "the editor ended with 3"));
	vt_modes(v, &during);
	assert_int_equal(during.c_lflag & (ICANON | ECHO), 0);
	send_text(v, "n");
	assert_true(vt_wait_text(v, "the draft is kept"));
	vt_free(&v);
	assert_int_equal(unlink(draft), 0);
	unlink(lines);
	rmdir(drafts);
	rmdir(own);
	rmdir(dir);
	free(home);
	free(draft);
	free(drafts);
	free(own);
	free(lines);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signal__terminal_is_given_back),
		cmocka_unit_test(test_assertion__terminal_is_given_back),
		cmocka_unit_test(test_quit__asks_once_and_gives_back),
		cmocka_unit_test(test_interrupt__twice_leaves),
		cmocka_unit_test(test_hang_up__console_ends),
		cmocka_unit_test(test_resize__follows),
		cmocka_unit_test(test_suspend__shell_gets_the_terminal_and_it_comes_back),
		cmocka_unit_test(test_output__a_stopped_terminal_stalls_nothing),
		cmocka_unit_test(test_start__without_terminal_is_one_line_and_2),
		cmocka_unit_test(test_start__unknown_type_is_one_line_and_2),
		cmocka_unit_test(test_locale__without_utf8_rules_are_whole),
		cmocka_unit_test(test_locale__wide_ones_get_marks_for_ambiguous_text),
		cmocka_unit_test(test_type__the_linux_console_gets_lines_alone),
		cmocka_unit_test(test_escape__alone_is_a_key),
		cmocka_unit_test(test_script__a_key_takes_the_console_over),
		cmocka_unit_test(test_edit__the_editor_gets_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
