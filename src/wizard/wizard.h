/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Wizards: from a few answers to Istio documents, and back.
 *
 * Pure: state in, documents out.  A form shows and edits a wizard_state, an
 * answers file sets one, `wizard_documents` makes what would be stored.  The
 * shapes of documents, labels and defaults are Kiali's (spec/kiali.md 1.9);
 * fields of stored documents that no form edits are kept.
 */
#ifndef MESHTOP_WIZARD_WIZARD_H
#define MESHTOP_WIZARD_WIZARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/vec.h"
#include "src/model/object.h"
#include "src/model/problem.h"

struct arena;
struct buf;
struct error;
struct mesh;
struct mesh_service;
struct snapshot;
struct transaction;
struct value;

enum wizard_kind {
	WIZARD_REQUEST_ROUTING, WIZARD_FAULT_INJECTION, WIZARD_TRAFFIC_SHIFTING,
	WIZARD_TCP_TRAFFIC_SHIFTING, WIZARD_REQUEST_TIMEOUTS, WIZARD_DELETE,
	WIZARD_KIND_COUNT,
};
const char *wizard_kind_name(enum wizard_kind k);	/* "request-routing" */
const char *wizard_kind_title(enum wizard_kind k);	/* "Request Routing" */
bool wizard_kind_parse(const char *word, enum wizard_kind *out);

/* A row of the weight table: one workload of the service. */
struct wizard_target {
	const char *workload;		/* name; of a gone row, what the destination says */
	const char *version, *subset;	/* NULL: none */
	unsigned weight;		/* 0..100 when given by the user; stored ones as stored */
	bool is_locked;
	bool is_mirrored;		/* a mirrored row takes part in the route only
					 * with a weight above 0 */
	double mirror_percent;
	bool is_gone;			/* stored destination without workload: shown, kept */
	const struct value *route;	/* stored destination with weight; NULL: not listed */
	const struct value *mirror;	/* stored destination of the mirror; NULL */
};

enum match_subject { MATCH_HEADER, MATCH_URI, MATCH_SCHEME, MATCH_METHOD, MATCH_AUTHORITY };
enum match_op { MATCH_EXACT, MATCH_PREFIX, MATCH_REGEX, MATCH_PRESENT };

struct wizard_condition {
	enum match_subject subject;
	enum match_op op;
	const char *header;		/* for MATCH_HEADER */
	const char *value;
};

/* One alternative of a rule: all conditions hold. */
struct wizard_match {
	VEC(struct wizard_condition) conditions;
	const struct value *foreign;	/* stored entry with fields no form edits; NULL */
};

struct wizard_rule {
	VEC(struct wizard_match) matches;	/* none: any request */
	VEC(struct wizard_target) targets;
	bool weights_touched;		/* by the user: then they must sum to 100 */
	bool has_delay; double delay_percent; const char *delay;	/* "5s" */
	bool has_abort; double abort_percent; int64_t abort_status;
	bool has_timeout; const char *timeout;
	bool has_retries; int64_t retry_attempts; const char *per_try_timeout;
	const char *retry_on;		/* NULL: as stored, else Kiali's */
	bool has_no_route;		/* stored entry that redirects, answers or delegates:
					 * kept, without weights */
	const struct value *stored;	/* the http (tcp) entry it came from; NULL: new */
	size_t stored_index;		/* in spec.http (spec.tcp) */
};

struct wizard_state {
	struct arena *arena;		/* owns every text and value below */
	enum wizard_kind kind;
	const struct mesh *mesh;	/* borrowed */
	const struct mesh_service *service;
	bool is_update;			/* something is stored for this service */
	/* Request routing: the rules.  Other kinds: every stored http (tcp) entry,
	 * one when there is none. */
	VEC(struct wizard_rule) rules;
	VEC(struct wizard_target) rows;	/* workloads of the service, weight 0 */
	const char *app_label, *app;	/* label of the first workload, its value */
	const char *version_label;
	/* Everything stored for the service, in the order of documents; of these
	 * the wizard works on three (NULL: it makes one). */
	VEC(const struct object *) stored;
	const struct object *virtual_service, *destination_rule, *peer_auth;
	/* hosts, gateway, trafficPolicy, circuitBreaker in the words of an answers
	 * file, connectionPool with its members below tcp and http; what is absent
	 * is not set.  Change it with wizard_answer_advanced(). */
	const struct value *advanced;
	bool has_hosts;			/* hosts were given, not copied from a gateway */
};

