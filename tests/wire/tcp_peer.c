/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One end of a TCP connection, step by step: what varnishtest cannot do.
 *
 *	tcp_peer connect ADDR PORT [from ADDR] STEP...
 *	tcp_peer listen ADDR PORT STEP...
 *	tcp_peer serve ADDR PORT STEP...	(as listen, but in the background: it
 *						 returns once it can be dialled)
 *	tcp_peer full ADDR PORT STEP...	(a listener that takes nobody)
 *
 * Steps: send:TEXT  fill:BYTES  recv:TEXT (exactly that)  count:BYTES (any)
 * end (no more will be sent)  eof (the peer has ended)  reset (the peer has
 * reset)  sleep:MS  touch:FILE (makes it)  await:FILE (until it is there)  drain (reads on until a reset)  overfill:BYTES (until the
 * peer has gone).  hello:NAME sends a ClientHello with that server name, none
 * without NAME; hello-cut:NAME the same in records of 16 bytes and sends of 48;
 * hello-half:NAME only its first half; recv-hello:NAME and recv-hello-cut:NAME
 * expect one.  In TEXT \r, \n and \\ are escapes.  Exit 0 when all steps
 * went as said within 10 s each, 1 with a line on stderr else.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/lib/hello.h"

#define CUT_RECORD_BYTES 16
#define CUT_SEND_BYTES 48
#define CUT_PAUSE_US 20000
#define AWAIT_PAUSE_US 20000
#define AWAIT_LOOKS 1000

static const char *program_step = "";
static const struct timeval step_limit = { 10, 0 };

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "tcp_peer: %s: %s (%s)\n", program_step, what, strerror(errno));
	exit(1);
}

static struct sockaddr_in
address(const char *host, const char *port)
{
	struct sockaddr_in a;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons((uint16_t)atoi(port));
	if (inet_pton(AF_INET, host, &a.sin_addr) != 1)
		die("not an address");
	return a;
}

static int
connect_to(const char *host, const char *port, const char *from)
{
	struct sockaddr_in a = address(host, port), source = address(from, "0");
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&source, sizeof(source)) < 0)
		die("bind");
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		die("connect");
	return fd;
}

static int
accept_at(const char *host, const char *port, bool in_background)
{
	struct sockaddr_in a = address(host, port);
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1, connection;
	pid_t pid;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 10) < 0)
		die("listen");
	if (in_background) {
		pid = fork();
		if (pid < 0)
			die("fork");
		if (pid > 0)
			_exit(0);
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &step_limit, sizeof(step_limit));
	}
	connection = accept(fd, NULL, NULL);
	if (connection < 0)
		die("accept");
	close(fd);
	return connection;
}

/* A listener whose queue is full: nobody who dials it is answered. */
static int
fill_queue(const char *host, const char *port)
{
	struct sockaddr_in a = address(host, port);
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 0) < 0)
		die("listen");
	for (int i = 0; i < 8; i++) {
		int dialler = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

		connect(dialler, (struct sockaddr *)&a, sizeof(a));
	}
	return fd;
}

static size_t
unescape(const char *text, char *out)
{
	size_t len = 0;

	for (; *text != '\0'; text++) {
		if (text[0] == '\\' && text[1] != '\0') {
			text++;
			out[len++] = *text == 'r' ? '\r' : *text == 'n' ? '\n' : *text;
		} else {
			out[len++] = *text;
		}
	}
	return len;
}

static void
send_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0)
			die("send");
		data += n;
		len -= (size_t)n;
	}
}

static void
fill(int fd, size_t len)
{
	static char block[65536];

	memset(block, 'x', sizeof(block));
	for (; len > sizeof(block); len -= sizeof(block))
		send_all(fd, block, sizeof(block));
	send_all(fd, block, len);
}

static void
expect_text(int fd, const char *text, size_t len)
{
	char got[4096];
	size_t have = 0;

	while (have < len) {
		ssize_t n = recv(fd, got + have, len - have, 0);

		if (n <= 0)
			die(n == 0 ? "the stream ended" : "recv");
		have += (size_t)n;
	}
	if (memcmp(got, text, len) != 0) {
		fprintf(stderr, "tcp_peer: got \"%.*s\"\n", (int)len, got);
		die("other bytes");
	}
}

static void
count(int fd, size_t len)
{
	static char block[65536];

	while (len > 0) {
		ssize_t n = recv(fd, block, len < sizeof(block) ? len : sizeof(block), 0);

		if (n <= 0)
			die(n == 0 ? "the stream ended" : "recv");
		len -= (size_t)n;
	}
}

static void
expect_end(int fd, int wants_reset)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, 0);

	if (wants_reset && !(n < 0 && errno == ECONNRESET))
		die("no reset");
	if (!wants_reset && n != 0)
		die("no end");
}

