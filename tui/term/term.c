/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Terminal modes, signals and non-blocking output.
 *
 * The terminal is opened a second time, so that O_NONBLOCK does not leak into
 * the shell that shares our standard input.  What a fatal signal needs to
 * give the terminal back stands ready in one static struct; the handler uses
 * async-signal-safe calls only and then lets the signal have its way.
 */
#include "tui/term/term.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/base/xalloc.h"

#define RETRY_NS (100 * NS_PER_MS)	/* a stopped terminal is asked again */
#define READ_BYTES 4096

#define ALTERNATE_STACK 32768	/* for a handler when the stack has run over */

/* Alternate screen, bracketed paste. */
static const char enter_text[] = "\033[?1049h\033[?2004h";
static const char mouse_on[] = "\033[?1000h\033[?1006h", mouse_off[] = "\033[?1006l\033[?1000l";
/* CAN ends a sequence cut in half; then: synchronized output off, bracketed
 * paste off, mouse off, cursor on, colours reset, line drawing off, scrolling
 * everywhere, screen empty (where there is no other one to go back to, the
 * picture would stay), alternate screen left. */
static const char leave_text[] =
	"\030\033[?2026l\033[?2004l\033[?1006l\033[?1000l\033[?25h\033[m\017\033(B\033[r\033[H\033[J"
	"\033[?1049l\r";

/* All that end a process by default, can be caught, and are not ignored (SIGPIPE,
 * SIGXFSZ). */
static const int fatal_signals[] = {
	SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSYS, SIGTRAP,
	SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGIO, SIGPWR,
#ifdef SIGSTKFLT
	SIGSTKFLT,
#endif
};

struct terminal {
	struct loop *loop;
	struct term_sink sink;
	struct watch in, out;
	struct timer retry;
	struct buf pending;
	unsigned bytes_per_s;	/* of a slow serial line; 0: fast, or not known */
	uint64_t free_ns;	/* when a slow line has sent what it was given */
	bool is_gone, is_lent, has_mouse;
};

/* For signal handlers: the one exception to "no mutable globals". */
static struct {
	volatile sig_atomic_t is_raw, saw_resize, saw_stop, saw_continue;
	int fd;
	struct termios cooked;
	struct loop *loop;
	char stack[ALTERNATE_STACK];
} signal_state = { .fd = -1 };

/* Waits a little for a line that is slow; never for one that is stopped. */
static void
write_briefly(int fd, const char *s, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	for (int tries = 0; len > 0 && tries < 10; tries++) {
		ssize_t n = write(fd, s, len);

		if (n > 0) {
			s += n;
			len -= (size_t)n;
		} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
			return;
		} else {
			poll(&p, 1, 50);
		}
	}
}

static void
give_back(void)
{
	if (!signal_state.is_raw)
		return;
	signal_state.is_raw = 0;
	write_briefly(signal_state.fd, leave_text, sizeof(leave_text) - 1);
	tcsetattr(signal_state.fd, TCSANOW, &signal_state.cooked);
}

static void
on_fatal(int sig)
{
	struct sigaction act = { .sa_handler = SIG_DFL };
	sigset_t only;

	if (signal_state.is_raw && sig == SIGABRT) {
		give_back();
		write_briefly(signal_state.fd, assert_last(), strlen(assert_last()));
	}
	give_back();
	sigaction(sig, &act, NULL);
	sigemptyset(&only);
	sigaddset(&only, sig);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
}

static void
on_noted(int sig)
{
	int saved = errno;

	if (sig == SIGWINCH)
		signal_state.saw_resize = 1;
	else if (sig == SIGTSTP)
		signal_state.saw_stop = 1;
	else
		signal_state.saw_continue = 1;
	if (signal_state.loop != NULL)
		loop_wake(signal_state.loop);
	errno = saved;
}

static void
handle(int sig, void (*handler)(int), int flags)
{
	struct sigaction act = { .sa_handler = handler, .sa_flags = flags };

	sigfillset(&act.sa_mask);
	sigaction(sig, &act, NULL);
}

static void
install_handlers(void)
{
	const stack_t stack = { .ss_sp = signal_state.stack, .ss_size = ALTERNATE_STACK };

	sigaltstack(&stack, NULL);
	for (size_t i = 0; i < ARRAY_LEN(fatal_signals); i++)
		handle(fatal_signals[i], on_fatal, SA_ONSTACK);
	handle(SIGWINCH, on_noted, SA_RESTART);
	handle(SIGTSTP, on_noted, SA_RESTART);
	handle(SIGCONT, on_noted, SA_RESTART);
	handle(SIGPIPE, SIG_IGN, 0);
}

static void
remove_handlers(void)
{
	for (size_t i = 0; i < ARRAY_LEN(fatal_signals); i++)
		handle(fatal_signals[i], SIG_DFL, 0);
	handle(SIGWINCH, SIG_DFL, 0);
	handle(SIGTSTP, SIG_DFL, 0);
	handle(SIGCONT, SIG_DFL, 0);
}

