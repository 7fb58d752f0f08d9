/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the topology screen share: topology.c (state, drawing,
 * commands), topology_layout.c (texts and form), topology_walk.c (selection),
 * topology_panel.c (side panel), topology_actions.c (what can be done).
 */
#ifndef MESHTOP_TUI_SCREENS_TOPOLOGY_PRIV_H
#define MESHTOP_TUI_SCREENS_TOPOLOGY_PRIV_H

#include "src/topology/graph.h"
#include "src/topology/layout.h"
#include "tui/screen.h"
#include "tui/widgets/sheet.h"

struct arena;
struct mesh_service;
struct model;
struct object;

enum panel_tab { PANEL_TRAFFIC, PANEL_FLAGS, PANEL_HOSTS, PANEL_CONFIG, PANEL_TABS };

/* What is selected, by names that outlive a refresh. */
struct selection {
	char *node;		/* id; NULL: none.  With an edge: where one came from */
	char *from, *to;	/* ids of the edge's ends; NULL: no edge */
	enum edge_protocol protocol;
	bool is_mirrored;
};

struct topology {
	struct screen screen;
	struct graph *shown;		/* of the newest figures */
	struct layout *layout;
	struct graph *borrowed;		/* by the layout: shown, or an older one of its shape */
	struct arena *texts;		/* what the layout borrows, too: */
	const char **labels, **notes, **marks;
	struct {
		unsigned cols, rows, labels, fit;
		enum layout_zoom zoom;
	} laid;				/* what the layout was made for */
	struct layout_stats stats;
	struct grid *grid;		/* what is in sight of the picture */
	uint32_t drawn_selection;	/* the grid was drawn with */
	unsigned drawn_glyphs, drawn_col, drawn_row;
	unsigned view_cols, view_rows;	/* room for the picture at the last draw */
	unsigned pan_col, pan_row;
	bool wants_layout, wants_sight;	/* bring the selection into sight */
	bool is_panned;			/* by hand: stays until the selection moves */
	enum layout_zoom zoom;
	bool has_panel, has_legend;
	enum panel_tab tab;
	struct selection selection;
};

void selection_clear(struct selection *s);
void selection_set_node(struct topology *t, size_t node);
void selection_set_edge(struct topology *t, size_t edge);
/* SIZE_MAX when nothing of the kind is selected or it is not shown. */
size_t selected_node(const struct topology *t);
size_t selected_edge(const struct topology *t);

/* Takes the model's graph over and lays it out for the room there is. */
void topology_make_layout(struct topology *t);
/* Menus, descriptions, documents of the selection; false: another command. */
bool topology_act(struct topology *t, enum command_id id, const char *args);
/* The commands that move the selection; false: another command. */
bool topology_walk(struct topology *t, enum command_id id);
bool topology_find(struct screen *s, const char *text, int direction);
/* True when layers go down instead of to the right. */
bool topology_is_top_down(const struct topology *t);

/* The service that the selection is about; NULL when there is none. */
const struct mesh_service *topology_service(const struct topology *t, const struct model *m);
/* Does the object (a rule, or the service itself) concern the service? */
bool topology_concerns(const struct model *m, const struct object *o,
		       const struct mesh_service *s);
void topology_sheet(const struct topology *t, const struct model *m, enum panel_tab tab,
		    struct sheet *out);
/* Name and kind of what the panel is about. */
void topology_title(const struct topology *t, struct buf *name, struct buf *about);
const char *panel_tab_name(enum panel_tab tab);

#endif
