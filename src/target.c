/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which mesh a command is about; see target.h. */
#include "src/target.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/file.h"
#include "src/base/yaml.h"
#include "src/cli.h"
#include "src/istio/check.h"
#include "src/mesh/addresses.h"
#include "src/mesh/mesh.h"
#include "src/model/snapshot.h"
#include "src/store/files.h"
#include "src/store/store.h"

#define ADDRESSES_MAX ((size_t)16 << 20)

char *
target_demo_dir(void)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	if (state != NULL && state[0] == '/')
		return xasprintf("%s/meshtop/demo", state);
	return xasprintf("%s/.local/state/meshtop/demo", home != NULL ? home : "");
}

static int
choose_cluster(const char *context, struct error *err)
{
	if (context != NULL)
		return error_setf(err, ERROR_UNREACHABLE, "--context %s: this version has no "
				  "cluster mode yet; use --mesh DIR or --demo", context);
	return error_setf(err, ERROR_UNREACHABLE, "no target: this version has no cluster mode yet; "
			  "name one with --mesh DIR or --demo");
}

int
target_choose(struct target *t, const struct cli *c, enum target_need need, struct error *err)
{
	bool has_files = need == TARGET_READS_FILES && cli_has(c, "filename");
	bool has_context = cli_has(c, "context") || cli_has(c, "kubeconfig") ||
			   cli_has(c, "prometheus");
	/* -f may be repeated; it is one set of documents. */
	size_t named = cli_count(c, "mesh") + cli_has(c, "demo") + has_files +
		       (has_context && cli_count(c, "context") < 2 ? 1 : cli_count(c, "context"));

	*t = (struct target){ .cli = c };
	if (named > 1)
		return error_setf(err, ERROR_USAGE, "%s: one target only: --mesh, --demo, --context%s",
				  c->command->name, need == TARGET_READS_FILES ? " or -f" : "");
	if (named == 0 && need == TARGET_DEMANDED)
		return error_setf(err, ERROR_USAGE, "%s: a target is missing: --mesh DIR, --demo or "
				  "--context NAME", c->command->name);
	if (cli_has(c, "mesh") && cli_value(c, "mesh")[0] == '\0')
		return error_setf(err, ERROR_USAGE, "%s: --mesh '' is no directory", c->command->name);
	if (has_context || named == 0)
		return choose_cluster(cli_value(c, "context"), err);
	t->kind = has_files ? TARGET_DOCUMENTS : TARGET_DIRECTORY;
	if (cli_has(c, "demo"))
		t->dir = target_demo_dir();
	else if (cli_has(c, "mesh"))
		t->dir = xstrdup(cli_value(c, "mesh"));
	return 0;
}

void
target_fini(struct target *t)
{
	store_close(&t->store);
	free(t->dir);
	t->dir = NULL;
}

struct store *
target_store(struct target *t, bool reader, struct error *err)
{
	if (t->store != NULL)
		return t->store;
	t->store = reader ? store_open_reader(t->dir, err) :
		   store_open_directory(t->dir, false, err);
	if (t->store == NULL) {
		err->code = ERROR_UNREACHABLE;
		if (cli_has(t->cli, "demo"))
			error_setf(err, ERROR_UNREACHABLE, "there is no demo at %s: start it with "
				   "meshtop demo", t->dir);
		return NULL;
	}
	store_set_check(t->store, check_object_is_good);
	return t->store;
}

static int
load_documents(struct target *t, struct snapshot **out, struct problems *problems,
	       struct error *err)
{
	struct documents d = { VEC_INIT };
	const char *ns;

	if (cli_namespace(t->cli, &ns, err) < 0 ||
	    documents_read(t->cli, ns, problems == NULL, &d, problems, err) < 0) {
		documents_fini(&d);
		return -1;
	}
	*out = snapshot_new(d.files.items, d.files.len, 1, problems);
	documents_fini(&d);
	return 0;
}

int
target_load(struct target *t, struct snapshot **out, struct problems *problems,
	    struct error *err)
{
	if (t->kind == TARGET_DOCUMENTS)
		return load_documents(t, out, problems, err);
	if (target_store(t, true, err) == NULL)
		return -1;
	if (store_load(t->store, out, problems, err) == 0)
		return 0;
	err->code = ERROR_UNREACHABLE;
	return -1;
}

