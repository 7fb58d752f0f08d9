/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hints about the http rules of one VirtualService (MT20xx, MT21xx): never
 * used, said twice, nobody takes the rest, times that do not fit.
 */
#ifndef MESHTOP_ISTIO_RULES_H
#define MESHTOP_ISTIO_RULES_H

struct checker;
struct value;

/* c stands at spec. */
void rules_check(struct checker *c, const struct value *spec);
/* c stands at the rule: delay, timeout and retries against each other. */
void rules_check_times(struct checker *c, const struct value *rule);

#endif
