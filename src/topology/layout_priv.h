/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the steps of the layout share.
 *
 * Two directions instead of columns and rows: *along* the flow (from layer to
 * layer) and *across* it (inside a layer).  Left to right, along is columns;
 * top down, along is rows.  The steps run in this order, each in its file:
 *
 *	(begin.c tries several variants of the first four)
 *	fold.c	graph -> boxes and lines (what does not fit is counted)
 *	layer.c	cycles, layer of each box
 *	bus.c	lines -> bundles (complete groups), items that pass through layers
 *	order.c	order of the items in each layer, with sift.c
 *	refine.c	other layers and trunks, in which fewer lines cross
 *	place.c	position across, ports; stack.c puts boxes under others, compact.c
 *		takes out air
 *	route.c	slots of the bundles in each gap between layers, position along
 *	crossing.c	what crosses in the end
 *	draw.c	cells
 */
#ifndef MESHTOP_TOPOLOGY_LAYOUT_PRIV_H
#define MESHTOP_TOPOLOGY_LAYOUT_PRIV_H

#include "src/topology/graph.h"
#include "src/topology/layout.h"

#define NONE UINT32_MAX

/* Weight up to which narrower forms and refined ones are pictures of their own. */
enum { LAYOUT_SMALL = 26 };

struct arena;
struct rng;

struct box {			/* a node of the picture */
	const char *label, *note, *mark;	/* note and mark may be NULL */
	uint32_t node;		/* index in the graph; NONE: counted node */
	uint32_t first_node;	/* the same, or the first that is counted */
	uint32_t item;
	uint32_t layer;
	uint32_t rank;		/* with frames: the same order in all layers */
	unsigned text_cols, text_rows;	/* what stands inside */
	bool calls_itself;
};

struct line {			/* an edge of the picture */
	uint32_t from, to;	/* boxes */
	uint32_t edge;		/* first graph edge it stands for */
	uint32_t first, count;	/* all of them, in members */
	uint32_t bundle;
	uint8_t kind;		/* protocol * 2 + is_mirrored */
	uint8_t health;		/* worst of its edges */
	bool is_back;		/* against the flow */
	bool is_alone;		/* shares no trunk though it might */
	bool is_idle;
};

/* Lines of one kind from all sources to all targets: a complete group.  Only
 * one source or one target when these are in several layers. */
struct bundle {
	uint32_t *sources, *targets;	/* boxes, in the order of the flow, ascending */
	uint32_t source_count, target_count;
	uint32_t *lines;	/* [source * target_count + target] */
	uint32_t *passing;	/* items in the layers between first and last */
	uint32_t first, last;	/* layer of the first source, of the last target */
	uint32_t first_net;	/* nets first_net .. first_net + last - first - 1 */
	uint8_t kind;
	bool is_back;		/* heads point against the flow */
};

struct item {			/* what takes room in a layer */
	uint32_t box;		/* NONE: a bundle that passes through, or the side of */
	uint32_t frame;		/* this frame (NONE: it is none) */
	uint32_t bundle;
	uint32_t group;		/* innermost frame that it must stand in, or NONE */
	uint32_t layer, pos;
	int size;		/* cells across */
	int at;			/* first cell across */
	uint32_t *up, *down;	/* items in the layers before and behind */
	uint32_t up_count, down_count;
	struct pin **up_pins, **down_pins;	/* where its lines touch, in order */
	uint32_t up_pin_count, down_pin_count;
};

/* The box around a group: layers first to last, and from one side item to the
 * other in each of them. */
struct frame {
	uint32_t parent;	/* a smaller index, or NONE */
	uint32_t first, last;	/* layers; first NONE: no member is drawn */
	uint32_t *low, *high;	/* items, [layer - first] */
	uint32_t first_rank, last_rank;	/* of the members, in the order of all boxes */
	unsigned start_depth, end_depth;	/* frames inside that begin, end with it */
	const char *title;
	enum { TITLE_NONE, TITLE_START, TITLE_END } title_side;
	int title_at;		/* first cell on that side */
	unsigned title_cells;	/* that there are for it */
};

