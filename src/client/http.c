/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP by libcurl; see http.h. */
#include "src/client/http.h"

#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <curl/curl.h>

#include "config.h"
#include "src/base/clock.h"
#include "src/base/error.h"

#define MAX_BODY ((size_t)64 << 20)
#define MAX_HEADERS 200
#define MAX_HEADER_BYTES 65536

struct http_client {
	CURLM *multi;
	int epoll;
	uint64_t deadline_ns;		/* of curl's timer; 0: none */
	struct http_call *calls;
};

struct http_call {
	struct http_client *client;
	struct http_call *next;
	CURL *easy;
	struct curl_slist *headers, *connect_to;
	char *body;
	http_done *done;
	void *arg;
	uint64_t start_ns;
	size_t max_body, header_bytes;
	struct http_answer answer;
	char reason[CURL_ERROR_SIZE];
};

void
http_answer_fini(struct http_answer *a)
{
	for (size_t i = 0; i < a->headers.len; i++) {
		free(a->headers.items[i].name);
		free(a->headers.items[i].value);
	}
	vec_fini(&a->headers);
	buf_fini(&a->body);
}

/* curl tells which descriptors it waits for; the epoll set is our one fd. */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct http_client *c = arg;
	struct epoll_event e = { .data.fd = fd };

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(c->epoll, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	e.events = ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0u) |
		   ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0u);
	if (epoll_ctl(c->epoll, known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e) < 0)
		return -1;
	curl_multi_assign(c->multi, fd, c);
	return 0;
}

static int
on_timer(CURLM *multi, long ms, void *arg)
{
	struct http_client *c = arg;

	(void)multi;
	c->deadline_ns = ms < 0 ? 0 : clock_mono_ns(&clock_system) + (uint64_t)ms * NS_PER_MS;
	return 0;
}

struct http_client *
http_client_new(struct error *err)
{
	struct http_client *c = xcalloc(1, sizeof(*c));

	c->epoll = epoll_create1(EPOLL_CLOEXEC);
	c->multi = c->epoll >= 0 && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ?
		   curl_multi_init() : NULL;
	if (c->multi == NULL) {
		error_setf(err, ERROR_IO, "cannot start the HTTP client");
		if (c->epoll >= 0)
			close(c->epoll);
		free(c);
		return NULL;
	}
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	return c;
}

static void
free_call(struct http_call *call)
{
	struct http_client *c = call->client;

	for (struct http_call **p = &c->calls; *p != NULL; p = &(*p)->next) {
		if (*p == call) {
			*p = call->next;
			break;
		}
	}
	if (call->easy != NULL) {
		curl_multi_remove_handle(c->multi, call->easy);
		curl_easy_cleanup(call->easy);
	}
	curl_slist_free_all(call->headers);
	curl_slist_free_all(call->connect_to);
	http_answer_fini(&call->answer);
	free(call->body);
	free(call);
}

void
http_client_free(struct http_client **cp)
{
	struct http_client *c = *cp;

	*cp = NULL;
	if (c == NULL)
		return;
	while (c->calls != NULL)
		free_call(c->calls);
	curl_multi_cleanup(c->multi);
	close(c->epoll);
	free(c);
}

static size_t
on_body(char *data, size_t size, size_t count, void *arg)
{
	struct http_call *call = arg;
	size_t len = size * count;

	if (call->answer.body.len + len > call->max_body) {
		snprintf(call->answer.error, sizeof(call->answer.error),
			 "the body is longer than %zu bytes", call->max_body);
		return 0;
	}
	buf_append(&call->answer.body, data, len);
	return len;
}

static void
forget_headers(struct http_answer *a)
{
	for (size_t i = 0; i < a->headers.len; i++) {
		free(a->headers.items[i].name);
		free(a->headers.items[i].value);
	}
	a->headers.len = 0;
}

