/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Response flags as text and back; see response_flags.h. */
#include "src/model/response_flags.h"

#include <stdbool.h>
#include <string.h>

#include "src/base/json.h"

static const struct {
	const char *letters, *words;
} rows[RESPONSE_FLAG_COUNT] = {
#define RESPONSE_FLAG(id, letters, status, words) \
	[RESPONSE_FLAG_BIT_##id] = { letters, words },
#include "src/model/response_flags.tbl"
#undef RESPONSE_FLAG
};

void
response_flags_text(response_flags flags, char out[RESPONSE_FLAGS_BYTES])
{
	size_t used = 0;

	for (unsigned i = 0; i < RESPONSE_FLAG_COUNT; i++) {
		size_t len = strlen(rows[i].letters);

		if ((flags & (response_flags)1 << i) == 0)
			continue;
		if (used + len + 2 > RESPONSE_FLAGS_BYTES)
			break;
		if (used > 0)
			out[used++] = ',';
		memcpy(out + used, rows[i].letters, len);
		used += len;
	}
	if (used == 0)
		out[used++] = '-';
	out[used] = '\0';
}

void
response_flags_put_json(struct json_writer *w, response_flags flags)
{
	json_open(w, "flags", '[');
	for (unsigned i = 0; i < RESPONSE_FLAG_COUNT; i++)
		if ((flags & (response_flags)1 << i) != 0)
			json_string(w, NULL, rows[i].letters);
	json_close(w, ']');
}

static int
row_of(struct slice letters)
{
	for (unsigned i = 0; i < RESPONSE_FLAG_COUNT; i++)
		if (slice_is(letters, rows[i].letters))
			return (int)i;
	return -1;
}

const char *
response_flag_words(struct slice letters)
{
	int row = row_of(letters);

	return row >= 0 ? rows[row].words : NULL;
}
