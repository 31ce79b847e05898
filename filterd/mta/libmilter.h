/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The front end on libmilter: takes sessions from a listening socket and feeds them to a chain. One
 * a process, as libmilter is.
 */
#ifndef FILTERD_MTA_LIBMILTER_H
#define FILTERD_MTA_LIBMILTER_H

#include <stdbool.h>

#include "filterd/chain/generation.h"

/* Makes libmilter listen on this socket, which must not block; the descriptor stays the caller's,
 * and is not needed any more. To be called first, while the process has one thread. False:
 * *error_r says what failed (static text), errno why. */
bool libmilter_adopt(int listening, const char **error_r);

/* Serves the chain from threads of libmilter's, from now on, to as many sessions as the settings of
 * the listener allow (NULL: any number). Chain and settings must outlive the last session. Blocks
 * SIGHUP, SIGINT and SIGTERM in those threads, and one of them takes any that the process gets: so
 * the caller's thread must have them unblocked and ignored. SIGUSR2 is its own. False: *error_r
 * says what failed. */
bool libmilter_start(
    const struct chain *chain, const struct listener_settings *limits, const char **error_r);

/* Takes no more connections: every one that comes when this has returned waits at the socket for
 * another process that listens there. Sessions go on. */
void libmilter_drain(void);

/* The same; and commands of open sessions are answered 421 from now on. A message whose content is
 * on its way is judged to its end. */
void libmilter_stop(void);

/* Sessions open now. */
unsigned libmilter_sessions(void);

/* Connections that were taken and are open, those too on which nothing was said yet or of which
 * the session is over; -1: there is no telling. */
int libmilter_connections(void);

/* Reads no more from any MTA: each session ends when what it is working on is answered. */
void libmilter_hang_up(void);

#endif
