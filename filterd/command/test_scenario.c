/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filterd test --scenario: plays scenario files with no MTA and says in the Test Anything Protocol
 * whether the chain answered as they expect. A scenario that needs an MTA is skipped, and says so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/command/scenario_file.h"
#include "filterd/command/test_options.h"
#include "filterd/mta/replay.h"
#include "filterd/scenario/report.h"

#define SHOWN	200	/* bytes of a text in a report */

struct trial {
	const struct test_options *options;
	const struct generation *generation;
	struct scenario_file file;
	struct replay_scene scene;
	struct buffer report;		/* whole lines */
	bool passed;
};

static bool
take(void *argument, const struct replay_event *event)
{
	struct trial *trial = argument;
	static const char *const nothing[] = {
		[REPLAY_ANSWERED] = "nothing more", [REPLAY_BARE] = "nothing, as it is no question",
		[REPLAY_SILENT] = "none (the chain needs no answer to the event)",
		[REPLAY_UNSENT] = "unsent (the chain does not want the event)",
		[REPLAY_PASSED] = "nothing"
	};
	const struct step *step = event->step;
	struct replay_difference difference;
	struct buffer got = { 0 };

	if (replay_as_expected(&trial->scene, event, &difference))
		return true;
	trial->passed = false;
	if (difference.expected)
		step = difference.expected;
	if (difference.got)
		milter_answer_print(difference.got, &got, SHOWN);
	else
		buffer_add_text(&got, nothing[event->fate]);
	buffer_printf(&trial->report, "%s:%u: expected  %s\n%s:%u: got       %s\n",
	    trial->file.path, step->line,
	    difference.expected ? step->text.data : "an answer by which the mail goes on",
	    trial->file.path, step->line, buffer_text(&got));
	if (!difference.expected)
		buffer_printf(&trial->report, "%s:%u: at        %s\n", trial->file.path,
		    step->line, step->text.data);
	buffer_free(&got);
	return false;
}

static const struct chain *
find_chain(void *argument, const char *address)
{
	struct trial *trial = argument;

	return scenario_chain(trial->generation, trial->options->listener, address);
}

static void
note_unchecked(struct trial *trial)
{
	const struct scenario *scenario = &trial->file.scenario;

	for (size_t i = 0; i < scenario->count; i++)
		if (replay_unchecked(&scenario->steps[i]))
			buffer_printf(&trial->report, "%s:%u: not checked without an MTA: %s\n",
			    trial->file.path, scenario->steps[i].line,
			    scenario->steps[i].text.data);
}

static bool
play(struct trial *trial, const struct generation *generation)
{
	struct replay_mistake mistake;

	trial->generation = generation;
	if (!find_chain(trial, NULL)) {
		buffer_printf(&trial->report, "%s has no such listener\n",
		    trial->options->config ? trial->options->config : trial->file.path);
		return false;
	}
	trial->scene = (struct replay_scene){
		.find_chain = find_chain, .places = &trial->file.places,
		.now = trial->options->scene.now, .take = take, .argument = trial
	};
	trial->passed = true;
	note_unchecked(trial);
	if (replay_play(&trial->scene, &trial->file.scenario, &mistake))
		return trial->passed;
	buffer_printf(&trial->report, "%s:%u: %s\n%s:%u: at        %s\n", trial->file.path,
	    mistake.step->line, mistake.text, trial->file.path, mistake.step->line,
	    mistake.step->text.data);
	return false;
}

/* Plays it in the chain of its own configuration. */
static bool
play_own(struct trial *trial)
{
	struct config_errors *errors;
	struct generation *generation;
	bool good = false;

	if (!trial->file.config) {
		buffer_printf(&trial->report,
		    "%s: it has no config directive, and --config names none\n", trial->file.path);
		return false;
	}
	errors = config_errors_create();
	generation = generation_load(trial->file.config, NULL, NULL, errors);
	config_errors_add(errors, &trial->report);
	if (generation)
		good = play(trial, generation);
	generation_destroy(&generation);
	config_errors_destroy(&errors);
	return good;
}

/* Whether it passed, or was skipped. */
static bool
try_file(const struct test_options *options, const struct generation *given, const char *path)
{
	struct trial trial = { .options = options };
	const struct step *unplayable = NULL;
	bool good = scenario_file_open(&trial.file, path, &options->places);

	if (good)
		unplayable = replay_unplayable(&trial.file.scenario);
	if (good && !unplayable)
		good = scenario_file_unpack(&trial.file) &&
		    (given ? play(&trial, given) : play_own(&trial));
	buffer_add_text(&trial.report, buffer_text(&trial.file.error));
	report_result(good, path);
	if (unplayable)
		printf(" # SKIP line %u needs an MTA: %s", unplayable->line,
		    unplayable->text.data);
	putchar('\n');
	report_comments(&trial.report);
	buffer_free(&trial.report);
	scenario_file_close(&trial.file);
	return good;
}

int
test_scenarios(const struct test_options *options, const struct generation *given)
{
	size_t count = 0, failed = 0;

	while (options->paths[count])
		count++;
	printf("1..%zu\n", count);
	for (size_t i = 0; i < count; i++)
		failed += !try_file(options, given, options->paths[i]);
	printf("# %zu passed, %zu failed\n", count - failed, failed);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
