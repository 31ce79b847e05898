/* SPDX-License-Identifier: BSD-2-Clause */
/* filterd run: the daemon. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "filterd/command/command.h"
#include "filterd/command/options.h"
#include "filterd/config/settings.h"
#include "filterd/supervise/master.h"

static const char usage[] =
    "usage: filterd run [-c CONF] [--shadow-config CONF2] [--foreground] [--record FOLDER]\n"
    "\n"
    "Serves the listeners of the configuration until it is told to stop by `filterd stop`. SIGHUP\n"
    "is `filterd reload`, SIGQUIT `filterd stop`, SIGTERM and SIGINT are `filterd stop --now`.\n"
    "Returns when it serves, or says what keeps it from serving.\n"
    "\n"
    "  -c, --config CONF   configuration (" SYSCONF_DIR "/filterd.conf)\n"
    "  -f, --foreground    stay in the foreground, for a supervisor such as systemd\n"
    "  -S, --shadow-config CONF2\n"
    "                      a second configuration, tried beside the first on the same mail\n"
    "                      with no effect on it; in the place of the first one's own\n"
    "  -r, --record FOLDER write down each session of the MTA, to be replayed\n"
    "\n"
    "Exit status: 0 when it serves, or in the foreground when it was told to stop; 69 when it is\n"
    "running already; 71 when a socket cannot be opened; 78 for a mistake in the configuration.\n";

int
command_run(int argc, char **argv)
{
	const char *config = SYSCONF_DIR "/filterd.conf", *shadow_config = NULL;
	const char *record = NULL;
	bool foreground = false;
	const struct command_option options[] = {
		{ "config", 'c', &config, NULL }, { "foreground", 'f', NULL, &foreground },
		{ "record", 'r', &record, NULL },
		{ "shadow-config", 'S', &shadow_config, NULL }, { NULL, 0, NULL, NULL }
	};
	int status;

	if (!command_options(argc, argv, options, usage, &status))
		return status;
	if (record && !(record = realpath(record, NULL))) {
		fprintf(stderr, "filterd run: the folder for recordings: %s\n", strerror(errno));
		return EX_CANTCREAT;
	}
	settings_record_into(record);
	return master_run(config, shadow_config, foreground);
}
