/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plays a tape; see player.h.
 *
 * Each command has one step function, called until it says that it is done.
 * A key is only sent when the one before it has had its effect, so that
 * speed never changes the meaning of a tape.
 */
#include "src/tape/player.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/regex.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/tape/tape.h"

#define POLL_NS 10000000ull		/* between two looks at the screen */
#define EDGE_POLL_NS 200000000ull
#define SETTLE_POLL_NS 1000000ull
#define SETTLE_LIMIT_NS 10000000000ull	/* a screen that never settles is judged as it is */
#define CAPTION_NS_PER_BYTE 45000000ull
#define FRAME_RULE "--------------------------------------------------------------------------------\n"

enum step { STEP_DONE, STEP_AGAIN, STEP_FAILED };

struct player {
	const struct tape *tape;
	struct player_host host;
	struct player_options options;
	size_t at;			/* command being played */
	bool is_begun;			/* has its first step been made? */
	uint64_t begun_ns, due_ns;
	size_t offset;			/* bytes typed, keys pressed */
	uint64_t typing_ns;
	bool is_hidden;
	struct buf clipboard, last_frame, frames, failure;
	enum player_state state;
};

struct player *
player_new(const struct tape *t, const struct player_host *host,
	   const struct player_options *options)
{
	struct player *p = xcalloc(1, sizeof(*p));

	p->tape = t;
	p->host = *host;
	p->options = *options;
	p->typing_ns = t->typing_ns;
	return p;
}

void
player_free(struct player **pp)
{
	struct player *p = *pp;

	if (p == NULL)
		return;
	buf_fini(&p->clipboard);
	buf_fini(&p->last_frame);
	buf_fini(&p->frames);
	buf_fini(&p->failure);
	free(p);
	*pp = NULL;
}

static uint64_t
scaled(const struct player *p, uint64_t ns)
{
	return p->options.speed > 0 ? (uint64_t)((double)ns / p->options.speed) : 0;
}

/* "TAPE:LINE: what", then the screen. */
static enum step __attribute__((format(printf, 3, 4)))
fail(struct player *p, const struct tape_command *c, const char *fmt, ...)
{
	struct buf screen = BUF_INIT;
	va_list ap;

	buf_printf(&p->failure, "%s:%u: ", p->tape->file, c->line);
	va_start(ap, fmt);
	buf_vprintf(&p->failure, fmt, ap);
	va_end(ap);
	buf_putc(&p->failure, '\n');
	p->host.screen(p->host.arg, &screen);
	text_sanitize_lines(&p->failure, buf_str(&screen), screen.len);
	buf_fini(&screen);
	return STEP_FAILED;
}

/* File names are relative to the tape. */
static char *
path_of(const struct player *p, const char *file)
{
	const char *slash = strrchr(p->tape->file, '/');

	if (file[0] == '/' || slash == NULL)
		return xstrdup(file);
	return xasprintf("%.*s/%s", (int)(slash - p->tape->file), p->tape->file, file);
}

static int
write_file(const char *path, const char *data, size_t len)
{
	FILE *f = fopen(path, "we");
	int bad;

	if (f == NULL)
		return -1;
	bad = fwrite(data, 1, len, f) != len;
	return fclose(f) != 0 || bad ? -1 : 0;
}

static bool
is_settled(struct player *p, uint64_t now)
{
	return p->host.is_settled(p->host.arg) || now - p->begun_ns > SETTLE_LIMIT_NS;
}

static enum step
again(struct player *p, uint64_t due_ns)
{
	p->due_ns = due_ns;
	return STEP_AGAIN;
}

static enum step
step_type(struct player *p, const struct tape_command *c, uint64_t now)
{
	uint64_t gap = scaled(p, c->has_duration ? c->duration_ns : p->typing_ns);
	size_t left = strlen(c->text) - p->offset, len;
	uint32_t cp;
	bool ok;

	if (left == 0)
		return STEP_DONE;
	if (!is_settled(p, now))
		return again(p, now + SETTLE_POLL_NS);
	len = text_decode(c->text + p->offset, left, &cp, &ok);
	p->host.send(p->host.arg, c->text + p->offset, len);
	p->offset += len;
	return again(p, now + gap);
}

