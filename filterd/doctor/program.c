/* SPDX-License-Identifier: BSD-2-Clause */
/* Running another program. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filterd/doctor/program.h"
#include "filterd/util/clock.h"

#define SECONDS		20
#define OUTPUT_MOST	(8u << 20)
#define SAID_MOST	2000	/* bytes of standard error */
#define NOT_THERE	127	/* exit status of a child that found no program */

/* Where programs of administrators are, beside PATH. */
static const char *const folders[] = { "/usr/sbin", "/usr/local/sbin" };

/* NULL: there is none. */
static char *
find(const char *name, struct buffer *path)
{
	const char *search = getenv("PATH");
	size_t i = 0;

	while (i < sizeof(folders) / sizeof(folders[0])) {
		size_t length = search ? strcspn(search, ":") : 0;

		path->length = 0;
		if (length)
			buffer_printf(path, "%.*s/%s", (int)length, search, name);
		else if (!search)
			buffer_printf(path, "%s/%s", folders[i++], name);
		if (search)
			search = search[length] ? search + length + 1 : NULL;
		if (path->length && access(path->data, X_OK) == 0)
			return path->data;
	}
	return NULL;
}

bool
program_exists(const char *name)
{
	struct buffer path = { 0 };
	bool found = find(name, &path) != NULL;

	buffer_free(&path);
	return found;
}

static _Noreturn void
become(const char *path, const char *const *arguments, int output, int error)
{
	int null = open("/dev/null", O_RDONLY);

	dup2(null, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(error, STDERR_FILENO);
	execv(path, (char *const *)arguments);
	_exit(NOT_THERE);
}

static int64_t
milliseconds_now(void)
{
	return clock_monotonic() / 1000;
}

/* Takes what is there. False: that was the end. */
static bool
take(int from, struct buffer *to, size_t most)
{
	char bytes[16384];
	ssize_t got = read(from, bytes, sizeof(bytes));

	if (got > 0 && to->length < most)
		buffer_add(to, bytes, (size_t)got);
	return got > 0 || (got < 0 && errno == EINTR);
}

/* Reads both ends to their end. False: not in time. */
static bool
listen_to(int ends[2], struct buffer *output, struct buffer *said)
{
	struct pollfd polls[2] = { { .fd = ends[0], .events = POLLIN },
		{ .fd = ends[1], .events = POLLIN } };
	const int64_t end = milliseconds_now() + SECONDS * 1000;
	int64_t left;

	while ((left = end - milliseconds_now()) > 0 && (polls[0].fd >= 0 || polls[1].fd >= 0)) {
		if (poll(polls, 2, (int)left) <= 0)
			continue;
		if (polls[0].revents && !take(ends[0], output, OUTPUT_MOST))
			polls[0].fd = -1;
		if (polls[1].revents && !take(ends[1], said, SAID_MOST))
			polls[1].fd = -1;
	}
	return polls[0].fd < 0 && polls[1].fd < 0;
}

/* Judges how it ended. */
static bool
settle(const char *name, pid_t child, bool in_time, const struct buffer *said,
    struct buffer *problem)
{
	struct str why = str_trim((struct str){ buffer_text(said), said->length });
	int status = -1;

	if (!in_time)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (in_time && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (!in_time)
		buffer_printf(problem, "%s does not end\n", name);
	else
		buffer_printf(problem, "%s %s: %.*s\n", name,
		    WIFEXITED(status) && WEXITSTATUS(status) == NOT_THERE ? "cannot be run" :
		    "failed",
		    (int)why.length, why.data);
	return false;
}

static bool
run(const char *path, const char *const *arguments, struct buffer *output, struct buffer *problem)
{
	struct buffer said = { 0 };
	int out[2], error[2];
	pid_t child;
	bool good;

	if (pipe2(out, O_CLOEXEC) < 0)
		return false;
	if (pipe2(error, O_CLOEXEC) < 0) {
		close(out[0]);
		close(out[1]);
		return false;
	}
	child = fork();
	if (child == 0)
		become(path, arguments, out[1], error[1]);
	close(out[1]);
	close(error[1]);
	good = child > 0 && settle(arguments[0], child,
	    listen_to((int[2]){ out[0], error[0] }, output, &said), &said, problem);
	close(out[0]);
	close(error[0]);
	buffer_free(&said);
	return good;
}

bool
program_run(const char *const *arguments, struct buffer *output_r, struct buffer *problem)
{
	struct buffer path = { 0 };
	size_t before = problem->length;
	bool good = find(arguments[0], &path) && run(path.data, arguments, output_r, problem);

	if (!good && problem->length == before)
		buffer_printf(problem, "%s cannot be run: %s\n", arguments[0], strerror(errno));
	buffer_free(&path);
	return good;
}
