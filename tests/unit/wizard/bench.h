/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A wizard run on a small mesh: travels (v1 to v3), hotels (one workload
 * without version), mysqldb (tcp) and whatever a test stores beside them.
 */
#ifndef MESHTOP_TESTS_WIZARD_BENCH_H
#define MESHTOP_TESTS_WIZARD_BENCH_H

#include "src/base/buf.h"
#include "src/mesh/mesh.h"
#include "src/model/problem.h"
#include "src/wizard/wizard.h"

struct arena;
struct value;

struct bench {
	struct arena *arena;
	struct snapshot *snapshot;
	struct mesh *mesh;
	struct wizard_state *wizard;	/* NULL: refused to open, see error */
	struct wizard_preview *preview;	/* NULL until bench_preview() */
	struct problems problems;
	char error[400];
};

/* stored: a list of objects, may be NULL. */
void bench_open(struct bench *b, const char *kind, const char *service,
		const struct value *stored);
void bench_open_text(struct bench *b, const char *kind, const char *service,
		     const char *stored_yaml);
void bench_close(struct bench *b);
/* 0 or -1, as wizard_answer(). */
int bench_answer(struct bench *b, const struct value *answers);
int bench_answer_text(struct bench *b, const char *answers);
void bench_preview(struct bench *b);
/* Has a row with the code (and path, unless NULL)? */
bool bench_has(const struct problems *p, const char *code, const char *path);
/* Parses one document. */
struct value *bench_parse(struct arena *a, const char *text);

#endif
