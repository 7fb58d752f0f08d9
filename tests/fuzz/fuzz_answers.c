/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of wizards: refused with rows, or made into documents. */
#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/yaml.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/wizard/wizard.h"
#include "tests/fuzz/fuzz.h"

static const char mesh_text[] =
	"apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: back}\n"
	"spec: {selector: {app: api}, ports: [{name: http, port: 80}]}\n---\n"
	"apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {name: api-v1, namespace: back}\n"
	"spec: {address: 127.9.9.1, labels: {app: api, version: v1}}\n---\n"
	"apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {name: api-v2, namespace: back}\n"
	"spec: {address: 127.9.9.2, labels: {app: api, version: v2}}\n---\n"
	"apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: api, namespace: back}\n"
	"spec: {hosts: [api], http: [{match: [{headers: {a: {exact: b}}}], route: [{destination: {host: api}}]}]}\n";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mesh *mesh;
	struct arena *a = arena_new();
	struct yaml_stream docs = { VEC_INIT };
	struct problems problems = PROBLEMS_INIT;
	struct wizard_state *w;
	struct wizard_preview *p;

	if (mesh == NULL) {
		struct snapshot *s = snapshot_of_text("m.yaml", mesh_text, NULL, NULL);

		mesh = mesh_compile(s, NULL, "", NULL);
		snapshot_put(&s);
	}
	if (size > 0 && yaml_parse(a, (const char *)data + 1, size - 1, "a.yaml", &docs, NULL) == 0) {
		w = wizard_open(data[0] % WIZARD_KIND_COUNT, mesh,
				mesh_find_service(mesh, "back", "api"), NULL);
		if (w != NULL && docs.docs.len > 0 && docs.docs.items[0].root != NULL &&
		    wizard_answer(w, docs.docs.items[0].root, &problems) == 0) {
			ASSERT(!problems_have_errors(&problems));
			p = wizard_preview(w, NULL);
			wizard_preview_free(&p);
		}
		wizard_free(&w);
		yaml_stream_fini(&docs);
	}
	problems_fini(&problems);
	arena_free(&a);
	return 0;
}
