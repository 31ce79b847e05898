/* SPDX-License-Identifier: BSD-2-Clause */
/* filterd test: runs message files through a chain with no MTA, and explains what happened. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "filterd/chain/explanation.h"
#include "filterd/command/command.h"
#include "filterd/command/scenario_file.h"
#include "filterd/command/test_options.h"
#include "filterd/message/diff.h"
#include "filterd/service/log.h"
#include "filterd/supervise/apart.h"
#include "filterd/util/buffer.h"

#define FOLDER_DEPTH 32			/* folders in folders */

struct run {
	const struct test_options *options;
	const struct chain *chain;
	FILE *to;			/* what is explained */
	const char *name;		/* of the file at hand */
	size_t number;			/* of the message in the mailbox at hand; 0: it is none */
	const struct message_file *file;
	struct arena *arena;		/* of the file at hand */
	size_t messages;
	size_t counts[6];		/* by verdict, in the order of `verdicts` */
	int status;			/* of sysexits(3) */
};

static const char *const verdicts[] = { "accept", "reject", "tempfail", "discard", "quarantine",
	"aborted" };

/* ---- one message ---- */

static void
count_verdict(struct run *run, const char *verdict)
{
	size_t i;

	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (strcmp(verdicts[i], verdict) == 0)
			run->counts[i]++;
}

static void
fail(struct run *run, int status, const char *what, const char *name)
{
	fprintf(stderr, "filterd test: %s %s: %s\n", what, name, strerror(errno));
	run->status = status;
}

/* An input that cannot be read does not keep the others from being judged. */
static bool
goes_on(const struct run *run)
{
	return run->status == EX_OK || run->status == EX_NOINPUT;
}

/* The message as it would be delivered. A chain that ends before the end of the message leaves it
 * as it is: then there is no model. */
static bool
write_message(const struct message_file *file, struct model *model, FILE *to)
{
	if (model)
		return message_file_write(file, model, to);
	return fwrite(file->text.data, 1, file->text.length, to) == file->text.length &&
	    fflush(to) == 0;
}

static void
write_output(struct run *run, const char *verdict, struct model *model)
{
	bool output = strcmp(run->options->output, "-") == 0;
	FILE *to;

	if (strcmp(verdict, "accept") != 0 && strcmp(verdict, "quarantine") != 0) {
		fprintf(stderr, "filterd test: the message would not be delivered: no %s\n",
		    run->options->output);
		return;
	}
	to = output ? stdout : fopen(run->options->output, "wb");
	if (!to || !write_message(run->file, model, to))
		fail(run, EX_CANTCREAT, "cannot write", run->options->output);
	if (to && !output)
		fclose(to);
}

/* Before it is judged: so what filters have to say, and a crash, stand behind its name. */
static void
print_name(const struct run *run)
{
	if (run->options->json)
		return;
	if (run->number)
		fprintf(run->to, "== %s, message %zu\n", run->name, run->number);
	else
		fprintf(run->to, "== %s\n", run->name);
	fflush(run->to);
}

static void
print_diff(const struct run *run, struct model *model)
{
	struct buffer text = { 0 };

	diff_add(model, &(struct diff_options){ .body = true }, &text);
	fputs(buffer_text(&text), run->to);
	buffer_free(&text);
}

static void
report(void *argument, struct session *session)
{
	struct run *run = argument;
	const struct explanation *explanation = session_explanation(session);
	struct model *model = session_model(session);

	run->messages++;
	if (!explanation)
		return;
	count_verdict(run, explanation->verdict);
	if (run->options->json) {
		explanation_json(explanation, run->to);
	} else {
		explanation_text(explanation, run->to);
		if (model)
			print_diff(run, model);
	}
	fflush(run->to);
	if (run->options->output)
		write_output(run, explanation->verdict, model);
}

static bool
judge(void *argument, struct str text)
{
	struct run *run = argument;
	struct message_file file = message_file_parse(run->name, text, run->arena);

	if (run->options->output && run->messages) {
		fprintf(stderr, "filterd test: --output is for one message, and there are more\n");
		run->status = EX_USAGE;
		return false;
	}
	run->file = &file;
	print_name(run);
	offline_judge(run->chain, &run->options->scene, &file, report, run);
	run->number += run->number > 0;
	return goes_on(run);
}