static enum step
step_key(struct player *p, const struct tape_command *c, uint64_t now)
{
	uint64_t gap = scaled(p, c->has_duration ? c->duration_ns : p->typing_ns);

	if (p->offset == c->count)
		return STEP_DONE;
	if (!is_settled(p, now))
		return again(p, now + SETTLE_POLL_NS);
	p->host.send(p->host.arg, c->bytes, strlen(c->bytes));
	p->offset++;
	return again(p, now + gap);
}

static enum step
step_sleep(struct player *p, const struct tape_command *c, uint64_t now)
{
	uint64_t end = p->begun_ns + scaled(p, c->duration_ns);

	return now >= end ? STEP_DONE : again(p, end);
}

/* Line number (from 1) of a text; 0: the last one that is not empty. */
static void
take_line(const struct buf *screen, unsigned line, struct buf *out)
{
	const char *at = buf_str(screen), *last = at;
	size_t last_len = 0;

	for (unsigned n = 1; *at != '\0'; n++) {
		size_t len = strcspn(at, "\n");

		if (n == line) {
			buf_append(out, at, len);
			return;
		}
		if (len > 0) {
			last = at;
			last_len = len;
		}
		at += len + (at[len] == '\n');
	}
	if (line == 0)
		buf_append(out, last, last_len);
}

static bool
screen_matches(struct player *p, const struct tape_command *c)
{
	struct buf screen = BUF_INIT, line = BUF_INIT;
	const struct buf *subject = &screen;
	bool matches;

	p->host.screen(p->host.arg, &screen);
	if (c->on_line) {
		take_line(&screen, c->op == TAPE_EXPECT ? c->count : 0, &line);
		subject = &line;
	}
	matches = regex_search(c->pattern, buf_str(subject), subject->len) == REGEX_YES;
	buf_fini(&screen);
	buf_fini(&line);
	return matches;
}

static enum step
step_wait(struct player *p, const struct tape_command *c, uint64_t now)
{
	uint64_t limit = c->has_duration ? c->duration_ns : p->tape->wait_timeout_ns;

	if (screen_matches(p, c))
		return STEP_DONE;
	if (now - p->begun_ns >= limit)
		return fail(p, c, "waited %.3g s for /%s/", (double)limit / 1e9, c->text);
	return again(p, now + POLL_NS);
}

static enum step
step_expect(struct player *p, const struct tape_command *c, uint64_t now)
{
	if (!is_settled(p, now))
		return again(p, now + SETTLE_POLL_NS);
	if (screen_matches(p, c) != c->is_negated)
		return STEP_DONE;
	return fail(p, c, "expected %s/%s/%s", c->is_negated ? "no " : "", c->text,
		    c->on_line ? " on that line" : "");
}

static bool
compare(const struct tape_command *c, double v)
{
	bool equal = fabs(v - c->number) < 1e-9;

	switch (c->compare) {
	case COMPARE_NONE: return true;
	case COMPARE_LT: return v < c->number && !equal;
	case COMPARE_LE: return v < c->number || equal;
	case COMPARE_EQ: return equal;
	case COMPARE_NE: return !equal;
	case COMPARE_GE: return v > c->number || equal;
	case COMPARE_GT: return v > c->number && !equal;
	}
	return false;
}

static enum step
edge_failure(struct player *p, const struct tape_command *c, bool exists, double value)
{
	static const char *const ops[] = { "", "<", "<=", "=", "!=", ">=", ">" };
	char what[128] = "", got[64] = "";

	if (c->field != NULL)
		snprintf(what, sizeof(what), " %s %s %g", c->field, ops[c->compare], c->number);
	if (!exists)
		snprintf(got, sizeof(got), "there is no such edge");
	else
		snprintf(got, sizeof(got), "%s is %.5g", c->field != NULL ? c->field : "its rate", value);
	return fail(p, c, "expected %s\"%s\" -> \"%s\"%s over %g s; %s", c->is_negated ? "no " : "",
		    c->from, c->to, what, c->over_s, got);
}

