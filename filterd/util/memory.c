/* SPDX-License-Identifier: BSD-2-Clause */
/* Allocation that never returns NULL; out of memory is fatal. */
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filterd/util/memory.h"

#define LARGE	(512 * 1024)	/* bytes of a block that is mapped for itself */
#define SPARE	(1024 * 1024)	/* bytes that a heap may keep free at its end */

/* Left alone, glibc takes the size of a large block that is freed for what is usual from then on,
 * and keeps as much in every heap. Blocks of arenas stay below the limit. */
void
memory_settle(void)
{
	mallopt(M_MMAP_THRESHOLD, LARGE);
	mallopt(M_TRIM_THRESHOLD, SPARE);
}

_Noreturn void
memory_exhausted(void)
{
	static const char line[] = "filterd: out of memory\n";
	ssize_t ignored = write(STDERR_FILENO, line, sizeof(line) - 1);

	(void)ignored;
	abort();
}

void *
memory_alloc(size_t size)
{
	void *block = calloc(1, size ? size : 1);

	if (!block)
		memory_exhausted();
	return block;
}

void *
memory_array(size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		memory_exhausted();
	return memory_alloc(count * size);
}

void *
memory_resize(void *old, size_t size)
{
	void *block = realloc(old, size ? size : 1);

	if (!block)
		memory_exhausted();
	return block;
}

char *
memory_copy(const void *bytes, size_t size)
{
	char *copy = memory_resize(NULL, size + 1);

	if (size)
		memcpy(copy, bytes, size);
	copy[size] = '\0';
	return copy;
}

char *
memory_strdup(const char *text)
{
	return memory_copy(text, strlen(text));
}
