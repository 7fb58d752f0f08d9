/* SPDX-License-Identifier: GPL-3.0-or-later */
/* meshtop: subcommands and the console. */
#include <locale.h>
#include <signal.h>

#include "src/base/log.h"
#include "src/cli.h"

int
main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "");
	log_set_program("meshtop");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);	/* a full quota is an error, not an end */
	return cli_main(argc, argv);
}
