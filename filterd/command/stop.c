/* SPDX-License-Identifier: BSD-2-Clause */
/* filterd stop: tells the master to stop, and waits until it is gone. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "filterd/command/command.h"
#include "filterd/config/settings.h"
#include "filterd/supervise/pid_file.h"

#define WAIT_LIMIT	60	/* seconds; the master kills workers that do not stop before that */
#define LOOKS		20	/* a second */

static const char usage[] =
    "usage: filterd stop [-c CONF | --pid-file FILE]\n"
    "\n"
    "Stops the daemon and waits until it is gone: no more connections are taken, open sessions\n"
    "are answered 421, and messages that filters are working on are answered as they decide.\n"
    "\n"
    "  -c, --config CONF     configuration that names the pid file (" SYSCONF_DIR "/filterd.conf)\n"
    "  -p, --pid-file FILE   the pid file itself\n"
    "\n"
    "Exit status: 0 when it is gone, 69 when none was running, 75 when it does not go.\n";

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "pid-file", required_argument, NULL, 'p' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 }
};

static bool
gone_in_time(int file, pid_t master)
{
	static const struct timespec pause = { .tv_nsec = 1000000000 / LOOKS };
	int looks;

	for (looks = 0; looks < WAIT_LIMIT * LOOKS; looks++) {
		if (pid_file_owner(file) != master)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

static int
stop(const char *path)
{
	int file = pid_file_open(path);
	pid_t master = file < 0 ? 0 : pid_file_owner(file);

	if (file < 0 && errno != ENOENT) {
		fprintf(stderr, "filterd stop: %s: %s\n", path, strerror(errno));
		return EX_NOINPUT;
	}
	if (master <= 0) {
		fprintf(stderr, "filterd stop: %s: no filterd is running\n", path);
		return EX_UNAVAILABLE;
	}
	if (kill(master, SIGTERM) < 0) {
		fprintf(stderr, "filterd stop: process %ld: %s\n", (long)master, strerror(errno));
		return EX_NOPERM;
	}
	if (gone_in_time(file, master))
		return EX_OK;
	fprintf(stderr, "filterd stop: process %ld has not stopped\n", (long)master);
	return EX_TEMPFAIL;
}

static int
stop_configured(const char *config)
{
	struct config_errors *errors = config_errors_create();
	struct settings *settings = settings_load(config, SETTINGS_DAEMON, errors);
	int status = EX_CONFIG;

	config_errors_print(errors, stderr);
	config_errors_destroy(&errors);
	if (settings && settings->pid_file)
		status = stop(settings->pid_file);
	else if (settings)
		fprintf(stderr, "filterd stop: %s names no pid-file\n", config);
	if (settings)
		settings_destroy(&settings);
	return status;
}

int
command_stop(int argc, char **argv)
{
	const char *config = SYSCONF_DIR "/filterd.conf", *pid_file = NULL;
	int letter;

	while ((letter = getopt_long(argc, argv, "c:p:h", options, NULL)) != -1) {
		switch (letter) {
		case 'c':
			config = optarg;
			break;
		case 'p':
			pid_file = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return EX_OK;
		default:
			return EX_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "filterd stop: unexpected argument \"%s\"\n", argv[optind]);
		return EX_USAGE;
	}
	return pid_file ? stop(pid_file) : stop_configured(config);
}
