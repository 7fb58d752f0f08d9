/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Envoy's response flags: letters, order, words (response_flags.tbl).
 */
#ifndef MESHTOP_MODEL_RESPONSE_FLAGS_H
#define MESHTOP_MODEL_RESPONSE_FLAGS_H

#include <stdint.h>

#include "src/base/slice.h"

struct json_writer;

enum response_flag_bit {
#define RESPONSE_FLAG(id, letters, status, words) RESPONSE_FLAG_BIT_##id,
#include "src/model/response_flags.tbl"
#undef RESPONSE_FLAG
	RESPONSE_FLAG_COUNT,
};

/* A set of flags; 0 = none. */
typedef uint32_t response_flags;

#define FLAG(id) ((response_flags)1 << RESPONSE_FLAG_BIT_##id)

#define RESPONSE_FLAGS_BYTES 128
/* "UF,URX" in Envoy's order, "-" for none. */
void response_flags_text(response_flags flags, char out[RESPONSE_FLAGS_BYTES]);
/* "flags": [letters of each]. */
void response_flags_put_json(struct json_writer *w, response_flags flags);
/* Words for one flag's letters, NULL when unknown. */
const char *response_flag_words(struct slice letters);

#endif
