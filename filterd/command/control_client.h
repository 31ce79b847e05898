/* SPDX-License-Identifier: BSD-2-Clause */
/* The running daemon, as commands reach it by its control socket. */
#ifndef FILTERD_COMMAND_CONTROL_CLIENT_H
#define FILTERD_COMMAND_CONTROL_CLIENT_H

#include <sys/types.h>

#include "filterd/util/buffer.h"

/* The connection to a control socket, and the process id of the daemon that listens there. Below 0:
 * a line was added to problem, and it is the status of sysexits(3), negated. */
int control_connect(const char *path, pid_t *daemon_r, struct buffer *problem);

/* Sends a request and waits for the end of the answer. Returns its status, of sysexits(3), or
 * EX_PROTOCOL when there was none; text_r is added to. Closes the connection. */
int control_ask(int connection, const char *request, struct buffer *text_r);

#endif
