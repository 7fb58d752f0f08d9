/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Resident memory that nobody needs: code of the start, what was freed.
 */
#ifndef MESHTOP_BASE_SLIM_H
#define MESHTOP_BASE_SLIM_H

/*
 * Lets go of the code pages that loading the program and its libraries has
 * touched (the libraries' start code is most of it).  What is still used comes back from the page cache by itself.
 */
void slim_drop_code(void);

/* Before the first thread: all of them share one heap, so that what one has
 * freed serves the next, and large pieces go back to the system at once. */
void slim_share_heap(void);

#endif
