/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mesh-wide settings: MeshConfig, YAML text in ConfigMap istio of
 * istio-system, and what stands in its defaultConfig.proxyMetadata.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/error.h"
#include "src/base/yaml.h"
#include "src/istio/duration.h"
#include "src/istio/host.h"
#include "src/mesh/compile.h"

#define ROOT_NAMESPACE "istio-system"
#define HOUR_MS (UINT64_C(3600) * 1000)

static const struct {
	const char *name;
	int value;
} normalizations[] = {
	{ "DEFAULT", NORMALIZE_BASE },
	{ "NONE", NORMALIZE_NONE },
	{ "BASE", NORMALIZE_BASE },
	{ "MERGE_SLASHES", NORMALIZE_MERGE },
	{ "DECODE_AND_MERGE_SLASHES", NORMALIZE_DECODE_MERGE },
};

struct source {
	struct compile *c;
	const struct object *object;
	const struct value *at;		/* the text in the ConfigMap */
};

static void
complain(const struct source *src, const char *field, const char *text)
{
	compile_problem(src->c, "MT1007", src->object, src->at, "data.mesh",
			"%s: cannot use \"%.120s\"", field, text);
}

static void
set_text(const char **out, const struct value *v)
{
	if (value_text(v) != NULL)
		*out = value_text(v);
}

static void
set_ms(const struct source *src, uint64_t *out, const struct value *meta, const char *field)
{
	const char *text = value_get_text(meta, field);
	uint64_t ns;

	if (text == NULL)
		return;
	if (duration_parse(text, &ns))
		*out = ns / 1000000;
	else
		complain(src, field, text);
}

static void
check_retries(const struct source *src, const struct value *retries)
{
	static const char *const durations[] = { "perTryTimeout", "backoff" };
	uint64_t ns;

	for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
		const char *text = value_get_text(retries, durations[i]);
		char field[64];

		if (text == NULL || duration_parse(text, &ns))
			continue;
		snprintf(field, sizeof(field), "defaultHttpRetryPolicy.%s", durations[i]);
		complain(src, field, text);
	}
}

static void
set_normalization(const struct source *src, struct mesh_settings *out,
		  const struct value *config)
{
	const char *text =
		value_text(value_path(config, "pathNormalization.normalization"));

	if (text == NULL)
		return;
	for (size_t i = 0; i < sizeof(normalizations) / sizeof(normalizations[0]); i++) {
		if (strcmp(text, normalizations[i].name) != 0)
			continue;
		switch (normalizations[i].value) {
		case NORMALIZE_NONE:
			out->normalize = NORMALIZE_NONE;
			return;
		case NORMALIZE_MERGE:
			out->normalize = NORMALIZE_MERGE;
			return;
		case NORMALIZE_DECODE_MERGE:
			out->normalize = NORMALIZE_DECODE_MERGE;
			return;
		default:
			out->normalize = NORMALIZE_BASE;
			return;
		}
	}
	complain(src, "pathNormalization.normalization", text);
}

/* "1000,1001": decimal user ids. */
static void
set_uids(const struct source *src, struct mesh_settings *out, const char *text)
{
	VEC(uint32_t) uids = VEC_INIT;
	const char *s = text;

	if (text == NULL)
		return;
	while (*s != '\0') {
		char *end;
		unsigned long n;

		s += strspn(s, ", ");
		if (*s == '\0')
			break;
		n = strtoul(s, &end, 10);
		if (*s < '0' || *s > '9' || n > UINT32_MAX || (*end && !strchr(", ", *end))) {
			complain(src, "MESHTOP_ALLOW_UIDS", text);
			break;
		}
		vec_push(&uids, (uint32_t)n);
		s = end;
	}
	if (uids.len > 0) {
		uint32_t *kept = arena_alloc(src->c->arena, uids.len * sizeof(*kept));

		memcpy(kept, uids.items, uids.len * sizeof(*kept));
		out->allowed_uids = kept;
		out->allowed_uid_count = uids.len;
	}
	vec_fini(&uids);
}

