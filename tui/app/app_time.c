/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looking at the past: any moment that the store holds, still or moving on
 * or back at a chosen speed, frame by frame (spec/kiali.md 2.1).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/moment.h"
#include "src/base/xalloc.h"
#include "tui/app/app_priv.h"
#include "tui/feed/model.h"

#define STEP_MS 10000
#define BEGIN_MS 3000		/* rates need two readings */
#define SPEED_MOST 1000.0
#define SPAN_STANDARD_MS 300000

/* Speeds to choose from, the slowest first: how much of the past a frame goes
 * on, and how many seconds it stands. */
static const struct speed {
	const char *name;
	int64_t frame_ms;
	unsigned ticks;
} speeds[] = {
	{ "x1", 1000, 1 }, { "slow", STEP_MS, 5 }, { "medium", STEP_MS, 3 },
	{ "fast", STEP_MS, 1 }, { "x30", 30000, 1 }, { "x60", 60000, 1 }, { "x300", 300000, 1 },
};
#define SPEED_STANDARD 2u		/* medium */

/* From where people count: a recorded session has its own now. */
static int64_t
base_ms(const struct app *a)
{
	return a->model->is_recorded && a->model->newest_ms > 0 ? a->model->newest_ms : app_now_ms(a);
}

/* The end of a recorded session is a moment like any other. */
static void
go_live(struct app *a)
{
	a->model->query.at_ms = a->model->is_recorded ? a->model->newest_ms : 0;
	a->playback.is_playing = false;
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
	struct error err = ERROR_INIT;
	int64_t at;

	if (strcmp(words, "now") == 0 || (words[0] == '\0' && a->model->query.at_ms != 0)) {
		a->model->query.is_frozen = false;	/* what was frozen before is not now */
		go_live(a);
	} else if (moment_parse(words, base_ms(a), &at, &err) < 0) {
		app_say(a, SEVERITY_ERROR, "\"%s\": %s; :at now comes back", words, err.msg);
	} else {
		go_to(a, at);
	}
}

static void
set_speed(struct playback *p, size_t speed)
{
	p->frame_ms = speeds[speed].frame_ms;
	p->ticks = speeds[speed].ticks;
}

/* "slow", "medium", "fast", "20" (seconds in one); false: none of them. */
static bool
parse_speed(const char *word, struct playback *p)
{
	const char *number = word[0] == 'x' ? word + 1 : word;
	char *end;
	double factor = strtod(number, &end);

	for (size_t i = 0; i < ARRAY_LEN(speeds); i++) {
		if (strcmp(word, speeds[i].name) == 0) {
			set_speed(p, i);
			return true;
		}
	}
	if (end == number || *end != '\0' || !(factor >= 0.001 && factor <= SPEED_MOST))
		return false;
	p->frame_ms = (int64_t)(factor * 1000);
	p->ticks = 1;
	return true;
}

/* One word of `:replay`. */
static int
take_word(const struct app *a, const char *word, int64_t *span, int64_t *from, struct playback *p,
	  struct error *err)
{
	if (strcmp(word, "back") == 0)
		p->is_back = true;
	else if (moment_span_ms(word) > 0)
		*span = moment_span_ms(word);
	else if (strchr(word, ':') != NULL && moment_of_day(word, base_ms(a), from, err) < 0)
		return error_prefixf(err, "\"%s\"", word);
	else if (strchr(word, ':') == NULL && !parse_speed(word, p))
		return error_setf(err, ERROR_USAGE, "write a span and a speed (slow, medium, fast or "
				  "a number), and a start if it is not now that it ends: "
				  "replay 5m 17:03 slow");
	return 0;
}

static void
play(struct app *a)
{
	const struct playback *p = &a->playback;
	int64_t last = a->model->newest_ms - (a->model->is_recorded ? 0 : STEP_MS);

	go_to(a, !p->is_back ? p->begin_ms : p->end_ms < last ? p->end_ms : last);
	a->playback.is_playing = a->model->query.at_ms != 0;
	if (a->playback.is_playing)
		app_tell(a, SEVERITY_INFO, "{freeze} pauses, {step-earlier} and {step-later} step, {slower} and "
			 "{faster} slower and faster, {play-back} turns round, :at now comes back");
}

/* "[SPAN] [FROM] [SPEED] [back]" in any order; without FROM until now. */
static void
replay(struct app *a, const char *words)
{
	struct playback p = { .is_playing = false };
	int64_t span = 0, from = 0;
	struct error err = ERROR_INIT;

	set_speed(&p, SPEED_STANDARD);
	while (*words != '\0') {
		size_t len = strcspn(words, " ");
		char *word = xstrndup(words, len);
		int status = take_word(a, word, &span, &from, &p, &err);

		free(word);
		if (status < 0) {
			app_say_error(a, &err);
			return;
		}
		words += len + strspn(words + len, " ");
	}
	p.begin_ms = from > 0 ? from : a->model->newest_ms - (span > 0 ? span : SPAN_STANDARD_MS);
	p.end_ms = from > 0 && span > 0 ? from + span : INT64_MAX;
	a->playback = p;
	play(a);
}

