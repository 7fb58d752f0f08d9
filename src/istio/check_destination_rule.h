/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the tables of fields_destination_rule.c call: the rules of a
 * DestinationRule that a table cannot say (spec/dataplane.md 1.2).
 */
#ifndef MESHTOP_ISTIO_CHECK_DESTINATION_RULE_H
#define MESHTOP_ISTIO_CHECK_DESTINATION_RULE_H

struct checker;
struct value;

void dr_check(struct checker *c, const struct value *spec);
void dr_check_policy(struct checker *c, const struct value *policy);
void dr_check_port_level(struct checker *c, const struct value *setting);
void dr_check_pool(struct checker *c, const struct value *pool);
void dr_check_pool_http(struct checker *c, const struct value *http);
void dr_check_outlier(struct checker *c, const struct value *outlier);
void dr_check_tls(struct checker *c, const struct value *tls);
void dr_check_tunnel(struct checker *c, const struct value *tunnel);

/* check_balancer.c */
void dr_check_hash(struct checker *c, const struct value *hash);
/* The name of a cookie or of an attribute of it; a path or an attribute's
 * value.  The engine would leave out what does not fit a Set-Cookie field. */
void dr_check_cookie_name(struct checker *c, const struct value *text);
void dr_check_cookie_text(struct checker *c, const struct value *text);
void dr_check_prime(struct checker *c, const struct value *number);
void dr_check_positive(struct checker *c, const struct value *number);
void dr_check_balancer(struct checker *c, const struct value *balancer);
void dr_check_localities(struct checker *c, const struct value *setting);
void dr_check_zones(struct checker *c, const struct value *setting);
void dr_check_locality(struct checker *c, const struct value *text);
void dr_check_region(struct checker *c, const struct value *text);
void dr_check_distribute(struct checker *c, const struct value *distribute);
void dr_check_failover(struct checker *c, const struct value *failover);

#endif
