/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One parser and one help for all subcommands; see cli.h. */
#include "src/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/log.h"
#include "src/base/text.h"
#include "src/commands.h"
#include "src/mesh/checks.h"
#include "src/model/object.h"
#include "src/model/problem.h"

static const struct cli_option target_options[] = {
	{ "mesh", 0, "DIR", "the mesh directory DIR" },
	{ "demo", 0, NULL, "the default demo directory" },
	{ "context", 0, "NAME", "a context of the kubeconfig" },
	{ "kubeconfig", 0, "FILE", "where that context is described" },
	{ "prometheus", 0, "URL", "where its metrics are" },
	{ NULL, 0, NULL, NULL },
};

static const struct cli_option file_options[] = {
	{ "filename", 'f', "FILE|DIR", "documents; - is stdin; may be repeated" },
	{ NULL, 0, NULL, NULL },
};

static const struct cli_option namespace_options[] = {
	{ "namespace", 'n', "NS", "the namespace (of documents and names without one)" },
	{ NULL, 0, NULL, NULL },
};

static const struct cli_option output_options[] = {
	{ "output", 'o', "text|yaml|json", "form of the output" },
	{ NULL, 0, NULL, NULL },
};

static const struct cli_option console_options[] = {
	{ "glyphs", 0, "LEVEL", "auto, unicode, light (lines only) or ascii" },
	{ "color", 0, "WHEN", "auto (not under NO_COLOR), always or never" },
	{ "theme", 0, "NAME", "standard, deuteranopia, tritanopia, mono; light, dark: the background" },
	{ "mouse", 0, "on|off", "a click selects, the next one opens, the wheel moves" },
	{ NULL, 0, NULL, NULL },
};

static const struct cli_option common_options[] = {
	{ "help", 'h', NULL, "this text" },
	{ "version", 0, NULL, "the version" },
	{ NULL, 0, NULL, NULL },
};

static const struct cli_command cli_commands[] = {	/* ends with name NULL */
#define COMMAND(name, handler, flags, options, min, max, usage, summary) \
	{ name, handler, flags, options, min, max, usage, summary },
#include "src/cli.tbl"
#undef COMMAND
	{ NULL, NULL, 0, NULL, 0, 0, NULL, NULL },
};

#define TABLE_COUNT 7

/* All tables of options that a command takes. */
static void
tables_of(const struct cli_command *cmd, const struct cli_option *out[TABLE_COUNT])
{
	out[0] = cmd->options;
	out[1] = (cmd->flags & CLI_TARGET) != 0 ? target_options : NULL;
	out[2] = (cmd->flags & CLI_FILES) != 0 ? file_options : NULL;
	out[3] = (cmd->flags & CLI_NAMESPACE) != 0 ? namespace_options : NULL;
	out[4] = (cmd->flags & CLI_OUTPUT) != 0 ? output_options : NULL;
	out[5] = (cmd->flags & CLI_CONSOLE) != 0 ? console_options : NULL;
	out[6] = common_options;
}

static const struct cli_option *
find_option(const struct cli_command *cmd, const char *name, size_t len, char letter)
{
	const struct cli_option *tables[TABLE_COUNT];

	tables_of(cmd, tables);
	for (size_t t = 0; t < TABLE_COUNT; t++)
		for (const struct cli_option *o = tables[t]; o != NULL && o->name != NULL; o++)
			if (letter != 0 ? o->letter == letter :
			    strlen(o->name) == len && strncmp(o->name, name, len) == 0)
				return o;
	return NULL;
}

static void
put_option(struct buf *out, const struct cli_option *o)
{
	size_t start = out->len;

	if (o->letter != 0)
		buf_printf(out, "  -%c, --%s", o->letter, o->name);
	else
		buf_printf(out, "      --%s", o->name);
	if (o->value != NULL)
		buf_printf(out, " %s", o->value);
	if (out->len - start < 30)
		buf_fill(out, ' ', 30 - (out->len - start));
	buf_printf(out, "  %s\n", o->help);
}

