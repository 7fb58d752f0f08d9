/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS of servers: of Gateways and of a Sidecar's ingress (spec/dataplane.md
 * 1.3). */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/value.h"
#include "src/istio/check_gateway.h"
#include "src/istio/schema.h"

/* Where certificates may come from. */
static const char *const sources[] = { "serverCertificate", "privateKey", "caCertificates", "caCrl",
				       "credentialName", "credentialNames", "tlsCertificates" };

static bool
is_mode(const char *mode, const char *a, const char *b, const char *c)
{
	return strcmp(mode, a) == 0 || strcmp(mode, b) == 0 || strcmp(mode, c) == 0;
}

static void
check_versions(struct checker *c, const struct value *tls)
{
	const char *min = member_text(tls, "minProtocolVersion");
	const struct value *ciphers = member(tls, "cipherSuites");

	if (min != NULL && is_mode(min, "TLSV1_0", "TLSV1_1", "") && (ciphers == NULL || ciphers->count == 0))
		complain_member(c, tls, "minProtocolVersion", "MT0038", "versions before TLSV1_2 need "
				"cipherSuites, too: those that are chosen by default do not fit");
}

void
gw_check_ciphers(struct checker *c, const struct value *list)
{
	static const char *const known[] = {
		"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
		"ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
		"ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
		"ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA",
		"ECDHE-RSA-AES256-SHA", "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA",
		"AES256-SHA", "DES-CBC3-SHA",
	};
	size_t index = 0;

	VALUE_EACH(v, value_is_list(list) ? list : NULL) {
		const char *text = value_text(v);
		/* OpenSSL's operators, as in "-NAME", are for whom they are known to. */
		bool is_known = text == NULL || !isalnum((unsigned char)text[0]) || strcmp(text, "ALL") == 0;
		bool is_repeated = false;
		char below[32];

		snprintf(below, sizeof(below), "[%zu]", index++);
		for (size_t i = 0; i < ARRAY_LEN(known) && !is_known; i++)
			is_known = strcmp(text, known[i]) == 0;
		for (const struct value *w = list->first; w != v && index <= 64; w = w->next)
			is_repeated |= value_equal(w, v);
		if (!is_known)
			complain(c, v, below, "MT0036", "no cipher suite has the name '%.60s': it is left out",
				 text);
		else if (is_repeated)
			complain(c, v, below, "MT0036", "has no effect: it stands here twice");
	}
}

/* The server's certificate has one source. */
static void
check_sources(struct checker *c, const struct value *tls)
{
	bool has_files = member_set(tls, "serverCertificate") != NULL && member_set(tls, "privateKey") != NULL;
	size_t count = has_files;

	for (size_t i = 4; i < ARRAY_LEN(sources); i++)
		if (member_set(tls, sources[i]) != NULL && ++count > 1)
			complain_member(c, tls, sources[i], "MT0029", "only one of credentialName, "
					"credentialNames, tlsCertificates and serverCertificate with privateKey "
					"may stand");
}

static void
check_certificates(struct checker *c, const struct value *tls, const char *mode)
{
	const struct value *list = member(tls, "tlsCertificates");
	size_t index = 0;

	if (member_set(tls, "credentialName") != NULL || member_set(tls, "credentialNames") != NULL)
		return;		/* they bring all that is needed */
	if (strcmp(mode, "SIMPLE") != 0)
		check_mode_needs(c, tls, "", mode, "caCertificates");
	else if (member_set(tls, "caCrl") != NULL)
		complain_member(c, tls, "caCrl", "MT0029", "mode SIMPLE looks at no client's certificate: "
				"there is nothing to revoke");
	if (list == NULL || list->count == 0) {
		check_mode_needs(c, tls, "", mode, "serverCertificate");
		check_mode_needs(c, tls, "", mode, "privateKey");
	}
	VALUE_EACH(v, value_is_list(list) ? list : NULL) {
		char at[40];

		snprintf(at, sizeof(at), "tlsCertificates[%zu]", index++);
		check_mode_needs(c, v, at, mode, "serverCertificate");
		check_mode_needs(c, v, at, mode, "privateKey");
	}
}

void
gw_check_tls(struct checker *c, const struct value *tls)
{
	const char *mode = member_text(tls, "mode");

	if (mode == NULL)
		mode = "PASSTHROUGH";
	check_versions(c, tls);
	if (strcmp(mode, "ISTIO_MUTUAL") == 0) {
		for (size_t i = 0; i < ARRAY_LEN(sources); i++)
			if (member_set(tls, sources[i]) != NULL && strcmp(sources[i], "caCrl") != 0)
				complain_member(c, tls, sources[i], "MT0029", "excludes mode ISTIO_MUTUAL, which "
						"brings its own certificates");
		return;
	}
	check_sources(c, tls);
	if (is_mode(mode, "SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL")) {
		check_certificates(c, tls, mode);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		if (member_set(tls, sources[i]) != NULL)
			complain_member(c, tls, sources[i], "MT0036", "has no effect: mode %s ends no TLS%s", mode,
					member(tls, "mode") == NULL ? " (it is the default)" : "");
}
