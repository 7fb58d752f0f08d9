/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is in force, as a file that can be read again; see config.h. */
#include "tui/config/config_priv.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "tui/feed/display.h"
#include "tui/feed/model.h"

/* A YAML text that reads back as it is. */
static void
put_quoted(const char *s, struct buf *out)
{
	buf_putc(out, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *s);
	}
	buf_putc(out, '"');
}

static void
put_row(struct buf *out, const char *name, const char *value, const char *comment)
{
	size_t begin = out->len;

	buf_printf(out, "  %s: ", name);
	put_quoted(value, out);
	while (out->len - begin < 38)
		buf_putc(out, ' ');
	buf_printf(out, "  # %s\n", comment);
}

static void
print_options(const struct config *c, struct buf *out)
{
	struct model model;

	buf_puts(out, "options:\n");
	for (size_t i = 0; i < CONFIG_ROWS; i++)
		put_row(out, config_rows[i].name, c->values[i] != NULL ? c->values[i] :
			config_rows[i].standard, config_rows[i].choices);
	model_init(&model);
	buf_puts(out, "\ndisplay:\n");
	for (size_t i = 0; i < config_display_count(); i++)
		if (display_can_change(i))
			put_row(out, display_name(i), c->values[CONFIG_ROWS + i] != NULL ?
				c->values[CONFIG_ROWS + i] : display_value(&model, i), display_help(i));
	model_fini(&model);
}

static void
print_line(void *arg, const char *line, const char *keys)
{
	struct buf *out = arg;

	buf_puts(out, "  ");
	put_quoted(line, out);
	buf_puts(out, ": ");
	put_quoted(keys, out);
	buf_putc(out, '\n');
}

static void
print_keys(const struct keymap *m, struct buf *out)
{
	buf_puts(out, "\n# Keys separated by blanks; \"\" for none.  A command that is only typed may\n"
		 "# have a key, too: it works on all screens but forms and menus.  So may a whole\n"
		 "# line: \"play triage\": \"F5\".\nkeys:\n");
	for (enum command_id id = CMD_NONE + 1; id < CMD_COUNT; id++) {
		struct buf keys = BUF_INIT, word = BUF_INIT;

		command_put_word(id, &word);
		keymap_keys(m, id, &keys);
		put_row(out, buf_str(&word), buf_str(&keys), command_row(id)->help);
		buf_fini(&keys);
		buf_fini(&word);
	}
	keymap_each_line(m, print_line, out);
}

void
config_print(const struct config *c, const struct keymap *m, struct buf *out)
{
	buf_printf(out, "# meshtop: what is in force, from %s\n",
		   c->file != NULL ? c->file : "the defaults (no file)");
	print_options(c, out);
	print_keys(m, out);
	buf_puts(out, "\n# Expressions of find and hide, used as @NAME.\nfinds:");
	buf_puts(out, c->finds.len == 0 ? " {}\n" : "\n");
	for (size_t i = 0; i < c->finds.len; i++)
		put_row(out, c->finds.items[i].name, c->finds.items[i].text, "find and hide");
	buf_puts(out, "\n# Lines as typed behind \":\", run by :view NAME.\nviews:");
	buf_puts(out, c->views.len == 0 ? " {}\n" : "\n");
	for (size_t i = 0; i < c->views.len; i++) {
		buf_printf(out, "  %s:\n", c->views.items[i].name);
		for (const char *s = c->views.items[i].text; *s != '\0';) {
			size_t len = strcspn(s, "\n");
			char *line = xstrndup(s, len);

			buf_puts(out, "  - ");
			put_quoted(line, out);
			buf_putc(out, '\n');
			free(line);
			s += len + (s[len] == '\n');
		}
	}
}
