/* SPDX-License-Identifier: BSD-2-Clause */
/* The limits of a folder of recordings: number, size and age. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "filterd/mta/recorder_parts.h"
#include "filterd/util/memory.h"

#define LOOK_ANYWAY	10	/* seconds between two looks for what has grown too old */
#define PART_AGE	(4 * 3600)	/* seconds; no session is silent for so long */

struct kept {
	char *name;
	int64_t changed;
	uint64_t size;
};

struct folder {
	int fd;
	struct kept *items;
	size_t count, room;
	uint64_t size;		/* of all */
	int64_t now;
};

static bool
ends_with(const char *name, const char *end)
{
	size_t length = strlen(name), tail = strlen(end);

	return length > tail && strcmp(name + length - tail, end) == 0;
}

static void
add(struct folder *folder, const char *name, const struct stat *status)
{
	if (folder->count == folder->room) {
		folder->room = folder->room ? 2 * folder->room : 64;
		folder->items = memory_resize(folder->items, folder->room *
		    sizeof(*folder->items));
	}
	folder->items[folder->count++] = (struct kept){
		memory_strdup(name), status->st_mtim.tv_sec, (uint64_t)status->st_size
	};
	folder->size += (uint64_t)status->st_size;
}

static void
look_at(struct folder *folder, const char *name)
{
	bool part = name[0] == '.' && ends_with(name, RECORDER_PART);
	struct stat status;

	if ((!part && (name[0] == '.' || !ends_with(name, RECORDER_WHOLE))) ||
	    fstatat(folder->fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(status.st_mode))
		return;
	if (!part)
		add(folder, name, &status);
	else if (folder->now - status.st_mtim.tv_sec > PART_AGE)
		unlinkat(folder->fd, name, 0);
}

/* Names begin with the time. */
static int
older_first(const void *a, const void *b)
{
	return strcmp(((const struct kept *)a)->name, ((const struct kept *)b)->name);
}

static void
remove_surplus(struct folder *folder, const struct record_settings *settings)
{
	size_t left = folder->count;

	for (size_t i = 0; i < folder->count; i++) {
		const struct kept *kept = &folder->items[i];
		bool old = (folder->now - kept->changed) * 1000 > settings->duration.milliseconds;

		if (!old && left <= (size_t)settings->sessions &&
		    folder->size <= settings->size.bytes)
			continue;
		unlinkat(folder->fd, kept->name, 0);
		folder->size -= kept->size;
		left--;
	}
}

static void
sweep_locked(int fd, const struct record_settings *settings, int64_t now)
{
	struct folder folder = { .fd = fd, .now = now };
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *entry;

	if (!entries) {
		if (again >= 0)
			close(again);
		return;
	}
	while ((entry = readdir(entries)))
		look_at(&folder, entry->d_name);
	closedir(entries);
	if (folder.count)
		qsort(folder.items, folder.count, sizeof(*folder.items), older_first);
	remove_surplus(&folder, settings);
	for (size_t i = 0; i < folder.count; i++)
		free(folder.items[i].name);
	free(folder.items);
}

void
recorder_sweep(int folder, const struct record_settings *settings, struct recorder_sweep *sweep)
{
	int64_t now = (int64_t)time(NULL);
	struct stat status;

	if (fstat(folder, &status) != 0)
		return;
	if (sweep->at && now >= sweep->at && now - sweep->at < LOOK_ANYWAY &&
	    status.st_mtim.tv_sec == sweep->changed.tv_sec &&
	    status.st_mtim.tv_nsec == sweep->changed.tv_nsec)
		return;
	if (flock(folder, LOCK_EX | LOCK_NB) != 0)
		return;
	sweep_locked(folder, settings, now);
	if (fstat(folder, &status) == 0)
		sweep->changed = status.st_mtim;
	sweep->at = now;
	flock(folder, LOCK_UN);
}
