/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Severities of codes, from the tables.
 */
#include "src/istio/codes.h"

#include <stddef.h>
#include <string.h>

#include "src/base/assert.h"

static const struct {
	const char *code;
	enum severity severity;
	const char *text;
} codes[] = {
#define CODE(code, severity, text) { code, SEVERITY_##severity, text },
#include "src/istio/codes.tbl"
#include "src/istio/kiali.tbl"
#include "src/model/codes.tbl"
#undef CODE
};

enum severity
code_severity(const char *code)
{
	size_t i = 0;

	while (i < ARRAY_LEN(codes) && strcmp(codes[i].code, code) != 0)
		i++;
	ASSERT(i < ARRAY_LEN(codes));
	return codes[i].severity;
}
