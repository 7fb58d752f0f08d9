/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the topology screen share: topology.c (state, drawing,
 * commands), topology_layout.c (texts and form), topology_walk.c (selection),
 * topology_panel.c (side panel), topology_traffic.c (its sums),
 * topology_actions.c (what can be done),
 * topology_find.c, topology_view.c (what of the mesh is shown, and how),
 * topology_sight.c (what part of it is in sight), topology_flow.c (animation).
 */
#ifndef MESHTOP_TUI_SCREENS_TOPOLOGY_PRIV_H
#define MESHTOP_TUI_SCREENS_TOPOLOGY_PRIV_H

#include "src/topology/graph.h"
#include "src/topology/layout.h"
#include "src/topology/notes.h"
#include "src/topology/part.h"
#include "tui/app/screen.h"
#include "tui/widgets/sheet.h"

struct background;
struct flow;
struct grid;
struct mesh_service;
struct model;
struct model_query;
struct object;
struct picture;
struct trend;

/* Of a node or an edge; without a selection they are the sums of the picture. */
enum panel_tab { PANEL_TRAFFIC, PANEL_FLAGS, PANEL_HOSTS, PANEL_CONFIG, PANEL_TABS };
enum mesh_tab { MESH_TOTAL, MESH_INBOUND, MESH_OUTBOUND, MESH_FLAGS };

/* What is selected, by names that outlive a refresh. */
struct selection {
	char *node;		/* id; NULL: none.  With an edge: where one came from */
	char *from, *to;	/* ids of the edge's ends; NULL: no edge */
	enum edge_protocol protocol;
	bool is_mirrored;
};

struct topology {
	struct screen screen;
	struct graph *shown;		/* of the newest figures: the picture's, or its shape */
	size_t namespaces;		/* in it */
	struct picture *picture;	/* NULL before the first */
	struct layout *layout;		/* the picture's */
	struct picture *coming;		/* under way in worker */
	struct background *worker;
	int64_t quiet_until_ms;		/* no new layout for figures alone */
	bool is_asked;			/* a person asked for something else */
	bool starts_anew;		/* the next picture keeps no places */
	char *wanted;			/* selected when the coming picture is there */
	enum graph_fold fold;
	bool has_chosen_fold;
	VEC(char *) open_groups;
	char *focus;			/* id of the node whose surroundings are shown */
	unsigned hops;
	char *found;			/* text of find; NULL: none */
	bool *found_nodes, *found_edges;	/* of shown */
	struct layout_stats stats;
	struct grid *grid;		/* what is in sight of the picture */
	struct flow *flow;		/* dots of the traffic; NULL: not animated */
	uint32_t drawn_selection;	/* the grid was drawn with */
	unsigned drawn_glyphs, drawn_col, drawn_row;
	unsigned view_cols, view_rows;	/* room for the picture at the last draw */
	unsigned pan_col, pan_row;
	bool wants_layout, wants_sight;	/* bring the selection into sight */
	bool is_panned;			/* by hand: stays until the selection moves */
	enum layout_zoom zoom;
	bool has_panel, has_legend;
	unsigned tab, mesh_tab;		/* enum panel_tab, enum mesh_tab */
	struct trend *trend;		/* figures over time of the selection; NULL */
	bool shows_trend;		/* drawn since they were read */
	struct selection selection;
};

void selection_clear(struct selection *s);
void selection_set_node(struct topology *t, size_t node);
void selection_set_edge(struct topology *t, size_t edge);
/* SIZE_MAX when nothing of the kind is selected or it is not shown. */
size_t selected_node(const struct topology *t);
size_t selected_edge(const struct topology *t);

/* "NAME.NS" of a service, workload or app, or a part of a name; "": nothing.
 * Waits for a picture that is on its way; says when there is none of the name. */
bool topology_select(struct topology *t, const char *name);

/* Takes the model's graph over and lays it out for the room there is, large
 * ones beside the console. */
void topology_make_layout(struct topology *t);
bool topology_is_reading(const struct topology *t);	/* another graph is on its way */
bool topology_collect(struct topology *t);	/* a coming picture is there now */
void topology_drop_pictures(struct topology *t);

/* Brings into sight what is to be there, and no more than there is of the picture. */
void topology_look(struct topology *t);

/* Folds, surroundings, display options; false: another command. */
bool topology_view(struct topology *t, enum command_id id, const char *args);
/* Opens the group that a node of the whole graph is folded into, and leaves
 * surroundings that it is not in; false: neither was there. */
bool topology_uncover(struct topology *t, const struct graph *all, size_t node);
bool topology_group_is_open(void *arg, const char *group);
void topology_save(struct screen *s, struct buf *lines);
/* Says what part of the mesh is in the picture: "by namespace", "1 hop around x". */
void topology_part(const struct topology *t, struct buf *out);

/* Dots of the traffic: the picture is another one; a frame has passed; over
 * what was drawn. */
void topology_flow_reset(struct topology *t);
void topology_flow_step(struct topology *t);
void topology_flow_draw(struct topology *t, struct area a);

/* What the question wants to stand in the boxes. */
void topology_notes(const struct model_query *q, struct note_options *out);
/* Draws the legend; returns its rows.  a.canvas NULL: only measured. */
unsigned topology_legend(const struct topology *t, struct area a, enum glyph_level level);

/* Find: marks of what matches, and the commands that step through it. */
void topology_mark_found(struct topology *t);
void topology_show_found(const struct topology *t, struct grid *g);
bool topology_find_command(struct topology *t, enum command_id id, const char *args);
/* Menus, descriptions, documents of the selection; false: another command. */
bool topology_act(struct topology *t, enum command_id id, const char *args);
/* What a click can hit: the picture, or an edge of the list on a small terminal. */
enum { TOPOLOGY_HIT_PICTURE, TOPOLOGY_HIT_EDGE };
bool topology_click(struct screen *s, unsigned what, unsigned col, unsigned row);
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
void topology_sheet(struct topology *t, const struct model *m, unsigned tab, struct sheet *out);
/* Name and kind of what the panel is about. */
void topology_title(const struct topology *t, struct buf *name, struct buf *about);
/* The tab that is open for what is selected, and names of all. */
unsigned *topology_tab(struct topology *t);
const char *topology_tab_name(const struct topology *t, unsigned tab);

/* Sums of traffic as tables, and lines over time. */
enum traffic_side { TRAFFIC_TOTAL, TRAFFIC_INBOUND, TRAFFIC_OUTBOUND };
void traffic_of_graph(const struct topology *t, enum traffic_side side, struct sheet *out);
void traffic_of_node(const struct topology *t, size_t node, struct sheet *out);
void traffic_of_edge(const struct graph_edge *e, struct sheet *out);
void traffic_over_time(struct topology *t, struct sheet *out);
/* Reads the figures over time if they are not the newest of the selection; true
 * when they were not. */
bool traffic_read(struct topology *t);
bool traffic_is_failure(const struct graph_edge *e, const char *code);
void trend_free(struct trend **tp);

#endif
