/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A worker: the child of the master that loads one generation of the configuration with its plugins
 * and serves one listener. It has one channel to the master, a socket pair: what it says is its
 * errors, or WORKER_READY alone; when the channel closes, it stops.
 */
#ifndef FILTERD_SUPERVISE_WORKER_H
#define FILTERD_SUPERVISE_WORKER_H

#include "filterd/supervise/crash.h"
#include "filterd/supervise/privileges.h"

#define WORKER_READY '\006'

struct worker_duty {
	const char *config;		/* path */
	const char *listener;
	unsigned generation;
	int listening;
	int channel;
	pid_t master;
	const struct identity *identity;
	struct crash_note *notes;
};

/* Called in the child. Leaves with a status of sysexits(3): EX_CONFIG when the configuration cannot
 * be loaded. */
_Noreturn void worker_run(const struct worker_duty *duty);

#endif
