/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the tables of Gateways, Sidecars, ServiceEntries, WorkloadEntries and
 * PeerAuthentications call (spec/dataplane.md 1.3 to 1.6).
 */
#ifndef MESHTOP_ISTIO_CHECK_GATEWAY_H
#define MESHTOP_ISTIO_CHECK_GATEWAY_H

struct checker;
struct value;

void gw_check(struct checker *c, const struct value *spec);
void gw_check_server(struct checker *c, const struct value *server);
void gw_check_tls(struct checker *c, const struct value *tls);
void gw_check_host(struct checker *c, const struct value *text);
void gw_check_bind(struct checker *c, const struct value *text);

/* check_sidecar.c */
void sc_check(struct checker *c, const struct value *spec);
void sc_check_host(struct checker *c, const struct value *text);
void sc_check_outbound(struct checker *c, const struct value *policy);
void pa_check(struct checker *c, const struct value *spec);
void pa_check_ports(struct checker *c, const struct value *map);

/* check_service_entry.c */
void se_check(struct checker *c, const struct value *spec);
void se_check_host(struct checker *c, const struct value *text);
void we_check(struct checker *c, const struct value *entry);
void we_check_ports(struct checker *c, const struct value *map);

#endif
