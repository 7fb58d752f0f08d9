/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tables of fields_gateway_api.c call. */
#ifndef MESHTOP_ISTIO_CHECK_GATEWAY_API_H
#define MESHTOP_ISTIO_CHECK_GATEWAY_API_H

struct checker;
struct value;

void api_check_gateway(struct checker *c, const struct value *spec);
/* A match of a path; of a header or query parameter. */
void api_check_path(struct checker *c, const struct value *match);
void api_check_value(struct checker *c, const struct value *match);
void api_check_filter(struct checker *c, const struct value *filter);
void api_check_header_name(struct checker *c, const struct value *text);
/* The host of a redirect or rewrite: one, not a wildcard. */
void api_check_hostname(struct checker *c, const struct value *text);
void api_check_path_modifier(struct checker *c, const struct value *path);
void api_check_backend(struct checker *c, const struct value *ref);
void api_check_http_rule(struct checker *c, const struct value *rule);

#endif