/* A change to the mesh that a transaction would make, for the preview. */
struct wizard_preview {
	struct arena *arena;
	struct wizard_document {
		const char *kind, *ns, *name;
		enum { DOC_CREATE, DOC_UPDATE, DOC_UNCHANGED, DOC_DELETE } op;
		const struct value *root;	/* as it would be stored; NULL for delete */
		const struct object *before;	/* what it replaces or deletes; NULL: new */
		const char *yaml, *diff;	/* texts */
	} *documents;
	size_t document_count;
	/* Errors of the state (paths in answers' words), warnings of the result
	 * and of what stays (paths in documents), infos: removed rules, fields
	 * that are not obeyed. */
	struct problems problems;
	VEC(const char *) effects;	/* "rule 1 headers[portal] exact travels.uk: 100 % to travels-v1" */
};

/* Starts from what is stored for the service (or defaults).  NULL and err
 * (ERROR_REFUSED) with the reason when the wizard cannot serve it. */
struct wizard_state *wizard_open(enum wizard_kind kind, const struct mesh *m,
				 const struct mesh_service *service, struct error *err);
void wizard_free(struct wizard_state **wp);
/* Deep copy: the form keeps one per step for "back". */
struct wizard_state *wizard_dup(const struct wizard_state *w);

/* Applies an answers document (design.md 4).  Rows of problems name the path
 * of each offending key; -1 when there is any error; the state is then
 * undefined. */
int wizard_answer(struct wizard_state *w, const struct value *answers,
		  struct problems *problems);
/* The same for hosts, gateway, trafficPolicy and circuitBreaker alone: what a
 * form's tab says; parts that are not mentioned stay. */
int wizard_answer_advanced(struct wizard_state *w, const struct value *answers,
			   struct problems *problems);
/* What is wrong with the state as it stands; path in answers' words. */
void wizard_check(const struct wizard_state *w, struct problems *problems);

/* Rows about documents of the preview, as far as they are about what the answers
 * (NULL: none) say: they get file, which must outlive them, and the place there.
 * WIZARD_KIND_COUNT stands for the wizards of the Gateway API. */
void wizard_locate(enum wizard_kind kind, const struct value *answers, const char *file,
		   struct problems *rows);

/* Documents as they would be stored, with diffs and warnings: those of the
 * service whether they change or not, in Kiali's order (DestinationRule,
 * Gateway, PeerAuthentication, VirtualService).  NULL and err (ERROR_REFUSED)
 * when the state is wrong: wizard_check() says where. */
struct wizard_preview *wizard_preview(const struct wizard_state *w, struct error *err);
void wizard_preview_free(struct wizard_preview **pp);
/* The transaction that does it; borrows from the preview.  Changes carry the
 * hash of what they are based on; unchanged documents are left out.  The
 * caller frees out->changes. */
void wizard_transaction(const struct wizard_preview *p, const struct wizard_state *w,
			struct transaction *out);

/* Weights (spec/kiali.md 1.3). */
void weights_even(struct wizard_target *targets, size_t count);
/* Sets row to value (cut to what locked rows leave) and rebalances the
 * unlocked others.  For a mirrored row the value is its percentage.  Callers
 * set weights_touched. */
void weights_set(struct wizard_target *targets, size_t count, size_t row, unsigned value);
/* Makes row the one mirrored row, or an ordinary one again; clears locks. */
void weights_mirror(struct wizard_target *targets, size_t count, size_t row, bool on);
unsigned weights_sum(const struct wizard_target *targets, size_t count);
/* 100 less the locked rows: what an unlocked row may be set to. */
unsigned weights_max(const struct wizard_target *targets, size_t count, size_t row);

/* Rules as the form edits them. */
struct wizard_rule *wizard_rule_add(struct wizard_state *w);	/* even weights, no match */
void wizard_rule_copy(struct wizard_state *w, size_t index);
void wizard_rule_move(struct wizard_state *w, size_t index, int by);
void wizard_rule_remove(struct wizard_state *w, size_t index);
/* No match at all, or one that every request meets (uri prefix "/"). */
bool wizard_rule_is_catch_all(const struct wizard_rule *r);
/* Same alternatives, whatever their order. */
bool wizard_rule_same_match(const struct wizard_rule *a, const struct wizard_rule *b);
/* Alternatives joined by " or "; "any request" when there are none. */
void wizard_rule_text(const struct wizard_rule *r, struct buf *out);
/* "80 % to travels-v1, 20 % to travels-v2; mirrors 50 % to travels-v3; ..." */
void wizard_rule_effect(const struct wizard_rule *r, struct buf *out);
const char *wizard_text(struct wizard_state *w, const char *s);	/* copied into the arena */

/* Duration as Kiali's forms and Istio accept it; NULL when fine, else why. */
const char *wizard_duration_error(const char *s);

#endif
