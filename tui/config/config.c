/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the person's own configuration is, and the keys it gives; see config.h. */
#include "tui/config/config_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/xalloc.h"

#define FILE_MAX_BYTES (1u << 20)

void
config_init(struct config *c)
{
	memset(c, 0, sizeof(*c));
	c->arena = arena_new();
	c->values = arena_alloc(c->arena, (CONFIG_ROWS + config_display_count()) * sizeof(*c->values));
}

/* NULL when there is no place for one. */
static char *
own_path(bool *is_named)
{
	const char *named = getenv("MESHTOP_CONFIG"), *home = getenv("HOME");
	const char *dir = getenv("XDG_CONFIG_HOME");

	*is_named = named != NULL && named[0] != '\0';
	if (*is_named)
		return xstrdup(named);
	if (dir != NULL && dir[0] == '/')
		return xasprintf("%s/meshtop/config.yaml", dir);
	return home != NULL && home[0] == '/' ? xasprintf("%s/.config/meshtop/config.yaml", home) :
	       NULL;
}

char *
config_dir(void)
{
	bool is_named;
	char *path = own_path(&is_named), *slash = path != NULL ? strrchr(path, '/') : NULL;

	if (slash == NULL) {
		free(path);
		return is_named ? xstrdup(".") : NULL;
	}
	*slash = '\0';
	return path;
}

int
config_load(struct config *c, const char *path, struct error *err)
{
	bool is_named = path != NULL;
	char *own = path != NULL ? xstrdup(path) : own_path(&is_named);
	struct buf text = BUF_INIT;
	struct error missing = ERROR_INIT;
	int status = 0;

	if (own == NULL) {
		config_init(c);
	} else if (file_read(own, FILE_MAX_BYTES, &text, &missing) == 0) {
		status = config_parse(c, buf_str(&text), text.len, own, err);
	} else if (is_named || errno != ENOENT) {
		*err = missing;
		err->code = ERROR_USAGE;
		status = -1;
	} else {
		config_init(c);
	}
	buf_fini(&text);
	free(own);
	return status;
}

void
config_fini(struct config *c)
{
	arena_free(&c->arena);
	vec_fini(&c->keys);
	vec_fini(&c->finds);
	vec_fini(&c->views);
	memset(c, 0, sizeof(*c));
}

static void
bind_row(struct keymap *m, const struct config_keys *row)
{
	if (row->line != NULL)
		keymap_bind_line(m, row->line, row->keys);
	else
		keymap_bind(m, row->id, row->keys);
}

struct keymap *
config_keymap(const struct config *c, struct error *err)
{
	struct keymap *m = keymap_new();
	enum command_id a, b;

	for (size_t i = 0; i < c->keys.len; i++)
		bind_row(m, &c->keys.items[i]);
	if (!keymap_conflict(m, &a, &b))
		return m;
	error_setf(err, ERROR_SYNTAX, "%s and %s claim the same key on one screen",
		   command_row(a)->word, command_row(b)->word);
	for (size_t i = c->keys.len; i > 0; i--) {
		const struct config_keys *k = &c->keys.items[i - 1];

		if (k->id == a || k->id == b) {
			error_at(err, c->file, k->at_line, k->col);
			break;
		}
	}
	keymap_free(&m);
	return NULL;
}
