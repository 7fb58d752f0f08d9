/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plain `meshtop`: the start screen, then what was chosen there.  Without a
 * terminal one line and exit status 2.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/commands.h"
#include "src/target.h"
#include "tui/config/config.h"
#include "tui/console/console.h"

int
cli_look(const struct cli *c, struct console_look *out, struct error *err)
{
	*out = (struct console_look){
		.glyphs = cli_value(c, "glyphs"), .color = cli_value(c, "color"),
		.mouse = cli_value(c, "mouse"),
	};
	for (size_t i = 0; i < cli_count(c, "theme"); i++) {
		const char *word = cli_value_at(c, "theme", i);

		if (strcmp(word, "light") == 0 || strcmp(word, "dark") == 0)
			out->background = word;
		else
			out->theme = word;
	}
	return console_look_check(out, err);
}

/* Clusters are to come; what there is has a command of its own. */
static int
refuse_targets(const struct cli *c, struct error *err)
{
	struct target t;

	if (cli_has(c, "mesh") || cli_has(c, "demo"))
		return error_setf(err, ERROR_USAGE, "%s: the console opens it with meshtop %s",
				  cli_has(c, "mesh") ? "--mesh" : "--demo",
				  cli_has(c, "mesh") ? "open DIR" : "demo");
	if (cli_has(c, "context") || cli_has(c, "kubeconfig") || cli_has(c, "prometheus"))
		return target_choose(&t, c, TARGET_DEMANDED, err);
	return 0;
}

int
cmd_console(struct cli *c)
{
	struct error err = ERROR_INIT;
	struct console_look look;
	char *dir = NULL;
	int status;

	if (refuse_targets(c, &err) < 0 || cli_look(c, &look, &err) < 0)
		return cli_fail(&err);
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		error_setf(&err, ERROR_USAGE, "the console needs a terminal; see meshtop --help");
		return cli_fail(&err);
	}
	if (console_choose(&look, &dir, &err) < 0)
		return err.code != ERROR_NONE ? cli_fail(&err) : EXIT_YES;
	if (dir == NULL)
		return cmd_demo(c);
	vec_push(&c->operands, dir);
	status = cmd_open(c);
	free(dir);
	return status;
}

int
cmd_print_config(void)
{
	struct error err = ERROR_INIT;
	struct buf out = BUF_INIT;
	struct keymap *m = NULL;
	struct config config;
	int status;

	if (config_load(&config, NULL, &err) < 0)
		return cli_fail(&err);
	m = config_keymap(&config, &err);
	if (m != NULL)
		config_print(&config, m, &out);
	keymap_free(&m);
	config_fini(&config);
	status = err.code != ERROR_NONE ? cli_fail(&err) : cli_print(&out, EXIT_YES);
	buf_fini(&out);
	return status;
}
