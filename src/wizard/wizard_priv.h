/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of this folder share.  Nobody outside includes it.
 */
#ifndef MESHTOP_WIZARD_WIZARD_PRIV_H
#define MESHTOP_WIZARD_WIZARD_PRIV_H

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/json.h"
#include "src/base/value.h"
#include "src/mesh/mesh.h"
#include "src/wizard/wizard.h"

#define LABEL_WIZARD "kiali_wizard"
#define ANNOTATION_RELATED "kiali_wizard_related"
#define RELATED_PEER_AUTH "PeerAuthentication/"
#define MESH_GATEWAY "mesh"

/* Kiali's defaults. */
#define DEFAULT_PERCENT 100
#define DEFAULT_DELAY "5s"
#define DEFAULT_STATUS 503
#define DEFAULT_TIMEOUT "2s"
#define DEFAULT_ATTEMPTS 3
#define DEFAULT_PER_TRY "2s"
#define DEFAULT_RETRY_ON "gateway-error,connect-failure,refused-stream"

/* Codes of answers that are refused and of warnings (codes.tbl). */
#define CODE_UNKNOWN_KEY "MT0101"
#define CODE_TYPE "MT0102"
#define CODE_VALUE "MT0103"
#define CODE_REFERENCE "MT0104"
#define CODE_WEIGHTS "MT0105"
#define CODE_STATE "MT0106"
#define CODE_REMOVED "MT2101"
#define CODE_UNREACHABLE "MT2102"
#define CODE_NO_CATCH_ALL "MT2103"
#define CODE_DUPLICATE "MT2104"
#define CODE_ODD_WEIGHTS "MT2105"
#define CODE_TIMES "MT2106"
#define CODE_NO_SUBSET "MT2107"
#define CODE_SHADOWED "MT2108"
#define CODE_TLS "MT2109"
#define CODE_NOT_OBEYED "MT2110"
#define CODE_NO_EFFECT "MT2111"

/* kind.c, wizard.c */
const char *wizard_label(enum wizard_kind k);	/* "request_routing" */
const char *wizard_list(const struct wizard_state *w);	/* "http" or "tcp" */
bool wizard_same_text(const char *a, const char *b);	/* NULL is equal to NULL */
bool wizard_is_tcp(const struct wizard_state *w);

/* stored.c: what is stored for the service */
void stored_find(struct wizard_state *w);
/* Does a destination or rule host in namespace ns mean the service? */
bool wizard_is_own_host(const struct wizard_state *w, const char *host, const char *ns);

/* route_wizard.c: does a route of the Gateway API belong to the service? */
bool route_is_of_service(const struct mesh *m, const struct mesh_service *s,
			 const struct object *o);

/* targets.c: the rows of the weight table */
int targets_find(struct wizard_state *w, struct error *err);
const char *targets_version_label(const struct wizard_state *w, const struct wizard_target *t);
/* Subset of the stored DestinationRules, by name; NULL when there is none. */
const struct value *subset_find(const struct wizard_state *w, const char *name);
/* Row that a stored destination means; SIZE_MAX for none.  taken (of
 * w->rows.len) marks rows that an earlier destination has. */
size_t targets_of_destination(const struct wizard_state *w, const struct value *destination,
			      const bool *taken);

/* match.c: one alternative <-> one match entry */
void match_read(struct arena *a, const struct value *entry, struct wizard_match *out);
struct value *match_write(struct arena *a, const struct wizard_match *m);
void match_fini(struct wizard_match *m);
void match_copy(struct arena *a, const struct wizard_match *from, struct wizard_match *to);
bool match_equal(const struct wizard_match *a, const struct wizard_match *b);
/* The same without the fields that no form edits. */
bool match_equal_conditions(const struct wizard_match *a, const struct wizard_match *b);
bool rule_same_conditions(const struct wizard_rule *a, const struct wizard_rule *b);
/* Fields of the stored entry that no condition stands for; NULL: none. */
const struct value *match_remainder(struct arena *a, const struct value *entry);

/* read_back.c: stored entry -> rule */
void wizard_rule_init(const struct wizard_state *w, struct wizard_rule *out);	/* even weights */
void wizard_rule_read(const struct wizard_state *w, struct arena *a, const struct value *entry,
	       size_t index, struct wizard_rule *out);
void wizard_rule_fini(struct wizard_rule *r);
void wizard_rule_dup(struct arena *a, const struct wizard_rule *from, struct wizard_rule *to);
/* Does the row stand in the route? */
bool target_is_listed(const struct wizard_target *t);

/* advanced.c: the parts behind "advanced" */
struct value *advanced_read(const struct wizard_state *w);
void advanced_write_policy(struct arena *a, const struct value *advanced, struct value *spec);
void advanced_write_hosts(struct arena *a, const struct value *advanced,
			  const char *gateway, struct value *spec);