static int
command_help(const struct cli_command *cmd)
{
	const struct cli_option *tables[TABLE_COUNT];
	struct buf out = BUF_INIT;
	int status;

	buf_printf(&out, "Usage: meshtop %s %s\n\n%s.\n\nOptions:\n", cmd->name, cmd->usage,
		   cmd->summary);
	tables_of(cmd, tables);
	for (size_t t = 0; t < TABLE_COUNT; t++)
		for (const struct cli_option *o = tables[t]; o != NULL && o->name != NULL; o++)
			put_option(&out, o);
	if ((cmd->flags & CLI_TARGET) != 0)
		buf_puts(&out, (cmd->flags & CLI_FILES) != 0 && cmd->run != cmd_apply ?
			 "\nTARGET is one of --mesh, --demo, --context or -f.\n" :
			 "\nTARGET is one of --mesh, --demo or --context.\n");
	buf_puts(&out, "\nSee meshtop(1).\n");
	status = cli_print(&out, EXIT_YES);
	buf_fini(&out);
	return status;
}

static int
program_help(void)
{
	struct buf out = BUF_INIT;
	int status;

	buf_puts(&out, "Usage: meshtop [COMMAND [OPTION...]]\n\n"
		 "See the mesh as a picture and steer its traffic.  Without a command the\n"
		 "console is opened.\n\nCommands:\n");
	for (const struct cli_command *cmd = cli_commands; cmd->name != NULL; cmd++)
		if ((cmd->flags & CLI_HIDDEN) == 0)
			buf_printf(&out, "  %-10s  %s\n", cmd->name, cmd->summary);
	buf_puts(&out, "\n  --help     this text, or that of a command\n"
		 "  --print-config  the console's configuration that is in force\n"
		 "  --version  the version\n\nOptions of the console, here and of its commands:\n");
	for (const struct cli_option *o = console_options; o->name != NULL; o++)
		put_option(&out, o);
	buf_puts(&out, "\nSee meshtop(1).\n");
	status = cli_print(&out, EXIT_YES);
	buf_fini(&out);
	return status;
}

static int
version(void)
{
	struct buf out = BUF_INIT;
	int status;

	buf_printf(&out, "meshtop %s\n", PACKAGE_VERSION);
	status = cli_print(&out, EXIT_YES);
	buf_fini(&out);
	return status;
}

/* One word "--name", "--name=value", "-x", "-xvalue"; *used: the next word was
 * taken as its value. */
static int
parse_option(struct cli *c, const char *word, const char *next, bool *used, struct error *err)
{
	bool is_long = word[1] == '-';
	const char *equals = is_long ? strchr(word, '=') : NULL;
	size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
	struct cli_given g = {
		.option = is_long ? find_option(c->command, word + 2, len - 2, 0) :
			  find_option(c->command, NULL, 0, word[1]),
		.value = equals != NULL ? equals + 1 : !is_long && word[2] != '\0' ? word + 2 : NULL,
	};

	if (g.option == NULL)
		return error_setf(err, ERROR_USAGE, "%s: unknown option '%.*s'", c->command->name,
				  is_long ? (int)len : 2, word);
	if (g.option->value == NULL && g.value != NULL)
		return error_setf(err, ERROR_USAGE, "%s: option '%.*s' takes no value: '%s'",
				  c->command->name, is_long ? (int)len : 2, word, word);
	*used = g.option->value != NULL && g.value == NULL;
	if (*used && next == NULL)
		return error_setf(err, ERROR_USAGE, "%s: option '%s' needs a value (%s)",
				  c->command->name, word, g.option->value);
	if (g.option->value == NULL)
		g.value = "";
	else if (*used)
		g.value = next;
	vec_push(&c->given, g);
	return 0;
}

