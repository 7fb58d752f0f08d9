/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plain `meshtop`: the console, which needs a terminal. */
#include <unistd.h>

#include "src/base/error.h"
#include "src/commands.h"

int
cmd_console(void)
{
	struct error err = ERROR_INIT;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		error_setf(&err, ERROR_USAGE, "the console needs a terminal; see meshtop --help");
		return cli_fail(&err);
	}
	error_setf(&err, ERROR_USAGE, "choose what to look at: meshtop demo, or meshtop open DIR");
	return cli_fail(&err);
}
