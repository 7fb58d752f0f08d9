/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fields that are stored but that this version's engine does not obey: the
 * one list behind "not obeyed by this version" in validate, explain and the
 * wizards' preview.
 */
#ifndef MESHTOP_ISTIO_OBEYED_H
#define MESHTOP_ISTIO_OBEYED_H

#include <stdbool.h>

#include "src/model/kind.h"

/* path as users write it ("spec.http[0].fault.delay"): false for a field of
 * the list and for everything below it. */
bool field_is_obeyed(enum kind_id kind, const char *path);

#endif
