/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines said and lines given; see wizard_prompt_priv.h. */
#include "src/wizard_prompt_priv.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "src/base/text.h"
#include "src/base/xalloc.h"

#define ANSWER_MAX 4096

void
wizard_say(struct wizard_prompt *p, const char *fmt, ...)
{
	struct buf raw = BUF_INIT, clean = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&raw, fmt, ap);
	va_end(ap);
	text_sanitize_lines(&clean, buf_str(&raw), raw.len);
	fwrite(buf_str(&clean), 1, clean.len, p->out);
	buf_fini(&raw);
	buf_fini(&clean);
}

/* One line into p->answer; false at the end. */
static bool
read_line(struct wizard_prompt *p)
{
	char line[ANSWER_MAX];
	size_t len;

	fflush(p->out);
	if (fgets(line, sizeof(line), p->in) == NULL) {
		wizard_say(p, "\n");
		return false;
	}
	if (!isatty(fileno(p->in)))
		wizard_say(p, "\n");
	len = strlen(line);
	while (len > 0 && strchr(" \t\r\n", line[len - 1]) != NULL)
		line[--len] = '\0';
	buf_clear(&p->answer);
	buf_puts(&p->answer, line + strspn(line, " \t"));
	return true;
}

void
wizard_help(struct wizard_prompt *p)
{
	wizard_say(p, "An empty line keeps what stands in brackets.  back: the question before.\n"
		   "quit: leave, nothing is written.  =TEXT: TEXT itself, even when it is one of these words.\n");
}

enum prompt_answer
wizard_read_answer(struct wizard_prompt *p, const char *question)
{
	for (;;) {
		const char *text;

		wizard_say(p, "%s: ", question);
		if (!read_line(p))
			return PROMPT_LEFT;
		text = buf_str(&p->answer);
		if (strcmp(text, "?") == 0) {
			wizard_help(p);
			continue;
		}
		if (strcmp(text, "quit") == 0)
			return PROMPT_LEFT;
		if (strcmp(text, "back") == 0)
			return PROMPT_BACK;
		if (text[0] == '\0')
			return PROMPT_KEPT;
		if (text[0] == '=') {
			char *rest = xstrdup(text + 1);

			buf_clear(&p->answer);
			buf_puts(&p->answer, rest);
			free(rest);
		}
		return PROMPT_GIVEN;
	}
}

static bool
is_word(const char *answer, const char *word)
{
	return strcasecmp(answer, word) == 0 || (strlen(answer) == 1 && answer[0] == word[0]);
}

enum prompt_answer
wizard_ask_yes(struct wizard_prompt *p, const char *question, enum prompt_answer otherwise)
{
	const char *shown = otherwise == PROMPT_GIVEN ? " [y]" : otherwise == PROMPT_NO ? " [n]" : "";
	char *line = xasprintf("%s y/n%s", question, shown);
	enum prompt_answer answer;

	for (;;) {
		answer = wizard_read_answer(p, line);
		if (answer == PROMPT_KEPT && otherwise != PROMPT_KEPT) {
			answer = otherwise;
			break;
		}
		if (answer == PROMPT_BACK || answer == PROMPT_LEFT ||
		    (answer == PROMPT_GIVEN && is_word(buf_str(&p->answer), "yes")))
			break;
		if (answer == PROMPT_GIVEN && is_word(buf_str(&p->answer), "no")) {
			answer = PROMPT_NO;
			break;
		}
		wizard_say(p, "  Not accepted: y or n.\n");
	}
	free(line);
	return answer;
}
