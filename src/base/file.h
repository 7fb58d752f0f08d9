/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole files: into memory, up to a size that the caller states, and back.
 */
#ifndef MESHTOP_BASE_FILE_H
#define MESHTOP_BASE_FILE_H

#include <stddef.h>

struct buf;
struct error;

/* Appends all that fd still gives.  -1 with errno; EFBIG: more than max bytes. */
int file_read_fd(int fd, size_t max, struct buf *out);
/*
 * Appends a file, which may be a link or a pipe.  -1 with err, which names it:
 * ERROR_IO, or ERROR_SYNTAX when it holds more than max bytes; errno is the
 * cause.  out may hold a part of it then.
 */
int file_read(const char *path, size_t max, struct buf *out, struct error *err);
/* The same; "-" is standard input. */
int file_read_word(const char *word, size_t max, struct buf *out, struct error *err);
/*
 * Writes PATH.new (mode 0600) and renames it: whoever looks finds the old file or
 * the new one, whole.  Not synced to disk.  -1 with err: path is as it was.
 */
int file_replace(const char *path, const struct buf *text, struct error *err);

#endif
