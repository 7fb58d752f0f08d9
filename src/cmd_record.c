/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * meshtop record: the console on a mesh that runs already, with the recording
 * on from the first key.
 */
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/client/admin.h"
#include "src/commands.h"
#include "src/target.h"
#include "tui/console/console.h"

/* Recording starts no engine. */
static int
check_running(const struct target *t, struct error *err)
{
	struct buf answer = BUF_INIT;
	int status;

	if (t->kind != TARGET_DIRECTORY)
		return error_setf(err, ERROR_USAGE, "record needs a mesh directory: --mesh DIR or --demo");
	status = admin_get(t->dir, "/ready", &answer, err);
	buf_fini(&answer);
	return status;
}

int
cmd_record(struct cli *c)
{
	struct console_options options = { .record = cli_operand(c, 0) };
	struct target t = { 0 };
	struct error err = ERROR_INIT;
	size_t len = strlen(options.record);
	int status;

	if (len < 6 || strcmp(options.record + len - 5, ".tape") != 0)
		error_setf(&err, ERROR_USAGE, "record: '%s' must be NAME.tape", options.record);
	else if (access(options.record, F_OK) == 0)
		error_setf(&err, ERROR_REFUSED, "record: %s is there already", options.record);
	else if (cli_look(c, &options.look, &err) < 0)
		;
	else if (target_choose(&t, c, TARGET_DEMANDED, &err) < 0 || check_running(&t, &err) < 0)
		;
	else if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		error_setf(&err, ERROR_USAGE, "record: the console needs a terminal");
	if (err.code != ERROR_NONE) {
		target_fini(&t);
		return cli_fail(&err);
	}
	options.mesh_dir = t.dir;
	status = console_main(&options);
	target_fini(&t);
	return status;
}
