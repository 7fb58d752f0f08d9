/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents replaced, added and removed inside a text; see splice.h. */
#include "src/store/splice.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/slice.h"
#include "src/base/value.h"
#include "src/base/yaml.h"
#include "src/model/source_file.h"
#include "src/model/snapshot.h"

/* Bytes [begin, end) of the old text become text. */
struct cut {
	size_t begin, end;
	char *text;
};

struct splicer {
	const char *path;
	const char *text;
	size_t len;
	const struct source_document *docs;
	size_t doc_count;
	bool is_json;
	struct arena *arena;
	const struct splice_edits *edits;
	VEC(struct cut) cuts;
	const struct value **want;	/* per old document: its tree after all edits; NULL gone */
	bool emits_lists;		/* item bytes could not be cut: emit their document */
};

/* A document's text as it shall stand in the file, with a last newline. */
static void
put_document(const struct splicer *s, const struct splice_edit *e, struct buf *out)
{
	size_t start = out->len;

	if (e->text != NULL && (!s->is_json || e->text[strspn(e->text, " \t\r\n")] == '{')) {
		buf_puts(out, e->text);
	} else if (s->is_json) {
		json_emit(out, e->after, true);
	} else {
		yaml_emit(out, e->after);
	}
	if (out->len > start && out->data[out->len - 1] != '\n')
		buf_putc(out, '\n');
}

static size_t
line_start(const char *text, size_t at)
{
	while (at > 0 && text[at - 1] != '\n')
		at--;
	return at;
}

/* Start of the "---" line before a document; its own begin when there is none. */
static size_t
separator_start(const struct splicer *s, size_t doc)
{
	size_t begin = s->docs[doc].begin;
	size_t line = line_start(s->text, begin);

	if (strncmp(s->text + line, "---", 3) == 0)
		return line;
	if (line == begin && line > 0) {
		line = line_start(s->text, line - 1);
		if (strncmp(s->text + line, "---", 3) == 0)
			return line;
	}
	return begin;
}

static void
push_cut(struct splicer *s, size_t begin, size_t end, struct buf *text)
{
	struct cut c = { begin, end, buf_steal(text) };

	vec_push(&s->cuts, c);
}

/* Does nothing before the document stay? */
static bool
is_first_kept(const struct splicer *s, size_t doc)
{
	for (size_t i = 0; i < doc; i++)
		if (s->want[i] != NULL)
			return false;
	return true;
}

/*
 * Where the comments at the head of the file end: they are about the file, not
 * about its first document, and stay when that goes.  Of several blocks with
 * empty lines between, the one right above the document is the document's.
 */
static size_t
head_end(const struct splicer *s)
{
	size_t at = 0, end = 0, blocks = 0, block = 0;
	bool in_block = false;

	while (at < s->len) {
		size_t len = strcspn(s->text + at, "\n");
		bool is_comment = s->text[at + strspn(s->text + at, " \t")] == '#';

		if (!is_comment && strspn(s->text + at, " \t\r") < len)
			break;
		if (is_comment && !in_block) {
			block = at;
			blocks++;
		}
		in_block = is_comment;
		at += len + (at + len < s->len);
		end = is_comment ? at : end;
	}
	return in_block && blocks > 1 && at < s->len && strncmp(s->text + at, "---", 3) != 0 ? block : end;
}

/* The document and its separator: the one before it, or behind the first. */
static void
cut_document(struct splicer *s, size_t doc)
{
	struct buf none = BUF_INIT;
	size_t begin = separator_start(s, doc);
	size_t end = doc + 1 < s->doc_count ? separator_start(s, doc + 1) : s->len;

	if (is_first_kept(s, doc)) {
		begin = head_end(s);
		if (doc + 1 < s->doc_count)
			end = s->docs[doc + 1].begin;
	}
	push_cut(s, begin, end, &none);
}

/* Comments above an emitted document's first node stay; a text brings its own. */
static void
replace_document(struct splicer *s, const struct splice_edit *e)
{
	const struct source_document *d = &s->docs[e->doc_index];
	struct buf text = BUF_INIT;
	size_t begin = d->begin;

	if (e->text == NULL && d->root != NULL && d->root->begin >= d->begin &&
	    line_start(s->text, d->root->begin) == d->root->begin)
		begin = d->root->begin;
	if (begin > 0 && s->text[begin - 1] != '\n')
		buf_putc(&text, '\n');	/* it began on the line of its dashes */
	put_document(s, e, &text);
	push_cut(s, begin, d->end, &text);
}

