/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process that was forked settles for itself before it works. */
#ifndef FILTERD_UTIL_PROCESS_H
#define FILTERD_UTIL_PROCESS_H

#include <sys/types.h>

/* From now on the process dies with its parent, which may have died before: then it ends here.
 * Changing the user forgets this, so it comes after that. */
void process_follow(pid_t parent);

/* Leaves SIGHUP, SIGINT, SIGQUIT and SIGTERM, which come to the whole group too, to the parent,
 * and SIGPIPE to whoever writes. No signal stays blocked. */
void process_leave_signals(void);

#endif
