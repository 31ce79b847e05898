/* SPDX-License-Identifier: BSD-2-Clause */
/* Start, watch and stop the program under test. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/driver/process.h"

#define TICK	5	/* milliseconds between two looks */

static _Noreturn void
become(char *const *arguments, const char *log)
{
	int null = open("/dev/null", O_RDONLY);
	int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (null >= 0 && out >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
	    dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0) {
		close(null);
		close(out);
		execvp(arguments[0], arguments);
		dprintf(STDERR_FILENO, "mta-driver: %s: %m\n", arguments[0]);
	}
	_exit(127);
}

bool
process_start(struct process *process_r, char *const *arguments, const char *log)
{
	*process_r = (struct process){ .log = log };
	process_r->pid = fork();
	if (process_r->pid == 0)
		become(arguments, log);
	if (process_r->pid < 0)
		process_r->pid = 0;
	return process_r->pid > 0;
}

bool
process_ended(struct process *process, int timeout)
{
	const struct timespec tick = { .tv_nsec = TICK * 1000000L };

	while (process->pid) {
		if (waitpid(process->pid, &process->status, WNOHANG) == process->pid) {
			process->pid = 0;
			break;
		}
		if (timeout <= 0)
			return false;
		nanosleep(&tick, NULL);
		timeout -= TICK;
	}
	return true;
}

void
process_signal(const struct process *process, int number)
{
	if (process->pid)
		kill(process->pid, number);
}

bool
process_finish(struct process *process, int timeout)
{
	pid_t pid = process->pid;

	if (process_ended(process, timeout))
		return true;
	kill(-pid, SIGKILL);
	waitpid(pid, &process->status, 0);
	process->pid = 0;
	return false;
}

void
process_read_log(const struct process *process, struct buffer *out)
{
	char bytes[65536];
	ssize_t got;
	int fd = open(process->log, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	while ((got = read(fd, bytes, sizeof(bytes))) > 0)
		buffer_add(out, bytes, (size_t)got);
	close(fd);
}

void
process_describe(const struct process *process, struct buffer *out)
{
	if (WIFSIGNALED(process->status))
		buffer_printf(out, "signal %d (%s)", WTERMSIG(process->status),
		    strsignal(WTERMSIG(process->status)));
	else
		buffer_printf(out, "exit status %d", WEXITSTATUS(process->status));
}
