/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Completion of the command line: commands, then what each takes.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/text.h"
#include "src/base/xalloc.h"
#include "src/wizard/wizard.h"
#include "src/topology/find.h"
#include "tui/feed/display.h"
#include "tui/app/app_priv.h"
#include "tui/config/macros.h"
#include "tui/feed/feed.h"
#include "tui/feed/model.h"
#include "tui/screens/detail.h"

struct adder {
	void (*add)(void *to, const char *word);
	void *to;
};

static void
add_name(void *arg, const char *name)
{
	struct adder *to = arg;

	to->add(to->to, name);
}

static void
add_words(struct adder *to, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to->add(to->to, words[i]);
}

static void
add_commands(struct adder *to)
{
	for (enum command_id id = CMD_NONE + 1; id < CMD_COUNT; id++) {
		struct buf word = BUF_INIT;

		command_put_word(id, &word);
		to->add(to->to, buf_str(&word));
		buf_fini(&word);
	}
}

static const char *const label_words[] = {
	"none", "rate", "distribution", "throughput", "throughput:response",
	"time:avg", "time:p50", "time:p95", "time:p99",
};
static const char *const type_words[] = { "app", "versionedApp", "workload", "service" };
static const char *const setting_words[] = { "background", "bytes", "glyphs", "mouse", "refresh",
					     "sync", "theme" };
static const char *const replay_words[] = { "1m", "5m", "10m", "30m", "slow", "medium", "fast", "back" };
static const char *const zoom_words[] = { "box", "line" };
static const char *const fold_words[] = { "none", "app", "namespace" };
static const char *const object_words[] = {
	"virtualservice", "destinationrule", "gateway", "service", "serviceentry", "sidecar",
	"peerauthentication", "deployment", "workloadentry", "pod", "configmap", "namespace",
};

/* Criteria, and @ with the names of presets and saved expressions. */
static void
add_find_words(const struct model *m, struct adder *to)
{
	const char *word;

	for (size_t i = 0; (word = find_word(i)) != NULL; i++) {
		char *first = xstrndup(word, strcspn(word, " "));

		to->add(to->to, first);
		free(first);
	}
	for (size_t i = 0; (word = find_preset_name(i)) != NULL; i++) {
		char *name = xasprintf("@%s", word);

		to->add(to->to, name);
		free(name);
	}
	for (size_t i = 0; i < m->saved.rows.len; i++) {
		char *name = xasprintf("@%s", m->saved.rows.items[i].name);

		to->add(to->to, name);
		free(name);
	}
}

/* Files and folders that begin like word, folders with a slash behind. */
static void
add_files(struct adder *to, const char *word)
{
	const char *slash = strrchr(word, '/');
	size_t dir_len = slash != NULL ? (size_t)(slash - word) + 1 : 0;
	char *dir_name = dir_len > 0 ? xstrndup(word, dir_len) : xstrdup(".");
	DIR *dir = opendir(dir_name);
	struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		struct buf clean = BUF_INIT;
		char *path;

		if (e->d_name[0] == '.')
			continue;
		path = xasprintf("%.*s%s%s", (int)dir_len, word, e->d_name,
				 e->d_type == DT_DIR ? "/" : "");
		text_sanitize(&clean, path, strlen(path));
		if (strcmp(buf_str(&clean), path) == 0)		/* others cannot be typed */
			to->add(to->to, path);
		buf_fini(&clean);
		free(path);
	}
	if (dir != NULL)
		closedir(dir);
	free(dir_name);
}

/* What the setting at the line's first word may be; nothing for a number. */
static void
add_setting_values(struct adder *to, const char *setting)
{
	static const struct { const char *name, *values[7]; } settings[] = {
		{ "background", { "auto", "dark", "light" } },
		{ "bytes", { "on", "off" } },
		{ "glyphs", { "unicode", "light", "ascii" } },
		{ "mouse", { "on", "off" } },
		{ "refresh", { "1s", "5s", "1m" } },
		{ "sync", { "on", "off" } },
		{ "theme", { "standard", "deuteranopia", "tritanopia", "mono", "dark", "light" } },
	};
	size_t len = strcspn(setting, " ");

	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		const char *const *values = settings[i].values;

		if (strlen(settings[i].name) != len || strncmp(settings[i].name, setting, len) != 0)
			continue;
		for (size_t v = 0; values[v] != NULL; v++)
			to->add(to->to, values[v]);
	}
}

