/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One fuzz target a parser.  Built with libFuzzer by `make fuzz`; built with
 * replay.c it runs its corpus once in `make check`.
 */
#ifndef MESHTOP_TESTS_FUZZ_H
#define MESHTOP_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Readable bytes behind the input, as the HTTP parser wants them. */
#define FUZZ_PADDING 64
/* A padded copy that may be written to; freed by the caller. */
char *fuzz_copy(const uint8_t *data, size_t size);

#endif
