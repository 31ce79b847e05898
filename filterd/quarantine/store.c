/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The folder of the store: opening it, and the files of an entry. A file gets its name when all of
 * it is on the disk, and a name is on the disk when its folder is.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "filterd/quarantine/store_parts.h"
#include "filterd/util/memory.h"

#define MESSAGE	".eml"
#define ENTRY	".json"

void
store_name(char name_r[STORE_NAME], const char *id, const char *suffix)
{
	snprintf(name_r, STORE_NAME, "%s%s", id, suffix);
}

/* ---- opening ---- */

static int
open_below(const struct store *store, const char *name)
{
	if (store->access == STORE_WRITE)
		mkdirat(store->folder, name, 0700);
	return openat(store->folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Another process may make the key at the same time: the first one to link it wins. */
static bool
make_key(const struct store *store)
{
	char digits[2 * MARK_KEY + 1], name[STORE_NAME];
	int fd;
	bool written;

	mark_random(digits, 2 * MARK_KEY);
	snprintf(name, sizeof(name), "key.%ld", (long)getpid());
	unlinkat(store->fresh, name, 0);
	fd = openat(store->fresh, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	written = write(fd, digits, 2 * MARK_KEY) == 2 * MARK_KEY && fsync(fd) == 0;
	close(fd);
	if (written && linkat(store->fresh, name, store->folder, "key", 0) != 0 && errno != EEXIST)
		written = false;
	unlinkat(store->fresh, name, 0);
	return written && fsync(store->folder) == 0;
}

static bool
read_key(struct store *store)
{
	struct buffer text = { 0 };
	size_t i;
	unsigned byte;
	bool good = store_slurp(store->folder, "key", &text) && text.length == 2 * MARK_KEY;

	for (i = 0; good && i < MARK_KEY; i++) {
		good = sscanf(text.data + 2 * i, "%2x", &byte) == 1;
		store->key[i] = (unsigned char)byte;
	}
	buffer_free(&text);
	return good;
}

static bool
open_parts(struct store *store)
{
	store->fresh = open_below(store, "new");
	store->messages = open_below(store, "messages");
	store->spent = open_below(store, "spent");
	if (store->fresh < 0 || store->messages < 0 || store->spent < 0)
		return false;
	if (store->access == STORE_WRITE &&
	    (faccessat(store->messages, ".", W_OK | X_OK, AT_EACCESS) != 0 ||
	    faccessat(store->fresh, ".", W_OK | X_OK, AT_EACCESS) != 0))
		return false;
	if (read_key(store))
		return true;
	return store->access == STORE_WRITE && errno == ENOENT && make_key(store) &&
	    read_key(store);
}

struct store *
store_open(const char *folder, enum store_access access, struct buffer *problem)
{
	struct store *store = memory_alloc(sizeof(*store));

	store->path = memory_strdup(folder);
	store->access = access;
	store->folder = store->messages = store->fresh = store->spent = -1;
	pthread_mutex_init(&store->lock, NULL);
	if (access == STORE_WRITE)
		mkdir(folder, 0700);
	store->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->folder >= 0 && open_parts(store))
		return store;
	buffer_printf(problem, "user id %ld cannot use the quarantine store %s: %s",
	    (long)geteuid(), folder, strerror(errno));
	store_close(&store);
	return NULL;
}

void
store_close(struct store **store)
{
	struct store *doomed = *store;
	int fds[4], i;

	if (!doomed)
		return;
	index_close(doomed);
	fds[0] = doomed->folder;
	fds[1] = doomed->messages;
	fds[2] = doomed->fresh;
	fds[3] = doomed->spent;
	for (i = 0; i < 4; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	pthread_mutex_destroy(&doomed->lock);
	free(doomed->path);
	free(doomed);
	*store = NULL;
}

const char *
store_folder(const struct store *store)
{
	return store->path;
}

const unsigned char *
store_key(const struct store *store)
{
	return store->key;
}

int
store_fd(const struct store *store)
{
	return store->folder;
}

/* ---- files ---- */

bool
store_slurp(int at, const char *name, struct buffer *text_r)
{
	char piece[16 * 1024];
	int fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t got = -1;
	int error;

	if (fd < 0)
		return false;
	while ((got = read(fd, piece, sizeof(piece))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || text_r->length > ENTRY_BYTES)
			break;
		buffer_add(text_r, piece, (size_t)got);
	}
	error = errno;
	close(fd);
	errno = got > 0 ? EFBIG : error;
	return got == 0;
}

/* A file that is being written, below "new". */
struct sink {
	int fd;
	uint64_t size;
};

static bool
add_bytes(void *argument, const void *bytes, size_t size)
{
	struct sink *sink = argument;
	const char *at = bytes;

	while (size) {
		ssize_t put = write(sink->fd, at, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		at += put;
		sink->size += (uint64_t)put;
		size -= (size_t)put;
	}
	return true;
}

/* Writes a new file whole, and on to the disk. False: errno. */
static bool
write_file(const struct store *store, const char *name, const struct store_source *source,
    uint64_t *size_r)
{
	struct sink sink = { .fd = openat(store->fresh, name,
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600) };
	bool written;
	int error;

	if (sink.fd < 0)
		return false;
	written = source->write(source->argument, add_bytes, &sink) && fsync(sink.fd) == 0;
	error = errno;
	if (close(sink.fd) != 0 && written) {
		written = false;
		error = errno;
	}
	errno = error;
	*size_r = sink.size;
	return written;
}

static bool
write_text(void *argument, bool (*add)(void *sink, const void *bytes, size_t size), void *sink)
{
	const struct buffer *text = argument;

	return add(sink, text->data, text->length);
}

static bool
write_entry(const struct store *store, const struct entry *entry, const char *name)
{
	struct buffer text = { 0 };
	const struct store_source source = { write_text, &text };
	uint64_t size;
	bool written;

	entry_write(entry, &text);
	written = write_file(store, name, &source, &size);
	buffer_free(&text);
	return written;
}

static bool
put_in_place(const struct store *store, const char *name)
{
	return renameat(store->fresh, name, store->messages, name) == 0;
}

/* ---- taking a message ---- */

void
store_make_id(int64_t now, char id_r[ENTRY_ID + 1])
{
	time_t seconds = (time_t)now;
	struct tm at;
	size_t length;

	gmtime_r(&seconds, &at);
	length = strftime(id_r, ENTRY_ID + 1, "%Y%m%dT%H%M%S-", &at);
	mark_random(id_r + length, ENTRY_ID - length);
}

bool
store_add(struct store *store, struct entry *entry, const struct store_source *source)
{
	char message[STORE_NAME], json[STORE_NAME];
	int error;

	store_name(message, entry->id, MESSAGE);
	store_name(json, entry->id, ENTRY);
	if (write_file(store, message, source, &entry->size) &&
	    write_entry(store, entry, json) &&
	    put_in_place(store, message) && put_in_place(store, json) &&
	    fsync(store->messages) == 0) {
		if (!index_put(store, entry))
			index_distrust(store);
		return true;
	}
	error = errno;
	unlinkat(store->messages, json, 0);
	unlinkat(store->messages, message, 0);
	unlinkat(store->fresh, json, 0);
	unlinkat(store->fresh, message, 0);
	errno = error;
	return false;
}

bool
store_spend(struct store *store, const char *nonce)
{
	int fd = openat(store->spent, nonce, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return false;
	close(fd);
	return fsync(store->spent) == 0;
}

bool
store_spent(struct store *store, const char *nonce)
{
	return faccessat(store->spent, nonce, F_OK, 0) == 0;
}

/* ---- an entry ---- */

enum store_found
store_read(struct store *store, const char *id, struct arena *arena, struct entry *entry_r)
{
	struct buffer text = { 0 };
	char name[STORE_NAME];
	const char *error;
	bool read, good = false;

	if (!entry_id_valid(id))
		return STORE_ABSENT;
	store_name(name, id, ENTRY);
	read = store_slurp(store->messages, name, &text);
	if (read) {
		good = entry_read((struct str){ text.data, text.length }, arena, entry_r, &error);
		errno = 0;
	}
	buffer_free(&text);
	if (!read && errno == ENOENT)
		return STORE_ABSENT;
	return good ? STORE_FOUND : STORE_BROKEN;
}

static int
open_message(const struct store *store, const char *id)
{
	char name[STORE_NAME];

	store_name(name, id, MESSAGE);
	return openat(store->messages, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
}

int
store_message(struct store *store, const char *id)
{
	if (entry_id_valid(id))
		return open_message(store, id);
	errno = ENOENT;
	return -1;
}

/* Who only looks whether there is a lock has one for a moment. */
static bool
lock_soon(int fd)
{
	static const struct timespec pause = { .tv_nsec = 10 * 1000000 };
	int tries;

	for (tries = 0; tries < 20; tries++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		if (errno != EWOULDBLOCK)
			return false;
		nanosleep(&pause, NULL);
	}
	errno = EWOULDBLOCK;
	return false;
}

enum store_found
store_take(struct store *store, const char *id, struct arena *arena, struct entry *entry_r,
    int *message_r)
{
	enum store_found found;
	int fd;

	*message_r = -1;
	if (!entry_id_valid(id))
		return STORE_ABSENT;
	fd = open_message(store, id);
	if (fd < 0)
		return errno == ENOENT ? STORE_ABSENT : STORE_BROKEN;
	if (!lock_soon(fd))
		found = errno == EWOULDBLOCK ? STORE_BUSY : STORE_BROKEN;
	else
		found = store_read(store, id, arena, entry_r);
	if (found == STORE_FOUND)
		*message_r = fd;
	else
		close(fd);
	return found;
}

bool
store_busy(struct store *store, const char *id)
{
	int fd = open_message(store, id);
	bool busy;

	if (fd < 0)
		return false;
	busy = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	close(fd);
	return busy;
}

bool
store_update(struct store *store, const struct entry *entry)
{
	char name[STORE_NAME];
	int error;

	store_name(name, entry->id, ENTRY);
	if (write_entry(store, entry, name) && put_in_place(store, name) &&
	    fsync(store->messages) == 0) {
		if (!index_put(store, entry))
			index_distrust(store);
		return true;
	}
	error = errno;
	unlinkat(store->fresh, name, 0);
	errno = error;
	return false;
}

bool
store_remove(struct store *store, const char *id)
{
	char name[STORE_NAME];

	store_name(name, id, ENTRY);
	if (unlinkat(store->messages, name, 0) != 0 && errno != ENOENT)
		return false;
	store_name(name, id, MESSAGE);
	if (unlinkat(store->messages, name, 0) != 0 && errno != ENOENT)
		return false;
	if (!index_drop(store, id))
		index_distrust(store);
	return fsync(store->messages) == 0;
}
