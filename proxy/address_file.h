/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * .meshtop/addresses.json: what console and platform know our addresses from.
 */
#ifndef MESHTOP_PROXY_ADDRESS_FILE_H
#define MESHTOP_PROXY_ADDRESS_FILE_H

struct addresses;
struct error;

/* The block that was used last, 0 when that is not known. */
unsigned address_file_block(const char *state_path);
/* A file that cannot be read counts as none. */
void address_file_read(struct addresses *a, const char *state_path);
/* Replaces the file by rename. */
int address_file_write(struct addresses *a, const char *state_path, struct error *err);

int address_file_open_dir(const char *path);	/* O_PATH; -1 and errno */
void address_file_close_fd(int *fd);		/* accepts -1 */

#endif
