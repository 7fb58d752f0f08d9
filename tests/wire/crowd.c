/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crowd TARGET HOST PATH CLIENTS REQUESTS DELAY_MS BACKEND...: many clients at
 * once, and what arrives behind the engine.
 *
 * Serves HTTP/1.1 at each BACKEND (ADDRESS:PORT), answering after DELAY_MS;
 * meanwhile CLIENTS connections to TARGET (ADDRESS:PORT) ask for PATH of HOST,
 * REQUESTS times each, one after another.  Prints how many answers of each
 * status came, and of each backend how many requests it had and how many
 * connections and requests at most at once; "all" is the most of all together.
 * Exits 1 when an answer is missing after TIME_LIMIT_MS.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_BACKENDS 16
#define MAX_FDS 1024
#define HEAD_BYTES 4096
#define TIME_LIMIT_MS 20000

enum role { LISTENER, SERVED, CLIENT };

/* One descriptor; index goes with that in fds[]. */
struct peer {
	enum role role;
	int backend;
	unsigned left;			/* requests of a client */
	bool is_asking;			/* a request is under way */
	long due_ms;			/* of the answer; 0: none */
	size_t len;
	char head[HEAD_BYTES];
};

struct backend {
	struct sockaddr_in address;
	unsigned requests, connections, most_connections, active, most_active;
};

struct crowd {
	struct sockaddr_in target;
	const char *host, *path;
	long delay_ms;
	struct backend backends[MAX_BACKENDS], all;
	int backend_count;
	struct pollfd fds[MAX_FDS];
	struct peer *peers[MAX_FDS];
	nfds_t count;
	unsigned statuses[600], missing;
};

static long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
die(const char *what)
{
	fprintf(stderr, "crowd: %s: %s\n", what, strerror(errno));
	exit(2);
}

static struct sockaddr_in
address_of(const char *text)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	char host[64];
	const char *colon = strrchr(text, ':');

	if (colon == NULL || (size_t)(colon - text) >= sizeof(host))
		die(text);
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	a.sin_port = htons((in_port_t)atoi(colon + 1));
	if (inet_pton(AF_INET, host, &a.sin_addr) != 1)
		die(text);
	return a;
}

static struct peer *
add(struct crowd *c, int fd, enum role role, int backend)
{
	struct peer *p = calloc(1, sizeof(*p));

	if (p == NULL || c->count == MAX_FDS)
		die("too many");
	p->role = role;
	p->backend = backend;
	c->peers[c->count] = p;
	c->fds[c->count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	return p;
}

static void
drop(struct crowd *c, nfds_t i)
{
	struct peer *p = c->peers[i];

	if (p->role == SERVED && p->due_ms != 0)
		c->backends[p->backend].active--;
	if (p->role == CLIENT)
		c->missing += p->left;
	close(c->fds[i].fd);
	free(p);
	c->count--;
	c->peers[i] = c->peers[c->count];
	c->fds[i] = c->fds[c->count];
}

static void
serve(struct crowd *c, const char *text)
{
	struct backend *b = &c->backends[c->backend_count];
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	b->address = address_of(text);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&b->address, sizeof(b->address)) < 0 || listen(fd, 512) < 0)
		die(text);
	add(c, fd, LISTENER, c->backend_count++);
}

static void
ask(struct crowd *c, int fd, struct peer *p)
{
	char request[512];
	int len = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n",
			   c->path, c->host);

	p->is_asking = true;
	if (write(fd, request, (size_t)len) != len)
		die("asking");
}

static void
come(struct crowd *c, unsigned requests)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct peer *p;

	if (connect(fd, (struct sockaddr *)&c->target, sizeof(c->target)) < 0)
		die("connecting");
	p = add(c, fd, CLIENT, -1);
	p->left = requests;
	ask(c, fd, p);
}

static void
more(unsigned *most, unsigned now)
{
	*most = now > *most ? now : *most;
}