static int
parse(struct cli *c, struct error *err)
{
	bool only_operands = false;

	for (int i = 0; i < c->argc; i++) {
		const char *word = c->argv[i];
		bool used = false;

		if (word[0] == '\0')
			return error_setf(err, ERROR_USAGE, "%s: '' is no word", c->command->name);
		if (only_operands || word[0] != '-' || word[1] == '\0') {
			vec_push(&c->operands, word);
		} else if (strcmp(word, "--") == 0) {
			only_operands = true;
		} else {
			if (parse_option(c, word, c->argv[i + 1], &used, err) < 0)
				return -1;
			if (cli_has(c, "help") || cli_has(c, "version"))
				return 0;
			i += used;
		}
	}
	if (c->operands.len > c->command->max_operands)
		return error_setf(err, ERROR_USAGE, "%s: unexpected word '%s'", c->command->name,
				  c->operands.items[c->command->max_operands]);
	if (c->operands.len < c->command->min_operands)
		return error_setf(err, ERROR_USAGE, "%s: a word is missing: meshtop %s %s",
				  c->command->name, c->command->name, c->command->usage);
	return 0;
}

static const struct cli_command *
find_command(const char *word)
{
	for (const struct cli_command *cmd = cli_commands; cmd->name != NULL; cmd++)
		if (strcmp(cmd->name, word) == 0)
			return cmd;
	return NULL;
}

static int
run_command(const struct cli_command *cmd, int argc, char **argv)
{
	struct cli c = { .command = cmd, .argc = argc, .argv = argv };
	struct error err = ERROR_INIT;
	int status;

	if ((cmd->flags & CLI_RAW) != 0)
		return cmd->run(&c);
	if (parse(&c, &err) < 0)
		status = cli_fail(&err);
	else if (cli_has(&c, "help"))
		status = command_help(cmd);
	else if (cli_has(&c, "version"))
		status = version();
	else
		status = cmd->run(&c);
	vec_fini(&c.operands);
	vec_fini(&c.given);
	return status;
}

static bool
is_option_of(const struct cli_command *cmd, const char *word)
{
	return strncmp(word, "--", 2) == 0 &&
	       find_option(cmd, word + 2, strcspn(word + 2, "="), 0) != NULL;
}

/* Is the next word its value?  Options of one name are alike in all commands. */
static bool
takes_next_word(const char *option)
{
	bool is_long = option[1] == '-';

	if (is_long ? strchr(option, '=') != NULL : option[2] != '\0')
		return false;
	for (const struct cli_command *cmd = cli_commands; cmd->name != NULL; cmd++) {
		const struct cli_option *o = is_long ?
			find_option(cmd, option + 2, strlen(option + 2), 0) :
			find_option(cmd, NULL, 0, option[1]);

		if (o != NULL)
			return o->value != NULL;
	}
	return false;
}

/* Options may stand before the command, too: its word goes in front of them. */
static void
move_command_first(int argc, char **argv)
{
	const struct cli_command *cmd;
	char *word;
	int at = 1;

	while (at < argc && argv[at][0] == '-' && argv[at][1] != '\0')
		at += takes_next_word(argv[at]) ? 2 : 1;
	cmd = at < argc ? find_command(argv[at]) : NULL;
	if (cmd == NULL || (cmd->flags & CLI_HIDDEN) != 0)
		return;
	word = argv[at];
	memmove(argv + 2, argv + 1, (size_t)(at - 1) * sizeof(*argv));
	argv[1] = word;
}

int
cli_main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	const struct cli_command *cmd;

	if (argc < 2)
		return run_command(find_command("console"), 0, argv + 1);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return program_help();
	if (strcmp(argv[1], "--version") == 0)
		return version();
	if (strcmp(argv[1], "--print-config") == 0)
		return cmd_print_config();
	move_command_first(argc, argv);
	cmd = find_command("console");
	if (is_option_of(cmd, argv[1]))
		return run_command(cmd, argc - 1, argv + 1);
	cmd = find_command(argv[1]);
	if (cmd == NULL) {
		error_setf(&err, ERROR_USAGE, "unknown %s '%s'; see meshtop --help",
			   argv[1][0] == '-' ? "option" : "command", argv[1]);
		return cli_fail(&err);
	}
	return run_command(cmd, argc - 2, argv + 2);
}

size_t
cli_count(const struct cli *c, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < c->given.len; i++)
		count += strcmp(c->given.items[i].option->name, name) == 0;
	return count;
}

