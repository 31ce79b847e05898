/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filterd replay: plays recorded sessions through a chain with no MTA, and says for each message
 * what would differ now from what was recorded.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "filterd/command/command.h"
#include "filterd/command/options.h"
#include "filterd/command/replay_report.h"
#include "filterd/command/scenario_file.h"
#include "filterd/service/log.h"
#include "filterd/supervise/apart.h"

static const char usage[] =
    "usage: filterd replay [-c CONF] [--listener NAME] [--now SECONDS] [--dns ZONEFILE] [--json]\n"
    "                      FILE...\n"
    "\n"
    "Plays recordings of sessions (filterd run --record) through the chain of their listener,\n"
    "with no MTA, and prints what would differ now for each message: answers, edits, what the\n"
    "filters found. So a change of the configuration is tried on mail that was.\n"
    "\n"
    "  -c, --config CONF    the configuration (" SYSCONF_DIR "/filterd.conf)\n"
    "  -l, --listener NAME  whose chain (that of the recorded address, else the first listener's)\n"
    "  -n, --now SECONDS    the clock stands still, so long after the beginning of 1970 (at the\n"
    "                       time of the recording)\n"
    "  -d, --dns ZONEFILE   a master file that answers every query of the DNS\n"
    "  -j, --json           one JSON object a message, those that do not differ too\n"
    "\n"
    "Exit status: 0 if nothing differs, 1 if something does; 65 for a file that is no recording,\n"
    "66 for one that cannot be read, 70 when a plugin crashes, 78 for a mistake in the\n"
    "configuration.\n";

struct replaying {
	const char *config;
	char *const *paths;
	const struct generation *generation;
	const char *listener;
	struct replay_scene scene;
	struct replay_report report;
	int status;		/* of sysexits(3) */
};

static const struct chain *
find_chain(void *argument, const char *address)
{
	const struct replaying *replaying = argument;

	return scenario_chain(replaying->generation, replaying->listener, address);
}

static bool
take(void *argument, const struct replay_event *event)
{
	struct replaying *replaying = argument;

	replay_report_event(&replaying->report, &replaying->scene, event);
	return true;
}

static void
fail(struct replaying *replaying, int status, const char *what)
{
	fprintf(stderr, "%s", what);
	replaying->status = status;
}

/* Whether the session can be played; else it is said. */
static bool
is_playable(struct replaying *replaying, const struct scenario_file *file)
{
	const struct step *step = replay_unplayable(&file->scenario);

	if (step) {
		fprintf(stderr, "%s:%u: needs an MTA, and is passed over: %s\n", file->path,
		    step->line, step->text.data);
		replaying->status = EX_DATAERR;
	}
	return !step;
}

static void
replay_file(struct replaying *replaying, const char *path)
{
	static const struct places none;
	struct replay_mistake mistake;
	struct scenario_file file;

	if (!scenario_file_open(&file, path, &none)) {
		fail(replaying, file.scenario.arena ? EX_DATAERR : EX_NOINPUT,
		    buffer_text(&file.error));
	} else if (is_playable(replaying, &file)) {
		replaying->scene.places = &file.places;
		replay_report_begin(&replaying->report, path, &file.scenario);
		if (!replay_play(&replaying->scene, &file.scenario, &mistake)) {
			fprintf(stderr, "%s:%u: %s\n", path, mistake.step->line, mistake.text);
			replaying->status = EX_DATAERR;
		}
		replay_report_end(&replaying->report);
	}
	scenario_file_close(&file);
}

static int
replay_all(struct replaying *replaying)
{
	char *const *path;

	if (!find_chain(replaying, NULL)) {
		fprintf(stderr, "filterd replay: there is no such listener\n");
		return EX_USAGE;
	}
	for (path = replaying->paths; *path; path++)
		replay_file(replaying, *path);
	replay_report_summary(&replaying->report);
	if (replaying->status)
		return replaying->status;
	return replaying->report.differing ? EXIT_FAILURE : EXIT_SUCCESS;
}

static bool
read_now(const char *text, int64_t *now_r)
{
	*now_r = -1;
	if (!text || command_seconds(text, now_r))
		return true;
	fprintf(stderr, "filterd replay: --now %s: expected seconds since the epoch\n", text);
	return false;
}

static int
replay(void *argument)
{
	struct replaying *replaying = argument;
	struct config_errors *errors = config_errors_create();
	struct generation *generation = generation_load(replaying->config, NULL, NULL, errors);
	int status;

	config_errors_print(errors, stderr);
	replaying->generation = generation;
	replaying->scene.follow = true;
	replaying->scene.find_chain = find_chain;
	replaying->scene.take = take;
	replaying->scene.argument = replaying;
	status = generation ? replay_all(replaying) : EX_CONFIG;
	generation_destroy(&generation);
	config_errors_destroy(&errors);
	return status;
}

int
command_replay(int argc, char **argv)
{
	struct replaying replaying = {
		.config = SYSCONF_DIR "/filterd.conf", .report = { .to = stdout }
	};
	const struct apart apart = {
		.work = replay, .argument = &replaying, .name = "filterd replay",
		.crashed = EX_SOFTWARE, .backtrace = true
	};
	const char *now = NULL, *zone_file = NULL;
	const struct command_option options[] = {
		{ "config", 'c', &replaying.config, NULL },
		{ "listener", 'l', &replaying.listener, NULL },
		{ "now", 'n', &now, NULL }, { "dns", 'd', &zone_file, NULL },
		{ "json", 'j', NULL, &replaying.report.json },
		{ NULL, 0, NULL, NULL }
	};
	int status;

	if (!command_arguments(argc, argv, options, usage, &replaying.paths, &status))
		return status;
	if (!read_now(now, &replaying.scene.now))
		return EX_USAGE;
	settings_answer_dns_from(zone_file);
	log_open(LOG_TO_STDERR, LOG_FORMAT_TEXT, MF_LOG_WARNING, NULL);
	return apart_run(&apart);
}
