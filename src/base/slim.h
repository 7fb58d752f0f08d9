/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Resident memory that only the start needed.
 */
#ifndef MESHTOP_BASE_SLIM_H
#define MESHTOP_BASE_SLIM_H

/*
 * Lets go of the code pages that loading the program and its libraries has
 * touched (the libraries' start code is most of it).  What is still used comes back from the page cache by itself.
 */
void slim_drop_code(void);

#endif