/* What the page of one thing is about, then its tabs. */
static void
add_detail_words(const struct model *m, struct adder *to, enum command_args args, bool is_second)
{
	if (is_second)
		detail_each_tab(args == ARG_SERVICE ? DETAIL_SERVICE : args == ARG_APP ? DETAIL_APP :
				DETAIL_WORKLOAD, add_name, to);
	else if (args == ARG_SERVICE)
		model_each_service(m, add_name, to);
	else if (args == ARG_APP)
		model_each_app(m, add_name, to);
	else
		model_each_workload(m, add_name, to);
}

/* Does an item of a list with commas begin at start? */
static bool
begins_item(const char *line, size_t start)
{
	while (start > 0 && line[start - 1] == ' ')
		start--;
	return start == strcspn(line, " ") || line[start - 1] == ',';
}

/* Behind "last" a window; else namespaces, and that word. */
static void
add_page_words(struct app *a, struct adder *to, const char *line, size_t start)
{
	if (start >= 6 && strncmp(line + start - 6, " last ", 6) == 0) {
		add_words(to, app_windows, APP_WINDOWS);
		return;
	}
	model_each_namespace(a->model, add_name, to);
	to->add(to->to, "last");
}

/* Words for the argument that begins behind the blank at args. */
static void
add_arguments(struct app *a, struct adder *to, enum command_args args, const char *line,
	      size_t start)
{
	const char *first = line + strcspn(line, " ");
	bool is_second;
	char *kind;

	first += strspn(first, " ");
	is_second = first < line + start && strchr(first, ' ') != NULL;
	switch (args) {
	case ARG_NAMESPACES: model_each_namespace(a->model, add_name, to); break;
	case ARG_PAGE: add_page_words(a, to, line, start); break;
	case ARG_WINDOW: add_words(to, app_windows, APP_WINDOWS); break;
	case ARG_SERVICES:
		if (begins_item(line, start))
			model_each_service(a->model, add_name, to);
		break;
	case ARG_SERVICE:
	case ARG_WORKLOAD:
	case ARG_APP: add_detail_words(a->model, to, args, is_second); break;
	case ARG_EXPLAIN:
		if (!is_second)
			model_each_workload(a->model, add_name, to);
		break;
	case ARG_REPLAY: add_words(to, replay_words, ARRAY_LEN(replay_words)); break;
	case ARG_TYPE: add_words(to, type_words, ARRAY_LEN(type_words)); break;
	case ARG_LABELS: add_words(to, label_words, ARRAY_LEN(label_words)); break;
	case ARG_MACRO: macro_each(add_name, to); break;
	case ARG_SETTING:
		if (is_second) {
			add_setting_values(to, first);
			break;
		}
		add_words(to, setting_words, ARRAY_LEN(setting_words));
		for (size_t i = 0; display_name(i) != NULL; i++)
			to->add(to->to, display_name(i));
		break;
	case ARG_VIEW:
		for (size_t i = 0; i < a->model->views.rows.len; i++)
			to->add(to->to, a->model->views.rows.items[i].name);
		break;
	case ARG_FOLD: add_words(to, fold_words, ARRAY_LEN(fold_words)); break;
	case ARG_ZOOM: add_words(to, zoom_words, ARRAY_LEN(zoom_words)); break;
	case ARG_FIND:
		add_find_words(a->model, to);
		model_each_service(a->model, add_name, to);
		break;
	case ARG_TEXT: model_each_service(a->model, add_name, to); break;
	case ARG_WIZARD:
		for (unsigned k = 0; !is_second && k < WIZARD_KIND_COUNT; k++)
			to->add(to->to, wizard_kind_name((enum wizard_kind)k));
		if (is_second)
			model_each_service(a->model, add_name, to);
		break;
	case ARG_OBJECT:
		if (!is_second) {
			add_words(to, object_words, ARRAY_LEN(object_words));
			break;
		}
		kind = xstrndup(first, strcspn(first, " "));
		model_each_object(a->model, kind, add_name, to);
		free(kind);
		break;
	case ARG_SCALE:
		if (!is_second)
			model_each_object(a->model, "deployment", add_name, to);
		break;
	case ARG_FILE: add_files(to, line + start); break;
	case ARG_EXTRA:
		if (a->feed->ops->each_extra != NULL)
			a->feed->ops->each_extra(a->feed, add_name, to);
		break;
	default: break;
	}
}

void
app_complete(void *arg, const char *line, size_t start,
	     void (*add)(void *to, const char *word), void *to)
{
	struct app *a = arg;
	struct adder adder = { add, to };
	size_t blanks = strspn(line, " "), len = strcspn(line + blanks, " ");
	enum command_id id;

	if (start <= blanks) {
		add_commands(&adder);
		return;
	}
	id = command_by_word(line + blanks, len, NULL);
	if (id != CMD_NONE)
		add_arguments(a, &adder, command_row(id)->args, line + blanks, start - blanks);
}
