/* SPDX-License-Identifier: BSD-2-Clause */
/* The limits of the store: age and size. And what processes that died have left. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "filterd/quarantine/store_parts.h"
#include "filterd/util/memory.h"

#define LEFT_BEHIND	3600	/* seconds after which nobody is writing a file any more */
#define CLEAR_EACH	600	/* seconds between two looks for them */
#define BATCH		1000	/* entries removed at a time */

struct doomed {
	char id[ENTRY_ID + 1];
	uint64_t size;
};

struct pile {
	struct doomed *items;
	size_t count, room;
};

static bool
pile_up(void *argument, const struct store_row *row)
{
	struct pile *pile = argument;
	struct doomed *doomed;

	if (pile->count == pile->room) {
		pile->room = pile->room ? 2 * pile->room : 64;
		pile->items = memory_resize(pile->items, pile->room * sizeof(*pile->items));
	}
	doomed = &pile->items[pile->count++];
	*doomed = (struct doomed){ .size = row->size };
	memcpy(doomed->id, row->id, strnlen(row->id, ENTRY_ID));
	return true;
}

static void
look_up(struct store *store, const struct store_query *query, struct pile *pile)
{
	struct buffer problem = { 0 };

	store_list(store, query, pile_up, pile, &problem);
	buffer_free(&problem);
}

/* An entry that cannot be read goes too, when its time has come. */
static bool
remove_entry(struct store *store, const char *id)
{
	struct arena *arena = arena_create(0, 0);
	struct entry entry;
	enum store_found found;
	bool removed = false;
	int message;

	found = store_take(store, id, arena, &entry, &message);
	if (found == STORE_ABSENT)
		index_drop(store, id);
	else if (found != STORE_BUSY)
		removed = store_remove(store, id);
	if (message >= 0)
		close(message);
	arena_destroy(&arena);
	return removed;
}

static void
remove_old(struct store *store, int64_t before, struct store_swept *swept)
{
	const struct store_query query = { .until = before, .limit = BATCH };
	struct pile pile = { 0 };
	size_t i;

	look_up(store, &query, &pile);
	for (i = 0; i < pile.count; i++)
		swept->old += remove_entry(store, pile.items[i].id);
	free(pile.items);
}

/* The oldest of that state, until all fit. */
static void
remove_surplus(struct store *store, enum entry_state state, uint64_t limit, uint64_t *size,
    struct store_swept *swept)
{
	const struct store_query query = { .state = entry_state_name(state) };
	struct pile pile = { 0 };
	size_t i;

	if (*size <= limit)
		return;
	look_up(store, &query, &pile);
	for (i = pile.count; i > 0 && *size > limit; i--) {
		const struct doomed *doomed = &pile.items[i - 1];

		if (!remove_entry(store, doomed->id))
			continue;
		swept->surplus++;
		*size -= doomed->size < *size ? doomed->size : *size;
	}
	free(pile.items);
}

/* ---- what was left behind ---- */

static bool
is_orphan(const struct store *store, const char *name)
{
	char json[STORE_NAME], id[ENTRY_ID + 1] = "";

	if (strlen(name) != ENTRY_ID + strlen(".eml"))
		return false;
	memcpy(id, name, ENTRY_ID);
	store_name(json, id, ".json");
	return faccessat(store->messages, json, F_OK, 0) != 0;
}

/* Removes files below a folder that have not changed since; of messages only those without an
 * entry. */
static void
clear_folder(const struct store *store, int folder, int64_t before)
{
	int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *entry;
	struct stat status;

	if (!entries) {
		if (again >= 0)
			close(again);
		return;
	}
	while ((entry = readdir(entries)))
		if (fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(status.st_mode) && status.st_mtim.tv_sec < before &&
		    (folder != store->messages || is_orphan(store, entry->d_name)))
			unlinkat(folder, entry->d_name, 0);
	closedir(entries);
}

static int64_t
count_entries(const struct store *store)
{
	int again = openat(store->messages, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *entry;
	int64_t count = 0;

	if (!entries) {
		if (again >= 0)
			close(again);
		return -1;
	}
	while ((entry = readdir(entries))) {
		size_t length = strlen(entry->d_name);

		count += length == ENTRY_ID + strlen(".json") &&
		    strcmp(entry->d_name + ENTRY_ID, ".json") == 0;
	}
	closedir(entries);
	return count;
}

/* Who died between the last file and the index has left what the index does not know. */
static void
compare_index(struct store *store)
{
	static const struct store_query all;
	int64_t known = store_count(store, &all), there = count_entries(store);

	if (known >= 0 && there >= 0 && known != there)
		index_distrust(store);
}

/* Once in a while; the lock's file tells when it was done. A mark's nonce is needed no longer than
 * the mark is good. */
static void
clear_up(struct store *store, int lock, int64_t now)
{
	struct stat status;

	if (fstat(lock, &status) != 0 || now - status.st_mtim.tv_sec < CLEAR_EACH)
		return;
	futimens(lock, NULL);
	compare_index(store);
	clear_folder(store, store->fresh, now - LEFT_BEHIND);
	clear_folder(store, store->messages, now - LEFT_BEHIND);
	clear_folder(store, store->spent, now - 2 * MARK_SECONDS);
}

void
store_sweep(struct store *store, const struct store_limits *limits, int64_t now,
    struct store_swept *swept_r)
{
	int fd = openat(store->folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	uint64_t size;

	*swept_r = (struct store_swept){ 0 };
	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		remove_old(store, now - limits->age, swept_r);
		if (index_size(store, &size)) {
			remove_surplus(store, ENTRY_RELEASED, limits->size, &size, swept_r);
			remove_surplus(store, ENTRY_HELD, limits->size, &size, swept_r);
		}
		clear_up(store, fd, now);
		swept_r->measured = index_measure(store, &swept_r->holding);
	}
	close(fd);
}