static void
put_speed(const struct playback *p, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(speeds); i++) {
		if (speeds[i].frame_ms == p->frame_ms && speeds[i].ticks == p->ticks) {
			buf_puts(out, speeds[i].name);
			return;
		}
	}
	buf_printf(out, "x%g", (double)p->frame_ms / 1000 / p->ticks);
}

/* While it stands the status line does not tell. */
static void
say_speed(struct app *a)
{
	struct buf b = BUF_INIT;

	put_speed(&a->playback, &b);
	app_say(a, SEVERITY_INFO, "plays on with speed %s", buf_str(&b));
	buf_fini(&b);
}

/* The next speed of the table that is slower (-1) or faster (1). */
static void
change_speed(struct app *a, int by)
{
	struct playback *p = &a->playback;
	size_t at = 0;

	if (a->model->query.at_ms == 0) {
		app_tell(a, SEVERITY_INFO, "nothing is played; :replay begins, {window} offers it");
		return;
	}
	while (at + 1 < ARRAY_LEN(speeds) &&
	       speeds[at].frame_ms * p->ticks < p->frame_ms * speeds[at].ticks)
		at++;
	if (by < 0)
		at -= at > 0;
	else if (speeds[at].frame_ms * p->ticks <= p->frame_ms * speeds[at].ticks)
		at += at + 1 < ARRAY_LEN(speeds);
	set_speed(p, at);
	if (!p->is_playing)
		say_speed(a);
	app_dirty(a);
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
	a->playback = (struct playback){
		.frame_ms = (int64_t)(speed * 1000), .ticks = 1, .end_ms = INT64_MAX,
		.begin_ms = a->model->oldest_ms + BEGIN_MS,
	};
	go_to(a, a->playback.begin_ms);
	a->playback.is_playing = a->model->query.at_ms != 0;
}

bool
app_is_playing(const struct app *a)
{
	return a->playback.is_playing && a->model->query.at_ms != 0;
}

static void
pause_at_end(struct app *a)
{
	a->playback.is_playing = false;
	app_tell(a, SEVERITY_INFO, a->playback.is_back ? "the beginning; {play-back} plays on from here" :
		 "the end; {step-earlier} steps back, {play-back} plays backwards");
}

void
app_time_tick(struct app *a)
{
	struct playback *p = &a->playback;
	struct model *m = a->model;
	int64_t least = p->begin_ms > m->oldest_ms ? p->begin_ms : m->oldest_ms;
	int64_t most = p->end_ms < m->newest_ms ? p->end_ms : m->newest_ms, at;

	if (!p->is_playing || m->query.at_ms == 0 || ++p->waited < p->ticks)
		return;
	p->waited = 0;
	if (p->is_back ? m->query.at_ms <= least : m->query.at_ms >= most) {
		pause_at_end(a);
		return;
	}
	at = m->query.at_ms + (p->is_back ? -p->frame_ms : p->frame_ms);
	go_to(a, at < least ? least : at > most ? most : at);
}

/* Plays on or pauses; now, there is nothing to play and it is frozen. */
static bool
pause_or_play(struct app *a)
{
	if (a->model->query.at_ms == 0)
		return false;
	if (a->playback.ticks == 0) {
		a->playback.end_ms = INT64_MAX;
		set_speed(&a->playback, SPEED_STANDARD);
	}
	a->playback.is_playing = !a->playback.is_playing;
	app_dirty(a);
	return true;
}

/* From now on backwards, or on from there. */
static void
turn_round(struct app *a)
{
	if (a->model->query.at_ms == 0) {
		a->playback = (struct playback){ .is_back = true, .end_ms = INT64_MAX };
		set_speed(&a->playback, SPEED_STANDARD);
		play(a);
		return;
	}
	if (!a->playback.is_playing)
		pause_or_play(a);
	a->playback.is_back = !a->playback.is_back;
	a->playback.begin_ms = 0;	/* also beyond what was asked for */
	a->playback.end_ms = INT64_MAX;
	app_dirty(a);
}

bool
app_time_command(struct app *a, enum command_id id, const char *args)
{
	switch (id) {
	case CMD_AT: go_to_words(a, args); return true;
	case CMD_REPLAY: replay(a, args); return true;
	case CMD_STEP_EARLIER: step(a, -1); return true;
	case CMD_STEP_LATER: step(a, 1); return true;
	case CMD_SLOWER: change_speed(a, -1); return true;
	case CMD_FASTER: change_speed(a, 1); return true;
	case CMD_PLAY_BACK: turn_round(a); return true;
	case CMD_FREEZE: return pause_or_play(a);
	default: return false;
	}
}

void
app_time_text(const struct app *a, struct buf *out)
{
	time_t at = (time_t)(a->model->query.at_ms / 1000), now = (time_t)(app_now_ms(a) / 1000);
	struct tm day, today;
	char text[32];

	if (localtime_r(&at, &day) == NULL || localtime_r(&now, &today) == NULL)
		return;
	strftime(text, sizeof(text), day.tm_yday == today.tm_yday && day.tm_year == today.tm_year ?
		 "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &day);
	buf_printf(out, " AT %s ", text);
	if (!a->playback.is_playing) {
		buf_puts(out, "paused ");
		return;
	}
	buf_puts(out, a->playback.is_back ? "back " : "");
	put_speed(&a->playback, out);
	buf_putc(out, ' ');
}
