/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line: a table of subcommands (cli.tbl), each with a table of
 * options, one parser for all of them.
 *
 * Adding a command: a row in cli.tbl, a file cmd_NAME.c with its options and
 * its handler.  Options may stand before or after operands.
 */
#ifndef MESHTOP_CLI_H
#define MESHTOP_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/vec.h"

struct buf;
struct error;
struct problems;
struct snapshot;

/* Exit statuses (design.md section 4). */
enum { EXIT_YES = 0, EXIT_NO = 1, EXIT_USAGE = 2, EXIT_UNREACHABLE = 3,
       EXIT_READER_GONE = 141 };	/* as a shell tells the end by SIGPIPE */

/* Options that many commands share. */
enum {
	CLI_TARGET = 1,		/* --mesh --demo --context --kubeconfig --prometheus */
	CLI_FILES = 2,		/* -f */
	CLI_NAMESPACE = 4,	/* -n */
	CLI_OUTPUT = 8,		/* -o text|yaml|json */
	CLI_HIDDEN = 16,	/* not in the help */
	CLI_CONSOLE = 64,	/* --glyphs --color --theme --mouse */
	CLI_RAW = 32,		/* gets argc and argv as they are (engine, platform) */
};

struct cli_option {
	const char *name;	/* "from": --from; NULL ends the table */
	char letter;		/* 'X': -X; 0: none */
	const char *value;	/* "METHOD"; NULL: a switch */
	const char *help;
};

struct cli;

struct cli_command {
	const char *name;
	int (*run)(struct cli *c);	/* exit status */
	unsigned flags;
	const struct cli_option *options;	/* own ones; NULL: none */
	unsigned min_operands, max_operands;
	const char *usage;		/* "[TARGET] KIND [NAME.NS]" */
	const char *summary;
};

enum cli_output { OUTPUT_TEXT, OUTPUT_YAML, OUTPUT_JSON, OUTPUT_OTHER };

struct cli_given {
	const struct cli_option *option;
	const char *value;	/* "" for a switch */
};

struct cli {
	const struct cli_command *command;
	int argc;		/* behind the command's name */
	char **argv;
	VEC(const char *) operands;
	VEC(struct cli_given) given;
};

int cli_main(int argc, char **argv);

/* The last value given; NULL when the option was not. */
const char *cli_value(const struct cli *c, const char *name);
bool cli_has(const struct cli *c, const char *name);
/* How often it was given, and the value number i. */
size_t cli_count(const struct cli *c, const char *name);
const char *cli_value_at(const struct cli *c, const char *name, size_t i);
/* Operand i; NULL when there are not so many. */
const char *cli_operand(const struct cli *c, size_t i);
/* -n, checked to be a namespace's name; NULL when not given.  -1 with err. */
int cli_namespace(const struct cli *c, const char **ns, struct error *err);
/* -o text, yaml or json; -1 with err for another word. */
int cli_output(const struct cli *c, enum cli_output *out, struct error *err);
/* A whole number in [low, high] from text. */
int cli_number(const char *what, const char *text, long long low, long long high,
	       long long *out, struct error *err);

/* "meshtop: message" on stderr; returns the exit status. */
int cli_fail(const struct error *err);
/* Rows of at least that severity on stderr, as "meshtop: FILE:LINE:COL: ...". */
void cli_put_problems(const struct problems *p, int least_severity);
/* The same; an error among all rows refuses what is asked for (-1,
 * ERROR_REFUSED). */
int cli_refuse(const struct problems *p, int least_severity, struct error *err);
/* Checks a mesh before and after a change that was not written yet: the rows
 * that the change brings.  Both snapshots stay the caller's. */
void cli_check_change(struct snapshot *before, struct snapshot *after, struct problems *out);
/* Writes to stdout; a failure there is told and ends as EXIT_USAGE, a reader
 * that has seen enough (`| head`) is none, else status is returned. */
int cli_print(const struct buf *text, int status);

#endif
