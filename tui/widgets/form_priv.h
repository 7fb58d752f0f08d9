/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of a form share: fields and focus are in form.c, editing in
 * form_edit.c, drawing in form_draw.c.
 */
#ifndef MESHTOP_TUI_FORM_PRIV_H
#define MESHTOP_TUI_FORM_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/widgets/form.h"

bool field_takes_focus(const struct form_field *field);
/* Its value is a text with a cursor in it. */
bool field_is_textual(const struct form_field *field);
/* Byte behind the character at byte at of a UTF-8 text. */
size_t form_char_after(const char *s, size_t len, size_t at);
/* What a key does inside the focused field; FORM_IGNORED: nothing. */
enum form_event field_key(struct form *f, struct form_field *field, uint32_t key);

#endif
