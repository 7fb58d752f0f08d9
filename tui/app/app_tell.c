/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages that say how a command is given: texts of the program name commands in
 * braces, which its keys are put for.  What comes from outside is left as it is.
 */
#include <stdarg.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/text.h"
#include "tui/app/app_priv.h"

/* "window}..." into its command, by its whole word; CMD_NONE: a brace like others. */
static enum command_id
command_in_braces(const char *s, size_t *len)
{
	enum command_id id = CMD_NONE;

	*len = strcspn(s, "}");
	if (s[*len] == '}')
		id = command_by_word(s, *len, NULL);
	return id != CMD_NONE && strlen(command_row(id)->word) == *len ? id : CMD_NONE;
}

void
app_put_key(const struct app *a, enum command_id id, struct buf *out)
{
	if (keymap_put_first_key(a->keymap, id, out))
		return;
	buf_putc(out, ':');
	command_put_word(id, out);
}

void
app_put_keys(const struct app *a, const char *text, struct buf *out)
{
	for (const char *s = text; *s != '\0'; s++) {
		size_t len = 0;
		enum command_id id = *s == '{' ? command_in_braces(s + 1, &len) : CMD_NONE;

		if (id == CMD_NONE) {
			buf_putc(out, *s);
			continue;
		}
		app_put_key(a, id, out);
		s += len + 1;
	}
}

void
app_tell(struct app *a, enum severity severity, const char *text)
{
	struct buf told = BUF_INIT;

	app_put_keys(a, text, &told);
	app_say(a, severity, "%s", buf_str(&told));
	buf_fini(&told);
}

void
app_say_how(struct app *a, enum severity severity, const char *hint, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (hint != NULL) {
		buf_puts(&text, "; ");
		app_put_keys(a, hint, &text);
	}
	app_say(a, severity, "%s", buf_str(&text));
	buf_fini(&text);
}