static void
set_metadata(const struct source *src, struct mesh_settings *out, const struct value *meta)
{
	const char *http10 = value_get_text(meta, "ISTIO_META_HTTP10");
	const char *suffix = value_get_text(meta, "DISABLE_SHADOW_HOST_SUFFIX");

	out->http10 = http10 != NULL && strcmp(http10, "1") == 0;
	out->adds_shadow_suffix = suffix != NULL && strcmp(suffix, "false") == 0;
	set_text(&out->cluster_id, value_get(meta, "ISTIO_META_CLUSTER_ID"));
	set_ms(src, &out->downstream_idle_ms, meta, "ISTIO_META_IDLE_TIMEOUT");
	set_ms(src, &out->request_head_ms, meta, "MESHTOP_REQUEST_HEAD_TIMEOUT");
	set_ms(src, &out->request_body_idle_ms, meta, "MESHTOP_REQUEST_BODY_IDLE_TIMEOUT");
	set_uids(src, out, value_get_text(meta, "MESHTOP_ALLOW_UIDS"));
}

/* Of a ProxyConfig: how many proxies before a gateway are believed. */
static void
set_trusted_proxies(unsigned *out, const struct value *proxy_config)
{
	int64_t n;

	if (value_to_int(value_path(proxy_config, "gatewayTopology.numTrustedProxies"), &n) &&
	    n >= 0 && n <= UINT32_MAX)
		*out = (unsigned)n;
}

unsigned
compile_trusted_proxies(struct compile *c, const char *proxy_config)
{
	struct yaml_stream stream = { .docs = VEC_INIT };
	struct error err = ERROR_INIT;
	unsigned n = c->mesh->settings.trusted_proxies;

	if (proxy_config != NULL && yaml_parse(c->scratch, proxy_config, strlen(proxy_config),
					       NULL, &stream, &err) == 0 && stream.docs.len > 0)
		set_trusted_proxies(&n, stream.docs.items[0].root);
	yaml_stream_fini(&stream);
	return n;
}

static void
read_config(const struct source *src, struct mesh_settings *out, const struct value *config)
{
	const char *mode = value_text(value_path(config, "outboundTrafficPolicy.mode"));
	const char *encoding = value_get_text(config, "accessLogEncoding");

	if (mode != NULL && strcmp(mode, "REGISTRY_ONLY") == 0)
		out->allow_any = false;
	else if (mode != NULL && strcmp(mode, "ALLOW_ANY") != 0)
		complain(src, "outboundTrafficPolicy.mode", mode);
	if (encoding != NULL && strcmp(encoding, "JSON") == 0)
		out->access_log_json = true;
	else if (encoding != NULL && strcmp(encoding, "TEXT") != 0)
		complain(src, "accessLogEncoding", encoding);
	out->locality = value_get(config, "localityLbSetting");
	out->keepalive = value_get(config, "tcpKeepalive");
	out->retries = value_get(config, "defaultHttpRetryPolicy");
	check_retries(src, out->retries);
	set_ms(src, &out->connect_ms, config, "connectTimeout");
	set_text(&out->root_namespace, value_get(config, "rootNamespace"));
	set_text(&out->trust_domain, value_get(config, "trustDomain"));
	set_text(&out->access_log_file, value_get(config, "accessLogFile"));
	set_text(&out->access_log_format, value_get(config, "accessLogFormat"));
	set_normalization(src, out, config);
	set_trusted_proxies(&out->trusted_proxies, value_get(config, "defaultConfig"));
	set_metadata(src, out, value_path(config, "defaultConfig.proxyMetadata"));
}

void
compile_settings(struct compile *c)
{
	struct mesh_settings *out = &c->mesh->settings;
	struct source src = { .c = c };
	struct yaml_stream stream = { .docs = VEC_INIT };
	struct error err = ERROR_INIT;
	const char *text;

	*out = (struct mesh_settings){
		.root_namespace = ROOT_NAMESPACE, .trust_domain = "cluster.local",
		.cluster_domain = HOST_CLUSTER_DOMAIN, .cluster_id = "Kubernetes",
		.allow_any = true, .access_log_file = "", .access_log_format = "",
		.normalize = NORMALIZE_BASE, .downstream_idle_ms = HOUR_MS,
		.request_head_ms = 10000, .connect_ms = 10000, .request_body_idle_ms = 60000,
	};
	src.object = snapshot_find(c->snapshot, KIND_CONFIG_MAP, ROOT_NAMESPACE, "istio");
	if (src.object == NULL)
		return;
	src.at = value_get(value_get(src.object->root, "data"), "mesh");
	text = value_text(src.at);
	if (text == NULL)
		return;
	if (yaml_parse(c->arena, text, strlen(text), NULL, &stream, &err) < 0)
		compile_problem(c, "MT1007", src.object, src.at, "data.mesh",
				"line %u of the text: %s", err.line, err.msg);
	else if (stream.docs.len > 0)
		read_config(&src, out, stream.docs.items[0].root);
	yaml_stream_fini(&stream);
}