/* Sets path below the map to a copy of v, or removes it (v NULL) with the
 * maps that become empty. */
void value_put_path(struct arena *a, struct value *map, const char *const *keys,
		    size_t count, const struct value *v);

/* answer_schema.c: unknown keys, types, ranges */
enum schema_type {
	SCHEMA_TEXT, SCHEMA_WORD, SCHEMA_DURATION, SCHEMA_DURATION_OR_ZERO, SCHEMA_INT,
	SCHEMA_PERCENT, SCHEMA_BOOL, SCHEMA_MAP, SCHEMA_LIST, SCHEMA_TEXTS, SCHEMA_TEXT_MAP,
	SCHEMA_WEIGHTS, SCHEMA_STRING_MATCH, SCHEMA_URI_MATCH, SCHEMA_STRING_MATCHES, SCHEMA_ANY,
};
struct schema_field {
	const char *key;
	enum schema_type type;
	bool can_be_false;
	int64_t min, max;		/* SCHEMA_INT; SCHEMA_WEIGHTS has max */
	const char *words;		/* SCHEMA_WORD: "A B C" */
	const struct schema_field *fields;	/* SCHEMA_MAP, SCHEMA_LIST of maps */
};
/* One answers document being looked at. */
struct answering {
	struct wizard_state *w;
	struct problems *problems;
	struct arena *arena;		/* for paths */
	bool is_bad;
};
void answer_refuse(struct answering *x, const struct value *at, const char *code,
		   const char *path, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
const char *answer_path(struct answering *x, const char *base, const char *key);
void answer_check_keys(struct answering *x, const struct value *v,
		       const struct schema_field *fields, const char *path);
bool value_is_false(const struct value *v);
bool value_is_null(const struct value *v);	/* or absent */

/* answer_tables.c */
extern const struct schema_field answer_rule_fields[], answer_advanced_fields[];
/* Whole answers of the Gateway API's wizards. */
extern const struct schema_field answer_http_route_fields[], answer_grpc_route_fields[];
/* answers of one part each; their syntax was checked before */
void answer_rule(struct answering *x, const struct value *v, const char *path,
		 struct wizard_rule *r);
void answer_advanced(struct answering *x, const struct value *v);

/* locate.c: rows of wizard_check() get their places in the answers */
void locate_answers(struct problems *rows, const struct value *answers);

/* documents.c: the result as a list of documents */
struct document_set {
	struct arena *arena;
	struct wizard_document *items;
	size_t count;
};
void documents_make(const struct wizard_state *w, struct document_set *out);
/* before: the object that root replaces; NULL: it is new. */
void document_add(struct document_set *d, const struct object *before, struct value *root);
struct value *document_new(struct arena *a, enum kind_id kind, const char *ns, const char *name,
			   const char *label);
void document_label(struct arena *a, struct value *root, const char *label);
/* The service's name, or with -1, -2 ... when that is something else's. */
const char *document_free_name(const struct wizard_state *w, struct arena *a,
			       enum kind_id kind);
struct value *virtual_service_make(const struct wizard_state *w, struct arena *a,
				   const char *gateway);
struct value *destination_rule_make(const struct wizard_state *w, struct arena *a,
				    const char *label);
/* NULL when no Gateway is to be made; *ref (NS/NAME) is what the VirtualService
 * names, NULL without a gateway. */
struct value *gateway_make(const struct wizard_state *w, struct arena *a, const char *label,
			   const char **ref);
/* SERVICE-gateway, or with -1, -2 ... when Istio or the Gateway API has that. */
const char *gateway_free_name(const struct mesh *m, const struct mesh_service *s,
			      struct arena *a);
/* NULL when there shall be none. */
struct value *peer_auth_make(const struct wizard_state *w, struct arena *a, const char *label);
const struct object *peer_auth_before(const struct wizard_state *w);
const char *peer_auth_name(const struct wizard_state *w);
struct value *entry_write(const struct wizard_state *w, struct arena *a,
			  const struct wizard_rule *r);
/* Label that the result has (design.md 4: request_routing when it matches). */
const char *documents_label(const struct wizard_state *w);
/* Copy without null members: as it would be stored. */
struct value *value_stored_form(struct arena *a, const struct value *v);

/* preview.c */
void preview_take(struct wizard_preview *p, const struct document_set *d);
void preview_transaction(const struct wizard_preview *p, const char *note,
			 struct transaction *out);

/* warnings.c, effects.c */
void warnings_add(const struct wizard_state *w, const struct document_set *d,
		  struct problems *out);
void effects_add(const struct wizard_state *w, struct wizard_preview *p);

#endif
