/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Going to the background: the process that was called waits until the daemon is ready or has
 * failed, and exits with its status.
 */
#ifndef FILTERD_SUPERVISE_DAEMONIZE_H
#define FILTERD_SUPERVISE_DAEMONIZE_H

/* Returns in the daemon, a child in a session of its own without a terminal, with the descriptor to
 * report through; it still has standard error. Returns -1 in the caller: *status_r is what to exit
 * with. */
int daemonize_begin(int *status_r);

/* Reports a status of sysexits(3). On success the standard descriptors are given up. Closes fd. */
void daemonize_report(int fd, int status);

/* Gives up the standard descriptors, so that whoever reads from the caller sees its end. */
void daemonize_hush(void);

#endif
