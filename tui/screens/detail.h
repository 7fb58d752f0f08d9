/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The page of one service, workload or application: tabs, each one file that
 * ends in its table of operations.
 */
#ifndef MESHTOP_TUI_SCREENS_DETAIL_H
#define MESHTOP_TUI_SCREENS_DETAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/app/screen.h"

struct mesh_service;
struct mesh_workload;
struct model;
struct table;

enum detail_kind { DETAIL_SERVICE, DETAIL_WORKLOAD, DETAIL_APP };

#define DETAIL_TABS 9
#define DETAIL_WORKLOADS 64

struct detail;
struct detail_tab;

struct detail_tab_ops {
	const char *name;		/* "Traffic" */
	const char *word;		/* behind `:service NAME.NS`: "traffic" */
	unsigned kinds;			/* 1 << enum detail_kind */
	unsigned scope;			/* SCOPE_PAGE or SCOPE_CHARTS */
	size_t size;			/* of the tab's struct */
	void (*init)(struct detail_tab *t);	/* the rest is zeroed */
	void (*update)(struct detail_tab *t, unsigned changes);	/* only while it is open */
	void (*draw)(struct detail_tab *t, struct area a);	/* NULL: its table is all */
	/* Of a tab that is a table, which then is commanded, searched and filtered;
	 * NULL: command, and there is nothing to find. */
	struct table *(*table)(struct detail_tab *t);
	bool (*command)(struct detail_tab *t, enum command_id id, const char *args);
	void (*hint)(struct detail_tab *t, struct buf *out);
	void (*fini)(struct detail_tab *t);
};

/* First member of each tab's struct. */
struct detail_tab {
	const struct detail_tab_ops *ops;
	struct detail *detail;
};

struct detail {
	struct screen screen;
	enum detail_kind kind;
	char *ns, *name;		/* sanitized */
	char *title;
	struct detail_tab *tabs[DETAIL_TABS];
	size_t tab_count, open;
};

extern const struct detail_tab_ops detail_overview, detail_traffic, detail_inbound,
	detail_outbound, detail_requests, detail_logs, detail_proxy, detail_versions,
	detail_graph;

/* word: "NAME.NS [TAB]".  NULL and a message when there is no such thing. */
struct screen *detail_open(struct app *a, enum detail_kind kind, const char *word);

/* What the page is about; NULL when it is another kind or gone. */
const struct mesh_service *detail_service(const struct detail *d);
const struct mesh_workload *detail_workload(const struct detail *d);
/* Its workloads: those that a service selects, an app has, or the one. */
size_t detail_workloads(const struct detail *d,
			const struct mesh_workload *out[DETAIL_WORKLOADS]);
/* Words of the tabs that such a page has. */
void detail_each_tab(enum detail_kind kind, void (*fn)(void *arg, const char *word), void *arg);
/* "workload", for `:` lines. */
const char *detail_word(enum detail_kind kind);

#endif
