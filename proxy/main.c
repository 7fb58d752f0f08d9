/* SPDX-License-Identifier: GPL-3.0-or-later */
/* meshtop-proxy: the engine alone. */
#include "proxy/engine_main.h"

int
main(int argc, char **argv)
{
	return engine_main(argc, argv);
}
