/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filterd check: loads the configuration as workers would, all listeners and filters of it. That
 * is done in a child, so that a plugin that crashes in its start can be named.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "filterd/chain/generation.h"
#include "filterd/command/command.h"
#include "filterd/supervise/crash.h"
#include "filterd/supervise/privileges.h"

static const char usage[] =
    "usage: filterd check [-c CONF]\n"
    "\n"
    "Loads the configuration, its lists and its plugins as `filterd run` would, and prints every\n"
    "mistake. Opens no socket. As root it looks with the eyes of the configuration's user.\n"
    "\n"
    "  -c, --config CONF   configuration (" SYSCONF_DIR "/filterd.conf)\n"
    "\n"
    "Exit status: 0 when all is well, 78 for a mistake.\n";

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 }
};

/* Becomes the user that workers are. Only root can; others look as they are. */
static int
look_as_worker(const char *config, struct config_errors *errors)
{
	struct settings *settings = settings_load(config, SETTINGS_DAEMON, errors);
	struct buffer problem = { 0 };
	struct identity identity;
	bool done = true;

	if (!settings)
		return EX_CONFIG;
	if (geteuid() == 0)
		done = identity_find(&identity, settings->user, settings->group, &problem) &&
		    identity_assume(&identity, &problem);
	settings_destroy(&settings);
	fputs(buffer_text(&problem), stderr);
	buffer_free(&problem);
	return done ? EX_OK : EX_NOPERM;
}

static int
load(const char *config, struct config_errors *errors)
{
	struct generation *generation = generation_load(config, NULL, errors);
	const struct settings *settings;

	if (!generation)
		return EX_CONFIG;
	settings = generation_settings(generation);
	printf("OK: %s: %zu listeners, %zu filters, %zu lists\n", config,
	    settings->listener_count, settings->filter_count, settings->list_count);
	generation_destroy(&generation);
	return EX_OK;
}

static _Noreturn void
check_in_child(const char *config, struct crash_note *notes)
{
	struct config_errors *errors = config_errors_create();
	int status;

	crash_notes_keep(notes);
	status = look_as_worker(config, errors);
	if (status == EX_OK)
		status = load(config, errors);
	config_errors_print(errors, stderr);
	config_errors_destroy(&errors);
	exit(status);
}

/* What the child came to; a crash is a mistake like any other. */
static int
judge(const char *config, const struct crash_note *notes, int status)
{
	const struct crash_note *note = crash_suspect(notes, 0);
	struct buffer how = { 0 };
	char doing[256] = "it loaded the configuration";

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (note)
		crash_note_describe(note, doing, sizeof(doing));
	crash_describe_status(&how, status);
	fprintf(stderr, "%s: the check %s while it ran %s\n", config, buffer_text(&how), doing);
	buffer_free(&how);
	return EX_CONFIG;
}

static int
check(const char *config)
{
	struct crash_note *notes = crash_notes_create();
	pid_t child = fork();
	int status;

	if (child == 0)
		check_in_child(config, notes);
	if (child < 0 || waitpid(child, &status, 0) < 0) {
		fprintf(stderr, "filterd check: %s\n", strerror(errno));
		return EX_OSERR;
	}
	status = judge(config, notes, status);
	crash_notes_destroy(&notes);
	return status;
}

int
command_check(int argc, char **argv)
{
	const char *config = SYSCONF_DIR "/filterd.conf";
	int letter;

	while ((letter = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (letter) {
		case 'c':
			config = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return EX_OK;
		default:
			return EX_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "filterd check: unexpected argument \"%s\"\n", argv[optind]);
		return EX_USAGE;
	}
	return check(config);
}
