/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Help: the keys of a view, then every command, from the command table.
 */
#include <string.h>

#include "src/base/buf.h"
#include "tui/app/app.h"
#include "tui/app/screen.h"
#include "tui/config/keymap.h"
#include "tui/screens/screens.h"

#define KEYS_CELLS 26

static void
put_key_row(const struct keymap *m, const struct command *row, struct buf *out)
{
	struct buf keys = BUF_INIT;

	keymap_keys(m, row->id, &keys);
	if (keys.len > 0)
		buf_printf(out, "  %-*s %s\n", KEYS_CELLS, buf_str(&keys), row->help);
	buf_fini(&keys);
}

static void
put_command_row(const struct command *row, struct buf *out)
{
	struct buf word = BUF_INIT;

	buf_putc(&word, ':');
	command_put_word(row->id, &word);
	buf_printf(&word, " %s", command_args_text(row->args));
	buf_printf(out, "  %-*s %s\n", KEYS_CELLS, buf_str(&word), row->help);
	buf_fini(&word);
}

static void
put_line_row(void *arg, const char *line, const char *keys)
{
	buf_printf(arg, "  %-*s :%s\n", KEYS_CELLS, keys, line);
}

struct screen *
help_open(struct app *a, unsigned scope, const char *view)
{
	const struct keymap *m = app_keymap(a);
	struct viewer *v = viewer_new("Help");
	struct buf keys = BUF_INIT, commands = BUF_INIT;

	buf_printf(&keys, "Keys of this view (%s)\n\n", view);
	for (enum command_id id = CMD_NONE + 1; id < CMD_COUNT; id++) {
		if ((command_key_scope(id) & scope) != 0)
			put_key_row(m, command_row(id), &keys);
	}
	if ((scope & SCOPE_ANY) != 0)
		keymap_each_line(m, put_line_row, &keys);
	buf_puts(&keys, "\n  Ctrl-C twice               Leave meshtop\n"
		 "\nSigns\n\n"
		 "  x failing   ! degraded   grey: no traffic in the window\n");
	buf_puts(&commands, "Typed behind `:` (Tab completes, a unique beginning is enough)\n\n");
	for (enum command_id id = CMD_NONE + 1; id < CMD_COUNT; id++) {
		if ((command_row(id)->scope & SCOPE_TYPED) != 0)
			put_command_row(command_row(id), &commands);
	}
	buf_puts(&commands, "\nWhat has a key can be typed, too\n\n");
	for (enum command_id id = CMD_NONE + 1; id < CMD_COUNT; id++) {
		if ((command_row(id)->scope & SCOPE_TYPED) == 0)
			put_command_row(command_row(id), &commands);
	}
	viewer_add(v, "Keys", buf_str(&keys), TEXT_TITLED);
	viewer_add(v, "Commands", buf_str(&commands), TEXT_TITLED);
	buf_fini(&keys);
	buf_fini(&commands);
	return viewer_screen(v);
}
