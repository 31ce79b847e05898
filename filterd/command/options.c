/* SPDX-License-Identifier: BSD-2-Clause */
/* A subcommand's table of options as getopt_long(3) wants it. */
#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "filterd/command/options.h"

#define MOST 20		/* options of a subcommand, --help included */

static void
translate(const struct command_option *table, struct option longs[MOST],
    char letters[MOST * 2 + 1])
{
	size_t count;

	for (count = 0; table[count].name; count++) {
		assert(count < MOST - 2);
		longs[count] = (struct option){ table[count].name,
		    table[count].text ? required_argument : no_argument, NULL,
		    table[count].letter };
		*letters++ = table[count].letter;
		if (table[count].text)
			*letters++ = ':';
	}
	longs[count] = (struct option){ "help", no_argument, NULL, 'h' };
	longs[count + 1] = (struct option){ NULL, 0, NULL, 0 };
	*letters++ = 'h';
	*letters = '\0';
}

static void
take(const struct command_option *table, int letter)
{
	while (table->letter != letter)
		table++;
	if (table->text)
		*table->text = optarg;
	else
		*table->flag = true;
}

/* Reads the options, up to the first argument. */
static bool
read_options(int argc, char **argv, const struct command_option *table, const char *usage,
    int *status_r)
{
	struct option longs[MOST];
	char letters[MOST * 2 + 1];
	int letter;

	translate(table, longs, letters);
	*status_r = EX_USAGE;
	while ((letter = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (letter == '?')
			return false;
		if (letter == 'h') {
			fputs(usage, stdout);
			*status_r = EX_OK;
			return false;
		}
		take(table, letter);
	}
	return true;
}

bool
command_options(int argc, char **argv, const struct command_option *table, const char *usage,
    int *status_r)
{
	if (!read_options(argc, argv, table, usage, status_r))
		return false;
	if (optind == argc)
		return true;
	fprintf(stderr, "filterd %s: unexpected argument \"%s\"\n", argv[0], argv[optind]);
	return false;
}

bool
command_any_arguments(int argc, char **argv, const struct command_option *table,
    const char *usage, char *const **arguments_r, int *status_r)
{
	if (!read_options(argc, argv, table, usage, status_r))
		return false;
	*arguments_r = argv + optind;
	return true;
}

bool
command_arguments(int argc, char **argv, const struct command_option *table, const char *usage,
    char *const **arguments_r, int *status_r)
{
	if (!command_any_arguments(argc, argv, table, usage, arguments_r, status_r))
		return false;
	if (optind < argc)
		return true;
	fputs(usage, stderr);
	return false;
}

bool
command_seconds(const char *text, int64_t *seconds_r)
{
	char *end;

	errno = 0;
	*seconds_r = strtoll(text, &end, 10);
	return *text && !*end && !errno && *seconds_r >= 0;
}
