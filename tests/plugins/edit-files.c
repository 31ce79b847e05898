/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin that makes the edits written in a file for the message at hand, for tests that send many
 * messages with edits of their own through one daemon. A message whose sender is case-NAME@… is
 * edited as FOLDER/NAME/FILTER says, FILTER being this instance's name; without that file it is
 * left alone. A line of it is an act at a stage (mail, rcpt, eoh or message):
 *
 *	STAGE ACT WORD...
 *
 * A word begins with "=" and may hold any byte as %XX. A file that cannot be understood is the
 * test's own mistake and ends the callback in MF_ERROR.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <filterd/plugin.h>

#define WORDS		3
#define NAME_BYTES	32

struct options {
	const char *folder;
};

static const struct mf_option option_table[] = {
	MF_REQUIRED(struct options, folder, "where the files are"),
	MF_OPTION_END
};

/* What is kept of the message. */
struct state {
	char name[NAME_BYTES];
};

struct word {
	char *text;		/* NULL: not given */
	size_t size;
};

/* The acts: false when the host has refused the edit. */
typedef bool act_function(struct mf_context *c, const struct word *words);

static bool
add_header(struct mf_context *c, const struct word *words)
{
	return mf_header_add(c, words[0].text, words[1].text);
}

static bool
insert_header(struct mf_context *c, const struct word *words)
{
	return mf_header_insert(c, strtoul(words[0].text, NULL, 10), words[1].text,
	    words[2].text);
}

static bool
set_header(struct mf_context *c, const struct word *words)
{
	return mf_header_set(c, words[1].text, strtoul(words[0].text, NULL, 10), words[2].text);
}

static bool
delete_header(struct mf_context *c, const struct word *words)
{
	return mf_header_delete(c, words[1].text, strtoul(words[0].text, NULL, 10));
}

static bool
replace_body(struct mf_context *c, const struct word *words)
{
	return mf_body_replace(c, words[0].text, words[0].size);
}

static bool
append_body(struct mf_context *c, const struct word *words)
{
	return mf_body_append(c, words[0].text, words[0].size);
}

static bool
set_sender(struct mf_context *c, const struct word *words)
{
	return mf_sender_set(c, words[0].text, words[1].text);
}

static bool
add_recipient(struct mf_context *c, const struct word *words)
{
	return mf_recipient_add(c, words[0].text, words[1].text);
}

static bool
delete_recipient(struct mf_context *c, const struct word *words)
{
	return mf_recipient_delete(c, words[0].text);
}

static const struct {
	const char *name;
	unsigned words;		/* that it needs */
	act_function *run;
} acts[] = {
	{ "add-header", 2, add_header }, { "insert-header", 3, insert_header },
	{ "set-header", 3, set_header }, { "delete-header", 2, delete_header },
	{ "replace-body", 1, replace_body }, { "append-body", 1, append_body },
	{ "set-sender", 1, set_sender }, { "add-recipient", 1, add_recipient },
	{ "delete-recipient", 1, delete_recipient },
};

static int
hex_digit(char c)
{
	const char *digits = "0123456789ABCDEF", *found = c ? strchr(digits, c) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* In place; false: a "%" without two digits. */
static bool
decode(struct word *word)
{
	char *to = word->text;
	const char *from;

	for (from = word->text; *from; from++) {
		int high, low;

		if (*from != '%') {
			*to++ = *from;
			continue;
		}
		high = hex_digit(from[1]);
		low = high < 0 ? -1 : hex_digit(from[2]);
		if (low < 0)
			return false;
		*to++ = (char)(high * 16 + low);
		from += 2;
	}
	*to = '\0';
	word->size = (size_t)(to - word->text);
	return true;
}

static enum mf_verdict
run_act(struct mf_context *c, const char *name, const struct word *words, unsigned count)
{
	size_t i;

	if (strcmp(name, "fail") == 0)
		return MF_ERROR;
	if (strcmp(name, "accept") == 0)
		return MF_ACCEPT;
	for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (strcmp(acts[i].name, name) == 0 && acts[i].words <= count)
			return acts[i].run(c, words) ? MF_CONTINUE : MF_ERROR;
	}
	mf_error(c, "not an act: %s", name);
	return MF_ERROR;
}

static enum mf_verdict
run_line(struct mf_context *c, char *rest)
{
	struct word words[WORDS] = { { NULL, 0 } };
	char *name = strsep(&rest, " "), *text;
	unsigned count = 0;

	while ((text = strsep(&rest, " "))) {
		if (count == WORDS || *text != '=')
			return MF_ERROR;
		words[count].text = text + 1;
		if (!decode(&words[count++]))
			return MF_ERROR;
	}
	return run_act(c, name, words, count);
}

static enum mf_verdict
run_file(struct mf_context *c, FILE *file, const char *stage)
{
	enum mf_verdict verdict = MF_CONTINUE;
	char *line = NULL, *rest;
	size_t room = 0;

	while (verdict == MF_CONTINUE && getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		rest = line;
		if (strcmp(strsep(&rest, " "), stage) == 0)
			verdict = rest ? run_line(c, rest) : MF_ERROR;
	}
	free(line);
	return verdict;
}

static enum mf_verdict
play(struct mf_context *c, const char *stage)
{
	const struct options *o = c->options;
	const struct state *state = c->message;
	enum mf_verdict verdict;
	FILE *file;

	if (!state->name[0])
		return MF_CONTINUE;
	file = fopen(mf_printf(c, "%s/%s/%s", o->folder, state->name, mf_filter(c)), "re");
	if (!file)
		return MF_CONTINUE;
	verdict = run_file(c, file, stage);
	fclose(file);
	return verdict;
}

static enum mf_verdict
at_mail(struct mf_context *c, const struct mf_address *sender)
{
	struct state *state = c->message;

	if (sscanf(sender->local, "case-%31[a-z0-9]", state->name) != 1)
		state->name[0] = '\0';
	return play(c, "mail");
}

static enum mf_verdict
at_rcpt(struct mf_context *c, const struct mf_address *recipient)
{
	(void)recipient;
	return play(c, "rcpt");
}

static enum mf_verdict
at_eoh(struct mf_context *c)
{
	return play(c, "eoh");
}

static enum mf_verdict
at_message(struct mf_context *c)
{
	return play(c, "message");
}

MF_PLUGIN(
	.name = "edit-files",
	.version = "1.0",
	.summary = "Makes the edits that a file has for the message",
	.options = option_table,
	.options_size = sizeof(struct options),
	.message_size = sizeof(struct state),
	.mail = at_mail,
	.rcpt = at_rcpt,
	.eoh = at_eoh,
	.message = at_message,
);