/* What the engine remembered of the directory's addresses. */
static struct addresses *
read_addresses(const struct target *t)
{
	struct addresses *a = addresses_new(0);
	struct buf text = BUF_INIT;
	int root = t->store != NULL ? open(store_path(t->store), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
		   : -1;

	if (root >= 0 && files_read(root, ".meshtop/addresses.json", ADDRESSES_MAX, &text, NULL,
				    NULL) == 0)
		addresses_parse(a, buf_str(&text), text.len, NULL);
	if (root >= 0)
		close(root);
	buf_fini(&text);
	addresses_set_read_only(a, true);
	return a;
}

struct mesh *
target_compile(struct target *t, struct snapshot *s, struct problems *problems)
{
	struct addresses *a = read_addresses(t);
	char *run_dir = xasprintf("%s/run", t->store != NULL ? store_state_path(t->store) : "/nowhere");
	struct mesh *m = mesh_compile(s, a, run_dir, problems);

	addresses_free(&a);
	free(run_dir);
	return m;
}

static int
add_text(struct documents *d, const char *path, const struct buf *text, const char *ns,
	 bool is_strict, struct problems *problems, struct error *err)
{
	struct error own = ERROR_INIT;
	struct source_file *f = source_file_new(path, buf_str(text), text->len, ns, problems, &own);

	if (f != NULL) {
		vec_push(&d->files, f);
		return 0;
	}
	if (is_strict) {
		*err = own;
		return -1;
	}
	problem_add_file(problems, path, own.line, own.col, "MT0001", SEVERITY_ERROR, "%s", own.msg);
	return 0;
}

/* Files of a folder by the name that it was asked for. */
static int
list_folder(const char *path, int fd, struct file_list *found, struct problems *problems,
	    struct error *err)
{
	struct problems rows = PROBLEMS_INIT;
	int status = files_find(fd, found, &rows, err);

	for (size_t i = 0; i < rows.rows.len; i++) {
		struct problem *row = &rows.rows.items[i];

		row->file = arena_printf(rows.arena, "%s/%s", path, row->file);
	}
	problems_append(problems, &rows);
	problems_fini(&rows);
	return status;
}

static int
read_folder(struct documents *d, const char *path, int fd, const char *ns, bool is_strict,
	    struct problems *problems, struct error *err)
{
	struct file_list found = FILE_LIST_INIT;
	int status = list_folder(path, fd, &found, problems, err);

	for (size_t i = 0; i < found.files.len && status == 0; i++) {
		char *full = xasprintf("%s/%s", path, found.files.items[i].path);
		struct buf text = BUF_INIT;

		status = files_read(fd, found.files.items[i].path, YAML_MAX_BYTES, &text, NULL, err);
		if (status != 0)
			status = error_prefixf(err, "%s", full);
		else
			status = add_text(d, full, &text, ns, is_strict, problems, err);
		buf_fini(&text);
		free(full);
	}
	file_list_fini(&found);
	return status;
}

static int
read_text(struct documents *d, const char *word, const char *ns, bool is_strict,
	  struct problems *problems, struct error *err)
{
	struct buf text = BUF_INIT;
	int status = file_read_word(word, YAML_MAX_BYTES, &text, err);

	if (status == 0)
		status = add_text(d, word, &text, ns, is_strict, problems, err);
	buf_fini(&text);
	return status;
}

static int
read_word(struct documents *d, const char *word, const char *ns, bool is_strict,
	  struct problems *problems, struct error *err)
{
	struct stat st;
	int fd, status;

	if (strcmp(word, "-") == 0 || stat(word, &st) < 0 || !S_ISDIR(st.st_mode))
		return read_text(d, word, ns, is_strict, problems, err);
	fd = open(word, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_errnof(err, "%s", word);
	status = read_folder(d, word, fd, ns, is_strict, problems, err);
	close(fd);
	return status;
}

int
documents_read(const struct cli *c, const char *ns, bool is_strict, struct documents *out,
	       struct problems *problems, struct error *err)
{
	size_t count = cli_count(c, "filename");

	for (size_t i = 0; i < count; i++)
		if (read_word(out, cli_value_at(c, "filename", i), ns, is_strict, problems, err) < 0)
			return -1;
	return 0;
}

void
documents_fini(struct documents *d)
{
	for (size_t i = 0; i < d->files.len; i++)
		source_file_put(&d->files.items[i]);
	vec_fini(&d->files);
}

void
target_split_name(const char *word, const char *ns, char **name, char **name_ns)
{
	const char *dot = strrchr(word, '.');

	*name = dot != NULL ? xstrndup(word, (size_t)(dot - word)) : xstrdup(word);
	*name_ns = xstrdup(dot != NULL ? dot + 1 : ns != NULL ? ns : "default");
}
