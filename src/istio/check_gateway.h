/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the tables of Gateways, Sidecars, ServiceEntries, WorkloadEntries and
 * PeerAuthentications call (spec/dataplane.md 1.3 to 1.6).
 */
#ifndef MESHTOP_ISTIO_CHECK_GATEWAY_H
#define MESHTOP_ISTIO_CHECK_GATEWAY_H

#include <stdbool.h>

struct checker;
struct value;

void gw_check(struct checker *c, const struct value *spec);
void gw_check_server(struct checker *c, const struct value *server);
void gw_check_host(struct checker *c, const struct value *text);
void gw_check_bind(struct checker *c, const struct value *text);
/* Of text: "*", *.DOMAIN or a host name with a dot. */
void gw_check_host_part(struct checker *c, const struct value *text, const char *host);
bool gw_is_socket(const char *bind);
/* In any case; false for NULL. */
bool gw_is_http(const char *protocol);
bool gw_is_tls(const char *protocol);

/* check_server_tls.c */
void gw_check_tls(struct checker *c, const struct value *tls);
void gw_check_ciphers(struct checker *c, const struct value *list);

/* check_sidecar.c */
void sc_check(struct checker *c, const struct value *spec);
void sc_check_ingress(struct checker *c, const struct value *listener);
void sc_check_egress(struct checker *c, const struct value *listener);
void sc_check_host(struct checker *c, const struct value *text);
void sc_check_outbound(struct checker *c, const struct value *policy);
void pa_check(struct checker *c, const struct value *spec);
void pa_check_ports(struct checker *c, const struct value *map);

/* check_service_entry.c */
#define SE_PORTS_MAX 256
void se_check(struct checker *c, const struct value *spec);
void se_check_host(struct checker *c, const struct value *text);
void we_check(struct checker *c, const struct value *entry);
void we_check_ports(struct checker *c, const struct value *map);

#endif
