/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting an editor and noticing its end; see editor.h. */
#include "tui/app/editor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"

#define LOOK_EVERY_NS (20 * NS_PER_MS)

static void
on_look(struct timer *t)
{
	struct editor *e = CONTAINER_OF(t, struct editor, timer);
	int status = 0;
	pid_t pid = waitpid(e->pid, &status, WNOHANG);

	if (pid == 0 || (pid < 0 && errno == EINTR)) {
		loop_timer_set(e->loop, t, loop_exact_ns(e->loop) + LOOK_EVERY_NS, on_look);
		return;
	}
	e->pid = 0;
	e->on_end(e->arg, pid < 0 ? 127 : WIFEXITED(status) ? WEXITSTATUS(status) :
		  128 + WTERMSIG(status));
}

/* In the child.  The shell splits the words of $EDITOR. */
static void
become_editor(const char *path, bool has_terminal)
{
	sigset_t none;
	int null;

	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	signal(SIGTSTP, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (!has_terminal && (null = open("/dev/null", O_RDWR)) >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
	}
	execl("/bin/sh", "sh", "-c", "eval \"exec ${VISUAL:-${EDITOR:-vi}} \\\"\\$1\\\"\"", "sh", path,
	      (char *)NULL);
	_exit(127);
}

int
editor_start(struct editor *e, const char *path, bool has_terminal, struct error *err)
{
	pid_t pid;

	if (editor_is_running(e))
		return error_setf(err, ERROR_REFUSED, "an editor is open already");
	pid = fork();
	if (pid < 0)
		return error_errnof(err, "starting the editor");
	if (pid == 0)
		become_editor(path, has_terminal);
	e->pid = pid;
	loop_timer_set(e->loop, &e->timer, loop_exact_ns(e->loop) + LOOK_EVERY_NS, on_look);
	return 0;
}