/* Text with each line but the first indented. */
static void
put_indented(struct buf *out, const char *text, size_t indent)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		buf_append(out, text, len);
		text += len;
		if (*text == '\0')
			break;
		text++;
		if (*text == '\0')
			break;
		buf_putc(out, '\n');
		if (*text != '\n')
			buf_fill(out, ' ', indent);
	}
}

/* Replaces the item's own bytes; flow and JSON items become JSON. */
static void
replace_item(struct splicer *s, const struct splice_edit *e, const struct value *item)
{
	struct buf emitted = BUF_INIT, text = BUF_INIT;
	size_t line = line_start(s->text, item->begin);

	if (s->text[item->begin] == '{') {
		json_emit(&emitted, e->after, true);
		put_indented(&text, buf_str(&emitted), strspn(s->text + line, " "));
	} else {
		yaml_emit(&emitted, e->after);
		put_indented(&text, buf_str(&emitted), item->begin - line);
	}
	push_cut(s, item->begin, item->end, &text);
	buf_fini(&emitted);
}

/* A block item goes with its dash and up to the next item's line. */
static bool
cut_item(struct splicer *s, const struct value *item)
{
	size_t begin = line_start(s->text, item->begin), end = item->end;
	struct buf none = BUF_INIT;
	size_t lead = strspn(s->text + begin, " ");

	if (s->text[begin + lead] != '-' || s->text[item->begin] == '{')
		return false;
	if (item->next != NULL)
		end = line_start(s->text, item->next->begin);
	else if (end < s->len && s->text[end - 1] != '\n')
		end += strcspn(s->text + end, "\n") + (end < s->len);
	if (end > s->len)
		end = s->len;
	push_cut(s, begin, end, &none);
	return true;
}

static const struct splice_edit *
find_edit(const struct splicer *s, size_t doc, size_t item)
{
	for (size_t i = 0; i < s->edits->items.len; i++) {
		const struct splice_edit *e = &s->edits->items.items[i];

		if (e->doc_index == doc && e->list_index == item)
			return e;
	}
	return NULL;
}

static bool
has_item_edits(const struct splicer *s, size_t doc)
{
	for (size_t i = 0; i < s->edits->items.len; i++)
		if (s->edits->items.items[i].doc_index == doc &&
		    s->edits->items.items[i].list_index != SIZE_MAX)
			return true;
	return false;
}

/* A List after its edits; NULL when no item is left. */
static const struct value *
plan_list(const struct splicer *s, size_t doc)
{
	struct value *root = value_copy(s->arena, s->docs[doc].root);
	struct value *items = value_new_list(s->arena);
	size_t i = 0;

	VALUE_EACH(item, value_get(s->docs[doc].root, "items")) {
		const struct splice_edit *e = find_edit(s, doc, i++);

		if (e == NULL || e->after != NULL)
			value_append(items, value_copy(s->arena, e != NULL ? e->after : item));
	}
	value_set(s->arena, root, "items", items);
	return items->count > 0 ? root : NULL;
}

static void
plan(struct splicer *s)
{
	s->want = arena_alloc(s->arena, (s->doc_count + 1) * sizeof(*s->want));
	for (size_t i = 0; i < s->doc_count; i++) {
		const struct splice_edit *e = find_edit(s, i, SIZE_MAX);

		if (e != NULL)
			s->want[i] = e->after;
		else if (has_item_edits(s, i))
			s->want[i] = plan_list(s, i);
		else
			s->want[i] = s->docs[i].root;
	}
}

static void
cut_items(struct splicer *s, size_t doc)
{
	size_t i = 0;

	VALUE_EACH(item, value_get(s->docs[doc].root, "items")) {
		const struct splice_edit *e = find_edit(s, doc, i++);

		if (e == NULL)
			continue;
		if (e->after != NULL)
			replace_item(s, e, item);
		else if (!cut_item(s, item))
			s->emits_lists = true;
	}
}

static void
cut_all(struct splicer *s)
{
	for (size_t i = 0; i < s->doc_count; i++) {
		const struct splice_edit *e = find_edit(s, i, SIZE_MAX);
		struct splice_edit whole = { i, SIZE_MAX, s->want[i], NULL };

		if (s->want[i] == s->docs[i].root)
			continue;
		if (s->want[i] == NULL)
			cut_document(s, i);
		else if (e != NULL || s->emits_lists)
			replace_document(s, e != NULL ? e : &whole);
		else
			cut_items(s, i);
	}
}

static void
drop_cuts(struct splicer *s)
{
	for (size_t i = 0; i < s->cuts.len; i++)
		free(s->cuts.items[i].text);
	s->cuts.len = 0;
}

