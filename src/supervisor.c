/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Engine and platform as children; see supervisor.h. */
#include "src/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/leash.h"
#include "src/base/xalloc.h"

#define READY_TIMEOUT_MS 15000
#define CLOSE_TIMEOUT_MS 1500
#define FORERUNNER_MS 2000
#define RESTART_WINDOW_NS (60 * NS_PER_S)
#define LAST_WORDS_BYTES 200

enum { ENGINE, PLATFORM, CHILDREN };

struct child {
	const char *name;	/* "engine", "platform" */
	bool is_ours;
	pid_t pid;		/* 0: not running */
	int pipe_fd;		/* write end; closing it is the message; -1 */
	uint64_t restarted_ns;	/* last time; 0: never */
	bool is_given_up;
};

struct supervisor {
	char *dir;
	struct supervisor_options options;
	int attached_fd;
	struct child children[CHILDREN];
};

static char *
state_file(const struct supervisor *s, const char *name)
{
	return xasprintf("%s/.meshtop/%s", s->dir, name);
}

/* Does an engine answer on the admin socket?  Long paths go through the
 * directory's descriptor. */
static bool
is_engine_running(const struct supervisor *s)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char *state = state_file(s, "");
	int dir = open(state, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;
	bool running;

	free(state);
	if (dir < 0)
		return false;
	snprintf(un.sun_path, sizeof(un.sun_path), "/proc/self/fd/%d/admin.sock", dir);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	running = fd >= 0 && connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0;
	if (fd >= 0)
		close(fd);
	close(dir);
	return running;
}

