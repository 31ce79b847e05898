/* SPDX-License-Identifier: BSD-2-Clause */
/* filterd check: loads the configuration and prints every mistake. */
#include <stdio.h>
#include <sysexits.h>

#include "filterd/command/command.h"
#include "filterd/command/options.h"
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

int
command_check(int argc, char **argv)
{
	const char *config = SYSCONF_DIR "/filterd.conf";
	const struct command_option options[] = {
		{ "config", 'c', &config, NULL }, { NULL, 0, NULL, NULL }
	};
	int status;

	if (!command_options(argc, argv, options, usage, &status))
		return status;
	return trial_load(config, stdout);
}
