/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of a subcommand, read by a table: where the value of each goes. */
#ifndef FILTERD_COMMAND_OPTIONS_H
#define FILTERD_COMMAND_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* One option: with text it wants a value, which is borrowed from argv; with flag it is a switch. */
struct command_option {
	const char *name;	/* the long one; NULL at the table's end */
	char letter;		/* the short one */
	const char **text;
	bool *flag;
};

/* Reads all of them, and --help. False: that was all, and *status_r, of sysexits(3), is how to end:
 * help was printed, or an option or argument is wrong and standard error says so. */
bool command_options(int argc, char **argv, const struct command_option *table, const char *usage,
    int *status_r);

/* The same for a command that takes arguments, at least one: *arguments_r ends with NULL. */
bool command_arguments(int argc, char **argv, const struct command_option *table,
    const char *usage, char *const **arguments_r, int *status_r);

/* The same where there may be none. */
bool command_any_arguments(int argc, char **argv, const struct command_option *table,
    const char *usage, char *const **arguments_r, int *status_r);

/* Seconds since the epoch, as --now takes them. False: it is no such number. */
bool command_seconds(const char *text, int64_t *seconds_r);

#endif
