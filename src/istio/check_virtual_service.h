/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the tables of fields_virtual_service.c call: the rules of a
 * VirtualService that a table cannot say (spec/dataplane.md 1.1).
 */
#ifndef MESHTOP_ISTIO_CHECK_VIRTUAL_SERVICE_H
#define MESHTOP_ISTIO_CHECK_VIRTUAL_SERVICE_H

#include <stdbool.h>

struct checker;
struct value;

/* Is the sidecars' gateway among those of the spec?  It is when none is named. */
bool vs_is_for_mesh(const struct value *spec);
void vs_check(struct checker *c, const struct value *spec);
void vs_check_http(struct checker *c, const struct value *rule);
void vs_check_weights(struct checker *c, const struct value *routes);
void vs_check_redirect(struct checker *c, const struct value *redirect);
void vs_check_body(struct checker *c, const struct value *text);
void vs_check_bytes(struct checker *c, const struct value *text);
void vs_check_rewrite(struct checker *c, const struct value *rewrite);
void vs_check_regex_rewrite(struct checker *c, const struct value *rewrite);

/* check_match.c */
void vs_check_regex(struct checker *c, const struct value *text);
void vs_check_string_match(struct checker *c, const struct value *match);
void vs_check_header_keys(struct checker *c, const struct value *map);
void vs_check_http_match(struct checker *c, const struct value *match);
void vs_check_host(struct checker *c, const struct value *text);
void vs_check_sni(struct checker *c, const struct value *text);

/* check_headers.c: header operations and CORS */
void vs_check_request_headers(struct checker *c, const struct value *map);
void vs_check_response_headers(struct checker *c, const struct value *map);
void vs_check_removed_header(struct checker *c, const struct value *text);
void vs_check_origin(struct checker *c, const struct value *match);
void vs_check_cors_method(struct checker *c, const struct value *text);
void vs_check_cors_header(struct checker *c, const struct value *text);
void vs_check_max_age(struct checker *c, const struct value *text);

/* check_resilience.c: faults and retries */
void vs_check_retry_on(struct checker *c, const struct value *text);
void vs_check_retries(struct checker *c, const struct value *retries);
void vs_check_fault_percent(struct checker *c, const struct value *percent);
void vs_check_delay(struct checker *c, const struct value *delay);
void vs_check_abort(struct checker *c, const struct value *abort);
void vs_check_fault(struct checker *c, const struct value *fault);
void vs_check_grpc_status(struct checker *c, const struct value *text);

#endif
