/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A shadow process: the child of the master that loads the shadow configuration with its plugins,
 * takes from the link what workers have sent, one message after the other, and judges it. It
 * answers nobody: what it finds goes into the log and the counts. Its channel to the master closes
 * when it is to leave, and it judges what waits then.
 *
 * A message that takes longer than the time limit ends the process by SIGALRM.
 */
#ifndef FILTERD_SUPERVISE_SHADOW_PROCESS_H
#define FILTERD_SUPERVISE_SHADOW_PROCESS_H

#include <sys/types.h>

#include "filterd/config/settings.h"
#include "filterd/service/shadow_link.h"
#include "filterd/supervise/crash.h"
#include "filterd/supervise/privileges.h"

#define SHADOW_READY '\006'	/* said when all is loaded; what is said before it are mistakes */

struct shadow_duty {
	const char *config;		/* path of the shadow configuration */
	const struct settings *settings;	/* of the configuration that serves */
	unsigned generation;
	int channel;
	pid_t master;
	const struct identity *identity;
	struct crash_memory *crash;
	const struct shadow_link *link;
};

/* Called in the child. Leaves with a status of sysexits(3): EX_CONFIG for a mistake. */
_Noreturn void shadow_process_run(const struct shadow_duty *duty);

#endif
