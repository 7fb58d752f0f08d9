/* SPDX-License-Identifier: GPL-3.0-or-later */
/* References between objects; see check.h. */
#include "src/istio/check.h"

void
check_references(const struct snapshot *s, struct problems *out)
{
	(void)s;
	(void)out;
}