/* ---- files and folders ---- */

static bool
read_all(FILE *from, struct buffer *text)
{
	char piece[64 * 1024];
	size_t size;

	while ((size = fread(piece, 1, sizeof(piece), from)) > 0)
		buffer_add(text, piece, size);
	return !ferror(from);
}

static void
judge_file(struct run *run, const char *path)
{
	bool input = strcmp(path, "-") == 0;
	FILE *from = input ? stdin : fopen(path, "rb");
	struct buffer text = { 0 };

	if (!from || !read_all(from, &text)) {
		fail(run, EX_NOINPUT, "cannot read", path);
	} else {
		run->name = path;
		run->number = strncmp(buffer_text(&text), "From ", 5) == 0;
		run->arena = arena_create(0, 0);
		mailbox_each((struct str){ buffer_text(&text), text.length }, run->arena, judge,
		    run);
		arena_destroy(&run->arena);
	}
	if (from && !input)
		fclose(from);
	buffer_free(&text);
}

static int
visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void judge_path(struct run *run, const char *path, unsigned depth);

static void
judge_folder(struct run *run, const char *path, unsigned depth)
{
	struct dirent **entries;
	int i, count = scandir(path, &entries, visible, alphasort);

	if (count < 0) {
		fail(run, EX_NOINPUT, "cannot read", path);
		return;
	}
	for (i = 0; i < count; i++) {
		struct buffer name = { 0 };

		buffer_printf(&name, "%s/%s", path, entries[i]->d_name);
		if (goes_on(run))
			judge_path(run, buffer_text(&name), depth + 1);
		buffer_free(&name);
		free(entries[i]);
	}
	free(entries);
}

static void
judge_path(struct run *run, const char *path, unsigned depth)
{
	struct stat status;

	if (strcmp(path, "-") == 0 || stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
		judge_file(run, path);
	else if (depth < FOLDER_DEPTH)
		judge_folder(run, path, depth);
}

/* ---- the command ---- */

static void
print_summary(const struct run *run)
{
	size_t i;

	fprintf(run->to, "== %zu messages:", run->messages);
	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (run->counts[i])
			fprintf(run->to, " %zu %s", run->counts[i], verdicts[i]);
	fputc('\n', run->to);
}

static int
judge_all(const struct test_options *options, const struct generation *generation)
{
	struct run run = { .options = options, .status = EX_OK };
	char *const *path;

	run.chain = scenario_chain(generation, options->listener, NULL);
	if (!run.chain) {
		fprintf(stderr, "filterd test: %s has no listener %s\n", options->config,
		    options->listener ? options->listener : "at all");
		return EX_USAGE;
	}
	run.to = options->output && strcmp(options->output, "-") == 0 ? stderr : stdout;
	for (path = options->paths; *path && goes_on(&run); path++)
		judge_path(&run, *path, 0);
	if (!options->json && run.messages > 1)
		print_summary(&run);
	return run.status;
}

/* In the chain of the configuration that is named. */
static int
test_with_config(const struct test_options *options)
{
	struct config_errors *errors = config_errors_create();
	struct generation *generation = generation_load(options->config, NULL, NULL, errors);
	int status = EX_CONFIG;

	config_errors_print(errors, stderr);
	if (generation)
		status = options->scenario ? test_scenarios(options, generation)
					   : judge_all(options, generation);
	generation_destroy(&generation);
	config_errors_destroy(&errors);
	return status;
}

static int
test(void *argument)
{
	const struct test_options *options = argument;

	return options->config ? test_with_config(options) : test_scenarios(options, NULL);
}

int
command_test(int argc, char **argv)
{
	struct test_options options = { .arena = arena_create(0, 0) };
	const struct apart apart = {
		.work = test, .argument = &options, .name = "filterd test", .crashed = EX_SOFTWARE,
		.backtrace = true
	};
	int status = test_options_parse(&options, argc, argv);

	if (status < 0) {
		/* What the host logs of a message, the explanation says: of interest are mishaps
		 * and what filters have to say. */
		log_open(LOG_TO_STDERR, LOG_FORMAT_TEXT, MF_LOG_NOTICE, NULL);
		status = apart_run(&apart);
	}
	arena_destroy(&options.arena);
	return status;
}
