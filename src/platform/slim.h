/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Resident memory that only the start needed.
 */
#ifndef MESHTOP_PLATFORM_SLIM_H
#define MESHTOP_PLATFORM_SLIM_H

/*
 * Lets go of the code pages that loading the program and its libraries has
 * touched: the platform uses few of the libraries that the console needs.
 * What is still used comes back from the page cache by itself.
 */
void slim_drop_code(void);

#endif
