/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program under test: started in the foreground in a process group of its own, its output kept
 * in a file, stopped by its process id. Owns the child; what goes wrong is told to the caller.
 */
#ifndef TESTS_DRIVER_PROCESS_H
#define TESTS_DRIVER_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "filterd/util/buffer.h"

struct process {
	pid_t pid;		/* 0: not started, or ended and waited for */
	int status;		/* as waitpid(2) gives it, once ended */
	const char *log;	/* path of the file with its output; borrowed */
};

/* Starts arguments[0], looked for in PATH, with its output appended to the file log. False: it
 * could not be forked. A program that cannot be executed ends with status 127. */
bool process_start(struct process *process_r, char *const *arguments, const char *log);

/* Whether it has ended, waiting for that at most so many milliseconds. */
bool process_ended(struct process *process, int timeout);

/* Sends a signal, if it still runs. */
void process_signal(const struct process *process, int number);

/* Waits for its end, and when that does not come in time, sends SIGKILL to its group. False: it had
 * to be killed. */
bool process_finish(struct process *process, int timeout);

/* Appends all output so far. */
void process_read_log(const struct process *process, struct buffer *out);

/* Appends "exit status N" or "signal N (NAME)". */
void process_describe(const struct process *process, struct buffer *out);

#endif
