/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes and renames files of lines. What fails costs a line of them, never a message. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "plugins/dmarc/report_file.h"

#define SILENCE		60	/* seconds between complaints */
#define PATH_ROOM	16	/* bytes behind a path: ".lock", ".1000" */
#define FILE_MODE	0640

struct report_file {
	char *path;
	struct report_file_limits limits;
	pthread_mutex_t lock;		/* guards what follows */
	int fd;				/* -1: not open */
	time_t complained;		/* 0: never */
};

const char *
report_file_wrong(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];

	if (path[0] != '/')
		return "expected an absolute path";
	if (!slash[1] || strlen(path) + PATH_ROOM >= sizeof(folder))
		return slash[1] ? "the path is too long" : "expected the path of a file";
	memcpy(folder, path, (size_t)(slash - path) + 1);
	folder[slash - path + 1] = '\0';
	return access(folder, F_OK) == 0 || errno == EACCES ? NULL : "its folder does not exist";
}

struct report_file *
report_file_create(const char *path, const struct report_file_limits *limits)
{
	struct report_file *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	file->path = strdup(path);
	if (!file->path) {
		free(file);
		return NULL;
	}
	file->limits = *limits;
	file->fd = -1;
	pthread_mutex_init(&file->lock, NULL);
	return file;
}

static void
close_file(struct report_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

void
report_file_destroy(struct report_file **file)
{
	if (!*file)
		return;
	close_file(*file);
	pthread_mutex_destroy(&(*file)->lock);
	free((*file)->path);
	free(*file);
	*file = NULL;
}

const char *
report_file_path(const struct report_file *file)
{
	return file->path;
}

/* Has the file open that the path names now: another process may have renamed the one we had.
 * False: errno. */
static bool
open_current(struct report_file *file, struct stat *status_r)
{
	struct stat named;

	if (file->fd >= 0 && (stat(file->path, &named) != 0 || fstat(file->fd, status_r) != 0 ||
	    named.st_ino != status_r->st_ino || named.st_dev != status_r->st_dev))
		close_file(file);
	if (file->fd >= 0)
		return true;
	file->fd = open(file->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY,
	    FILE_MODE);
	return file->fd >= 0 && fstat(file->fd, status_r) == 0;
}

static bool
is_due(const struct report_file *file, const struct stat *status, size_t length, int lock)
{
	struct stat last;

	if (status->st_size == 0)
		return false;
	if ((uint64_t)status->st_size + length > file->limits.size)
		return true;
	return fstat(lock, &last) == 0 && time(NULL) - last.st_mtime >= file->limits.age;
}

static void
rename_all(const struct report_file *file, int lock)
{
	size_t room = strlen(file->path) + PATH_ROOM;
	char from[PATH_MAX], to[PATH_MAX];
	unsigned i;

	if (room > sizeof(from))
		return;
	for (i = file->limits.keep; i > 1; i--) {
		snprintf(from, sizeof(from), "%s.%u", file->path, i - 1);
		snprintf(to, sizeof(to), "%s.%u", file->path, i);
		rename(from, to);
	}
	snprintf(to, sizeof(to), "%s.1", file->path);
	if (rename(file->path, to) == 0)
		futimens(lock, NULL);
}

/* Renames the file if it is time, unless another process is at it. */
static void
rotate(struct report_file *file, struct stat *status, size_t length)
{
	char path[PATH_MAX];
	int lock;

	if (snprintf(path, sizeof(path), "%s.lock", file->path) >= (int)sizeof(path))
		return;
	lock = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, FILE_MODE);
	if (lock < 0)
		return;
	if (is_due(file, status, length, lock) && flock(lock, LOCK_EX | LOCK_NB) == 0) {
		/* As it is now: another process may have been faster. */
		if (open_current(file, status) && is_due(file, status, length, lock))
			rename_all(file, lock);
		flock(lock, LOCK_UN);
	}
	close(lock);
}

/* Why a line could not be written: errno, 0 when all is well. */
static int
append(struct report_file *file, const char *line, size_t length)
{
	struct stat status;
	ssize_t written;

	if (!open_current(file, &status))
		return errno;
	rotate(file, &status, length);
	if (!open_current(file, &status))
		return errno;
	do
		written = write(file->fd, line, length);
	while (written < 0 && errno == EINTR);
	if (written < 0)
		return errno;
	return (size_t)written == length ? 0 : ENOSPC;
}

const char *
report_file_write(struct report_file *file, const char *line, size_t length)
{
	const char *complaint = NULL;
	time_t now = time(NULL);
	int error;

	pthread_mutex_lock(&file->lock);
	error = append(file, line, length);
	if (error && (!file->complained || now - file->complained >= SILENCE)) {
		file->complained = now;
		complaint = strerrordesc_np(error);
	}
	pthread_mutex_unlock(&file->lock);
	return complaint;
}
