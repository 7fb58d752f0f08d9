/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Consoles from beginning to end, as the command line asks for them: their
 * configuration, model, feed and loop.
 */
#include "tui/console/console.h"

#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/base/slim.h"
#include "tui/app/app.h"
#include "tui/config/config.h"
#include "tui/console/console_priv.h"
#include "tui/feed/feed.h"
#include "tui/feed/feed_data.h"
#include "tui/feed/feed_mesh.h"
#include "tui/feed/feed_none.h"
#include "tui/feed/model.h"

static int
take_look(struct config *config, const struct console_look *look, struct error *err)
{
	const struct { const char *name, *value; } given[] = {
		{ "glyphs", look->glyphs }, { "color", look->color }, { "theme", look->theme },
		{ "background", look->background }, { "mouse", look->mouse },
	};

	for (size_t i = 0; i < ARRAY_LEN(given); i++) {
		if (given[i].value != NULL &&
		    config_set(config, given[i].name, given[i].value, err) < 0)
			return -1;
	}
	return 0;
}

int
console_look_check(const struct console_look *look, struct error *err)
{
	struct config config;
	int status;

	config_init(&config);
	status = take_look(&config, look, err);
	config_fini(&config);
	return status;
}

/* The person's own file (or nothing), and what the command line says. */
static int
load_config(struct config *config, bool is_own, const struct console_look *look,
	    struct error *err)
{
	if (!is_own)
		config_init(config);
	else if (config_load(config, NULL, err) < 0)
		return -1;
	if (take_look(config, look, err) == 0)
		return 0;
	config_fini(config);
	return -1;
}

static struct feed *
open_mesh(struct loop *loop, struct model *model, const struct console_options *o, struct error *err)
{
	const struct feed_mesh_options mesh = { o->mesh_dir, o->admin_socket, o->title, o->supervisor };

	return feed_mesh_open(loop, model, &mesh, err);
}

int
console_main(const struct console_options *options)
{
	struct console_parts parts = {
		.clock = &clock_system,
		.supervisor = options->supervisor,
		.script = options->script,
		.is_headless = options->is_headless,
		.cols = options->cols,
		.rows = options->rows,
	};
	struct error err = ERROR_INIT;
	struct console *c = NULL;
	struct config config;
	struct model model;
	int status;

	ASSERT(!options->is_headless || options->script.step != NULL);
	slim_share_heap();
	/* What is recorded replays anywhere: with the default keys. */
	if (load_config(&config, options->script.step == NULL && options->record == NULL,
			&options->look, &err) < 0) {
		log_error(&err);
		return error_exit_status(&err);
	}
	parts.config = &config;
	model_init(&model);
	parts.model = &model;
	parts.loop = loop_new(&clock_system, &err);
	if (parts.loop != NULL)
		parts.feed = options->data != NULL ? feed_data_open(parts.loop, &model, options->data, &err) :
			     open_mesh(parts.loop, &model, options, &err);
	if (parts.feed != NULL)
		c = console_new(&parts, &err);
	if (c != NULL && options->data != NULL)
		app_time_begin(c->app, options->speed);
	if (c != NULL && options->record != NULL && console_record(c, options->record, &err) < 0)
		console_free(&c);
	if (c != NULL) {
		status = console_run(c);
		if (console_record_end(c, false, &err) < 0)
			status = error_exit_status(&err);
	} else {
		log_error(&err);
		status = error_exit_status(&err);
		if (parts.feed != NULL)
			parts.feed->ops->close(&parts.feed);
	}
	console_free(&c);
	model_fini(&model);
	config_fini(&config);
	loop_free(&parts.loop);
	return status;
}

int
console_choose(const struct console_look *look, char **dir, struct error *err)
{
	struct console_parts parts = { .clock = &clock_system, .is_start = true };
	struct console *c = NULL;
	struct config config;
	struct model model;
	int status = -1;

	if (load_config(&config, true, look, err) < 0)
		return -1;
	parts.config = &config;
	model_init(&model);
	parts.model = &model;
	parts.loop = loop_new(&clock_system, err);
	parts.feed = feed_none_open(&model);
	if (parts.loop != NULL)
		c = console_new(&parts, err);
	if (c != NULL) {
		console_run(c);
		status = c->has_chosen ? 0 : -1;
		*dir = c->chosen;
		c->chosen = NULL;
	} else {
		parts.feed->ops->close(&parts.feed);
	}
	console_free(&c);
	model_fini(&model);
	loop_free(&parts.loop);
	config_fini(&config);
	return status;
}
