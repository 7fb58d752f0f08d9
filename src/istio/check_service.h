/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the table of Services in fields_core.c calls. */
#ifndef MESHTOP_ISTIO_CHECK_SERVICE_H
#define MESHTOP_ISTIO_CHECK_SERVICE_H

struct checker;
struct value;

void svc_check(struct checker *c, const struct value *spec);
void svc_check_target(struct checker *c, const struct value *port);

#endif
