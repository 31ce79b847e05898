/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A body in memory, beyond a threshold in an unlinked temporary file.
 *
 * Owns the memory, the descriptor and the mapping, which a clean-up of the arena gives back.
 * Nothing is fatal here: a file that cannot be made, written or mapped is reported with errno,
 * and the body keeps what it had. The file has no name, mode 0600, and only grows, so reading
 * the mapping cannot raise SIGBUS. A process that wants EFBIG from RLIMIT_FSIZE and no SIGXFSZ
 * ignores that signal.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "filterd/message/body.h"
#include "filterd/util/memory.h"

#define BODY_MAGIC	0x424f4459u
#define FIRST_ROOM	512
#define WRITE_MAXIMUM	((size_t)1 << 30)	/* bytes a write(2) */

struct body {
	unsigned magic;
	struct body_limits limits;
	size_t size;
	char *memory;			/* NULL once it is in the file */
	size_t room;			/* of memory */
	int file;			/* -1: none */
	void *map;			/* NULL: none */
	size_t map_size;
};

static void
body_unmap(struct body *body)
{
	if (body->map)
		munmap(body->map, body->map_size);
	body->map = NULL;
}

static void
body_release(void *foreign)
{
	struct body *body = foreign;

	assert(body->magic == BODY_MAGIC);
	body_unmap(body);
	if (body->file >= 0)
		close(body->file);
	free(body->memory);
	body->magic = 0;
}

struct body *
body_create(struct arena *arena, const struct body_limits *limits)
{
	struct body *body = arena_alloc(arena, sizeof(*body));

	body->magic = BODY_MAGIC;
	body->limits = *limits;
	body->file = -1;
	arena_cleanup(arena, body_release, body);
	return body;
}

/* A file without a name. */
static int
file_open(const char *directory)
{
	int file = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char *name;
	int saved;

	if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return file;
	if (asprintf(&name, "%s/filterd-XXXXXX", directory) < 0)
		return -1;
	file = mkostemp(name, O_CLOEXEC);
	saved = errno;
	if (file >= 0)
		unlink(name);
	free(name);
	errno = saved;
	return file;
}

static bool
file_write(int file, const char *bytes, size_t size, size_t offset)
{
	while (size) {
		size_t part = size < WRITE_MAXIMUM ? size : WRITE_MAXIMUM;
		ssize_t written = pwrite(file, bytes, part, (off_t)offset);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			if (written == 0)
				errno = ENOSPC;
			return false;
		}
		bytes += written;
		offset += (size_t)written;
		size -= (size_t)written;
	}
	return true;
}

/* Moves what is in memory to a file, with the new bytes behind it. */
static bool
body_spill(struct body *body, const void *bytes, size_t size)
{
	int file = file_open(body->limits.directory);
	int saved;

	if (file < 0)
		return false;
	if (!file_write(file, body->memory, body->size, 0) ||
	    !file_write(file, bytes, size, body->size)) {
		saved = errno;
		close(file);
		errno = saved;
		return false;
	}
	body->file = file;
	free(body->memory);
	body->memory = NULL;
	body->room = 0;
	return true;
}

/* Whether the bytes stand in the body's own memory. */
static bool
is_own(const struct body *body, const void *bytes)
{
	uintptr_t at = (uintptr_t)bytes, begin = (uintptr_t)body->memory;

	return body->memory && at >= begin && at < begin + body->size;
}

/* Grown memory may have moved, and the body's own bytes with it. */
static void
body_keep(struct body *body, const void *bytes, size_t size)
{
	size_t room = body->room ? body->room : FIRST_ROOM;
	bool own = is_own(body, bytes);
	size_t offset = own ? (size_t)((const char *)bytes - body->memory) : 0;

	while (room < body->size + size)
		room *= 2;
	if (room != body->room)
		body->memory = memory_resize(body->memory, room);
	body->room = room;
	memcpy(body->memory + body->size, own ? body->memory + offset : bytes, size);
}

bool
body_append(struct body *body, const void *bytes, size_t size)
{
	size_t maximum = body->limits.maximum ? body->limits.maximum : SIZE_MAX;

	assert(body->magic == BODY_MAGIC);
	if (size == 0)
		return true;
	if (size > maximum - body->size) {
		errno = EFBIG;
		return false;
	}
	if (body->file >= 0) {
		if (!file_write(body->file, bytes, size, body->size))
			return false;
	} else if (size > body->limits.threshold || body->size > body->limits.threshold - size) {
		if (!body_spill(body, bytes, size))
			return false;
	} else {
		body_keep(body, bytes, size);
	}
	body->size += size;
	return true;
}

size_t
body_size(const struct body *body)
{
	assert(body->magic == BODY_MAGIC);
	return body->size;
}

bool
body_bytes(struct body *body, struct str *bytes_r)
{
	assert(body->magic == BODY_MAGIC);
	*bytes_r = (struct str){ "", 0 };
	if (body->size == 0)
		return true;
	if (body->file < 0) {
		*bytes_r = (struct str){ body->memory, body->size };
		return true;
	}
	if (!body->map || body->map_size != body->size) {
		void *map = mmap(NULL, body->size, PROT_READ, MAP_SHARED, body->file, 0);

		if (map == MAP_FAILED)
			return false;
		body_unmap(body);
		body->map = map;
		body->map_size = body->size;
	}
	*bytes_r = (struct str){ body->map, body->size };
	return true;
}

void
body_let_go(struct body *body, size_t begin, size_t end)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	assert(body->magic == BODY_MAGIC);
	begin = (begin + page - 1) / page * page;
	end = end / page * page;
	if (body->map && begin < end && end <= body->map_size)
		madvise((char *)body->map + begin, end - begin, MADV_DONTNEED);
}

bool
body_equal(struct body *a, struct body *b)
{
	struct str a_bytes, b_bytes;

	if (a == b)
		return true;
	if (body_size(a) != body_size(b))
		return false;
	return body_bytes(a, &a_bytes) && body_bytes(b, &b_bytes) && str_equal(a_bytes, b_bytes);
}

bool
body_spooled(const struct body *body)
{
	return body->file >= 0;
}
