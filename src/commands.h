/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handlers and option tables of the subcommands, one file cmd_*.c a family. */
#ifndef MESHTOP_COMMANDS_H
#define MESHTOP_COMMANDS_H

#include "src/cli.h"

struct console_look;
struct error;

int cmd_demo(struct cli *c);
int cmd_open(struct cli *c);
int cmd_apply(struct cli *c);
int cmd_delete(struct cli *c);
int cmd_get(struct cli *c);
int cmd_history(struct cli *c);
int cmd_undo(struct cli *c);
int cmd_validate(struct cli *c);
int cmd_request(struct cli *c);
int cmd_explain(struct cli *c);
int cmd_record(struct cli *c);
int cmd_replay(struct cli *c);
int cmd_graph(struct cli *c);
int cmd_wizard(struct cli *c);
int cmd_engine(struct cli *c);
int cmd_platform(struct cli *c);
int cmd_console(struct cli *c);		/* plain `meshtop` */
int cmd_print_config(void);
/* The options of CLI_CONSOLE, checked; borrows from c. */
int cli_look(const struct cli *c, struct console_look *out, struct error *err);

extern const struct cli_option cmd_demo_options[];
extern const struct cli_option cmd_open_options[];
extern const struct cli_option cmd_explain_options[];
extern const struct cli_option cmd_replay_options[];
extern const struct cli_option cmd_graph_options[];
extern const struct cli_option cmd_wizard_options[];
extern const struct cli_option cmd_undo_options[];
extern const struct cli_option cmd_request_options[];

#endif
