/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /logging: what is said on standard error, in Envoy's words. */
#include <stdlib.h>
#include <string.h>

#include "proxy/admin/admin_pages.h"
#include "src/base/log.h"
#include "src/base/slice.h"

/* The level that a request gives each logger; LEVEL_COUNT: none. */
struct level_change {
	enum log_level levels[LOGGER_COUNT];
};

static bool
read_level(struct slice name, enum log_level *out)
{
	for (enum log_level level = 0; level < LEVEL_COUNT; level++) {
		if (!slice_is(name, log_level_name(level)))
			continue;
		*out = level;
		return true;
	}
	return false;
}

/* NULL: done; else why not. */
static const char *
change_all(struct level_change *c, struct slice level)
{
	enum log_level to;

	if (!read_level(level, &to))
		return "unknown logger level";
	for (enum logger i = 0; i < LOGGER_COUNT; i++)
		c->levels[i] = to;
	return NULL;
}

static const char *
change_one(struct level_change *c, struct slice name, struct slice level)
{
	enum log_level to;

	if (!read_level(level, &to))
		return "unknown logger level";
	for (enum logger i = 0; i < LOGGER_COUNT; i++) {
		if (!slice_is(name, log_logger_name(i)))
			continue;
		c->levels[i] = to;
		return NULL;
	}
	return "unknown logger name";
}

/* "NAME:LEVEL,NAME:LEVEL" */
static const char *
change_several(struct level_change *c, const char *pairs)
{
	const char *why = NULL;

	for (const char *at = pairs, *end; *at != '\0' && why == NULL; at = end + (*end == ',')) {
		size_t name = strcspn(at, ":,");

		end = at + strcspn(at, ",");
		if (end == at)
			continue;
		if (name == 0 || at[name] != ':' || at + name + 1 == end)
			return "empty logger name or empty logger level";
		why = change_one(c, (struct slice){ at, name },
				 (struct slice){ at + name + 1, (size_t)(end - at) - name - 1 });
	}
	return why;
}

static const char *
change_by(struct level_change *c, const char *name, const char *value)
{
	if (strcmp(name, "level") == 0)
		return change_all(c, slice_of(value));
	if (strcmp(name, "paths") == 0)
		return change_several(c, value);
	return change_one(c, slice_of(name), slice_of(value));
}

/* A form leaves these two empty; the last one is meshtop's own. */
static bool
is_ignored(const char *name, const char *value)
{
	return (value[0] == '\0' && (strcmp(name, "level") == 0 || strcmp(name, "paths") == 0)) ||
	       strcmp(name, "proxy") == 0;
}

static const char *
read_change(struct slice query, struct level_change *c)
{
	const char *why = NULL;
	unsigned count = 0;
	char *name, *value;

	while (admin_query_next(&query, &name, &value)) {
		if (!is_ignored(name, value)) {
			why = change_by(c, name, value);
			count++;
		}
		free(name);
		free(value);
	}
	return count > 1 ? "invalid number of parameters" : why;
}

static void
put_usage(const char *why, struct buf *out)
{
	buf_printf(out, "error: %s\n\n", why);
	buf_puts(out, "usage: /logging?<name>=<level> (change single level)\n"
		 "usage: /logging?paths=name1:level1,name2:level2,... (change multiple levels)\n"
		 "usage: /logging?level=<level> (change all levels)\nlevels: ");
	for (enum log_level level = 0; level < LEVEL_COUNT; level++)
		buf_printf(out, "%s ", log_level_name(level));
	buf_putc(out, '\n');
}

static void
apply_levels(const struct level_change *c)
{
	for (enum logger i = 0; i < LOGGER_COUNT; i++) {
		if (c->levels[i] == LEVEL_COUNT)
			continue;
		log_at(LOGGER_ADMIN, LEVEL_INFO, "change log level: name='%s' level='%s'",
		       log_logger_name(i), log_level_name(c->levels[i]));
		log_set_level(i, c->levels[i]);
	}
}

bool
admin_change_logging(struct slice query, struct buf *out)
{
	struct level_change change;
	const char *why;

	for (enum logger i = 0; i < LOGGER_COUNT; i++)
		change.levels[i] = LEVEL_COUNT;
	why = read_change(query, &change);
	if (why == NULL)
		apply_levels(&change);
	else
		put_usage(why, out);
	buf_puts(out, "active loggers:\n");
	for (enum logger i = 0; i < LOGGER_COUNT; i++)
		buf_printf(out, "  %s: %s\n", log_logger_name(i), log_level_name(log_level_of(i)));
	buf_putc(out, '\n');
	return why == NULL;
}
