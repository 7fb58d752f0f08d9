/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Container and environment of a Deployment's or Pod's first container. */
#include "src/platform/pod_spec.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/value.h"
#include "src/base/xalloc.h"
#include "src/mesh/images.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/platform/pod.h"

static const struct value *
first_container(const struct object *o)
{
	const struct value *pod = value_path(o->spec, "template.spec");

	return value_at(value_get(pod != NULL ? pod : o->spec, "containers"), 0);
}

/* Base64 (RFC 4648) without checks: what is no digit of it ends the text. */
static void
put_base64(struct buf *out, const char *s)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0, count = 0;
	const char *d;

	for (; *s != '\0' && *s != '=' && (d = strchr(digits, *s)) != NULL; s++) {
		bits = (bits << 6 | (unsigned)(d - digits)) & 0xffffff;
		count += 6;
		if (count >= 8) {
			count -= 8;
			buf_putc(out, (char)(bits >> count & 0xff));
		}
	}
}

/* {name, key} of a Secret or ConfigMap; the value is empty when it is absent. */
static void
put_referenced(struct buf *out, const struct value *ref, enum kind_id kind,
	       const struct mesh_instance *i, const struct snapshot *documents)
{
	const char *name = value_get_text(ref, "name"), *key = value_get_text(ref, "key");
	const struct object *o;
	const char *text;

	if (name == NULL || key == NULL)
		return;
	o = snapshot_find(documents, kind, i->ns, name);
	if (o == NULL)
		return;
	text = value_get_text(value_get(o->root, "data"), key);
	if (kind == KIND_SECRET) {
		const char *plain = value_get_text(value_get(o->root, "stringData"), key);

		if (plain != NULL)
			buf_puts(out, plain);
		else if (text != NULL)
			put_base64(out, text);
	} else if (text != NULL) {
		buf_puts(out, text);
	}
}

static void
add_env(struct pod_spec *s, const struct value *variable, const struct mesh_instance *i,
	const struct snapshot *documents)
{
	const char *name = value_get_text(variable, "name");
	const char *text = value_get_text(variable, "value");
	const struct value *from = value_get(variable, "valueFrom");
	struct buf value = BUF_INIT;
	struct env e;

	if (name == NULL)
		return;
	if (text != NULL)
		buf_puts(&value, text);
	else if (value_get(from, "secretKeyRef") != NULL)
		put_referenced(&value, value_get(from, "secretKeyRef"), KIND_SECRET, i, documents);
	else if (value_get(from, "configMapKeyRef") != NULL)
		put_referenced(&value, value_get(from, "configMapKeyRef"), KIND_CONFIG_MAP, i,
			       documents);
	e.name = xstrdup(name);
	e.value = xstrdup(buf_str(&value));
	vec_push(&s->env, e);
	buf_fini(&value);
}

static const char *
env_of(const struct pod_spec *s, const char *name)
{
	for (size_t i = s->env.len; i-- > 0;)
		if (strcmp(s->env.items[i].name, name) == 0)
			return s->env.items[i].value;
	return "";
}

/* LISTEN_ADDRESS (":8000"), else the container's port, else the app's own. */
static uint16_t
port_of(const struct pod_spec *s, const struct value *container)
{
	const char *listen = strrchr(env_of(s, "LISTEN_ADDRESS"), ':');
	const struct value *port = value_path(container, "ports[0].containerPort");
	long from_env = listen != NULL ? strtol(listen + 1, NULL, 10) : 0;
	int64_t from_container;

	if (s->app->default_port == 0)
		return 0;
	if (from_env > 0 && from_env < 65536)
		return (uint16_t)from_env;
	if (value_to_int(port, &from_container) && from_container > 0 && from_container < 65536)
		return (uint16_t)from_container;
	return s->app->default_port;
}

static void
put_text(struct pod_spec *s)
{
	char address[ADDRESS_TEXT_BYTES];

	address_text(&s->address, address);
	buf_printf(&s->text, "%s %s %u %d\n", s->app->name, address, s->port, s->is_proxied);
	for (size_t i = 0; i < s->env.len; i++)
		buf_printf(&s->text, "%s=%s\n", s->env.items[i].name, s->env.items[i].value);
}

bool
pod_spec_init(struct pod_spec *s, const struct mesh_instance *i, const struct snapshot *documents)
{
	const struct mesh_workload *w = i->workload;
	const struct value *container = first_container(w->object);

	memset(s, 0, sizeof(*s));
	if (w->image == NULL || address_is_set(&i->forward_host))
		return false;
	s->app = app_of_image(image_lookup(w->image));
	if (s->app == NULL)
		return false;
	s->address = i->address;
	s->is_proxied = i->forward_unix_dir != NULL;
	VALUE_EACH(variable, value_get(container, "env"))
		add_env(s, variable, i, documents);
	s->port = port_of(s, container);
	put_text(s);
	return true;
}

void
pod_spec_fini(struct pod_spec *s)
{
	for (size_t i = 0; i < s->env.len; i++) {
		free(s->env.items[i].name);
		free(s->env.items[i].value);
	}
	vec_fini(&s->env);
	buf_fini(&s->text);
}
