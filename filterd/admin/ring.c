/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring. Places count on for ever; where a place is in memory is what is left of it by the size
 * of the area. An entry lies in one piece: one that would reach over the end of the area begins
 * anew at its beginning, behind an entry that fills the rest.
 *
 *	… | tail: the oldest entry | entry | … | the newest | head: the next one goes here | …
 *
 * Whenever the process is killed, what lies between tail and head is whole: the tail goes on before
 * an entry is overwritten, the head when an entry is written. Pages that hold nothing any more are
 * given back.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "filterd/admin/ring.h"
#include "filterd/util/memory.h"

#define CHUNK	(256u * 1024)	/* bytes that are given back at a time; a multiple of any page */
#define MAGIC	0x52494e47u
#define ALIGNMENT 8u

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "processes share places");

/* In a chunk of its own before the area, which is whole chunks. */
struct ring_head {
	_Atomic uint64_t head, tail;	/* places */
	_Atomic uint64_t next_id;
};

struct ring_entry {
	uint32_t magic;
	uint32_t size;			/* of the record behind it */
	uint64_t id;			/* 0: it only fills */
	int64_t time;
};

struct ring {
	struct ring_memory *memory;
	size_t most;			/* records */
	uint64_t oldest;		/* id */
	uint64_t *places;		/* of each entry, by its id */
	size_t room;			/* of places: a power of two */
};

/* ---- the memory ---- */

