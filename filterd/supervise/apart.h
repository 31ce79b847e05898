/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Work that runs plugin code, done in a child by a command, so that a plugin that crashes can be
 * named. The child dies with its parent, unless it becomes another user meanwhile.
 */
#ifndef FILTERD_SUPERVISE_APART_H
#define FILTERD_SUPERVISE_APART_H

#include <stdbool.h>

struct apart {
	int (*work)(void *argument);	/* returns a status of sysexits(3) */
	void *argument;
	const char *name;		/* begins the line about a crash */
	int crashed;			/* status of a crash */
	bool backtrace;			/* whether it is shown */
};

/* Does the work in a child that shares standard input and output, and returns its status. When the
 * child dies of it, or a plugin calls exit(3), that is `crashed`, and a line on standard error
 * names the filter. EX_OSERR: it cannot be forked, which has been said. */
int apart_run(const struct apart *apart);

#endif
