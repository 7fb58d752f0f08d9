/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The screens, each opened by one function that returns it for app_push().
 */
#ifndef MESHTOP_TUI_SCREENS_SCREENS_H
#define MESHTOP_TUI_SCREENS_SCREENS_H

#include <stdbool.h>
#include <stddef.h>

#include "src/model/problem.h"
#include "src/wizard/wizard.h"
#include "tui/config/keymap.h"

struct app;
struct error;
struct mesh_service;
struct screen;

struct screen *topology_open(struct app *a);
struct screen *help_open(struct app *a, unsigned scope, const char *view);
struct screen *edges_open(struct app *a);
struct screen *matrix_open(struct app *a);
struct screen *overview_open(struct app *a);
struct screen *apps_open(struct app *a);
struct screen *services_open(struct app *a);
struct screen *workloads_open(struct app *a);
struct screen *config_open(struct app *a);
struct screen *start_open(struct app *a);
struct screen *requests_open(struct app *a);
struct screen *validations_open(struct app *a);
struct screen *history_open(struct app *a);

/* args: WORKLOAD.NS METHOD URL ["NAME: VALUE"]...; shows or says why not. */
void explain_show(struct app *a, const char *args);

/* NULL and err when the wizard cannot serve the service. */
struct screen *wizard_screen_open(struct app *a, enum wizard_kind kind,
				  const struct mesh_service *service, struct error *err);

/* Text in tabs: YAML, differences, descriptions. */
enum text_look { TEXT_PLAIN, TEXT_YAML, TEXT_DIFF, TEXT_TITLED };
struct viewer;
struct viewer *viewer_new(const char *title);
/* Copies; text is sanitized here. */
void viewer_add(struct viewer *v, const char *tab, const char *text, enum text_look look);
/* Under a line (from 1; 0: before the first) of the tab added last, at a
 * column in characters (0: none).  Copies; text is sanitized here. */
void viewer_note(struct viewer *v, size_t line, unsigned col, enum severity severity,
		 const char *text);
struct screen *viewer_screen(struct viewer *v);

/* A choice in a box over the screen. */
struct menu;
struct menu *menu_new(const char *title);
/* Enter runs line as if typed behind `:`; one that ends in a blank is put on
 * the command line to go on from.  line NULL: a heading. detail may be NULL. */
void menu_add(struct menu *m, const char *label, const char *detail, const char *line);
/* The detail is how that command is given, as app_put_key() tells. */
void menu_add_key(struct menu *m, const char *label, enum command_id key, const char *line);
/* Several may be marked; Enter runs line and the marked labels with commas. */
void menu_set_many(struct menu *m, const char *line);
void menu_mark_last(struct menu *m);		/* the item added last is marked */
struct screen *menu_screen(struct menu *m);
/* The display options of the picture. */
void display_menu(struct app *a);
/* What can be done to a service or workload (NAME.NS), added to a menu. */
void app_add_actions(struct app *a, struct menu *menu, const char *name);

#endif
