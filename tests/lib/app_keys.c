/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See app_keys.h. */
#include "tests/lib/app_keys.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/xalloc.h"
#include "tui/app/app.h"
#include "tui/term/canvas.h"
#include "tui/term/key.h"

static void
press_word(struct app *app, const char *word)
{
	if (key_parse(word) != K_NONE) {
		app_key(app, key_parse(word));
		return;
	}
	for (const char *s = word; *s != '\0'; s++)
		app_key(app, *s == '_' ? ' ' : (uint32_t)(unsigned char)*s);
}

void
app_press(struct app *app, const char *keys, const struct app_words *own)
{
	while (*keys != '\0') {
		size_t len = strcspn(keys, " ");
		char *word = xstrndup(keys, len);

		if (own == NULL || own->take == NULL || !own->take(own->arg, word))
			press_word(app, word);
		if (own != NULL && own->pressed != NULL)
			own->pressed(own->arg, keys);
		free(word);
		keys += len;
		keys += strspn(keys, " ");
	}
}

char *
app_text(struct app *app)
{
	struct buf b = BUF_INIT;

	canvas_text(app_canvas(app), &b);
	return buf_steal(&b);
}

bool
app_shows(struct app *app, const char *text)
{
	char *screen = app_text(app);
	bool yes = strstr(screen, text) != NULL;

	free(screen);
	return yes;
}
