/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arenas: memory that is given back all at once, with clean-ups for foreign objects. One a session,
 * one a message, one a generation. Not locked: one thread at a time.
 */
#ifndef FILTERD_UTIL_ARENA_H
#define FILTERD_UTIL_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "filterd/util/str.h"

struct arena;

/* An arena that may give out cap bytes; 0: no cap. The first block holds first bytes (0: a
 * default). */
struct arena *arena_create(size_t cap, size_t first);

/* Runs the clean-ups, last registered first, and frees everything. Clears the caller's pointer. */
void arena_destroy(struct arena **arena);

/* The same, but the arena and its first block stay for use again. */
void arena_reset(struct arena *arena);

/* Zeroed memory, aligned for any type. Never NULL: past the cap memory is still given and the arena
 * is overdrawn. */
void *arena_alloc(struct arena *arena, size_t size);

/* count * size zeroed bytes; an overflow is fatal. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* Whether more than the cap has been given out. */
bool arena_overdrawn(const struct arena *arena);

/* Bytes given out so far. */
size_t arena_used(const struct arena *arena);

/* A copy of size bytes and a NUL behind it. */
char *arena_copy(struct arena *arena, const void *bytes, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
struct str arena_str(struct arena *arena, struct str text);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Calls release(foreign) at reset or destruction. */
void arena_cleanup(struct arena *arena, void (*release)(void *foreign), void *foreign);

#endif
