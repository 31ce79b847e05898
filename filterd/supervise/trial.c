/* SPDX-License-Identifier: BSD-2-Clause */
/* Loading the configuration in a child that only looks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "filterd/chain/generation.h"
#include "filterd/supervise/crash.h"
#include "filterd/supervise/privileges.h"
#include "filterd/supervise/trial.h"

/* Becomes the user that workers are. Only root can; others look as they are. A configuration that
 * does not say who that is has mistakes, which are found again. */
static int
look_as_worker(const char *config)
{
	struct config_errors *errors = config_errors_create();
	struct settings *settings = settings_load(config, SETTINGS_DAEMON, errors);
	struct buffer problem = { 0 };
	struct identity identity;
	bool done = true;

	if (settings && geteuid() == 0)
		done = identity_find(&identity, settings->user, settings->group, &problem) &&
		    identity_assume(&identity, &problem);
	if (settings)
		settings_destroy(&settings);
	config_errors_destroy(&errors);
	fputs(buffer_text(&problem), stderr);
	buffer_free(&problem);
	return done ? EX_OK : EX_NOPERM;
}

static int
load(const char *config, FILE *good)
{
	struct config_errors *errors = config_errors_create();
	struct generation *generation = generation_load(config, NULL, errors);
	int status = generation ? EX_OK : EX_CONFIG;

	if (generation && good) {
		const struct settings *settings = generation_settings(generation);

		fprintf(good, "OK: %s (listeners: %zu, filters: %zu, lists: %zu)\n", config,
		    settings->listener_count, settings->filter_count, settings->list_count);
	}
	generation_destroy(&generation);
	config_errors_print(errors, stderr);
	config_errors_destroy(&errors);
	return status;
}

static _Noreturn void
look(const char *config, struct crash_note *notes, FILE *good)
{
	int status;

	crash_notes_keep(notes);
	status = look_as_worker(config);
	if (status == EX_OK)
		status = load(config, good);
	exit(status);
}

/* What the child came to. */
static int
judge(const char *config, const struct crash_note *notes, int status)
{
	const struct crash_note *note = crash_suspect(notes, 0);
	struct buffer how = { 0 };
	char doing[256] = "the host's own code";

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (note)
		crash_note_describe(note, doing, sizeof(doing));
	crash_describe_status(&how, status);
	fprintf(stderr, "%s: loading it %s while it ran %s\n", config, buffer_text(&how), doing);
	buffer_free(&how);
	return EX_CONFIG;
}

int
trial_load(const char *config, FILE *good)
{
	struct crash_note *notes = crash_notes_create();
	int status = EX_OSERR;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0)
		look(config, notes, good);
	if (child > 0 && waitpid(child, &status, 0) == child)
		status = judge(config, notes, status);
	else
		fprintf(stderr, "filterd: cannot fork: %s\n", strerror(errno));
	crash_notes_destroy(&notes);
	return status;
}
