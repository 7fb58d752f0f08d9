/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine's admin socket; see admin.h. */
#include "src/client/admin.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/client/http.h"

#define TIMEOUT_MS 5000
#define REASON_BYTES 120

static int
ask(int folder, const char *dir, const char *path, struct buf *out, struct error *err)
{
	char socket_path[64];
	char *url = xasprintf("http://engine%s", path);
	struct http_call_options o = { .url = url, .unix_socket = socket_path,
				       .timeout_ms = TIMEOUT_MS };
	struct http_answer a;
	int status;

	snprintf(socket_path, sizeof(socket_path), "/proc/self/fd/%d/admin.sock", folder);
	status = http_do(&o, &a, err);
	free(url);
	if (status < 0)
		error_setf(err, ERROR_UNREACHABLE, a.was_refused ?
			   "no engine runs on %s; start it with meshtop open or meshtop-proxy" :
			   "the engine of %s does not answer: %s", dir, a.error);
	else if (a.status != 200)
		status = error_setf(err, ERROR_REFUSED, "the engine answered %u to %s: %.*s", a.status,
				    path, REASON_BYTES, buf_str(&a.body));
	else
		buf_append(out, buf_str(&a.body), a.body.len);
	http_answer_fini(&a);
	return status;
}

int
admin_get(const char *dir, const char *path, struct buf *out, struct error *err)
{
	char *state = xasprintf("%s/.meshtop", dir);
	int folder = open(state, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	int status;

	free(state);
	if (folder < 0)
		return error_setf(err, ERROR_UNREACHABLE, "no engine runs on %s; start it with "
				  "meshtop open or meshtop-proxy", dir);
	status = ask(folder, dir, path, out, err);
	close(folder);
	return status;
}

struct value *
admin_get_json(struct arena *a, const char *dir, const char *path, struct error *err)
{
	struct buf text = BUF_INIT;
	struct value *v = NULL;

	if (admin_get(dir, path, &text, err) == 0) {
		v = json_parse(a, buf_str(&text), text.len, err);
		if (v == NULL)
			error_prefixf(err, "the engine's answer to %s", path);
	}
	buf_fini(&text);
	return v;
}
