/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the configuration share: config.c finds the file,
 * config_read.c reads it, config_options.c knows the options, config_print.c
 * writes all that is in force.
 */
#ifndef MESHTOP_TUI_CONFIG_PRIV_H
#define MESHTOP_TUI_CONFIG_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/config/config.h"

#define CONFIG_ROWS 12

/* An option that is no display option; its value is config->values[its index]. */
struct config_row {
	const char *name, *standard;
	bool (*is_good)(const char *value);
	const char *choices;		/* for messages and comments */
	const char *command;		/* that sets it; NULL: set at the start only */
};
extern const struct config_row config_rows[];

const struct config_row *config_find_row(const char *name);	/* NULL: none */
/* Display options: values from CONFIG_ROWS on. */
size_t config_display_count(void);

#endif