static void
take_terminal(void)
{
	struct termios raw = signal_state.cooked;

	raw.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | PARMRK);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN | ISIG);
	raw.c_cflag = (raw.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	signal_state.is_raw = 1;	/* before: a signal between the two gives back too */
	tcsetattr(signal_state.fd, TCSANOW, &raw);
}

static void
terminal_gone(struct terminal *t)
{
	if (t->is_gone)
		return;
	t->is_gone = true;
	loop_pause(&t->in);
	buf_clear(&t->pending);
	t->sink.on_gone(t->sink.arg);
}

static void
on_input(struct watch *w, unsigned events)
{
	struct terminal *t = CONTAINER_OF(w, struct terminal, in);
	char bytes[READ_BYTES];
	ssize_t n = read(w->fd, bytes, sizeof(bytes));

	(void)events;
	if (n > 0)
		t->sink.on_bytes(t->sink.arg, bytes, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		terminal_gone(t);
}

static void flush_pending(struct terminal *t);

static void
on_retry(struct timer *timer)
{
	flush_pending(CONTAINER_OF(timer, struct terminal, retry));
}

static void
flush_pending(struct terminal *t)
{
	bool was_pending = t->pending.len > 0;

	while (t->pending.len > 0) {
		ssize_t n = write(t->out.fd, t->pending.data, t->pending.len);

		if (n > 0) {
			buf_consume(&t->pending, (size_t)n);
		} else if (n < 0 && errno == EINTR) {
			continue;
		} else if (n < 0 && errno != EAGAIN) {
			terminal_gone(t);
			return;
		} else {
			break;
		}
	}
	if (t->pending.len > 0)
		loop_timer_set(t->loop, &t->retry, loop_exact_ns(t->loop) + RETRY_NS, on_retry);
	else if (was_pending)
		t->sink.on_drained(t->sink.arg);
}

static void
on_output(struct watch *w, unsigned events)
{
	struct terminal *t = CONTAINER_OF(w, struct terminal, out);

	if ((events & LOOP_WRITE) != 0 && t->pending.len > 0)
		flush_pending(t);
}

static void
count_on_line(struct terminal *t, size_t len)
{
	uint64_t now = loop_exact_ns(t->loop);

	if (t->bytes_per_s == 0)
		return;
	t->free_ns = (t->free_ns > now ? t->free_ns : now) + len * NS_PER_S / t->bytes_per_s;
}

bool
term_write(struct terminal *t, const char *bytes, size_t len)
{
	bool was_pending = t->pending.len > 0;

	if (t->is_gone || t->is_lent || t->pending.len + len > TERM_PENDING_MAX)
		return false;
	count_on_line(t, len);
	buf_append(&t->pending, bytes, len);
	if (!was_pending)
		flush_pending(t);
	return true;
}

bool
term_is_pending(const struct terminal *t)
{
	return t->pending.len > 0;
}

bool
term_is_slow(const struct terminal *t)
{
	return t->bytes_per_s > 0;
}

uint64_t
term_free_ns(const struct terminal *t)
{
	return t->free_ns;
}

/* A pseudo terminal says 38400 or what its far end has. */
static unsigned
slow_line(speed_t speed)
{
	static const struct { speed_t speed; unsigned bytes_per_s; } speeds[] = {
		{ B300, 30 }, { B600, 60 }, { B1200, 120 }, { B2400, 240 }, { B4800, 480 },
		{ B9600, 960 }, { B19200, 1920 },
	};

	for (size_t i = 0; i < ARRAY_LEN(speeds); i++) {
		if (speeds[i].speed == speed)
			return speeds[i].bytes_per_s;
	}
	return 0;
}

void
term_size(const struct terminal *t, unsigned *cols, unsigned *rows)
{
	struct winsize size;

	*cols = 80;
	*rows = 24;
	if (ioctl(t->in.fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
		*cols = size.ws_col;
		*rows = size.ws_row;
	}
}

/* A terminal type that can move the cursor, or one line of refusal. */
static int
check_type(struct error *err)
{
	const char *type = getenv("TERM"), *move;
	bool can_move;
	int status = 0;

	if (!isatty(STDIN_FILENO))
		return error_setf(err, ERROR_USAGE,
				  "the console needs a terminal on standard input");
	if (type == NULL || type[0] == '\0')
		return error_setf(err, ERROR_USAGE, "TERM is not set; the console needs to know "
				  "its terminal (try TERM=xterm)");
	if (setupterm(type, STDIN_FILENO, &status) != OK)
		return error_setf(err, ERROR_USAGE, "terminal type \"%s\" is not known here "
				  "(try TERM=xterm)", type);
	move = tigetstr("cup");
	can_move = move != NULL && move != (char *)-1;
	del_curterm(cur_term);		/* curses makes its own */
	if (!can_move)
		return error_setf(err, ERROR_USAGE, "terminal type \"%s\" cannot move its cursor "
				  "(try TERM=xterm)", type);
	return 0;
}

static int
open_again(struct error *err)
{
	const char *name = ttyname(STDIN_FILENO);
	int fd = -1;

	if (name != NULL)
		fd = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return error_errnof(err, "opening the terminal");
	return fd;
}

static void
enter_screen(struct terminal *t)
{
	take_terminal();
	term_write(t, enter_text, sizeof(enter_text) - 1);
	if (t->has_mouse)
		term_write(t, mouse_on, sizeof(mouse_on) - 1);
}

void
term_set_mouse(struct terminal *t, bool on)
{
	if (on == t->has_mouse)
		return;
	t->has_mouse = on;
	if (on)
		term_write(t, mouse_on, sizeof(mouse_on) - 1);
	else
		term_write(t, mouse_off, sizeof(mouse_off) - 1);
}

struct terminal *
term_open(struct loop *loop, const struct term_sink *sink, struct error *err)
{
	struct terminal *t;
	int in, out;

	ASSERT(signal_state.fd < 0);
	if (check_type(err) < 0)
		return NULL;
	in = open_again(err);
	out = in < 0 ? -1 : open_again(err);
	if (out < 0) {
		if (in >= 0)
			close(in);
		return NULL;
	}
	t = xcalloc(1, sizeof(*t));
	t->loop = loop;
	t->sink = *sink;
	t->in.fd = t->out.fd = -1;
	if (tcgetattr(in, &signal_state.cooked) < 0 ||
	    loop_watch_level(loop, &t->in, in, on_input, err) < 0 ||
	    loop_watch(loop, &t->out, out, on_output, err) < 0) {
		close(in);
		close(out);
		free(t);
		return NULL;
	}
	t->bytes_per_s = slow_line(cfgetospeed(&signal_state.cooked));
	signal_state.fd = out;
	signal_state.loop = loop;
	install_handlers();
	log_hold(true);
	enter_screen(t);
	return t;
}

/* The last bytes may wait for a slow line, but never for a stopped one. */
static void
drain_briefly(struct terminal *t)
{
	struct pollfd p = { .fd = t->out.fd, .events = POLLOUT };

	for (int i = 0; i < 10 && t->pending.len > 0 && !t->is_gone; i++) {
		if (poll(&p, 1, 20) > 0)
			flush_pending(t);
	}
	buf_clear(&t->pending);
}

void
term_close(struct terminal **tp)
{
	struct terminal *t = *tp;
	int in, out;

	if (t == NULL)
		return;
	drain_briefly(t);
	give_back();
	remove_handlers();
	signal_state.fd = -1;
	signal_state.loop = NULL;
	in = t->in.fd;
	out = t->out.fd;
	loop_unwatch(&t->in);
	loop_unwatch(&t->out);
	loop_timer_cancel(&t->retry);
	close(in);
	close(out);
	buf_fini(&t->pending);
	free(t);
	*tp = NULL;
	log_hold(false);
}

/* While it is lent, the borrower has stopped with us: nothing is ours to set. */
static void
stop_with_borrower(void)
{
	sigset_t stop;

	handle(SIGTSTP, SIG_DFL, 0);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	handle(SIGTSTP, on_noted, SA_RESTART);
	signal_state.saw_continue = 0;
}

void
term_lend(struct terminal *t)
{
	drain_briefly(t);
	give_back();
	loop_pause(&t->in);
	handle(SIGINT, SIG_IGN, 0);
	handle(SIGQUIT, SIG_IGN, 0);
	t->is_lent = true;
}

void
term_take_back(struct terminal *t)
{
	t->is_lent = false;
	install_handlers();
	if (t->is_gone)
		return;
	loop_resume(&t->in);
	enter_screen(t);
	t->sink.on_resize(t->sink.arg);
}

bool
term_is_lent(const struct terminal *t)
{
	return t->is_lent;
}

void
term_suspend(struct terminal *t)
{
	sigset_t stop, saved;

	drain_briefly(t);
	give_back();
	handle(SIGTSTP, SIG_DFL, 0);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	raise(SIGTSTP);			/* returns after SIGCONT */
	sigprocmask(SIG_UNBLOCK, &stop, &saved);
	handle(SIGTSTP, on_noted, SA_RESTART);
	signal_state.saw_continue = 0;
	tcgetattr(t->in.fd, &signal_state.cooked);
	enter_screen(t);
	t->sink.on_resize(t->sink.arg);
}

void
term_on_wake(struct terminal *t)
{
	if (t->is_lent) {
		signal_state.saw_resize = 0;	/* asked for when it comes back */
		if (signal_state.saw_stop)
			stop_with_borrower();
		signal_state.saw_stop = signal_state.saw_continue = 0;
		return;
	}
	if (signal_state.saw_stop) {
		signal_state.saw_stop = 0;
		term_suspend(t);
		return;
	}
	if (signal_state.saw_continue) {	/* stopped by force: modes may be gone */
		signal_state.saw_continue = 0;
		enter_screen(t);
		signal_state.saw_resize = 1;
	}
	if (signal_state.saw_resize) {
		signal_state.saw_resize = 0;
		t->sink.on_resize(t->sink.arg);
	}
}
