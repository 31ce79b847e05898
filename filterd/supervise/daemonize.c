/* SPDX-License-Identifier: BSD-2-Clause */
/* Going to the background. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "filterd/supervise/daemonize.h"

/* What the daemon reports; it may also die without a word. */
static int
await_report(int fd)
{
	unsigned char status = EX_SOFTWARE;
	ssize_t got;

	do
		got = read(fd, &status, 1);
	while (got < 0 && errno == EINTR);
	return status;
}

/* The first child leads the new session; its child never can, so that no terminal that it opens
 * becomes its own. */
static void
leave_terminal(void)
{
	if (setsid() < 0 || chdir("/") < 0)
		_exit(EX_OSERR);
	switch (fork()) {
	case -1:
		_exit(EX_OSERR);
	case 0:
		return;
	default:
		_exit(EX_OK);
	}
}

int
daemonize_begin(int *status_r)
{
	int ends[2];
	pid_t child;

	*status_r = EX_OSERR;
	if (pipe2(ends, O_CLOEXEC) < 0 || (child = fork()) < 0) {
		fprintf(stderr, "filterd: cannot go to the background: %s\n", strerror(errno));
		return -1;
	}
	if (child == 0) {
		close(ends[0]);
		leave_terminal();
		return ends[1];
	}
	close(ends[1]);
	waitpid(child, NULL, 0);
	*status_r = await_report(ends[0]);
	close(ends[0]);
	return -1;
}

void
daemonize_report(int fd, int status)
{
	unsigned char byte = (unsigned char)status;
	ssize_t told;

	if (status == EX_OK)
		daemonize_hush();
	told = write(fd, &byte, 1);
	(void)told;	/* the caller may have been killed */
	close(fd);
}

void
daemonize_hush(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	close(null);
}
