/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The history itself: records in memory that the master makes and the admin process alone writes,
 * so that it outlives that process however it ends. Bounded in bytes, records and age: the oldest
 * make room. Who opens it trusts nothing in it, and drops what does not hold.
 */
#ifndef FILTERD_ADMIN_RING_H
#define FILTERD_ADMIN_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring_head;		/* where its records begin and end */
struct ring;			/* one process's view of it */

/* The shared memory. */
struct ring_memory {
	struct ring_head *head;
	char *area;			/* of the records */
	size_t size;			/* bytes of the area */
};

/* ---- in the master ---- */

/* Address space for so many bytes; memory is taken where there are records. NULL: errno. */
struct ring_memory *ring_memory_create(size_t bytes);

/* The process has no more access to it. */
void ring_memory_destroy(struct ring_memory **memory);

/* ---- in the admin process ---- */

struct ring_record {
	uint64_t id;			/* counts from 1 on, without a gap */
	int64_t time;			/* when it came, milliseconds since 1970 */
	const char *bytes;		/* as they came; borrowed until the next ring_add() */
	size_t size;
};

/* Keeps at most so many records. The memory is borrowed. */
struct ring *ring_open(struct ring_memory *memory, size_t records);
void ring_close(struct ring **ring);

/* Adds a record; false: it is larger than the memory allows. */
bool ring_add(struct ring *ring, const void *bytes, size_t size, int64_t time);

/* Forgets what came before that time. */
void ring_expire(struct ring *ring, int64_t time);

/* Ids of the oldest and the newest that are there; when none is, the oldest is newest + 1. */
uint64_t ring_oldest(const struct ring *ring);
uint64_t ring_newest(const struct ring *ring);

/* False: it is not there. */
bool ring_find(const struct ring *ring, uint64_t id, struct ring_record *record_r);

#endif
