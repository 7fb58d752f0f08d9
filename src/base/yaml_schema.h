/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an unquoted word means in YAML: shared by reader and writer.
 */
#ifndef MESHTOP_BASE_YAML_SCHEMA_H
#define MESHTOP_BASE_YAML_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/value.h"

/* Kind of a plain scalar by the core schema (YAML 1.2.2, section 10.3.2);
 * never VALUE_LIST or VALUE_MAP.  s ends in a NUL. */
enum value_kind yaml_schema_kind(const char *s, size_t len);
/* Would a reader of YAML 1.1 (kubectl, Python) take it for something else
 * than a string: yes, on, 0755, 1_000, 1:30, 2001-01-01, =? */
bool yaml_schema_is_old_word(const char *s, size_t len);

#endif