/* meshtop-proxy beside our own file or in libexecdir; NULL: ourselves. */
static char *
find_engine(void)
{
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash, *path;

	if (len > 0) {
		self[len] = '\0';
		slash = strrchr(self, '/');
		path = xasprintf("%.*s/meshtop-proxy", (int)(slash - self), self);
		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	path = xstrdup(PKGLIBEXECDIR "/meshtop-proxy");
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static _Noreturn void
become(const struct supervisor *s, int which, int parent_fd, int ready_fd, int log_fd)
{
	char fd_text[16], pace[32];
	char *engine = which == ENGINE ? find_engine() : NULL;
	char *access_log = state_file(s, "access.log");
	const char *argv[12];
	size_t n = 0;
	sigset_t none;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(ready_fd, STDOUT_FILENO);
	dup2(log_fd, STDERR_FILENO);
	if (dup2(open("/dev/null", O_RDONLY), STDIN_FILENO) < 0)
		_exit(127);
	fcntl(parent_fd, F_SETFD, 0);
	snprintf(fd_text, sizeof(fd_text), "%d", parent_fd);
	snprintf(pace, sizeof(pace), "%g", s->options.pace > 0 ? s->options.pace : 1);
	argv[n++] = engine != NULL ? engine : "meshtop";
	if (engine == NULL)
		argv[n++] = which == ENGINE ? "engine" : "platform";
	argv[n++] = s->dir;
	argv[n++] = "--parent-fd";
	argv[n++] = fd_text;
	if (which == PLATFORM) {
		argv[n++] = "--pace";
		argv[n++] = pace;
	} else if (s->options.with_log) {
		argv[n++] = "--access-log";
		argv[n++] = access_log;
	}
	argv[n] = NULL;
	execv(engine != NULL ? engine : "/proc/self/exe", (char *const *)(void *)argv);
	fprintf(stderr, "meshtop: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* The end of the child's log, for the message that it did not start. */
static void
last_words(const struct supervisor *s, const struct child *c, char out[LAST_WORDS_BYTES])
{
	char *file = xasprintf("%s.log", c->name), *path = state_file(s, file);
	FILE *f = fopen(path, "re");
	char line[LAST_WORDS_BYTES];

	snprintf(out, LAST_WORDS_BYTES, "it ended without a word");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '\0')
			memcpy(out, line, sizeof(line));
	}
	if (f != NULL)
		fclose(f);
	free(path);
	free(file);
}

static int64_t
now_ms(void)
{
	return (int64_t)(clock_mono_ns(&clock_system) / NS_PER_MS);
}

/* Reads the child's stdout until the line "ready". */
static int
wait_ready(const struct supervisor *s, struct child *c, int fd, struct error *err)
{
	unsigned timeout = s->options.ready_timeout_ms > 0 ? s->options.ready_timeout_ms :
			   READY_TIMEOUT_MS;
	int64_t end = now_ms() + timeout;
	char words[LAST_WORDS_BYTES], chunk[512];
	struct buf text = BUF_INIT;
	int result = -1;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = end - now_ms();
		ssize_t got;

		if (left <= 0) {
			error_setf(err, ERROR_UNREACHABLE, "the %s did not become ready within %u s",
				   c->name, timeout / 1000);
			break;
		}
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		got = read(fd, chunk, sizeof(chunk));
		if (got <= 0) {
			last_words(s, c, words);
			error_setf(err, ERROR_UNREACHABLE, "the %s did not start: %s", c->name, words);
			break;
		}
		buf_append(&text, chunk, (size_t)got);
		if (strncmp(buf_str(&text), "ready", 5) == 0 || strstr(buf_str(&text), "\nready") != NULL) {
			result = 0;
			break;
		}
	}
	buf_fini(&text);
	return result;
}

static int
start_child(struct supervisor *s, int which, bool wait, struct error *err)
{
	struct child *c = &s->children[which];
	char *file = xasprintf("%s.log", c->name), *log_path = state_file(s, file);
	int parent[2] = { -1, -1 }, ready[2] = { -1, -1 };
	int log_fd = open(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int result = 0;

	free(file);
	if (log_fd < 0 || pipe2(parent, O_CLOEXEC) < 0 || pipe2(ready, O_CLOEXEC) < 0) {
		result = error_errnof(err, "%s", log_path);
	} else {
		c->pid = fork();
		if (c->pid == 0)
			become(s, which, parent[0], ready[1], log_fd);
		if (c->pid < 0)
			result = error_errnof(err, "fork");
	}
	free(log_path);
	if (parent[0] >= 0)
		close(parent[0]);
	if (ready[1] >= 0)
		close(ready[1]);
	if (log_fd >= 0)
		close(log_fd);
	c->is_ours = result == 0;
	c->pipe_fd = parent[1];
	if (result == 0 && wait)
		result = wait_ready(s, c, ready[0], err);
	/* What it says later goes nowhere: nobody reads the pipe. */
	if (ready[0] >= 0)
		close(ready[0]);
	return result;
}

/* One start at a time: who comes second finds the engine running. */
static int
take_turn(const struct supervisor *s)
{
	char *path = state_file(s, "starting");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	free(path);
	while (fd >= 0 && flock(fd, LOCK_EX) < 0 && errno == EINTR)
		;
	return fd;
}

static bool
has_ended(struct child *c, int *status)
{
	if (c->pid <= 0 || waitpid(c->pid, status, WNOHANG) != c->pid)
		return false;
	c->pid = 0;
	if (c->pipe_fd >= 0)
		close(c->pipe_fd);
	c->pipe_fd = -1;
	return true;
}

/* Its lock stands in the way of ours. */
static bool
is_platform_running(const struct supervisor *s)
{
	char *path = state_file(s, "platform.lock");
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	bool running = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;

	if (fd >= 0)
		close(fd);
	free(path);
	return running;
}

/* A child that we started and that ended at once, because a console that was
 * killed had left another one behind in the middle of its start. */
static bool
has_forerunner(struct supervisor *s, int which,
	       bool (*is_running)(const struct supervisor *))
{
	struct child *c = &s->children[which];
	int64_t end = now_ms() + FORERUNNER_MS;
	const struct timespec nap = { 0, 10000000 };
	int status;

	while (!is_running(s)) {
		if (now_ms() >= end)
			return false;
		nanosleep(&nap, NULL);
	}
	while (c->pid > 0 && !has_ended(c, &status)) {
		if (now_ms() >= end)
			return false;
		nanosleep(&nap, NULL);
	}
	c->is_ours = false;
	return true;
}

/* Either may run without the other: an engine that was started alone, what a
 * killed console left. */
static int
start_what_is_missing(struct supervisor *s, struct error *err)
{
	static bool (*const is_running[CHILDREN])(const struct supervisor *) = {
		[ENGINE] = is_engine_running, [PLATFORM] = is_platform_running,
	};
	int turn = take_turn(s), result = 0;

	for (int i = 0; i < CHILDREN && result == 0; i++) {
		if (!is_running[i](s) && start_child(s, i, true, err) < 0 &&
		    !has_forerunner(s, i, is_running[i]))
			result = -1;
	}
	if (turn >= 0)
		close(turn);
	return result;
}

struct supervisor *
supervisor_open(const char *dir, const struct supervisor_options *options, struct error *err)
{
	struct supervisor *s = xcalloc(1, sizeof(*s));
	char *path;

	s->dir = realpath(dir, NULL);
	s->options = *options;
	s->attached_fd = -1;
	s->children[ENGINE] = (struct child){ .name = "engine", .pipe_fd = -1 };
	s->children[PLATFORM] = (struct child){ .name = "platform", .pipe_fd = -1 };
	if (s->dir == NULL) {
		error_errnof(err, "%s", dir);
		supervisor_close(&s);
		return NULL;
	}
	path = state_file(s, "");
	if (mkdir(path, 0700) < 0 && errno != EEXIST) {
		error_errnof(err, "%s", path);
		free(path);
		supervisor_close(&s);
		return NULL;
	}
	free(path);
	path = state_file(s, "attached");
	s->attached_fd = leash_attach(path, err);
	free(path);
	if (s->attached_fd < 0 || start_what_is_missing(s, err) < 0)
		supervisor_close(&s);
	return s;
}

bool
supervisor_owns(const struct supervisor *s)
{
	return s->children[ENGINE].is_ours;
}

void
supervisor_close(struct supervisor **sp)
{
	struct supervisor *s = *sp;
	int64_t end = now_ms() + CLOSE_TIMEOUT_MS;
	int status;

	if (s == NULL)
		return;
	if (s->attached_fd >= 0)
		close(s->attached_fd);
	for (int i = 0; i < CHILDREN; i++) {
		if (s->children[i].pipe_fd >= 0)
			close(s->children[i].pipe_fd);
		s->children[i].pipe_fd = -1;
	}
	while ((s->children[ENGINE].pid > 0 || s->children[PLATFORM].pid > 0) && now_ms() < end) {
		struct timespec nap = { 0, 5000000 };

		for (int i = 0; i < CHILDREN; i++)
			has_ended(&s->children[i], &status);
		nanosleep(&nap, NULL);
	}
	free(s->dir);
	free(s);
	*sp = NULL;
}

static void
say_end(const struct child *c, int status, struct buf *notice)
{
	if (WIFSIGNALED(status))
		buf_printf(notice, "the %s was ended by signal %d (%s)", c->name, WTERMSIG(status),
			   strsignal(WTERMSIG(status)));
	else
		buf_printf(notice, "the %s ended with status %d", c->name, WEXITSTATUS(status));
}

enum supervisor_news
supervisor_check(struct supervisor *s, struct buf *notice)
{
	enum supervisor_news news = SUPERVISOR_NOTHING;

	for (int i = 0; i < CHILDREN; i++) {
		struct child *c = &s->children[i];
		uint64_t now = clock_mono_ns(&clock_system);
		struct error err = ERROR_INIT;
		int status;

		if (!c->is_ours || c->is_given_up || !has_ended(c, &status))
			continue;
		if (news != SUPERVISOR_NOTHING)
			buf_puts(notice, "; ");
		else
			news = SUPERVISOR_RESTARTED;
		say_end(c, status, notice);
		if (c->restarted_ns != 0 && now - c->restarted_ns < RESTART_WINDOW_NS) {
			c->is_given_up = true;
			buf_puts(notice, ", again within a minute: it is not restarted");
		} else if (start_child(s, i, false, &err) < 0) {
			c->is_given_up = true;
			buf_printf(notice, "; it could not be restarted: %s", err.msg);
		} else {
			c->restarted_ns = now;
			buf_puts(notice, ", it was restarted");
		}
		if (c->is_given_up)
			news = SUPERVISOR_GAVE_UP;
	}
	return news;
}
