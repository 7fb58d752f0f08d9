/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What may stand behind a command of a tape: one reader for each form of
 * arguments (commands.tbl says which command has which).
 *
 * Each reads the suffix and the words of a line into its command.  -1 with the
 * line's err; words that are left over are the caller's complaint.
 */
#ifndef MESHTOP_TAPE_ARGUMENTS_H
#define MESHTOP_TAPE_ARGUMENTS_H

struct tape_line;

int arguments_type(struct tape_line *l);	/* [@TIME] TEXT... */
int arguments_key(struct tape_line *l);		/* [@TIME] [COUNT] */
int arguments_time(struct tape_line *l);	/* TIME */
int arguments_wait(struct tape_line *l);	/* [+Screen|+Line][@TIME] [/PATTERN/] */
int arguments_expect(struct tape_line *l);	/* [+Line N|+Screen] [not] /PATTERN/ */
int arguments_edge(struct tape_line *l);	/* [@TIME] [not] FROM -> TO [FIELD OP N] [over TIME] ... */
int arguments_yaml(struct tape_line *l);	/* KIND NAME.NS PATH [VALUE] */
int arguments_size(struct tape_line *l);	/* COLSxROWS */
int arguments_paste(struct tape_line *l);	/* [TEXT] */
int arguments_words(struct tape_line *l);	/* anything: noted and ignored */

#endif
