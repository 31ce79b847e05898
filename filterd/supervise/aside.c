/* SPDX-License-Identifier: BSD-2-Clause */
/* Children beside the loop: nothing is waited for. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "filterd/supervise/aside.h"
#include "filterd/util/memory.h"

#define MOST_SAID (1024 * 1024)	/* bytes that are kept of what it prints */

struct aside {
	pid_t pid;		/* and of its process group; 0: it is buried */
	int status;		/* of sysexits(3) */
	int output;		/* -1: all was heard */
	struct buffer text;
};

struct aside *
aside_begin(void (*work)(void *argument, int output), void *argument)
{
	struct aside *aside;
	pid_t child;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return NULL;
	fflush(NULL);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		setpgid(0, 0);
		work(argument, ends[1]);
		_exit(EX_SOFTWARE);
	}
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return NULL;
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	aside = memory_alloc(sizeof(*aside));
	aside->pid = child;
	aside->output = ends[0];
	return aside;
}

void
aside_watch(const struct aside *aside, struct watch *watch)
{
	watch_add(watch, aside->output, POLLIN);
}

void
aside_hear(struct aside *aside)
{
	char bytes[4096];
	size_t heard = 0;
	ssize_t got = -1;

	while (aside->output >= 0 && heard < MOST_SAID &&
	    (got = read(aside->output, bytes, sizeof(bytes))) > 0) {
		heard += (size_t)got;
		if (aside->text.length < MOST_SAID)
			buffer_add(&aside->text, bytes, (size_t)got);
	}
	if (aside->output < 0 || got != 0)
		return;
	close(aside->output);
	aside->output = -1;
}

bool
aside_bury(struct aside *aside, pid_t pid, int status)
{
	if (pid != aside->pid)
		return false;
	aside->pid = 0;
	aside->status = WIFEXITED(status) ? WEXITSTATUS(status) : EX_OSERR;
	return true;
}

bool
aside_is_over(const struct aside *aside)
{
	return aside->output < 0 && !aside->pid;
}

int
aside_status(const struct aside *aside)
{
	return aside->status;
}

const struct buffer *
aside_text(const struct aside *aside)
{
	return &aside->text;
}

void
aside_kill(const struct aside *aside)
{
	if (!aside->pid)
		return;
	kill(aside->pid, SIGKILL);
	kill(-aside->pid, SIGKILL);
}

void
aside_destroy(struct aside **aside)
{
	struct aside *doomed = *aside;

	if (doomed->output >= 0)
		close(doomed->output);
	buffer_free(&doomed->text);
	free(doomed);
	*aside = NULL;
}
