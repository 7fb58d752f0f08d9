/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Syntax of single texts in Istio's objects (spec/dataplane.md 1, "Shared
 * syntax"), and the same as functions of schema tables.
 */
#ifndef MESHTOP_ISTIO_SYNTAX_H
#define MESHTOP_ISTIO_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/slice.h"

struct checker;
struct value;

/* 1-63 letters (either case), digits and '-', which does not stand at an end. */
bool syntax_is_dns_label(const char *s, size_t len);
/* Labels joined by dots, at most 255 bytes, the last not all digits; one dot
 * may follow. */
bool syntax_is_fqdn(const char *s);
/* The same whose first label may be "*", "*LABEL" or "*-LABEL". */
bool syntax_is_wildcard_domain(const char *s);
bool syntax_is_label_key(const char *s);
bool syntax_is_label_value(const char *s);
/* "10.0.0.0/8", "::1/128", or an address alone when bare_is_fine. */
bool syntax_is_cidr(const char *s, bool bare_is_fine);
/* A header's name: a token of RFC 9110. */
bool syntax_is_token(const char *s);
/* Without control characters but tabs: it can stand in a line of a head. */
bool syntax_is_line(const char *s);
/* A command operator of Envoy's formatter: NAME, NAME(ARGUMENT), each with
 * :BYTES or not. */
struct syntax_operator {
	struct slice name, argument;
	size_t max_bytes;		/* SIZE_MAX: as many as there are */
};
/* Reads the one at at, behind a '%'; returns what follows the '%' at its end,
 * NULL: it is none. */
const char *syntax_read_operator(const char *at, struct syntax_operator *out);
/* HTTP HTTPS HTTP2 GRPC ... in any case. */
bool syntax_is_protocol(const char *s);

/* For tables: each complains of v when it is a text of the wrong form. */
void check_dns_label(struct checker *c, const struct value *v);
void check_wildcard_domain(struct checker *c, const struct value *v);
/* The host of a destination: not "*". */
void check_destination_host(struct checker *c, const struct value *v);
void check_host_or_ip(struct checker *c, const struct value *v);
void check_export_to(struct checker *c, const struct value *v);
void check_export_list(struct checker *c, const struct value *v);
void check_gateway_name(struct checker *c, const struct value *v);
void check_cidr(struct checker *c, const struct value *v);
/* Maps of labels, of a selector (no '*', no empty key). */
void check_labels(struct checker *c, const struct value *v);
void check_selector_labels(struct checker *c, const struct value *v);
/* A list of objects, each with a name of its own. */
void check_unique_names(struct checker *c, const struct value *list);
/* A workloadSelector without labels: what the object is for then. */
void check_selects_all(struct checker *c, const struct value *spec, const char *what);
void check_protocol(struct checker *c, const struct value *v);
void check_not_empty(struct checker *c, const struct value *v);
/* What becomes part of a head's line: no control characters; of its first
 * line or of a host, where a blank ends it: no blanks either. */
void check_line(struct checker *c, const struct value *v);
void check_line_word(struct checker *c, const struct value *v);

#endif