struct ring_memory *
ring_memory_create(size_t bytes)
{
	size_t size = (bytes + CHUNK - 1) / CHUNK * CHUNK;
	void *region = mmap(NULL, CHUNK + size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct ring_memory *memory;

	if (region == MAP_FAILED)
		return NULL;
	memory = memory_alloc(sizeof(*memory));
	memory->head = region;
	memory->area = (char *)region + CHUNK;
	memory->size = size;
	atomic_store(&memory->head->next_id, 1);
	return memory;
}

void
ring_memory_destroy(struct ring_memory **memory)
{
	if (!*memory)
		return;
	munmap((*memory)->head, CHUNK + (*memory)->size);
	free(*memory);
	*memory = NULL;
}

/* ---- entries ---- */

static struct ring_entry *
entry_at(const struct ring *ring, uint64_t place)
{
	return (struct ring_entry *)(ring->memory->area + place % ring->memory->size);
}

static size_t
bytes_to_end(const struct ring *ring, uint64_t place)
{
	return ring->memory->size - (size_t)(place % ring->memory->size);
}

/* What an entry with a record of that size takes; every entry begins at a multiple of that. */
static size_t
entry_size(size_t size)
{
	return (sizeof(struct ring_entry) + size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* The place behind the entry at that place, if it holds; 0: it does not. What is too short for an
 * entry at the end of the area is passed over. */
static uint64_t
place_after(const struct ring *ring, uint64_t place, uint64_t head)
{
	const struct ring_entry *entry = entry_at(ring, place);
	size_t left = bytes_to_end(ring, place);

	if (left < sizeof(*entry))
		return left <= head - place ? place + left : 0;
	if (entry->magic != MAGIC || entry->size > left - sizeof(*entry) ||
	    entry_size(entry->size) > left || entry_size(entry->size) > head - place)
		return 0;
	return place + entry_size(entry->size);
}

static bool
holds_record(const struct ring *ring, uint64_t place)
{
	return bytes_to_end(ring, place) >= sizeof(struct ring_entry) &&
	    entry_at(ring, place)->id != 0;
}

/* ---- making room ---- */

static uint64_t *
place_of(const struct ring *ring, uint64_t id)
{
	return &ring->places[id & (ring->room - 1)];
}

/* Gives back the chunks between two places, unless they have been written anew. */
static void
give_back(const struct ring *ring, uint64_t from, uint64_t to)
{
	const struct ring_memory *memory = ring->memory;
	uint64_t head = atomic_load(&memory->head->head), chunk;

	for (chunk = from / CHUNK; chunk < to / CHUNK; chunk++)
		if (head <= chunk * CHUNK + memory->size)
			madvise(memory->area + chunk * CHUNK % memory->size, CHUNK, MADV_REMOVE);
}

/* Drops the oldest record, and what fills behind it. */
static void
drop_oldest(struct ring *ring)
{
	struct ring_head *head = ring->memory->head;
	uint64_t from = atomic_load(&head->tail), to;

	ring->oldest++;
	to = ring->oldest == atomic_load(&head->next_id) ? atomic_load(&head->head)
							 : *place_of(ring, ring->oldest);
	atomic_store(&head->tail, to);
	give_back(ring, from, to);
}

static bool
is_empty(const struct ring *ring)
{
	return ring->oldest == atomic_load(&ring->memory->head->next_id);
}

/* ---- opening ---- */

/* Forgets everything. Ids go on, so that no two records ever had the same. */
static void
forget_all(struct ring *ring, uint64_t next_id)
{
	struct ring_head *head = ring->memory->head;

	atomic_store(&head->tail, 0);
	atomic_store(&head->head, 0);
	atomic_store(&head->next_id, next_id);
	ring->oldest = next_id;
	madvise(ring->memory->area, ring->memory->size, MADV_REMOVE);
}

/* Notes where the record at that place is. False: its id is not the next one. */
static bool
note_place(struct ring *ring, uint64_t place, uint64_t *next_id)
{
	uint64_t id = entry_at(ring, place)->id;

	if (id >> 62 || (*next_id && id != *next_id))
		return false;
	if (!*next_id)
		ring->oldest = id;
	*place_of(ring, id) = place;
	*next_id = id + 1;
	if (*next_id - ring->oldest > ring->room)
		ring->oldest = *next_id - ring->room;
	return true;
}

/* Walks from the oldest entry on, as far as they hold; the head then is behind the last of them. */
static void
find_records(struct ring *ring)
{
	struct ring_head *shared = ring->memory->head;
	uint64_t head = atomic_load(&shared->head), tail = atomic_load(&shared->tail);
	uint64_t last_id = atomic_load(&shared->next_id), next_id = 0, place = tail, after;

	if (tail > head || head - tail > ring->memory->size || tail % ALIGNMENT ||
	    head % ALIGNMENT) {
		forget_all(ring, last_id ? last_id : 1);
		return;
	}
	while (place < head) {
		after = place_after(ring, place, head);
		if (!after || (holds_record(ring, place) && !note_place(ring, place, &next_id)))
			break;
		place = after;
	}
	if (!next_id) {
		forget_all(ring, last_id ? last_id : 1);
		return;
	}
	atomic_store(&shared->head, place);
	atomic_store(&shared->next_id, next_id);
	atomic_store(&shared->tail, *place_of(ring, ring->oldest));
}

struct ring *
ring_open(struct ring_memory *memory, size_t records)
{
	struct ring *ring = memory_alloc(sizeof(*ring));

	ring->memory = memory;
	ring->most = records;
	ring->room = 1;
	while (ring->room < records + 1)
		ring->room *= 2;
	ring->places = memory_array(ring->room, sizeof(*ring->places));
	find_records(ring);
	while (!is_empty(ring) && atomic_load(&memory->head->next_id) - ring->oldest > records)
		drop_oldest(ring);
	return ring;
}

void
ring_close(struct ring **ring)
{
	free((*ring)->places);
	free(*ring);
	*ring = NULL;
}

/* ---- records ---- */

static void
make_room(struct ring *ring, size_t bytes)
{
	const struct ring_head *head = ring->memory->head;

	while (!is_empty(ring) && (atomic_load(&head->next_id) - ring->oldest >= ring->most ||
	    atomic_load(&head->head) + bytes - atomic_load(&head->tail) > ring->memory->size))
		drop_oldest(ring);
}

/* Fills what is left of the area, so that the next entry is at its beginning. */
static void
fill(struct ring *ring, size_t left)
{
	struct ring_head *shared = ring->memory->head;
	uint64_t head = atomic_load(&shared->head);

	if (left >= sizeof(struct ring_entry))
		*entry_at(ring, head) = (struct ring_entry){
			.magic = MAGIC, .size = (uint32_t)(left - sizeof(struct ring_entry))
		};
	atomic_store(&shared->head, head + left);
	if (is_empty(ring))
		atomic_store(&shared->tail, head + left);
}

static void
write_entry(struct ring *ring, const void *bytes, size_t size, int64_t time)
{
	struct ring_head *shared = ring->memory->head;
	uint64_t place = atomic_load(&shared->head), id = atomic_load(&shared->next_id);
	struct ring_entry *entry = entry_at(ring, place);

	*entry = (struct ring_entry){ MAGIC, (uint32_t)size, id, time };
	memcpy(entry + 1, bytes, size);
	*place_of(ring, id) = place;
	atomic_store(&shared->head, place + entry_size(size));
	atomic_store(&shared->next_id, id + 1);
}

bool
ring_add(struct ring *ring, const void *bytes, size_t size, int64_t time)
{
	size_t need, left;

	if (!ring->most || size > ring->memory->size / 4)
		return false;
	need = entry_size(size);
	left = bytes_to_end(ring, atomic_load(&ring->memory->head->head));
	if (left < need) {
		make_room(ring, left);
		fill(ring, left);
	}
	make_room(ring, need);
	write_entry(ring, bytes, size, time);
	return true;
}

void
ring_expire(struct ring *ring, int64_t time)
{
	struct ring_record record;

	while (ring_find(ring, ring->oldest, &record) && record.time < time)
		drop_oldest(ring);
}

uint64_t
ring_oldest(const struct ring *ring)
{
	return ring->oldest;
}

uint64_t
ring_newest(const struct ring *ring)
{
	return atomic_load(&ring->memory->head->next_id) - 1;
}

bool
ring_find(const struct ring *ring, uint64_t id, struct ring_record *record_r)
{
	const struct ring_entry *entry;

	if (id < ring->oldest || id > ring_newest(ring))
		return false;
	entry = entry_at(ring, *place_of(ring, id));
	*record_r = (struct ring_record){
		entry->id, entry->time, (const char *)(entry + 1), entry->size
	};
	return true;
}
