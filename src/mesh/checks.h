/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All that is wrong with a state: the checks (src/istio/check.h) and what the
 * compiled mesh reports, each thing once.
 */
#ifndef MESHTOP_MESH_CHECKS_H
#define MESHTOP_MESH_CHECKS_H

struct problems;
struct snapshot;

/* Syntax and references of every object; rows in order, each once. */
void checks_run(struct snapshot *s, struct problems *out);
/*
 * For documents that are no mesh: an image that this program cannot run, a
 * workload that Istio's installation brings (its ingress gateway) and one
 * object in several files, of which one will be applied, are no faults there.
 */
void checks_soften(const struct snapshot *s, struct problems *rows);
/* Adds the rows of both to out; those of compiled only where the checked
 * ones do not say the same.  In order, each once. */
void checks_join(const struct problems *checked, const struct problems *compiled,
		 struct problems *out);
/* Rows of after that before lacks (places in files do not matter). */
void checks_new_rows(const struct problems *before, const struct problems *after,
		     struct problems *out);

#endif
