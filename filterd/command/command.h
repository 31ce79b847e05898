/* SPDX-License-Identifier: BSD-2-Clause */
/* The subcommands of filterd: each has a file of its own; main.c has the table and calls them. */
#ifndef FILTERD_COMMAND_COMMAND_H
#define FILTERD_COMMAND_COMMAND_H

struct command {
	const char *name;
	const char *summary;		/* one line, for `filterd help` */
	/* argv[0] is the name; returns an exit status of sysexits(3) */
	int (*run)(int argc, char **argv);
};

int command_check(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_new_plugin(int argc, char **argv);
int command_plugins(int argc, char **argv);
int command_quarantine(int argc, char **argv);
int command_reload(int argc, char **argv);
int command_replay(int argc, char **argv);
int command_run(int argc, char **argv);
int command_status(int argc, char **argv);
int command_stop(int argc, char **argv);
int command_test(int argc, char **argv);

#endif
