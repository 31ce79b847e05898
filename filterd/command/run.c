/* SPDX-License-Identifier: BSD-2-Clause */
/* filterd run: the daemon. */
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#include "filterd/command/command.h"
#include "filterd/supervise/master.h"

static const char usage[] =
    "usage: filterd run [-c CONF] [--foreground]\n"
    "\n"
    "Serves the listeners of the configuration until it is told to stop by `filterd stop`. SIGHUP\n"
    "is `filterd reload`, SIGQUIT `filterd stop`, SIGTERM and SIGINT are `filterd stop --now`.\n"
    "Returns when it serves, or says what keeps it from serving.\n"
    "\n"
    "  -c, --config CONF   configuration (" SYSCONF_DIR "/filterd.conf)\n"
    "  -f, --foreground    stay in the foreground, for a supervisor such as systemd\n"
    "\n"
    "Exit status: 0 when it serves, or in the foreground when it was told to stop; 69 when it is\n"
    "running already; 71 when a socket cannot be opened; 78 for a mistake in the configuration.\n";

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "foreground", no_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 }
};

int
command_run(int argc, char **argv)
{
	const char *config = SYSCONF_DIR "/filterd.conf";
	bool foreground = false;
	int letter;

	while ((letter = getopt_long(argc, argv, "c:fh", options, NULL)) != -1) {
		switch (letter) {
		case 'c':
			config = optarg;
			break;
		case 'f':
			foreground = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EX_OK;
		default:
			return EX_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "filterd run: unexpected argument \"%s\"\n", argv[optind]);
		return EX_USAGE;
	}
	return master_run(config, foreground);
}