const char *
cli_value_at(const struct cli *c, const char *name, size_t at)
{
	for (size_t i = 0; i < c->given.len; i++)
		if (strcmp(c->given.items[i].option->name, name) == 0 && at-- == 0)
			return c->given.items[i].value;
	return NULL;
}

const char *
cli_value(const struct cli *c, const char *name)
{
	size_t count = cli_count(c, name);

	return count > 0 ? cli_value_at(c, name, count - 1) : NULL;
}

bool
cli_has(const struct cli *c, const char *name)
{
	return cli_count(c, name) > 0;
}

const char *
cli_operand(const struct cli *c, size_t i)
{
	return i < c->operands.len ? c->operands.items[i] : NULL;
}

int
cli_namespace(const struct cli *c, const char **ns, struct error *err)
{
	*ns = cli_value(c, "namespace");
	if (*ns != NULL && !name_is_dns_label(*ns))
		return error_setf(err, ERROR_USAGE, "'%s' is not a namespace's name", *ns);
	return 0;
}

int
cli_output(const struct cli *c, enum cli_output *out, struct error *err)
{
	static const char *const words[] = {
		[OUTPUT_TEXT] = "text", [OUTPUT_YAML] = "yaml", [OUTPUT_JSON] = "json",
	};
	const char *word = cli_value(c, "output");

	*out = OUTPUT_TEXT;
	for (size_t i = 0; word != NULL && i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i]) == 0) {
			*out = (enum cli_output)i;
			return 0;
		}
	}
	if (word != NULL)
		return error_setf(err, ERROR_USAGE, "-o takes text, yaml or json, not '%s'", word);
	return 0;
}

int
cli_number(const char *what, const char *text, long long low, long long high,
	   long long *out, struct error *err)
{
	static const char skipped[] = "+ \t\n\v\f\r";	/* by strtoll() */
	char *end;

	errno = 0;
	*out = strtoll(text, &end, 10);
	if (errno != 0 || end == text || strchr(skipped, text[0]) != NULL || *end != '\0' ||
	    *out < low || *out > high)
		return error_setf(err, ERROR_USAGE, "%s must be a number from %lld to %lld, not '%s'",
				  what, low, high, text);
	return 0;
}

int
cli_fail(const struct error *err)
{
	log_error(err);
	return error_exit_status(err);
}

void
cli_put_problems(const struct problems *p, int least_severity)
{
	for (size_t i = 0; i < p->rows.len; i++) {
		struct problems one = PROBLEMS_INIT;
		struct buf text = BUF_INIT;

		if ((int)p->rows.items[i].severity < least_severity)
			continue;
		vec_push(&one.rows, p->rows.items[i]);
		problems_put_text(&one, &text);
		if (text.len > 0)
			text.data[text.len - 1] = '\0';
		/* A document that was just made stands in no file. */
		log_printf("%s", buf_str(&text) + (p->rows.items[i].file[0] != '\0' ? 0 :
						   strlen("-:0:0: ")));
		vec_fini(&one.rows);
		buf_fini(&text);
	}
}

int
cli_refuse(const struct problems *p, int least_severity, struct error *err)
{
	cli_put_problems(p, least_severity);
	if (problems_have_errors(p))
		return error_setf(err, ERROR_REFUSED, "refused: nothing was written");
	return 0;
}

void
cli_check_change(struct snapshot *before, struct snapshot *after, struct problems *out)
{
	struct problems old = PROBLEMS_INIT, all = PROBLEMS_INIT;

	checks_run(before, &old);
	checks_run(after, &all);
	checks_new_rows(&old, &all, out);
	problems_fini(&old);
	problems_fini(&all);
}

int
cli_print(const struct buf *text, int status)
{
	struct error err = ERROR_INIT;

	if (fwrite(buf_str(text), 1, text->len, stdout) == text->len && fflush(stdout) == 0)
		return status;
	if (errno == EPIPE)
		return EXIT_READER_GONE;
	error_errnof(&err, "cannot write to stdout");
	return cli_fail(&err);
}