static void
put_appended(const struct splicer *s, struct buf *out, size_t start, bool has_documents)
{
	for (size_t i = 0; i < s->edits->items.len; i++) {
		const struct splice_edit *e = &s->edits->items.items[i];

		if (e->doc_index != SIZE_MAX || e->after == NULL)
			continue;
		if (out->len > start && out->data[out->len - 1] != '\n')
			buf_putc(out, '\n');
		if (has_documents)
			buf_puts(out, "---\n");
		put_document(s, e, out);
		has_documents = true;
	}
}

/* The old text with its cuts; they are in order of their place. */
static void
put_spliced(const struct splicer *s, struct buf *out)
{
	size_t start = out->len, at = 0;
	bool has_documents = false;

	for (size_t i = 0; i < s->cuts.len; i++) {
		const struct cut *c = &s->cuts.items[i];

		if (c->begin > at)
			buf_append(out, s->text + at, c->begin - at);
		buf_puts(out, c->text != NULL ? c->text : "");
		at = c->end > at ? c->end : at;
	}
	if (at < s->len)
		buf_append(out, s->text + at, s->len - at);
	for (size_t i = 0; i < s->doc_count; i++)
		has_documents |= s->want[i] != NULL;
	put_appended(s, out, start, has_documents);
}

/* Without trust in the old text between documents. */
static void
put_joined(const struct splicer *s, struct buf *out)
{
	size_t start = out->len;
	bool has_documents = false;

	for (size_t i = 0; i < s->doc_count; i++) {
		const struct splice_edit *e = find_edit(s, i, SIZE_MAX);
		struct splice_edit whole = { i, SIZE_MAX, s->want[i], NULL };

		if (s->want[i] == NULL)
			continue;
		if (has_documents)
			buf_puts(out, "---\n");
		has_documents = true;
		put_document(s, e != NULL ? e : &whole, out);
	}
	put_appended(s, out, start, has_documents);
}

/* Does the new text read as planned? */
static bool
reads_as_planned(const struct splicer *s, const char *text, size_t len, struct error *err)
{
	struct arena *a = arena_new();
	struct yaml_stream stream = { .docs = VEC_INIT };
	bool is_same = yaml_parse(a, text, len, s->path, &stream, err) == 0;
	size_t at = 0;

	for (size_t i = 0; is_same && i < s->doc_count + s->edits->items.len; i++) {
		const struct splice_edit *e = i >= s->doc_count ?
					      &s->edits->items.items[i - s->doc_count] : NULL;
		const struct value *want = e == NULL ? s->want[i] :
					   e->doc_index == SIZE_MAX ? e->after : NULL;

		if (want == NULL)
			continue;
		while (at < stream.docs.len && stream.docs.items[at].root == NULL)
			at++;
		is_same = at < stream.docs.len && value_equal(want, stream.docs.items[at].root);
		at++;
	}
	yaml_stream_fini(&stream);
	arena_free(&a);
	return is_same;
}

static bool
is_anything_left(const struct splicer *s)
{
	for (size_t i = 0; i < s->doc_count; i++)
		if (s->want[i] != NULL)
			return true;
	for (size_t i = 0; i < s->edits->items.len; i++)
		if (s->edits->items.items[i].doc_index == SIZE_MAX &&
		    s->edits->items.items[i].after != NULL)
			return true;
	return false;
}

/* Byte splice, then whole lists, then all documents joined anew. */
static int
splice(struct splicer *s, struct buf *out, struct error *err)
{
	for (int attempt = 0; attempt < 3; attempt++) {
		struct buf text = BUF_INIT;

		if (attempt < 2) {
			drop_cuts(s);
			cut_all(s);
			put_spliced(s, &text);
		} else {
			put_joined(s, &text);
		}
		if (reads_as_planned(s, buf_str(&text), text.len, err)) {
			buf_append(out, buf_str(&text), text.len);
			buf_fini(&text);
			return 0;
		}
		buf_fini(&text);
		s->emits_lists = true;
	}
	return error_setf(err, ERROR_REFUSED, "%s: the document cannot be put into this file",
			  s->path);
}

int
splice_file(const struct source_file *file, const char *path,
	    const struct splice_edits *edits, struct buf *out, struct error *err)
{
	struct splicer s = { .path = path, .text = "", .edits = edits };
	int status = 0;

	s.is_json = slice_ends(slice_of(path), SLICE(".json"));
	s.arena = arena_new();
	if (file != NULL) {
		s.text = source_file_text(file, &s.len);
		s.docs = source_file_documents(file, &s.doc_count);
	}
	plan(&s);
	if (is_anything_left(&s))
		status = splice(&s, out, err);
	drop_cuts(&s);
	vec_fini(&s.cuts);
	arena_free(&s.arena);
	return status;
}
