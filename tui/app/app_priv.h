/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the app's own files share: app.c (keys, screens), app_draw.c (frame
 * around the screens), app_commands.c (commands of every screen), app_pages.c (pages),
 * app_changes.c (those about documents), app_edit.c (in an editor),
 * app_actions.c (menus of what can be done), app_complete.c (completion).
 */
#ifndef MESHTOP_TUI_APP_PRIV_H
#define MESHTOP_TUI_APP_PRIV_H

#include "src/base/buf.h"
#include "src/base/vec.h"
#include "tui/app/app.h"
#include "tui/app/screen.h"

#define APP_MIN_COLS 40u	/* below: one sentence */
#define APP_MIN_ROWS 10u
#define APP_FULL_COLS 80u	/* below: one column */
#define APP_FULL_ROWS 24u

struct app_edit;
struct config;
struct prompt;

struct playback {		/* the past that moves on or back */
	bool is_playing, is_back;
	int64_t frame_ms;	/* of the past, from one frame to the next */
	unsigned ticks, waited;	/* seconds that a frame stands, has stood */
	int64_t begin_ms, end_ms;	/* where it ends */
};

struct app {
	const struct clock *clock;
	struct feed *feed;
	struct model *model;
	struct app_host host;
	struct canvas *canvas;
	enum glyph_level richest_glyphs;
	struct keymap *keymap;
	struct prompt *prompt;
	VEC(struct screen *) stack;	/* [0] is the picture */
	VEC(struct screen *) dead;	/* freed when no call of theirs is on the stack */
	VEC(char *) views;		/* lines that opened them, for [ and ] */
	size_t view;			/* the current one */
	struct buf message;
	enum severity severity;
	bool has_message;
	struct buf caption;
	struct buf question;		/* a yes-no question waits */
	void (*on_answer)(void *arg, bool yes);
	void *on_answer_arg;
	char *found;			/* last text of "/" */
	bool is_dirty, shows_status;
	bool has_new_screen;		/* it has not been drawn: it knows no rows and no room */
	char *saved_file;		/* of views and expressions; NULL: not kept */
	bool saved_is_broken;		/* not to be written over */
	char *view_lines, *view_rest;	/* of the view that is opened; what is still to be run */
	struct playback playback;
	bool is_framing;		/* a frame is asked for */
	bool is_polling;		/* work beside the console is under way */
	bool is_going_back;		/* a view is opened by [ or ]: not remembered */
	bool is_opening_view;		/* a saved one: its lines are run */
	struct app_edit *edit;		/* a document in the editor, or being stored; NULL */
	int64_t interrupt_ms;		/* first Ctrl-C */
	int depth;			/* calls into screens */
};

void app_draw(struct app *a);
/* The screen that fills the room, under whatever lies over it; those below are
 * not seen. */
size_t app_base_screen(const struct app *a);
/* Pages, and the way back through them (app_pages.c); false: another command. */
bool app_page_command(struct app *a, enum command_id id, const char *args);
/* `:namespace`, `:find` and `:filter`. */
void app_choose_namespaces(struct app *a, const char *words);
void app_find_text(struct app *a, const char *text);
void app_filter_text(struct app *a, const char *text);	/* of a list; "": all rows */
/* Seconds of "5m"; 0 and a message. */
unsigned app_parse_window(struct app *a, const char *word);
/* NAME[.NAMESPACE] stands for no service, or not for one alone. */
void app_say_no_service(struct app *a, const char *name);
/* Saved views and expressions (app_views.c); false: another command. */
bool app_view_command(struct app *a, enum command_id id, const char *args);
/* Moments of the past (app_time.c). */
bool app_time_command(struct app *a, enum command_id id, const char *args);
void app_time_tick(struct app *a);
void app_time_text(const struct app *a, struct buf *out);
void app_load_saved(struct app *a);
/* Lines of a view may need the picture that those before asked for: each is
 * run when that is there. */
void app_go_on_with_view(struct app *a);
/* Runs lines that way, before those of a view that is under way. */
void app_run_when_settled(struct app *a, const char *lines);
void app_take_config(struct app *a, const struct config *c);
/* Commands that mean the same on every screen; false: unknown here. */
bool app_global_command(struct app *a, enum command_id id, const char *args);
/* Those of them that are about documents. */
bool app_change_command(struct app *a, enum command_id id, const char *args);
/* "KIND NAME.NS" into an object; NULL and a message. */
const struct object *app_find_object(struct app *a, const char *args);
/* :actions, :wizards and :scale; false: another command. */
bool app_action_command(struct app *a, enum command_id id, const char *args);
/* :delete KIND NAME.NS,... and :delete-routing NAME.NS,...: all in one change. */
void app_delete(struct app *a, const char *args);
void app_delete_routing(struct app *a, const char *args);
/* :edit KIND NAME.NS */
void app_edit(struct app *a, const char *args);
/* A commit has ended; true when it was of an edited document, and was told. */
bool app_edit_committed(struct app *a, bool ok, const char *text);
void app_edit_free(struct app *a);
#define APP_WINDOWS 12		/* time windows to choose from */
extern const char *const app_windows[APP_WINDOWS];
void app_complete(void *arg, const char *line, size_t start,
		  void (*add)(void *to, const char *word), void *to);
/* Back to the picture: closes everything over it.  False when one of them holds
 * unsaved work: then it has asked. */
bool app_may_pop_all(struct app *a);
void app_pop_all(struct app *a);
void app_remember_view(struct app *a, const char *line);

#endif