/* Connections whose end has not arrived yet. */
static void
count_connections(struct crowd *c)
{
	unsigned all = 0;

	for (int b = 0; b < c->backend_count; b++)
		c->backends[b].connections = 0;
	for (nfds_t i = 0; i < c->count; i++) {
		char byte;

		if (c->peers[i]->role != SERVED ||
		    recv(c->fds[i].fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
			continue;
		c->backends[c->peers[i]->backend].connections++;
		all++;
	}
	for (int b = 0; b < c->backend_count; b++)
		more(&c->backends[b].most_connections, c->backends[b].connections);
	more(&c->all.most_connections, all);
}

static void
on_request(struct crowd *c, struct peer *p)
{
	struct backend *b = &c->backends[p->backend];
	unsigned all = 0;

	p->due_ms = now_ms() + c->delay_ms + 1;
	b->requests++;
	b->active++;
	more(&b->most_active, b->active);
	for (int i = 0; i < c->backend_count; i++)
		all += c->backends[i].active;
	more(&c->all.most_active, all);
}

/* False: it is to be dropped. */
static bool
on_answer(struct crowd *c, int fd, struct peer *p)
{
	unsigned status = (unsigned)atoi(p->head + 9);

	c->statuses[status < 600 ? status : 0]++;
	p->is_asking = false;
	if (--p->left == 0)
		return false;
	ask(c, fd, p);
	return true;
}

/* Heads alone are looked at: requests have no body, answers' are short. */
static bool
on_bytes(struct crowd *c, nfds_t i)
{
	struct peer *p = c->peers[i];
	ssize_t n = recv(c->fds[i].fd, p->head + p->len, HEAD_BYTES - 1 - p->len, 0);
	const char *end, *length;
	size_t whole;

	if (n <= 0)
		return false;
	p->len += (size_t)n;
	p->head[p->len] = '\0';
	end = strstr(p->head, "\r\n\r\n");
	if (end == NULL)
		return p->len < HEAD_BYTES - 1;
	length = p->role == CLIENT ? strstr(p->head, "content-length: ") : NULL;
	whole = (size_t)(end + 4 - p->head) + (length != NULL ? (size_t)atoi(length + 16) : 0);
	if (p->len < whole)
		return p->len < HEAD_BYTES - 1;
	p->len = 0;
	if (p->role == CLIENT)
		return on_answer(c, c->fds[i].fd, p);
	on_request(c, p);
	return true;
}

static void
answer(struct crowd *c, nfds_t i, long now)
{
	static const char text[] = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
	struct peer *p = c->peers[i];

	if (p->role != SERVED || p->due_ms == 0 || p->due_ms > now)
		return;
	p->due_ms = 0;
	c->backends[p->backend].active--;
	(void)!write(c->fds[i].fd, text, sizeof(text) - 1);
}

/* Everybody who is ready; connections may be added or dropped. */
static void
turn(struct crowd *c)
{
	poll(c->fds, c->count, 2);
	for (nfds_t i = c->count; i-- > 0; ) {
		if (c->fds[i].revents == 0)
			continue;
		if (c->peers[i]->role != LISTENER) {
			if (!on_bytes(c, i))
				drop(c, i);
			continue;
		}
		add(c, accept(c->fds[i].fd, NULL, NULL), SERVED, c->peers[i]->backend);
		count_connections(c);
	}
	for (nfds_t i = 0; i < c->count; i++)
		answer(c, i, now_ms());
}

static unsigned
clients_left(const struct crowd *c)
{
	unsigned n = 0;

	for (nfds_t i = 0; i < c->count; i++)
		n += c->peers[i]->role == CLIENT;
	return n;
}

static void
print(const struct crowd *c)
{
	for (unsigned s = 0; s < 600; s++)
		if (c->statuses[s] > 0)
			printf("status %u %u\n", s, c->statuses[s]);
	for (int b = 0; b < c->backend_count; b++)
		printf("backend %d requests %u connections %u active %u\n", b,
		       c->backends[b].requests, c->backends[b].most_connections,
		       c->backends[b].most_active);
	printf("all connections %u active %u missing %u\n", c->all.most_connections,
	       c->all.most_active, c->missing + clients_left(c));
}

int
main(int argc, char **argv)
{
	static struct crowd c;
	long end = now_ms() + TIME_LIMIT_MS;

	if (argc < 8 || argc - 7 > MAX_BACKENDS)
		die("usage: crowd TARGET HOST PATH CLIENTS REQUESTS DELAY_MS BACKEND...");
	c.target = address_of(argv[1]);
	c.host = argv[2];
	c.path = argv[3];
	c.delay_ms = atol(argv[6]);
	for (int i = 7; i < argc; i++)
		serve(&c, argv[i]);
	for (int i = atoi(argv[4]); i > 0; i--)
		come(&c, (unsigned)atoi(argv[5]));
	while (clients_left(&c) > 0 && now_ms() < end)
		turn(&c);
	print(&c);
	return c.missing > 0 || clients_left(&c) > 0;
}