/* One line of the head; interim answers (1xx) begin anew. */
static size_t
on_header(char *data, size_t size, size_t count, void *arg)
{
	struct http_call *call = arg;
	size_t len = size * count, end = len;
	const char *colon = memchr(data, ':', len);
	struct http_answer_header h;

	call->header_bytes += len;
	if (call->header_bytes > MAX_HEADER_BYTES)
		return 0;
	if (len > 5 && memcmp(data, "HTTP/", 5) == 0)
		forget_headers(&call->answer);
	if (colon == NULL || call->answer.headers.len >= MAX_HEADERS)
		return len;
	while (end > 0 && isspace((unsigned char)data[end - 1]))
		end--;
	h.name = xstrndup(data, (size_t)(colon - data));
	for (char *p = h.name; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	colon++;
	while (colon < data + end && (*colon == ' ' || *colon == '\t'))
		colon++;
	h.value = colon < data + end ? xstrndup(colon, (size_t)(data + end - colon)) : xstrdup("");
	vec_push(&call->answer.headers, h);
	return len;
}

static void
set_address(struct http_call *call, const struct http_call_options *o)
{
	if (o->unix_socket != NULL)
		curl_easy_setopt(call->easy, CURLOPT_UNIX_SOCKET_PATH, o->unix_socket);
	if (o->dial_host != NULL || o->dial_port != 0) {
		char port[8] = "";
		char *to;

		if (o->dial_port != 0)
			snprintf(port, sizeof(port), "%u", (unsigned)o->dial_port);
		to = xasprintf("::%s:%s", o->dial_host != NULL ? o->dial_host : "", port);
		call->connect_to = curl_slist_append(NULL, to);
		curl_easy_setopt(call->easy, CURLOPT_CONNECT_TO, call->connect_to);
		free(to);
	}
	if (o->source_address != NULL) {
		char *name = xasprintf("host!%s", o->source_address);

		curl_easy_setopt(call->easy, CURLOPT_INTERFACE, name);
		free(name);
	}
	if (o->proxy != NULL)
		curl_easy_setopt(call->easy, CURLOPT_PROXY, o->proxy);
	else
		curl_easy_setopt(call->easy, CURLOPT_NOPROXY, "*");
}

static void
set_request(struct http_call *call, const struct http_call_options *o)
{
	const char *method = o->method != NULL ? o->method : "GET";

	if (strcmp(method, "HEAD") == 0)
		curl_easy_setopt(call->easy, CURLOPT_NOBODY, 1L);
	if (o->body != NULL) {
		call->body = xmalloc(o->body_len + 1);
		memcpy(call->body, o->body, o->body_len);
		curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)o->body_len);
		curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, call->body);
	}
	if (strcmp(method, "HEAD") != 0)
		curl_easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST, method);
	call->headers = curl_slist_append(NULL, "Expect:");
	if (o->body != NULL)
		call->headers = curl_slist_append(call->headers, "Content-Type:");
	for (size_t i = 0; o->headers != NULL && o->headers[i] != NULL; i++) {
		size_t name = strcspn(o->headers[i], ":");
		const char *value = o->headers[i] + name + strspn(o->headers[i] + name, ": \t");
		char *empty = *value == '\0' ? xasprintf("%.*s;", (int)name, o->headers[i]) : NULL;

		call->headers = curl_slist_append(call->headers, empty != NULL ? empty : o->headers[i]);
		free(empty);
	}
	curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
}

static void
set_up(struct http_call *call, const struct http_call_options *o)
{
	CURL *e = call->easy;

	curl_easy_setopt(e, CURLOPT_URL, o->url);
	curl_easy_setopt(e, CURLOPT_PRIVATE, call);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, call->reason);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "meshtop/" PACKAGE_VERSION);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, call);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)o->timeout_ms);
	set_address(call, o);
	set_request(call, o);
}

struct http_call *
http_start(struct http_client *c, const struct http_call_options *options, http_done *done,
	   void *arg, struct error *err)
{
	struct http_call *call = xcalloc(1, sizeof(*call));

	call->client = c;
	call->done = done;
	call->arg = arg;
	call->max_body = options->max_body_bytes > 0 ? options->max_body_bytes : MAX_BODY;
	call->start_ns = clock_mono_ns(&clock_system);
	call->easy = curl_easy_init();
	if (call->easy != NULL)
		set_up(call, options);
	if (call->easy == NULL || curl_multi_add_handle(c->multi, call->easy) != CURLM_OK) {
		error_setf(err, ERROR_IO, "cannot start the request %s", options->url);
		free_call(call);
		return NULL;
	}
	call->next = c->calls;
	c->calls = call;
	return call;
}

