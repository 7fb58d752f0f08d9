/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Severities of codes (codes.tbl, kiali.tbl, src/model/codes.tbl);
 * meshtop-mesh(5) lists them.
 */
#ifndef MESHTOP_ISTIO_CODES_H
#define MESHTOP_ISTIO_CODES_H

#include "src/model/problem.h"

/* Of a code that stands in the table. */
enum severity code_severity(const char *code);

#endif
