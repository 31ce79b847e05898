/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The watchdog of a process that serves sessions: a thread that looks at the calls of plugin code
 * that run. A call that does not come back within its filter's hard-timeout cannot be ended, but
 * the MTA need not wait for it: the watchdog ends the connection with the MTA, which then does what
 * it does for a lost milter, logs and counts it, and says so to whoever started it.
 *
 * While a filter works at end of message, the watchdog also tells the MTA that it does, once in a
 * progress-interval.
 *
 * Threads past the table of crash notes are not seen.
 */
#ifndef FILTERD_CHAIN_WATCHDOG_H
#define FILTERD_CHAIN_WATCHDOG_H

#include "filterd/chain/generation.h"

/* Looks at sessions of this chain from now on, until the process ends. The name of each filter that
 * has hung is written to report_fd, a descriptor that should not block, with a line feed behind it.
 * False: errno says why there is no such thread. */
bool watchdog_start(const struct chain *chain, int report_fd);

/* Calls that were cut off and have not come back: their threads, and all that they may still use,
 * must be left as they are. */
unsigned watchdog_stuck(void);

#endif
