/* SPDX-License-Identifier: BSD-2-Clause */
/* The one program: finds the subcommand and runs it. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "config.h"
#include "filterd/command/command.h"
#include "filterd/util/str.h"

static const struct command commands[] = {
	{ "run", "serve the configured listeners", command_run },
	{ "check", "load the configuration and print every mistake", command_check },
	{ "test", "judge message files with no MTA", command_test },
	{ "doctor", "look at the local MTA and say what to change", command_doctor },
	{ "plugins", "list the plugins, or print one's options", command_plugins },
	{ "new-plugin", "write a folder with a new plugin, to build on", command_new_plugin },
	{ "replay", "play recorded sessions and print what would differ now", command_replay },
	{ "quarantine", "list, show, release and delete messages in the quarantine",
	    command_quarantine },
	{ "reload", "have the running daemon load its configuration anew", command_reload },
	{ "status", "print what the running daemon has counted", command_status },
	{ "stop", "stop the running daemon", command_stop },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
print_help(FILE *to)
{
	size_t i;

	fputs("usage: filterd COMMAND [OPTION...]\n\n", to);
	for (i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-10s  %s\n", commands[i].name, commands[i].summary);
	fputs("\nfilterd COMMAND --help says more; filterd --version prints the version.\n", to);
}

static int
unknown(const char *name)
{
	const char *names[COMMANDS], *near;
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		names[i] = commands[i].name;
	near = str_nearest(name, names, COMMANDS);
	fprintf(stderr, "filterd: there is no command \"%s\"", name);
	if (near)
		fprintf(stderr, "; did you mean \"%s\"?", near);
	fputc('\n', stderr);
	return EX_USAGE;
}

int
main(int argc, char **argv)
{
	size_t i;

	if (argc < 2) {
		print_help(stderr);
		return EX_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return EX_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("filterd %s\n", PACKAGE_VERSION);
		return EX_OK;
	}
	for (i = 0; i < COMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return unknown(argv[1]);
}
