/* SPDX-License-Identifier: BSD-2-Clause */
/* Arenas: blocks in a chain, bump allocation, a list of clean-ups. */
#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/util/arena.h"
#include "filterd/util/memory.h"

#define ARENA_MAGIC	0x4152454eu
#define FIRST_BLOCK	4096
#define LARGEST_BLOCK	(256 * 1024)

struct block {
	struct block *next;
	size_t size;
	size_t used;
	alignas(max_align_t) char bytes[];
};

struct cleanup {
	struct cleanup *next;
	void (*release)(void *foreign);
	void *foreign;
};

struct arena {
	unsigned magic;
	size_t cap;
	size_t used;
	struct block *blocks;	/* the newest first, the first one last */
	struct cleanup *cleanups;
};

static struct block *
block_create(size_t size)
{
	struct block *block;

	if (size > PTRDIFF_MAX - sizeof(*block))
		memory_exhausted();
	block = memory_resize(NULL, sizeof(*block) + size);
	block->next = NULL;
	block->size = size;
	block->used = 0;
	return block;
}

struct arena *
arena_create(size_t cap, size_t first)
{
	struct arena *arena = memory_alloc(sizeof(*arena));

	arena->magic = ARENA_MAGIC;
	arena->cap = cap;
	arena->blocks = block_create(first ? first : FIRST_BLOCK);
	return arena;
}

static void
run_cleanups(struct arena *arena)
{
	while (arena->cleanups) {
		struct cleanup *cleanup = arena->cleanups;

		arena->cleanups = cleanup->next;
		cleanup->release(cleanup->foreign);
	}
}

void
arena_reset(struct arena *arena)
{
	assert(arena->magic == ARENA_MAGIC);
	run_cleanups(arena);
	while (arena->blocks->next) {
		struct block *block = arena->blocks;

		arena->blocks = block->next;
		free(block);
	}
	arena->blocks->used = 0;
	arena->used = 0;
}

void
arena_destroy(struct arena **arena)
{
	struct arena *doomed = *arena;

	if (!doomed)
		return;
	arena_reset(doomed);
	doomed->magic = 0;
	free(doomed->blocks);
	free(doomed);
	*arena = NULL;
}

static size_t
next_block_size(const struct arena *arena, size_t wanted)
{
	size_t size = arena->blocks->size * 2;

	if (size > LARGEST_BLOCK)
		size = LARGEST_BLOCK;
	return wanted > size ? wanted : size;
}

static void *
take(struct arena *arena, size_t size)
{
	const size_t mask = alignof(max_align_t) - 1;
	struct block *block = arena->blocks;
	size_t rounded = size > SIZE_MAX - mask ? SIZE_MAX : (size + mask) & ~mask;

	assert(arena->magic == ARENA_MAGIC);
	arena->used += size;
	if (rounded > block->size - block->used) {
		block = block_create(next_block_size(arena, rounded));
		block->next = arena->blocks;
		arena->blocks = block;
	}
	block->used += rounded;
	return block->bytes + block->used - rounded;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	void *bytes = take(arena, size ? size : 1);

	memset(bytes, 0, size);
	return bytes;
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
	return arena_alloc(arena, size && count > SIZE_MAX / size ? SIZE_MAX : count * size);
}

bool
arena_overdrawn(const struct arena *arena)
{
	return arena->cap && arena->used > arena->cap;
}

size_t
arena_used(const struct arena *arena)
{
	return arena->used;
}

char *
arena_copy(struct arena *arena, const void *bytes, size_t size)
{
	char *copy = take(arena, size + 1);

	if (size)
		memcpy(copy, bytes, size);
	copy[size] = '\0';
	return copy;
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	return arena_copy(arena, text, strlen(text));
}

struct str
arena_str(struct arena *arena, struct str text)
{
	return (struct str){ arena_copy(arena, text.data, text.length), text.length };
}

char *
arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
	va_list again;
	char *text;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		return arena_strdup(arena, "");
	text = take(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, arguments);
	return text;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = arena_vprintf(arena, format, arguments);
	va_end(arguments);
	return text;
}

void
arena_cleanup(struct arena *arena, void (*release)(void *foreign), void *foreign)
{
	struct cleanup *cleanup = arena_alloc(arena, sizeof(*cleanup));

	cleanup->release = release;
	cleanup->foreign = foreign;
	cleanup->next = arena->cleanups;
	arena->cleanups = cleanup;
}
