/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pseudo terminal and emulator.
 */
#include "tests/lib/vterm.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vterm.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"

#define PATIENCE_MS 20000
#define TAIL 256

struct vt {
	pid_t pid;
	int fd;
	unsigned cols, rows;
	VTerm *emulator;
	VTermScreen *screen;
	struct buf all;		/* every byte read */
	struct termios first;	/* its modes before the program had it */
	bool has_ended;
	int status;
};

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
start_emulator(struct vt *v)
{
	v->emulator = vterm_new((int)v->rows, (int)v->cols);
	vterm_set_utf8(v->emulator, 1);
	v->screen = vterm_obtain_screen(v->emulator);
	vterm_screen_enable_altscreen(v->screen, 1);
	vterm_screen_reset(v->screen, 1);
}

static void
block_signals(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, before);
}

/* A shell's background job ignores SIGINT, nohup's SIGHUP, and a test may be
 * either.  What was sent since the fork waits, blocked, and acts now. */
static void
begin_with_all_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void
run_child(const char *const *argv, const char *const *env)
{
	static const char *const base[] = {
		"TERM=xterm-256color", "LANG=C.UTF-8", "HOME=/nonexistent", "PATH=/usr/bin:/bin",
		"TZ=UTC",
	};

	begin_with_all_signals();
	clearenv();
	for (size_t i = 0; i < ARRAY_LEN(base); i++)
		putenv((char *)(unsigned long)base[i]);
	for (; env != NULL && *env != NULL; env++)
		putenv((char *)(unsigned long)*env);
	execv(argv[0], (char *const *)(unsigned long)argv);
	_exit(127);
}

struct vt *
vt_spawn(unsigned cols, unsigned rows, const char *const *argv, const char *const *env)
{
	return vt_spawn_slow(cols, rows, argv, env, B38400);
}

/* What a terminal of its own begins with, at that speed. */
static struct termios
usual_modes(speed_t speed)
{
	struct termios t = {
		.c_iflag = ICRNL | IXON, .c_oflag = OPOST | ONLCR, .c_cflag = CS8 | CREAD,
		.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	};

	t.c_cc[VINTR] = 3;
	t.c_cc[VQUIT] = 28;
	t.c_cc[VERASE] = 127;
	t.c_cc[VEOF] = 4;
	t.c_cc[VSTART] = 17;
	t.c_cc[VSTOP] = 19;
	t.c_cc[VSUSP] = 26;
	t.c_cc[VMIN] = 1;
	cfsetspeed(&t, speed);
	return t;
}

struct vt *
vt_spawn_slow(unsigned cols, unsigned rows, const char *const *argv, const char *const *env,
	      speed_t speed)
{
	struct vt *v = xcalloc(1, sizeof(*v));
	struct winsize size = { .ws_col = (unsigned short)cols, .ws_row = (unsigned short)rows };
	sigset_t before;

	v->cols = cols;
	v->rows = rows;
	v->first = usual_modes(speed);
	block_signals(&before);
	v->pid = forkpty(&v->fd, NULL, &v->first, &size);
	ASSERT(v->pid >= 0);
	if (v->pid == 0)
		run_child(argv, env);
	sigprocmask(SIG_SETMASK, &before, NULL);
	fcntl(v->fd, F_SETFD, FD_CLOEXEC);
	start_emulator(v);
	return v;
}

void
vt_free(struct vt **vp)
{
	struct vt *v = *vp;

	if (v == NULL)
		return;
	if (!v->has_ended) {
		kill(v->pid, SIGKILL);
		waitpid(v->pid, &v->status, 0);
	}
	if (v->fd >= 0)
		close(v->fd);
	vterm_free(v->emulator);
	buf_fini(&v->all);
	free(v);
	*vp = NULL;
}

pid_t
vt_pid(const struct vt *v)
{
	return v->pid;
}

void
vt_send(struct vt *v, const char *bytes, size_t len)
{
	ssize_t n = write(v->fd, bytes, len);

	ASSERT(n == (ssize_t)len);
}

void
vt_resize(struct vt *v, unsigned cols, unsigned rows)
{
	struct winsize size = { .ws_col = (unsigned short)cols, .ws_row = (unsigned short)rows };

	v->cols = cols;
	v->rows = rows;
	vterm_set_size(v->emulator, (int)rows, (int)cols);
	ioctl(v->fd, TIOCSWINSZ, &size);
}

/* False at the end of the line. */
static bool
read_some(struct vt *v, int wait_ms)
{
	struct pollfd p = { .fd = v->fd, .events = POLLIN };
	char chunk[4096];
	ssize_t n;

	if (poll(&p, 1, wait_ms) <= 0)
		return true;
	n = read(v->fd, chunk, sizeof(chunk));
	if (n <= 0)
		return n < 0 && (errno == EINTR || errno == EAGAIN);
	vterm_input_write(v->emulator, chunk, (size_t)n);
	buf_append(&v->all, chunk, (size_t)n);
	return true;
}

