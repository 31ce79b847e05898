/* SPDX-License-Identifier: BSD-2-Clause */
/* filterd check: loads the configuration and prints every mistake. */
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#include "filterd/command/command.h"
#include "filterd/supervise/trial.h"

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
	return trial_load(config, stdout);
}
