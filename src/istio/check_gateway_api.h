/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tables of the Gateway API's kinds call, and rows that they share. */
#ifndef MESHTOP_ISTIO_CHECK_GATEWAY_API_H
#define MESHTOP_ISTIO_CHECK_GATEWAY_API_H

struct checker;
struct value;

/* Members of references. */
#define API_GROUP(...) TEXT("group", MOST(253), .check = api_check_group, __VA_ARGS__)
#define API_KIND(...) TEXT("kind", MOST(63), .check = api_check_kind, __VA_ARGS__)
#define API_NAME(...) TEXT("name", MOST(253), __VA_ARGS__)
#define API_NAMESPACE() TEXT("namespace", .flags = FIELD_FILLED, .check = api_check_namespace)
#define API_HEADER(name, ...) TEXT(name, .check = api_check_header_name, __VA_ARGS__)
#define API_HEADERS(name, ...) TEXTS(name, .check = api_check_header_name, __VA_ARGS__)

#define API_METHODS "GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH"

/* check_gateway_api.c: rules of objects */
void api_check_gateway(struct checker *c, const struct value *spec);
void api_check_listener(struct checker *c, const struct value *listener);
void api_check_address(struct checker *c, const struct value *address);
/* A match of a path; of a header or query parameter. */
void api_check_path(struct checker *c, const struct value *match);
void api_check_value(struct checker *c, const struct value *match);
void api_check_filter(struct checker *c, const struct value *filter);
void api_check_filters(struct checker *c, const struct value *list);
void api_check_path_modifier(struct checker *c, const struct value *path);
void api_check_fraction(struct checker *c, const struct value *fraction);
void api_check_backend(struct checker *c, const struct value *ref);
void api_check_timeouts(struct checker *c, const struct value *timeouts);
void api_check_http_rule(struct checker *c, const struct value *rule);

/* check_api_syntax.c: single texts and lists of them */
void api_check_group(struct checker *c, const struct value *text);
void api_check_kind(struct checker *c, const struct value *text);
void api_check_namespace(struct checker *c, const struct value *text);
void api_check_subdomain(struct checker *c, const struct value *text);
/* Hostname, or a domain's own as in example.com/bar. */
void api_check_address_type(struct checker *c, const struct value *text);
/* The value of an annotation. */
void api_check_annotation(struct checker *c, const struct value *text);
/* Each port once. */
void api_check_ports(struct checker *c, const struct value *list);
void api_check_header_name(struct checker *c, const struct value *text);
/* The host of a redirect or rewrite is one, not a wildcard. */
void api_check_hostname(struct checker *c, const struct value *text);
void api_check_hostname_or_wildcard(struct checker *c, const struct value *text);
void api_check_protocol(struct checker *c, const struct value *text);
void api_check_origin(struct checker *c, const struct value *text);
void api_check_redirect_code(struct checker *c, const struct value *number);
/* "1h30m": at most four whole numbers of at most five digits. */
void api_check_duration(struct checker *c, const struct value *text);
/* "*" stands alone. */
void api_check_star(struct checker *c, const struct value *list);

#endif