static void
put_row(struct vt *v, int row, struct buf *out)
{
	size_t begin = out->len, end = out->len;

	for (int col = 0; col < (int)v->cols; col++) {
		VTermScreenCell cell;
		char bytes[4];

		if (!vterm_screen_get_cell(v->screen, (VTermPos){ row, col }, &cell))
			continue;
		if (cell.chars[0] == (uint32_t)-1)
			continue;	/* second half of a wide glyph */
		if (cell.chars[0] == 0) {
			buf_putc(out, ' ');
			continue;
		}
		for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i] != 0; i++)
			buf_append(out, bytes, text_encode(cell.chars[i], bytes));
	}
	for (size_t i = begin; i < out->len; i++)
		end = out->data[i] != ' ' ? i + 1 : end;
	out->len = end;
	buf_putc(out, '\n');
}

void
vt_text(struct vt *v, struct buf *out)
{
	for (int row = 0; row < (int)v->rows; row++)
		put_row(v, row, out);
}

typedef bool condition(struct vt *v, const void *arg);

/* Reads until it holds; false after PATIENCE_MS or at the end of the line. */
static bool
read_until(struct vt *v, condition *holds, const void *arg)
{
	long long until = now_ms() + PATIENCE_MS;

	while (!holds(v, arg)) {
		if (now_ms() > until || !read_some(v, 100))
			return false;
	}
	return true;
}

static bool
shows_text(struct vt *v, const void *text)
{
	struct buf b = BUF_INIT;
	bool yes;

	vt_text(v, &b);
	yes = strstr(buf_str(&b), text) != NULL;
	buf_fini(&b);
	return yes;
}

static bool
is_screen(struct vt *v, const void *screen)
{
	struct buf b = BUF_INIT;
	bool yes;

	vt_text(v, &b);
	yes = strcmp(buf_str(&b), screen) == 0;
	buf_fini(&b);
	return yes;
}

static bool
is_other_screen(struct vt *v, const void *screen)
{
	return !is_screen(v, screen);
}

struct occurrences {
	const char *bytes;
	size_t count;
};

static bool
has_come(struct vt *v, const void *arg)
{
	const struct occurrences *o = arg;

	return vt_count(v, o->bytes) >= o->count;
}

bool
vt_wait_text(struct vt *v, const char *text)
{
	return read_until(v, shows_text, text);
}

bool
vt_wait_screen(struct vt *v, const char *screen)
{
	return read_until(v, is_screen, screen);
}

bool
vt_wait_bytes(struct vt *v, const char *bytes, size_t count)
{
	return read_until(v, has_come, &(struct occurrences){ bytes, count });
}

bool
vt_escape(struct vt *v)
{
	struct buf before = BUF_INIT;
	bool has_changed;

	vt_text(v, &before);
	vt_send(v, "\033", 1);
	has_changed = read_until(v, is_other_screen, buf_str(&before));
	buf_fini(&before);
	return has_changed;
}

void
vt_quiesce(struct vt *v, int quiet_ms)
{
	size_t before;

	do {
		before = v->all.len;
		read_some(v, quiet_ms);
	} while (v->all.len != before);
}

int
vt_wait_exit(struct vt *v)
{
	long long until = now_ms() + PATIENCE_MS;

	while (!v->has_ended && now_ms() < until) {
		/* without a line the process is about to end */
		if (v->fd < 0 || !read_some(v, 50))
			poll(NULL, 0, 5);
		if (waitpid(v->pid, &v->status, WNOHANG) == v->pid)
			v->has_ended = true;
	}
	for (int i = 0; v->fd >= 0 && v->has_ended && i < 100 && read_some(v, 0); i++)
		continue;		/* what it wrote last */
	return v->has_ended ? v->status : -1;
}

void
vt_forget(struct vt *v)
{
	v->has_ended = true;
}

size_t
vt_count(const struct vt *v, const char *bytes)
{
	size_t count = 0;

	for (const char *s = buf_str(&v->all); (s = strstr(s, bytes)) != NULL; s++)
		count++;
	return count;
}

size_t
vt_bytes(const struct vt *v)
{
	return v->all.len;
}

void
vt_tail(const struct vt *v, struct buf *out)
{
	size_t from = v->all.len > TAIL ? v->all.len - TAIL : 0;

	buf_append(out, buf_str(&v->all) + from, v->all.len - from);
}

const struct buf *
vt_all(const struct vt *v)
{
	return &v->all;
}

void
vt_read_for(struct vt *v, int ms)
{
	long long until = now_ms() + ms;
	long long left;

	while ((left = until - now_ms()) > 0 && read_some(v, (int)left))
		continue;
}

void
vt_modes(const struct vt *v, struct termios *out)
{
	memset(out, 0, sizeof(*out));
	tcgetattr(v->fd, out);
}

const struct termios *
vt_first_modes(const struct vt *v)
{
	return &v->first;
}

void
vt_hang_up(struct vt *v)
{
	close(v->fd);
	v->fd = -1;
}
