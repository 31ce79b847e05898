/* SPDX-License-Identifier: BSD-2-Clause */
/* Forking a child for work that may crash, and saying what has become of it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "filterd/supervise/apart.h"
#include "filterd/supervise/crash.h"
#include "filterd/util/buffer.h"
#include "filterd/util/process.h"

static void
report_crash(const struct apart *apart, const struct crash_memory *memory, int status)
{
	struct crash_note note;
	struct buffer how = { 0 }, backtrace = { 0 };
	char doing[256] = "the host's own code";

	if (crash_suspect(memory, 0, &note))
		crash_note_describe(&note, doing, sizeof(doing));
	crash_describe_status(&how, status);
	fprintf(stderr, "%s %s while it ran %s\n", apart->name, buffer_text(&how), doing);
	if (apart->backtrace)
		crash_backtrace(memory, &backtrace);
	if (backtrace.length)
		fprintf(stderr, "    %s\n", buffer_text(&backtrace));
	buffer_free(&how);
	buffer_free(&backtrace);
}

/* What the child came to. */
static int
judge(const struct apart *apart, const struct crash_memory *memory, int status)
{
	struct crash_note note;

	if (WIFEXITED(status) && !crash_suspect(memory, 0, &note))
		return WEXITSTATUS(status);
	report_crash(apart, memory, status);
	return apart->crashed;
}

static _Noreturn void
work_apart(const struct apart *apart, struct crash_memory *memory, pid_t parent)
{
	process_follow(parent);
	crash_memory_keep(memory);
	exit(apart->work(apart->argument));
}

static bool
await_end(pid_t child, int *status_r)
{
	pid_t ended;

	do
		ended = waitpid(child, status_r, 0);
	while (ended < 0 && errno == EINTR);
	return ended == child;
}

int
apart_run(const struct apart *apart)
{
	struct crash_memory *memory = crash_memory_create();
	pid_t parent = getpid(), child;
	int status = EX_OSERR;

	fflush(NULL);
	child = fork();
	if (child == 0)
		work_apart(apart, memory, parent);
	if (child > 0 && await_end(child, &status))
		status = judge(apart, memory, status);
	else
		fprintf(stderr, "filterd: cannot fork: %s\n", strerror(errno));
	crash_memory_destroy(&memory);
	return status;
}