static enum step
step_edge(struct player *p, const struct tape_command *c, uint64_t now)
{
	const struct edge_query q = { c->from, c->to, c->reporter, c->protocol, c->field, c->over_s };
	uint64_t limit = c->has_duration ? c->duration_ns : p->tape->wait_timeout_ns;
	double value = 0;
	bool exists;

	if (c->op == TAPE_EXPECT_EDGE && !is_settled(p, now))
		return again(p, now + SETTLE_POLL_NS);
	exists = p->host.edge(p->host.arg, &q, &value);
	if ((exists && compare(c, value)) != c->is_negated)
		return STEP_DONE;
	if (c->op == TAPE_EXPECT_EDGE || now - p->begun_ns >= limit)
		return edge_failure(p, c, exists, value);
	return again(p, now + EDGE_POLL_NS);
}

static enum step
step_yaml(struct player *p, const struct tape_command *c, uint64_t now)
{
	struct buf got = BUF_INIT;
	bool exists, right;

	if (!is_settled(p, now))
		return again(p, now + SETTLE_POLL_NS);
	exists = p->host.yaml(p->host.arg, c->kind, c->name, c->path, &got);
	right = c->value == NULL ? !exists : exists && strcmp(buf_str(&got), c->value) == 0;
	if (!right)
		fail(p, c, "expected %s %s %s %s; it is %s", c->kind, c->name, c->path,
		     c->value != NULL ? c->value : "(absent)", exists ? buf_str(&got) : "absent");
	buf_fini(&got);
	return right ? STEP_DONE : STEP_FAILED;
}

