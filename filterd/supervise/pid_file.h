/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pid file: its lock says that a master runs, and whose it is; what is written in it is for
 * people. The lock ends with the process, so a file left behind means nothing.
 */
#ifndef FILTERD_SUPERVISE_PID_FILE_H
#define FILTERD_SUPERVISE_PID_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "filterd/util/buffer.h"

/* Creates the file, locks it and writes the pid of this process. -1: a line was added to problem;
 * a master that runs already is named in it. The descriptor holds the lock: no other one of this
 * process on that file may be closed. */
int pid_file_take(const char *path, struct buffer *problem);

/* Removes the file, then gives up the lock. */
void pid_file_drop(const char *path, int fd);

/* Opens the file to ask about it; -1: errno. A symbolic link is refused: whoever may write in the
 * folder could have it lead to another daemon's lock. */
int pid_file_open(const char *path);

/* The process that holds the lock; 0: nobody does. */
pid_t pid_file_owner(int fd);

#endif
