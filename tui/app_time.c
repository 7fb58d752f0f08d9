/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looking at the past: any moment that the store holds, still or moving on
 * at a chosen speed until it has caught up with now.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tui/app_priv.h"
#include "tui/model.h"

#define STEP_MS 10000
#define BEGIN_MS 3000		/* rates need two readings */
#define SPEED_STANDARD 10.0
#define SPEED_MOST 1000.0

/* "90s", "5m", "2h", "1d" in ms; 0 for anything else. */
static int64_t
parse_span(const char *s)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);
	int64_t unit = strcmp(end, "s") == 0 ? 1000 : strcmp(end, "m") == 0 ? 60000 :
		       strcmp(end, "h") == 0 ? 3600000 : strcmp(end, "d") == 0 ? 86400000 : 0;

	return end == s || s[0] == '-' || n > 100000 ? 0 : (int64_t)n * unit;
}

/* "5m" (ago), "-5m", "17:03", "17:03:20": Unix ms; 0 for anything else.  A
 * time of day that is still to come was yesterday. */
static int64_t
parse_moment(const char *s, int64_t now_ms)
{
	time_t now = (time_t)(now_ms / 1000), then;
	int64_t span = parse_span(s[0] == '-' ? s + 1 : s);
	unsigned hour, minute, second = 0;
	struct tm day;
	char rest;

	if (span > 0)
		return now_ms - span;
	if (sscanf(s, "%2u:%2u:%2u%c", &hour, &minute, &second, &rest) != 3 &&
	    sscanf(s, "%2u:%2u%c", &hour, &minute, &rest) != 2)
		return 0;
	if (hour > 23 || minute > 59 || second > 59 || localtime_r(&now, &day) == NULL)
		return 0;
	day.tm_hour = (int)hour;
	day.tm_min = (int)minute;
	day.tm_sec = (int)second;
	day.tm_isdst = -1;
	then = mktime(&day);
	return (int64_t)(then > now ? then - 86400 : then) * 1000;
}

static void
go_live(struct app *a)
{
	a->model->query.at_ms = 0;
	a->is_playing = false;
	app_query(a);
}

/* Not beyond what is known; the newest moment is now again. */
static void
go_to(struct app *a, int64_t at_ms)
{
	struct model *m = a->model;

	if (m->newest_ms == 0) {
		app_say(a, SEVERITY_INFO, "nothing is known of the past yet");
		return;
	}
	if (at_ms >= m->newest_ms && !m->is_recorded) {
		go_live(a);
		return;
	}
	m->query.at_ms = at_ms < m->oldest_ms ? m->oldest_ms : at_ms > m->newest_ms ? m->newest_ms :
			 at_ms;
	app_query(a);
}

static void
go_to_words(struct app *a, const char *words)
{
	int64_t at = parse_moment(words, app_now_ms(a));

	if (strcmp(words, "now") == 0 || (words[0] == '\0' && a->model->query.at_ms != 0))
		go_live(a);
	else if (at == 0)
		app_say(a, SEVERITY_ERROR, "\"%s\" is no moment; write 17:03, 17:03:20, 5m (ago) or "
			"now", words);
	else
		go_to(a, at);
}

/* "[SPAN] [SPEED]": from that long ago, that many seconds in one. */
static void
replay(struct app *a, const char *words)
{
	size_t len = strcspn(words, " ");
	char *first = xstrndup(words, len), *end;
	const char *second = words + len + strspn(words + len, " ");
	int64_t span = first[0] == '\0' ? 300000 : parse_span(first);
	double speed = second[0] != '\0' ? strtod(second, &end) : SPEED_STANDARD;

	if (span == 0 || !(speed > 0 && speed <= SPEED_MOST) || (second[0] != '\0' && *end != '\0')) {
		app_say(a, SEVERITY_ERROR, "write a span and a speed: replay 5m 10");
	} else {
		go_to(a, a->model->newest_ms - span);
		a->speed = speed;
		a->is_playing = a->model->query.at_ms != 0;
		if (a->is_playing)
			app_say(a, SEVERITY_INFO, "z pauses, { and } step, :at now comes back");
	}
	free(first);
}

static void
step(struct app *a, int by)
{
	struct model *m = a->model;
	int64_t at = m->query.at_ms != 0 ? m->query.at_ms : m->newest_ms;

	if (m->query.at_ms == 0 && by > 0)
		app_say(a, SEVERITY_INFO, "this is now");
	else
		go_to(a, at + (int64_t)by * STEP_MS);
}

void
app_time_begin(struct app *a, double speed)
{
	go_to(a, a->model->oldest_ms + BEGIN_MS);
	a->speed = speed;
	a->is_playing = a->model->query.at_ms != 0;
}

void
app_time_tick(struct app *a)
{
	struct model *m = a->model;

	if (!a->is_playing || m->query.at_ms == 0)
		return;
	if (m->query.at_ms >= m->newest_ms) {
		a->is_playing = false;
		app_say(a, SEVERITY_INFO, "the end of what was recorded; { steps back");
		return;
	}
	go_to(a, m->query.at_ms + (int64_t)(a->speed * 1000));
}

bool
app_time_command(struct app *a, enum command_id id, const char *args)
{
	switch (id) {
	case CMD_AT: go_to_words(a, args); return true;
	case CMD_REPLAY: replay(a, args); return true;
	case CMD_STEP_EARLIER: step(a, -1); return true;
	case CMD_STEP_LATER: step(a, 1); return true;
	case CMD_FREEZE:
		if (a->model->query.at_ms == 0)
			return false;
		a->is_playing = !a->is_playing;
		a->speed = a->speed > 0 ? a->speed : SPEED_STANDARD;
		app_dirty(a);
		return true;
	default: return false;
	}
}

void
app_time_text(const struct app *a, struct buf *out)
{
	time_t at = (time_t)(a->model->query.at_ms / 1000);
	struct tm day;
	char text[32];

	if (localtime_r(&at, &day) == NULL || strftime(text, sizeof(text), "%H:%M:%S", &day) == 0)
		return;
	buf_printf(out, " AT %s ", text);
	if (a->is_playing)
		buf_printf(out, "x%g ", a->speed);
	else
		buf_puts(out, "paused ");
}