/* Reads what is left; the last must be a reset. */
static void
drain(int fd)
{
	static char block[65536];
	ssize_t n;

	while ((n = recv(fd, block, sizeof(block), 0)) > 0)
		;
	if (n == 0 || errno != ECONNRESET)
		die("no reset at the end");
}

/* Sends until the peer takes no more of it. */
static void
overfill(int fd, size_t len)
{
	static char block[65536];

	for (; len > 0; len -= len < sizeof(block) ? len : sizeof(block))
		if (send(fd, block, len < sizeof(block) ? len : sizeof(block), MSG_NOSIGNAL) < 0)
			return;
}

static void
touch(const char *path)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fclose(f) != 0)
		die("not made");
}

static void
await(const char *path)
{
	for (int i = 0; i < AWAIT_LOOKS; i++) {
		if (access(path, F_OK) == 0)
			return;
		usleep(AWAIT_PAUSE_US);
	}
	die("never came");
}

static size_t
make_hello(const char *name, size_t record_bytes, char *out)
{
	return hello_make(out, name[0] != '\0' ? name : NULL, record_bytes);
}

static void
send_cut(int fd, const char *data, size_t len)
{
	const int now = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &now, sizeof(now));
	for (size_t at = 0; at < len; at += CUT_SEND_BYTES) {
		send_all(fd, data + at, len - at < CUT_SEND_BYTES ? len - at : CUT_SEND_BYTES);
		usleep(CUT_PAUSE_US);
	}
}

/* False: no step about ClientHellos. */
static bool
hello_step(int fd, const char *s, const char *name)
{
	char hello[HELLO_BYTES];

	if (strncmp(s, "hello:", 6) == 0)
		send_all(fd, hello, make_hello(name, 0, hello));
	else if (strncmp(s, "hello-cut:", 10) == 0)
		send_cut(fd, hello, make_hello(name, CUT_RECORD_BYTES, hello));
	else if (strncmp(s, "hello-half:", 11) == 0)
		send_all(fd, hello, make_hello(name, 0, hello) / 2);
	else if (strncmp(s, "recv-hello:", 11) == 0)
		expect_text(fd, hello, make_hello(name, 0, hello));
	else if (strncmp(s, "recv-hello-cut:", 15) == 0)
		expect_text(fd, hello, make_hello(name, CUT_RECORD_BYTES, hello));
	else
		return false;
	return true;
}

static void
step(int fd, const char *s)
{
	const char *colon = strchr(s, ':'), *value = colon != NULL ? colon + 1 : "";
	char text[4096];

	program_step = s;
	if (hello_step(fd, s, value))
		return;
	if (strncmp(s, "send:", 5) == 0)
		send_all(fd, text, unescape(value, text));
	else if (strncmp(s, "recv:", 5) == 0)
		expect_text(fd, text, unescape(value, text));
	else if (strncmp(s, "fill:", 5) == 0)
		fill(fd, (size_t)atol(value));
	else if (strncmp(s, "overfill:", 9) == 0)
		overfill(fd, (size_t)atol(value));
	else if (strcmp(s, "drain") == 0)
		drain(fd);
	else if (strncmp(s, "count:", 6) == 0)
		count(fd, (size_t)atol(value));
	else if (strncmp(s, "sleep:", 6) == 0)
		usleep((useconds_t)atol(value) * 1000);
	else if (strncmp(s, "touch:", 6) == 0)
		touch(value);
	else if (strncmp(s, "await:", 6) == 0)
		await(value);
	else if (strcmp(s, "end") == 0)
		shutdown(fd, SHUT_WR);
	else if (strcmp(s, "eof") == 0)
		expect_end(fd, 0);
	else if (strcmp(s, "reset") == 0)
		expect_end(fd, 1);
	else
		die("unknown step");
}

int
main(int argc, char **argv)
{
	int fd, i = 4;

	if (argc < 4)
		return 2;
	if (strcmp(argv[1], "listen") == 0) {
		fd = accept_at(argv[2], argv[3], false);
	} else if (strcmp(argv[1], "serve") == 0) {
		fd = accept_at(argv[2], argv[3], true);
	} else if (strcmp(argv[1], "full") == 0) {
		fd = fill_queue(argv[2], argv[3]);
	} else if (argc > 6 && strcmp(argv[4], "from") == 0) {
		fd = connect_to(argv[2], argv[3], argv[5]);
		i = 6;
	} else {
		fd = connect_to(argv[2], argv[3], "127.0.0.1");
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &step_limit, sizeof(step_limit));
	for (; i < argc; i++)
		step(fd, argv[i]);
	close(fd);
	return 0;
}