#define NO_SLOT (-1)

struct pin {			/* where a net meets the edge of its gap */
	uint32_t item, net;
	int at;			/* across */
	int slot, slot2;	/* left to right: own piece; NO_SLOT: straight */
	int via;		/* where slot goes over to slot2, if slot2 is set */
	const char *label;	/* NULL: none */
};

/* The part of a bundle in one gap.  Top down it has one trunk in slot (with
 * a jog at via to slot2 when needed); left to right each pin has a piece of
 * its own and they meet on the row spine. */
struct net {
	uint32_t bundle;
	uint32_t gap;
	struct pin *ins, *outs;	/* from the layer before, into the layer behind */
	uint32_t in_count, out_count;
	int spine;
	int slot, slot2, via;
};

struct layer {
	uint32_t *items;
	uint32_t count;
	int start, extent;	/* along */
};

struct gap {			/* behind the layer of the same index */
	uint32_t *nets;
	uint32_t net_count;
	int start, extent;	/* along */
	int slots;
	int in_frames, out_frames;	/* frames that end, begin in it: cells */
	/* Cells before the first slot and behind the last that no frame takes:
	 * labels and the ends of lines. */
	int in_room, out_room;
	bool is_turned;		/* leads down from a box to that under it, see stack.c */
	int turn_at;		/* along, of its line */
};

enum bundling {			/* lines that may share a trunk */
	BUNDLE_ALL, BUNDLE_SHORT, BUNDLE_NONE, BUNDLINGS,
};

struct layout {
	const struct graph *g;
	struct layout_options o;
	struct arena *arena;
	enum layout_form form;	/* never AUTO once placed */
	bool is_tight;		/* names without padding, slots side by side */
	bool is_stacked;	/* boxes that are alone in their layers, under others */
	unsigned layering;	/* which of several; odd: counted from the leaves */
	enum bundling bundling;
	bool is_quick;		/* less effort: one of many variants */
	bool is_draft;		/* little effort: only asked whether it fits */
	uint64_t *effort;	/* as in struct limit */
	unsigned most_cells;	/* that a layer should take top down; 0: any */
	struct box *boxes;
	uint32_t box_count;
	uint32_t *box_of;	/* graph node -> box */
	bool *is_folded;	/* graph node -> in a counted box */
	struct line *lines;
	uint32_t line_count;
	uint32_t *members;	/* graph edges, line by line */
	uint32_t *line_of;	/* graph edge -> line, NONE for a self call */
	struct bundle *bundles;
	uint32_t bundle_count;
	struct item *items;
	uint32_t item_count;
	struct layer *layers;
	struct gap *gaps;
	uint32_t layer_count;
	struct net *nets;
	uint32_t net_count;
	struct frame *frames;	/* NULL: none */
	uint32_t frame_count;
	int margin;		/* cells along before the first layer, for frames */
	struct layout_stats stats;
	unsigned plain_crossings;	/* about as many without shared trunks; UINT_MAX: not known */
	unsigned wanted_cols;	/* as asked for, before any page was chosen */
	enum layout_form wanted_form;
	bool wanted_groups;
};

struct folding {		/* node -> counted box, NONE: drawn */
	uint32_t *of;
	uint32_t count;
};

struct limit {
	unsigned cols;		/* a layer should take, top down; 0: no limit */
	bool is_tight;		/* counted without padding */
	bool is_draft;
	bool is_quick;		/* only asked what may come of it */
	bool is_refined;	/* a small one: as few crossings as can be */
	const uint32_t *layers;	/* of boxes, instead of those in an earlier layout; or NULL */
	/* What is left for all the pictures of one graph that are compared, in
	 * visits of neighbours; with nothing left, each gets little.  NULL: enough. */
	uint64_t *effort;
};

/* begin.c: boxes, layers and order, all that does not depend on the shape; the
 * best of some variants.  f may be NULL: nothing is folded. */
struct layout *layout_begin(const struct graph *g, const struct layout_options *o,
			    const struct layout *previous, const struct folding *f,
			    struct limit limit);
