/* SPDX-License-Identifier: BSD-2-Clause */
/* The pid file, by fcntl(2) locks: they are not inherited by children and name their holder. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "filterd/supervise/pid_file.h"

#define TRIES 10	/* to lock a file that others are just removing */

static bool
take_lock(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_SETLK, &lock) == 0;
}

pid_t
pid_file_owner(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
		return 0;
	return lock.l_pid;
}

int
pid_file_open(const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0 || (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

/* Whether the path still leads to the file: another master may have removed it when it left. */
static bool
is_current(const char *path, int fd)
{
	struct stat ours, theirs;

	return fstat(fd, &ours) == 0 && stat(path, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
	    ours.st_ino == theirs.st_ino;
}

/* A mistake in the path must not cost a file of somebody else. */
static bool
is_pid_file(int fd)
{
	char text[32];
	ssize_t size = pread(fd, text, sizeof(text), 0), i;

	for (i = 0; i < size && text[i] >= '0' && text[i] <= '9'; i++)
		;
	return i == size || (i > 0 && i == size - 1 && text[i] == '\n');
}

/* -2: try again. */
static int
try_to_take(const char *path, struct buffer *problem)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0) {
		buffer_printf(problem, "pid file %s: %s\n", path, strerror(errno));
		return -1;
	}
	if (!take_lock(fd)) {
		buffer_printf(problem, "pid file %s: filterd is already running, its process id is"
		    " %ld\n", path, (long)pid_file_owner(fd));
		close(fd);
		return -1;
	}
	if (!is_pid_file(fd)) {
		buffer_printf(problem, "pid file %s: the file is there and holds no process id\n",
		    path);
		close(fd);
		return -1;
	}
	if (is_current(path, fd))
		return fd;
	close(fd);
	return -2;
}

int
pid_file_take(const char *path, struct buffer *problem)
{
	int fd = -2, tries;

	for (tries = 0; fd == -2 && tries < TRIES; tries++)
		fd = try_to_take(path, problem);
	if (fd < 0)
		return -1;
	if (ftruncate(fd, 0) == 0 && dprintf(fd, "%ld\n", (long)getpid()) > 0)
		return fd;
	buffer_printf(problem, "pid file %s: %s\n", path, strerror(errno));
	pid_file_drop(path, fd);
	return -1;
}

void
pid_file_drop(const char *path, int fd)
{
	unlink(path);
	close(fd);
}
