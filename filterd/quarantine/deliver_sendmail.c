/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message given to the sendmail command of an MTA, with line ends as they are in files. A command
 * that says no leaves the message where it is; one that a signal ends may have queued it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filterd/quarantine/deliver.h"
#include "filterd/quarantine/mark.h"
#include "filterd/util/memory.h"
#include "filterd/util/write.h"

static _Noreturn void
run(const struct delivery *delivery, const char *path, int input)
{
	const char **words = memory_array(delivery->recipient_count + 6, sizeof(*words));
	size_t count = 0, i;

	words[count++] = path;
	words[count++] = "-i";
	words[count++] = "-f";
	words[count++] = delivery->sender.text[0] ? delivery->sender.text : "<>";
	words[count++] = "--";
	for (i = 0; i < delivery->recipient_count; i++)
		words[count++] = delivery->recipients[i].text;
	signal(SIGPIPE, SIG_DFL);
	dup2(input, STDIN_FILENO);
	/* Whoever was root and works for the owner of a store is root to its MTA. */
	if (getuid() == 0 && (seteuid(0) != 0 || setegid(0) != 0))
		_exit(127);
	execv(path, (char *const *)words);
	_exit(127);
}

/* Without the CR of each CRLF. *cr: one is kept back until it is known what follows. */
static size_t
strip(const char *from, size_t size, char *to, bool *cr)
{
	size_t i, length = 0;

	for (i = 0; i < size; i++) {
		if (*cr && from[i] != '\n')
			to[length++] = '\r';
		*cr = from[i] == '\r';
		if (!*cr)
			to[length++] = from[i];
	}
	return length;
}

static bool
write_content(const struct delivery *delivery, int fd)
{
	char piece[32 * 1024], out[sizeof(piece) + 1], mark[MARK_BYTES + 32];
	bool cr = false;
	off_t at = 0;
	ssize_t got;

	snprintf(mark, sizeof(mark), "%s: %s\n", MARK_FIELD, delivery->mark);
	if (!write_whole(fd, mark, strlen(mark)))
		return false;
	while ((got = pread(delivery->message, piece, sizeof(piece), at)) > 0) {
		if (!write_whole(fd, out, strip(piece, (size_t)got, out, &cr)))
			return false;
		at += got;
	}
	return got == 0;
}

static enum delivered
judge(int status, bool written, const char *path, struct buffer *problem)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && written)
		return DELIVERED;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		buffer_printf(problem, "%s cannot be run", path);
	else if (WIFEXITED(status))
		buffer_printf(problem, "%s ended with status %d%s", path, WEXITSTATUS(status),
		    written ? "" : "; it did not take all of the message");
	else
		buffer_printf(problem, "%s was ended by signal %d", path, WTERMSIG(status));
	return WIFEXITED(status) && WEXITSTATUS(status) != 0 ? NOT_DELIVERED : MAYBE_DELIVERED;
}

enum delivered
deliver_sendmail(const struct delivery *delivery, const char *path, struct buffer *problem)
{
	int ends[2], status;
	bool written;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0 || (child = fork()) < 0) {
		buffer_printf(problem, "%s cannot be run: %s", path, strerror(errno));
		return NOT_DELIVERED;
	}
	if (child == 0)
		run(delivery, path, ends[0]);
	close(ends[0]);
	written = write_content(delivery, ends[1]);
	if (!written)
		kill(child, SIGKILL);
	close(ends[1]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return judge(status, written, path, problem);
}