/* How much work it is: boxes, or as many as usually have so many lines. */
uint32_t layout_weight(const struct layout *l);

/* fold.c: fills boxes and lines.  fold_of[node] is NONE or the number of the
 * counted box (0 .. folds - 1) that the node disappears in. */
void fold_graph(struct layout *l, const uint32_t *fold_of, uint32_t folds);

/* layer.c: sets is_back of lines and layer of boxes, by l->layering.  limit:
 * cells across a layer may take, 0 for no limit. */
void layer_assign(struct layout *l, const struct layout *previous, int limit);

/* layer.c: sets is_back of lines by the layers of their ends. */
void layer_turn_lines(struct layout *l);
/* layer.c: cells that a box takes in its layer, top down. */
int layer_box_cells(const struct layout *l, uint32_t box);

/* bus.c: fills bundles, items, layers (in canonical order) and nets. */
void bundle_lines(struct layout *l);

/* order.c */
void order_items(struct layout *l, const struct layout *previous);
/* keep.c: the folding of an earlier layout for the nodes that are still
 * there; returns the number of counted boxes, 0 when too much has changed. */
uint32_t fold_keep(const struct graph *g, const struct layout *previous, uint32_t *fold_of);
/* keep.c: the order of an earlier layout; false when too much has changed. */
bool order_keep(struct layout *l, const struct layout *previous);
/* keep.c: where an earlier layout's line passed the layers that the bundle passes. */
void order_passing(const struct bundle *b, const struct layout *previous,
		   const struct line *line, uint32_t *old);
/* keep.c: lines that share no trunk in an earlier layout, though they might. */
void trunks_keep(struct layout *l, const struct layout *previous);
/* relieve.c: the layers of the boxes, but one from the widest layer goes to another
 * one; false: there is no place for it.  l is placed top down. */
bool relieve_layer(const struct layout *l, const struct layout *previous, uint32_t *layers);
/* insert.c: puts an item between the places low and high (count of the layer)
 * where its links cross least, at the first such place; takes it out again.
 * Neighbours that are not placed (pos NONE) do not count. */
void order_insert(struct layout *l, struct layer *layer, uint32_t item, uint32_t low,
		  uint32_t high);
void order_take(struct layout *l, struct layer *layer, uint32_t item);
/* insert.c: puts an item that is in no place into that one. */
void order_put(struct layout *l, struct layer *layer, uint32_t item, uint32_t at);
/* insert.c: an order from another one.  old[item] is the place it had in its layer, NONE:
 * it goes where it crosses least, and looks again in further rounds. */
void order_resume(struct layout *l, const uint32_t *old, int rounds);
/* order.c: neighbours of all items by their places. */
void order_sort_links(struct layout *l);
/* refine.c: moves boxes to other layers and lines off their trunks where that
 * removes crossings, in so many steps. */
void refine_layers(struct layout *l, unsigned steps);
/* sift.c: pairs of nets that must cross because of the order. */
unsigned order_crossings(const struct layout *l);
/* Are both buses of the same sources, so that the lines of one only pass behind the
 * bar of the other? */
bool net_shares_sources(const struct net *a, const struct net *b);
/* crossing.c: pairs of nets that cross in the picture, once it is routed. */
unsigned drawn_crossings(const struct layout *l);
/* The same; sets nets[i] of those that cross another one. */
unsigned order_mark_crossings(const struct layout *l, bool *nets);
/* sift.c: single items go where fewer nets cross, until about most pairs of
 * nets have been compared.  The sifter holds good while the
 * nets of the layout stay the same. */
struct sifter;
struct sifter *sifter_new(struct layout *l);
void sifter_free(struct sifter **sp);
uint64_t sifter_spent(const struct sifter *s);	/* pairs compared so far */
/* As order_crossings(), of the order that it left. */
unsigned sifter_crossings(const struct sifter *s);
void sift_all(struct sifter *s, uint64_t most, int passes);
/* The same for some items, and the neighbours of what moves. */
void sift_some(struct sifter *s, const uint32_t *items, uint32_t count, uint64_t most);
/* lane.c: trunks through several layers go where they cross least, until about most
 * visits of neighbours are spent; crossings saved.  spent grows by them.  Not with frames. */
