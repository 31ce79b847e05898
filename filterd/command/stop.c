/* SPDX-License-Identifier: BSD-2-Clause */
/* filterd stop: tells the master to stop, and waits until it is gone. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "filterd/command/command.h"
#include "filterd/command/control_client.h"
#include "filterd/command/options.h"
#include "filterd/config/settings.h"
#include "filterd/supervise/pid_file.h"

#define WAIT_LIMIT 60000	/* milliseconds; before that the master kills workers */

static const char usage[] =
    "usage: filterd stop [--now] [-c CONF | --control SOCKET | --pid-file FILE]\n"
    "\n"
    "Stops the daemon and waits until it is gone. No more connections are taken; open sessions\n"
    "are served to their end, but no longer than the setting `drain-limit`, and with --now not\n"
    "at all: then they are answered 421, and messages that filters are working on are answered\n"
    "as they decide.\n"
    "\n"
    "  -n, --now              close open sessions\n"
    "  -c, --config CONF      configuration that names the control socket and the pid file\n"
    "                         (" SYSCONF_DIR "/filterd.conf)\n"
    "  -s, --control SOCKET   the control socket itself\n"
    "  -p, --pid-file FILE    the pid file itself; the daemon gets SIGQUIT, or SIGTERM for --now\n"
    "\n"
    "Exit status: 0 when it is gone, 69 when none was running, 75 when it does not go, 77 for\n"
    "others than root and the daemon's user.\n";

static int
fail(int status, const char *what, const char *why)
{
	fprintf(stderr, "filterd stop: %s: %s\n", what, why);
	return status;
}

/* The master keeps to its own drain limit, so that is waited for however long it is. */
static int
await_end(int process, bool now)
{
	struct pollfd end = { .fd = process, .events = POLLIN };
	int ended;

	do
		ended = poll(&end, 1, now ? WAIT_LIMIT : -1);
	while (ended < 0 && errno == EINTR);
	return ended > 0 ? EX_OK : fail(EX_TEMPFAIL, "the daemon", "it has not stopped");
}

/* Asks on the connection, which it closes; with none, by a signal. */
static int
stop(pid_t daemon, int connection, bool now)
{
	int process = pidfd_open(daemon, 0), status = EX_OK;
	struct buffer text = { 0 };

	if (process < 0) {
		if (connection >= 0)
			close(connection);
		return errno == ESRCH ? EX_OK : fail(EX_OSERR, "the daemon", strerror(errno));
	}
	if (connection >= 0)
		status = control_ask(connection, now ? "stop now" : "stop", &text);
	else if (pidfd_send_signal(process, now ? SIGTERM : SIGQUIT, NULL, 0) < 0)
		status = fail(EX_NOPERM, "the daemon", strerror(errno));
	fputs(buffer_text(&text), stderr);
	if (status == EX_OK || status == EX_PROTOCOL)	/* it may be too fast to answer */
		status = await_end(process, now);
	buffer_free(&text);
	close(process);
	return status;
}

static int
stop_by_pid_file(const char *path, bool now)
{
	int file = pid_file_open(path);
	pid_t master = file < 0 ? 0 : pid_file_owner(file);

	if (file < 0 && errno != ENOENT)
		return fail(EX_NOINPUT, path, strerror(errno));
	if (file >= 0)
		close(file);
	return master > 0 ? stop(master, -1, now) :
	    fail(EX_UNAVAILABLE, path, "no filterd is running");
}

static int
stop_by_control(const char *path, bool now)
{
	struct buffer problem = { 0 };
	pid_t daemon;
	int connection = control_connect(path, &daemon, &problem);
	int status = -connection;

	if (connection >= 0)
		status = stop(daemon, connection, now);
	else
		fprintf(stderr, "filterd stop: %s", buffer_text(&problem));
	buffer_free(&problem);
	return status;
}

/* Where the settings name a pid file, the daemon is who holds it: what listens on the control
 * socket may be another one. */
static int
stop_configured(const char *config, bool now)
{
	struct config_errors *errors = config_errors_create();
	struct settings *settings = settings_read(config, SETTINGS_DAEMON, errors);
	int status = EX_CONFIG;

	if (settings && settings->pid_file)
		status = stop_by_pid_file(settings->pid_file, now);
	else if (settings)
		status = stop_by_control(settings->control, now);
	else
		config_errors_print(errors, stderr);
	settings_destroy(&settings);
	config_errors_destroy(&errors);
	return status;
}

int
command_stop(int argc, char **argv)
{
	const char *config = SYSCONF_DIR "/filterd.conf", *control = NULL, *pid_file = NULL;
	bool now = false;
	const struct command_option options[] = {
		{ "now", 'n', NULL, &now }, { "config", 'c', &config, NULL },
		{ "control", 's', &control, NULL }, { "pid-file", 'p', &pid_file, NULL },
		{ NULL, 0, NULL, NULL }
	};
	int status;

	if (!command_options(argc, argv, options, usage, &status))
		return status;
	if (pid_file)
		return stop_by_pid_file(pid_file, now);
	return control ? stop_by_control(control, now) : stop_configured(config, now);
}