static bool
read_whole(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "re");
	char chunk[4096];
	size_t got;

	if (f == NULL)
		return false;
	while ((got = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_append(out, chunk, got);
	fclose(f);
	return true;
}

static enum step
step_golden(struct player *p, const struct tape_command *c, uint64_t now)
{
	struct buf screen = BUF_INIT, want = BUF_INIT;
	enum step result = STEP_DONE;
	char *path;

	if (!is_settled(p, now))
		return again(p, now + SETTLE_POLL_NS);
	path = path_of(p, c->text);
	p->host.screen(p->host.arg, &screen);
	if (p->options.update_goldens) {
		if (write_file(path, buf_str(&screen), screen.len) < 0)
			result = fail(p, c, "%s: %s", path, strerror(errno));
	} else if (!read_whole(path, &want)) {
		result = fail(p, c, "%s: %s (--update writes it)", path, strerror(errno));
	} else if (strcmp(buf_str(&screen), buf_str(&want)) != 0) {
		result = fail(p, c, "the screen differs from %s", path);
	}
	free(path);
	buf_fini(&screen);
	buf_fini(&want);
	return result;
}

static enum step
step_change(struct player *p, const struct tape_command *c, uint64_t now)
{
	struct error err = ERROR_INIT;
	char *path;
	int result;

	(void)now;
	if (!p->options.allow_write)
		return fail(p, c, "this target is only written with --allow-apply");
	path = path_of(p, c->text);
	if (c->op == TAPE_APPLY)
		result = p->host.apply(p->host.arg, path, &err);
	else
		result = p->host.deploy(p->host.arg, c->text, c->op == TAPE_UNDEPLOY, &err);
	free(path);
	return result == 0 ? STEP_DONE : fail(p, c, "%s", err.msg);
}

static enum step
step_caption(struct player *p, const struct tape_command *c, uint64_t now)
{
	uint64_t end = p->begun_ns + scaled(p, strlen(c->text) * CAPTION_NS_PER_BYTE);

	if (p->offset == 0) {
		p->host.caption(p->host.arg, c->text);
		p->offset = 1;
	}
	return now >= end ? STEP_DONE : again(p, end);
}

static void
tell(struct player *p, enum player_event event, const char *text)
{
	if (p->options.on_event != NULL)
		p->options.on_event(p->options.event_arg, event, text);
}

static enum step
step_mark(struct player *p, const struct tape_command *c, uint64_t now)
{
	(void)now;
	tell(p, PLAYER_MARK, c->text);
	p->host.mark(p->host.arg, c->text);
	return STEP_DONE;
}

static enum step
step_pause(struct player *p, const struct tape_command *c, uint64_t now)
{
	(void)c;
	return p->host.pause(p->host.arg) ? again(p, now + POLL_NS) : STEP_DONE;
}

static enum step
step_resize(struct player *p, const struct tape_command *c, uint64_t now)
{
	(void)now;
	p->host.resize(p->host.arg, c->cols, c->rows);
	return STEP_DONE;
}

static enum step
step_capture(struct player *p, const struct tape_command *c, uint64_t now)
{
	(void)now;
	p->is_hidden = c->op == TAPE_HIDE;
	tell(p, p->is_hidden ? PLAYER_HIDE : PLAYER_SHOW, "");
	return STEP_DONE;
}

static bool
ends_in(const char *file, const char *ending)
{
	size_t len = strlen(file), tail = strlen(ending);

	return len >= tail && strcmp(file + len - tail, ending) == 0;
}

static enum step
step_screenshot(struct player *p, const struct tape_command *c, uint64_t now)
{
	struct buf picture = BUF_INIT;
	enum step result = STEP_DONE;
	char *path;

	if (!is_settled(p, now))
		return again(p, now + SETTLE_POLL_NS);
	if (ends_in(c->text, ".txt") || ends_in(c->text, ".ascii"))
		p->host.screen(p->host.arg, &picture);
	else if (!ends_in(c->text, ".svg") || p->host.screen_svg == NULL ||
		 !p->host.screen_svg(p->host.arg, &picture))
		return STEP_DONE;	/* a picture format: noted, skipped */
	path = path_of(p, c->text);
	if (write_file(path, buf_str(&picture), picture.len) < 0)
		result = fail(p, c, "%s: %s", path, strerror(errno));
	free(path);
	buf_fini(&picture);
	return result;
}

static enum step
step_copy(struct player *p, const struct tape_command *c, uint64_t now)
{
	(void)now;
	buf_clear(&p->clipboard);
	buf_puts(&p->clipboard, c->text);
	return STEP_DONE;
}

static enum step
step_paste(struct player *p, const struct tape_command *c, uint64_t now)
{
	struct buf bytes = BUF_INIT;

	if (!is_settled(p, now))
		return again(p, now + SETTLE_POLL_NS);
	buf_puts(&bytes, "\033[200~");
	buf_puts(&bytes, c->text != NULL ? c->text : buf_str(&p->clipboard));
	buf_puts(&bytes, "\033[201~");
	p->host.send(p->host.arg, buf_str(&bytes), bytes.len);
	buf_fini(&bytes);
	return STEP_DONE;
}

static enum step
step_set(struct player *p, const struct tape_command *c, uint64_t now)
{
	(void)now;
	if (strcmp(c->text, "TypingSpeed") == 0)
		p->typing_ns = c->duration_ns;
	return STEP_DONE;
}

static enum step
step_nothing(struct player *p, const struct tape_command *c, uint64_t now)
{
	(void)p;
	(void)c;
	(void)now;
	return STEP_DONE;
}

static enum step (*const steps[TAPE_OP_COUNT])(struct player *, const struct tape_command *,
					       uint64_t) = {
	[TAPE_TYPE] = step_type, [TAPE_KEY] = step_key, [TAPE_SLEEP] = step_sleep,
	[TAPE_WAIT] = step_wait, [TAPE_EXPECT] = step_expect, [TAPE_EXPECT_EDGE] = step_edge,
	[TAPE_WAIT_EDGE] = step_edge, [TAPE_EXPECT_YAML] = step_yaml,
	[TAPE_GOLDEN] = step_golden, [TAPE_APPLY] = step_change, [TAPE_DEPLOY] = step_change,
	[TAPE_UNDEPLOY] = step_change, [TAPE_CAPTION] = step_caption, [TAPE_MARK] = step_mark,
	[TAPE_PAUSE] = step_pause, [TAPE_RESIZE] = step_resize, [TAPE_HIDE] = step_capture,
	[TAPE_SHOW] = step_capture, [TAPE_SCREENSHOT] = step_screenshot, [TAPE_COPY] = step_copy,
	[TAPE_PASTE] = step_paste, [TAPE_SET] = step_set, [TAPE_OUTPUT] = step_nothing,
	[TAPE_REQUIRE] = step_nothing, [TAPE_ENV] = step_nothing, [TAPE_SOURCE] = step_nothing,
};

static bool
wants_frames(const struct player *p)
{
	for (size_t i = 0; i < p->tape->outputs.len; i++)
		if (!ends_in(p->tape->outputs.items[i], ".cast"))
			return true;
	return false;
}

/* The text of each frame that differs from the one before, a rule between. */
static void
capture_frame(struct player *p)
{
	struct buf screen = BUF_INIT;

	if (p->is_hidden || !wants_frames(p))
		return;
	p->host.screen(p->host.arg, &screen);
	if (strcmp(buf_str(&screen), buf_str(&p->last_frame)) != 0) {
		buf_append(&p->frames, buf_str(&screen), screen.len);
		buf_puts(&p->frames, FRAME_RULE);
		buf_fini(&p->last_frame);
		p->last_frame = screen;
		return;
	}
	buf_fini(&screen);
}

/* What was shown, into the files of Output. */
static enum player_state
write_outputs(struct player *p, enum player_state state)
{
	for (size_t i = 0; i < p->tape->outputs.len; i++) {
		const char *file = p->tape->outputs.items[i];
		char *path;

		if (ends_in(file, ".cast"))
			continue;	/* the host writes what the terminal got */
		path = path_of(p, file);
		if (write_file(path, buf_str(&p->frames), p->frames.len) < 0 &&
		    state == PLAYER_PASSED) {
			buf_printf(&p->failure, "%s: %s: %s\n", p->tape->file, path, strerror(errno));
			state = PLAYER_FAILED;
		}
		free(path);
	}
	p->state = state;
	return state;
}

static enum player_state
finish(struct player *p, enum player_state state)
{
	capture_frame(p);
	return write_outputs(p, state);
}

/* Whether the tape means nothing without it; keys and pauses may be left over
 * when a tape ends the console itself. */
static bool
is_claim(enum tape_op op)
{
	switch (op) {
	case TAPE_WAIT:
	case TAPE_EXPECT:
	case TAPE_EXPECT_EDGE:
	case TAPE_WAIT_EDGE:
	case TAPE_EXPECT_YAML:
	case TAPE_GOLDEN:
	case TAPE_APPLY:
	case TAPE_DEPLOY:
	case TAPE_UNDEPLOY:
	case TAPE_SCREENSHOT:
		return true;
	default:
		return false;
	}
}

enum player_state
player_end(struct player *p)
{
	if (p->state != PLAYER_RUNNING)
		return p->state;
	for (size_t i = p->at; i < p->tape->commands.len; i++) {
		const struct tape_command *c = &p->tape->commands.items[i];

		if (is_claim(c->op)) {
			buf_printf(&p->failure, "%s:%u: the console had ended before this line\n",
				   p->tape->file, c->line);
			return write_outputs(p, PLAYER_FAILED);
		}
	}
	return write_outputs(p, PLAYER_PASSED);
}

enum player_state
player_step(struct player *p, uint64_t now, uint64_t *next_ns)
{
	*next_ns = now;
	if (p->state != PLAYER_RUNNING)
		return p->state;
	while (p->at < p->tape->commands.len) {
		const struct tape_command *c = &p->tape->commands.items[p->at];

		if (!p->is_begun) {
			p->is_begun = true;
			p->begun_ns = p->due_ns = now;
			p->offset = 0;
		}
		if (now < p->due_ns) {
			*next_ns = p->due_ns;
			return PLAYER_RUNNING;
		}
		switch (steps[c->op](p, c, now)) {
		case STEP_FAILED:
			return finish(p, PLAYER_FAILED);
		case STEP_AGAIN:
			*next_ns = p->due_ns;
			if (p->due_ns > now)
				return PLAYER_RUNNING;
			/* Due at once: let the host do its work in between. */
			*next_ns = now;
			return PLAYER_RUNNING;
		case STEP_DONE:
			capture_frame(p);
			p->is_begun = false;
			p->at++;
		}
	}
	return finish(p, PLAYER_PASSED);
}

void
player_failure(const struct player *p, struct buf *out)
{
	buf_append(out, buf_str(&p->failure), p->failure.len);
}