unsigned lanes_sift(struct layout *l, uint64_t most, uint64_t *spent);
/* Moves items by lot, sifts around them, and takes back what does not pay,
 * until about most pairs have been compared.  crossings: of the order that stands.
 * Of orders with equal crossings it ends with the first, as sweeps put things
 * closer, or the last. */
enum shake_end { SHAKE_STAYS, SHAKE_WANDERS };
void sift_shake(struct sifter *s, unsigned crossings, uint64_t most, enum shake_end ends,
		struct rng *rng);

/* frame.c: groups of o.groups stand together, and their sides become items;
 * search as in frame_order(). */
void frame_items(struct layout *l, bool search);
/* frame_order.c: may these neighbours in a layer change places? */
bool frame_may_pass(const struct layout *l, uint32_t a, uint32_t b);
/* frame.c: the sides of each frame in line, nothing closer than it may be;
 * then as close to the members as they can be. */
void frame_straighten(struct layout *l);
void frame_tighten(struct layout *l);
/* frame.c: where the titles stand, once everything is placed. */
void frame_titles(struct layout *l);
/* frame.c: cells of the sides along the flow. */
int frame_start(const struct layout *l, const struct frame *f);
int frame_end(const struct layout *l, const struct frame *f);

/* pin_label.c: the texts of pins. */
void label_pins(struct layout *l);
int label_cells(const struct pin *p);		/* 0: none */
/* Above the end of the line (left to right), or so many cells right of it? */
enum { LABEL_SHIFT = 2 };
bool label_is_above(const struct layout *l, const struct net *n);

/* place.c: sizes and positions across. */
void place_items(struct layout *l);
/* Blank cells that must be between neighbours in a layer. */
int place_separation(const struct layout *l, const struct item *a, const struct item *b);

/* port.c: order and position of pins on the sides of boxes. */
int port_room(const struct layout *l, const struct pin *p);	/* cells to the next port */
void port_collect(struct layout *l);		/* fills up_pins and down_pins */
void port_spread(struct layout *l);		/* in order, even, relative positions */
void port_align(struct layout *l);		/* final; positions become absolute */

/* stack.c: turns gaps and puts their boxes under one another; is there any to
 * turn in a layout that is left to right? */
void stack_boxes(struct layout *l);
bool stack_is_possible(const struct layout *l);

/* compact.c: takes out rows (or columns) that are empty in all layers. */
void compact_items(struct layout *l);

/* isotonic.c: positions that keep their order and are as near to their
 * wishes as can be (least sum of weighted distances). */
struct wish {
	int at, weight;
};
struct spot {
	uint32_t first, count;	/* wishes; none: goes where there is room */
	int offset;		/* least distance from the first spot */
	int at;			/* result */
};
void isotonic_solve(struct spot *spots, uint32_t count, struct wish *wishes);

/* route.c: slots, positions along; moves everything to start at 0. */
void route_gaps(struct layout *l);
int layer_extent(const struct layout *l, const struct layer *layer);	/* along */

/* Corners of the way from in to out in the net; at most ROUTE_POINTS. */
enum { ROUTE_POINTS = 10 };
struct route_point {
	int along, across;
};
unsigned route_path(const struct layout *l, const struct net *n, const struct pin *in,
		    const struct pin *out, struct route_point points[ROUTE_POINTS]);

/* Where the line of a pin ends in its gap: beside the box, if it belongs to one. */
struct route_point route_end(const struct layout *l, const struct net *n, const struct pin *p,
			     bool is_in);

/* The pin of a box among a net's, or that of the bundle where it passes through
 * the box's layer; NULL: none. */
const struct pin *route_pin(const struct layout *l, const struct pin *pins, uint32_t count,
			    uint32_t box);

/* Is across the rows? */
static inline bool
layout_is_across(const struct layout *l)
{
	return l->form == LAYOUT_LEFT_RIGHT;
}

#endif
