/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What schema tables say about single texts; see syntax.h. */
#include <stdio.h>
#include <string.h>

#include "src/base/value.h"
#include "src/istio/host.h"
#include "src/istio/schema.h"
#include "src/istio/syntax.h"
#include "src/istio/unique.h"
#include "src/model/object.h"

/* NULL for what is no text: that has been said. */
static const char *
text_of(const struct value *v)
{
	return v->kind == VALUE_STRING ? v->text : NULL;
}

void
check_not_empty(struct checker *c, const struct value *v)
{
	const char *s = text_of(v);

	if (s != NULL && s[0] == '\0')
		complain(c, v, NULL, "MT0032", "must not be empty");
}

void
check_dns_label(struct checker *c, const struct value *v)
{
	const char *s = text_of(v);

	if (s != NULL && s[0] != '\0' && !syntax_is_dns_label(s, strlen(s)))
		complain(c, v, NULL, "MT0027", "'%.80s' is not a DNS label: at most 63 letters, "
			 "digits and '-', not '-' at an end", s);
}

void
check_wildcard_domain(struct checker *c, const struct value *v)
{
	const char *s = text_of(v);

	if (s == NULL || s[0] == '\0' || syntax_is_wildcard_domain(s))
		return;
	if (strchr(s, '*') != NULL)
		complain(c, v, NULL, "MT0026", "'%.80s': a wildcard stands only at the beginning, as "
			 "in *.example.com", s);
	else
		complain(c, v, NULL, "MT0026", "'%.80s' is not a host name", s);
}

void
check_destination_host(struct checker *c, const struct value *v)
{
	const char *s = text_of(v);

	if (s != NULL && strcmp(s, "*") == 0)
		complain(c, v, NULL, "MT0026", "'*' cannot be a destination: name one host");
	else
		check_wildcard_domain(c, v);
}

void
check_host_or_ip(struct checker *c, const struct value *v)
{
	const char *s = text_of(v);

	if (s == NULL)
		return;
	if (s[0] == '\0')
		complain(c, v, NULL, "MT0026", "a host must not be empty");
	else if (!host_is_ip(s))
		check_wildcard_domain(c, v);
}

void
check_export_to(struct checker *c, const struct value *v)
{
	const char *s = text_of(v);

	if (s == NULL || strcmp(s, ".") == 0 || strcmp(s, "*") == 0)
		return;
	if (strcmp(s, "~") == 0) {
		if (c->object->kind->id != KIND_SERVICE_ENTRY)
			complain(c, v, NULL, "MT0027", "'~' (nobody) is for ServiceEntries only");
	} else if (!syntax_is_dns_label(s, strlen(s))) {
		complain(c, v, NULL, "MT0027", "'%.80s' is not '.', '*' or a namespace", s);
	}
}

/* No duplicates, '.' being the own namespace; '*' and '~' stand alone. */
void
check_export_list(struct checker *c, const struct value *list)
{
	const struct value *own = NULL;
	size_t index = 0;

	unique_check(c, list, "", "", unique_own_text);
	VALUE_EACH(v, value_is_list(list) ? list : NULL) {
		const char *s = text_of(v);
		bool is_own = s != NULL && (strcmp(s, ".") == 0 || strcmp(s, c->object->ns) == 0);
		char below[32];

		snprintf(below, sizeof(below), "[%zu]", index++);
		if (s != NULL && (strcmp(s, "*") == 0 || strcmp(s, "~") == 0) && list->count > 1)
			complain(c, v, below, "MT0029", "'%s' stands alone or not at all", s);
		if (is_own && own != NULL && strcmp(own->text, s) != 0)
			complain(c, v, below, "MT0030", "'.' and '%s' are the same", c->object->ns);
		if (is_own)
			own = v;
	}
}

void
check_gateway_name(struct checker *c, const struct value *v)
{
	const char *s = text_of(v);
	const char *slash = s != NULL ? strchr(s, '/') : NULL;
	size_t ns_len;

	if (s == NULL || (slash == NULL && strchr(s, '.') != NULL && syntax_is_fqdn(s)))
		return;		/* the dotted form is KIA1108's */
	ns_len = slash != NULL ? (size_t)(slash - s) : 0;
	if ((slash != NULL && !syntax_is_dns_label(s, ns_len)) ||
	    !syntax_is_dns_label(slash != NULL ? slash + 1 : s, strlen(slash != NULL ? slash + 1 : s)))
		complain(c, v, NULL, "MT0027", "'%.80s' is not a gateway: write NAME or "
			 "NAMESPACE/NAME", s);
}

void
check_cidr(struct checker *c, const struct value *v)
{
	const char *s = text_of(v);

	if (s != NULL && !syntax_is_cidr(s, true))
		complain(c, v, NULL, "MT0033", "'%.80s' is neither an address nor a range such as "
			 "10.0.0.0/8", s);
}

static void
check_label_map(struct checker *c, const struct value *map, bool is_selector)
{
	VALUE_EACH(v, value_is_map(map) ? map : NULL) {
		const char *s = text_of(v);

		if (is_selector && strchr(v->key, '*') != NULL)
			complain_key(c, v, "MT0027", "a selector has no wildcards");
		else if (!syntax_is_label_key(v->key))
			complain_key(c, v, "MT0027", "'%.80s' is not the name of a label", v->key);
		if (s != NULL && !syntax_is_label_value(s))
			complain(c, v, v->key, "MT0027", "'%.80s' is not the value of a label: at "
				 "most 63 letters, digits, '.', '_', '-'", s);
	}
}

void
check_labels(struct checker *c, const struct value *v)
{
	check_label_map(c, v, false);
}

void
check_selector_labels(struct checker *c, const struct value *v)
{
	check_label_map(c, v, true);
}

void
check_unique_names(struct checker *c, const struct value *list)
{
	unique_check(c, list, "", "name", unique_member_name);
}

void
check_selects_all(struct checker *c, const struct value *spec, const char *what)
{
	const struct value *selector = member(spec, "workloadSelector");
	const struct value *labels = member(selector, "labels");

	if (selector != NULL && (labels == NULL || labels->count == 0))
		complain_member(c, spec, "workloadSelector", "MT0036", "has no effect without labels: %s", what);
}

void
check_protocol(struct checker *c, const struct value *v)
{
	const char *s = text_of(v);

	if (s != NULL && s[0] != '\0' && !syntax_is_protocol(s))
		complain(c, v, NULL, "MT0024", "'%.40s' is no protocol: HTTP, HTTPS, HTTP2, GRPC, "
			 "GRPC-WEB, TCP, TLS, MONGO, REDIS, MYSQL, UDP or HTTP_PROXY", s);
}

void
check_line(struct checker *c, const struct value *v)
{
	const char *s = text_of(v);

	if (s != NULL && !syntax_is_line(s))
		complain(c, v, NULL, "MT0031", "no control characters: the line would end there");
}

void
check_line_word(struct checker *c, const struct value *v)
{
	const char *s = text_of(v);

	if (s != NULL && strpbrk(s, " \t") != NULL)
		complain(c, v, NULL, "MT0031", "no blanks: it would end there (write %%20)");
	else
		check_line(c, v);
}