void
http_cancel(struct http_call **callp)
{
	if (*callp != NULL)
		free_call(*callp);
	*callp = NULL;
}

/* libcurl speaks of HTTP/0.9 where no status line comes.  It has the same code
 * for a URL of another scheme, which it does not connect for. */
static bool
is_other_protocol(const struct http_call *call, CURLcode code)
{
	long connects = 0;

	curl_easy_getinfo(call->easy, CURLINFO_NUM_CONNECTS, &connects);
	return code == CURLE_UNSUPPORTED_PROTOCOL && connects > 0;
}

static void
finish(struct http_call *call, CURLcode code)
{
	struct http_answer *a = &call->answer;
	long status = 0;

	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	a->status = code == CURLE_OK && status > 0 ? (unsigned)status : 0;
	a->duration_us = (clock_mono_ns(&clock_system) - call->start_ns) / 1000;
	a->was_refused = code == CURLE_COULDNT_CONNECT;
	if (a->status == 0 && a->error[0] == '\0')
		snprintf(a->error, sizeof(a->error), "%s", is_other_protocol(call, code) ?
			 "what answered does not speak HTTP" : call->reason[0] != '\0' ?
			 call->reason : curl_easy_strerror(code));
	call->done(call->arg, a);
	free_call(call);
}

int
http_client_fd(const struct http_client *c)
{
	return c->epoll;
}

int
http_client_delay_ms(const struct http_client *c)
{
	uint64_t now;

	if (c->deadline_ns == 0)
		return -1;
	now = clock_mono_ns(&clock_system);
	return now >= c->deadline_ns ? 0 : (int)((c->deadline_ns - now) / NS_PER_MS) + 1;
}

static void
work_sockets(struct http_client *c)
{
	struct epoll_event events[16];
	int count = epoll_wait(c->epoll, events, 16, 0), running;

	for (int i = 0; i < count; i++) {
		int what = ((events[i].events & (EPOLLIN | EPOLLHUP)) != 0 ? CURL_CSELECT_IN : 0) |
			   ((events[i].events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
			   ((events[i].events & EPOLLERR) != 0 ? CURL_CSELECT_ERR : 0);

		curl_multi_socket_action(c->multi, events[i].data.fd, what, &running);
	}
}

void
http_client_work(struct http_client *c)
{
	CURLMsg *m;
	int running, left;

	work_sockets(c);
	if (c->deadline_ns != 0 && clock_mono_ns(&clock_system) >= c->deadline_ns) {
		c->deadline_ns = 0;
		curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
	while ((m = curl_multi_info_read(c->multi, &left)) != NULL) {
		CURLcode code = m->data.result;
		void *call = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &call);
		finish(call, code);
	}
}

/* What a waiting caller gets. */
struct waiting {
	struct http_answer *out;
	bool is_done;
};

static void
take_answer(void *arg, const struct http_answer *a)
{
	struct waiting *w = arg;

	*w->out = *a;
	w->is_done = true;
	/* the call frees its own; ours are copies */
	memset(&w->out->headers, 0, sizeof(w->out->headers));
	w->out->body = BUF_INIT;
	buf_append(&w->out->body, buf_str(&a->body), a->body.len);
	for (size_t i = 0; i < a->headers.len; i++) {
		struct http_answer_header h = { xstrdup(a->headers.items[i].name),
						xstrdup(a->headers.items[i].value) };

		vec_push(&w->out->headers, h);
	}
}

int
http_do(const struct http_call_options *options, struct http_answer *out, struct error *err)
{
	struct http_client *c = http_client_new(err);
	struct waiting w = { .out = out };

	memset(out, 0, sizeof(*out));
	if (c == NULL)
		return -1;
	if (http_start(c, options, take_answer, &w, err) == NULL) {
		http_client_free(&c);
		return -1;
	}
	while (!w.is_done) {
		struct pollfd p = { .fd = http_client_fd(c), .events = POLLIN };

		poll(&p, 1, http_client_delay_ms(c));
		http_client_work(c);
	}
	http_client_free(&c);
	if (out->status != 0)
		return 0;
	return error_setf(err, ERROR_UNREACHABLE, "%s", out->error);
}
