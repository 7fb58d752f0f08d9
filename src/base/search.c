/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding things by their words; see search.h. */
#include "src/base/search.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/xalloc.h"

struct search
search_of(const char *typed)
{
	struct search s = { SEARCH_PART, false, typed };

	if (strncmp(typed, "-f ", 3) == 0 || strncmp(typed, "-l ", 3) == 0) {
		s.kind = typed[1] == 'f' ? SEARCH_FUZZY : SEARCH_LABELS;
		s.text = typed + 3 + strspn(typed + 3, " ");
	} else if (typed[0] == '!' && typed[1] != '\0') {
		s.is_inverse = true;
		s.text = typed + 1;
	}
	return s;
}

static bool
has_letters(const char *text, const char *letters)
{
	for (; *letters != '\0'; letters++) {
		while (*text != '\0' && tolower((unsigned char)*text) != tolower((unsigned char)*letters))
			text++;
		if (*text++ == '\0')
			return false;
	}
	return true;
}

bool
search_fits(const struct search *s, const char *text)
{
	switch (s->kind) {
	case SEARCH_FUZZY: return has_letters(text, s->text);
	case SEARCH_PART: return strcasestr(text, s->text) != NULL;
	default: return false;
	}
}

/* "app=x", "app==x", "app!=x", "app", "!app" */
static bool
fits_term(char *term, search_label_fn *label, void *arg)
{
	char *operator = strpbrk(term + (term[0] == '!'), "=!");
	bool is_not = operator != NULL && operator[0] == '!';
	const char *value, *has;

	if (operator == NULL)
		return term[0] == '!' ? label(arg, term + 1) == NULL : label(arg, term) != NULL;
	value = operator + strspn(operator, "=!");
	*operator = '\0';
	has = label(arg, term);
	return (has != NULL && strcmp(has, value) == 0) != is_not;
}

bool
search_fits_labels(const struct search *s, search_label_fn *label, void *arg)
{
	char *terms, *rest, *term;
	bool fits = true;

	if (s->kind != SEARCH_LABELS)
		return false;
	terms = rest = xstrdup(s->text);
	while (fits && (term = strsep(&rest, ", ")) != NULL)
		fits = term[0] == '\0' || fits_term(term, label, arg);
	free(terms);
	return fits;
}
