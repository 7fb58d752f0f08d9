/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents: whatever is read is written so that it reads back equal, and
 * becomes objects and a compiled mesh without a crash. */
#include <stddef.h>
#include <stdlib.h>

#include "src/base/arena.h"
#include "src/base/assert.h"
#include "src/base/buf.h"
#include "src/base/value.h"
#include "src/base/yaml.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	struct arena *a = arena_new();
	struct yaml_stream docs = { VEC_INIT }, again = { VEC_INIT };
	struct problems problems = PROBLEMS_INIT;
	struct snapshot *s;
	struct mesh *m;

	if (yaml_parse(a, text, size, "f.yaml", &docs, NULL) == 0) {
		for (size_t i = 0; i < docs.docs.len; i++) {
			struct buf out = BUF_INIT;

			ASSERT(docs.docs.items[i].begin <= docs.docs.items[i].end &&
			       docs.docs.items[i].end <= size);
			if (docs.docs.items[i].root == NULL)
				continue;
			yaml_emit(&out, docs.docs.items[i].root);
			ASSERT(yaml_parse(a, buf_str(&out), out.len, NULL, &again, NULL) == 0);
			ASSERT(again.docs.len == 1 &&
			       value_equal(again.docs.items[0].root, docs.docs.items[i].root));
			yaml_stream_fini(&again);
			buf_fini(&out);
		}
		yaml_stream_fini(&docs);
		s = snapshot_of_text("f.yaml", text, &problems, NULL);
		if (s != NULL) {
			m = mesh_compile(s, NULL, "/run", &problems);
			mesh_put(&m);
		}
		snapshot_put(&s);
	}
	problems_fini(&problems);
	arena_free(&a);
	free(text);
	return 0;
}
