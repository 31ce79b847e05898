/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A worker: the child of the master that loads one generation of the configuration with its
 * plugins and serves one listener. It has one channel to the master, a socket pair. What it says
 * is its errors; or WORKER_READY and, in time, WORKER_WORN and WORKER_LET_GO. What it is told are
 * orders, a byte each; when the channel closes, it stops.
 *
 * When a filter has hung, it says so with WORKER_HUNG, takes no more connections by itself, and
 * leaves when all sessions but those that hang are over.
 */
#ifndef FILTERD_SUPERVISE_WORKER_H
#define FILTERD_SUPERVISE_WORKER_H

#include "filterd/chain/removal.h"
#include "filterd/config/settings.h"
#include "filterd/service/history_link.h"
#include "filterd/service/shadow_link.h"
#include "filterd/service/metrics.h"
#include "filterd/supervise/crash.h"
#include "filterd/supervise/privileges.h"

#define WORKER_READY	'\006'	/* all is loaded */
#define WORKER_LET_GO	'\016'	/* it takes no more connections */
#define WORKER_WORN	'\005'	/* it wants to be replaced */
#define WORKER_HUNG	'\025'	/* a call was cut off: the filter's name and a line feed follow */

#define WORKER_SERVE	's'	/* take connections */
#define WORKER_DRAIN	'd'	/* take none any more, and leave when all are closed */
#define WORKER_STOP	'q'	/* the same, and end the sessions soon */

struct worker_duty {
	const char *config;		/* path */
	const struct listener_settings *listener;
	unsigned generation;
	int listening;
	int channel;
	pid_t master;
	const struct identity *identity;
	struct crash_memory *crash;
	const struct removals *removals;
	struct metrics *metrics;	/* NULL: none */
	int slot;			/* of the metrics, to count in; -1: none */
	const struct history_link *link;
	const struct shadow_link *shadow;	/* NULL: there is no shadow configuration */
	const struct settings *settings;
};

/* Called in the child. Leaves with a status of sysexits(3): EX_CONFIG when the configuration cannot
 * be loaded. */
_Noreturn void worker_run(const struct worker_duty *duty);

#endif
