/* SPDX-License-Identifier: BSD-2-Clause */
/* The history's ring: bounds in bytes, records and age, what outlives a process, and damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "filterd/admin/ring.h"

#define CHUNK	(256u * 1024)
#define AREA	(4u * CHUNK)

/* A record whose bytes tell which it is. */
static size_t
make(char *bytes, uint64_t number, size_t size)
{
	memset(bytes, (int)(number & 0xff), size);
	memcpy(bytes, &number, sizeof(number));
	return size;
}

static void
assert_is(const struct ring *ring, uint64_t id, uint64_t number)
{
	struct ring_record record;
	uint64_t found;
	size_t i;

	assert_true(ring_find(ring, id, &record));
	assert_int_equal(record.id, id);
	memcpy(&found, record.bytes, sizeof(found));
	assert_int_equal(found, number);
	for (i = sizeof(found); i < record.size; i++)
		assert_int_equal((unsigned char)record.bytes[i], number & 0xff);
}

static void
add(struct ring *ring, uint64_t number, size_t size, int64_t time)
{
	static char bytes[AREA];

	assert_true(ring_add(ring, bytes, make(bytes, number, size), time));
}

static void
all_that_fits_is_there(void **state)
{
	struct ring_memory *memory = ring_memory_create(AREA);
	struct ring *ring = ring_open(memory, 10);
	struct ring_record record;
	uint64_t i;

	(void)state;
	assert_int_equal(ring_oldest(ring), ring_newest(ring) + 1);
	assert_false(ring_find(ring, 0, &record));
	assert_false(ring_find(ring, 1, &record));
	for (i = 1; i <= 25; i++) {
		add(ring, i, 100 + i, 0);
		assert_int_equal(ring_newest(ring), i);
		assert_int_equal(ring_oldest(ring), i > 10 ? i - 9 : 1);
	}
	for (i = 16; i <= 25; i++)
		assert_is(ring, i, i);
	assert_false(ring_find(ring, 15, &record));
	assert_false(ring_find(ring, 26, &record));
	ring_close(&ring);
	ring_memory_destroy(&memory);
}

/* Sizes that meet the end of the area in every way, for many rounds. */
static void
the_oldest_make_room(void **state)
{
	struct ring_memory *memory = ring_memory_create(AREA);
	struct ring *ring = ring_open(memory, 100000);
	uint64_t i, id;

	(void)state;
	srandom(1);
	for (i = 1; i <= 20000; i++) {
		add(ring, i, 8 + (size_t)random() % (i % 50 ? 3000 : AREA / 4 - 100), 0);
		assert_int_equal(ring_newest(ring), i);
		if (i % 500)
			continue;
		for (id = ring_oldest(ring); id <= i; id++)
			assert_is(ring, id, id);
		assert_true(i - ring_oldest(ring) > 50);
		ring_close(&ring);
		ring = ring_open(memory, 100000);
		assert_int_equal(ring_newest(ring), i);
		assert_is(ring, ring_oldest(ring), ring_oldest(ring));
	}
	assert_false(ring_add(ring, "x", AREA / 4 + 1, 0));
	ring_close(&ring);
	ring_memory_destroy(&memory);
}

static void
what_is_too_old_is_forgotten(void **state)
{
	struct ring_memory *memory = ring_memory_create(AREA);
	struct ring *ring = ring_open(memory, 100);
	uint64_t i;

	(void)state;
	for (i = 1; i <= 20; i++)
		add(ring, i, 50, (int64_t)i * 10);
	ring_expire(ring, 100);
	assert_int_equal(ring_oldest(ring), 10);
	ring_expire(ring, 1000);
	assert_int_equal(ring_oldest(ring), 21);
	assert_int_equal(ring_newest(ring), 20);
	add(ring, 21, 50, 0);
	assert_is(ring, 21, 21);
	ring_close(&ring);
	ring_memory_destroy(&memory);
}

static void
who_opens_it_anew_finds_all(void **state)
{
	struct ring_memory *memory = ring_memory_create(AREA);
	struct ring *ring = ring_open(memory, 100);
	uint64_t i;

	(void)state;
	for (i = 1; i <= 20; i++)
		add(ring, i, 50, 0);
	ring_close(&ring);
	ring = ring_open(memory, 5);
	assert_int_equal(ring_oldest(ring), 16);
	assert_int_equal(ring_newest(ring), 20);
	assert_is(ring, 16, 16);
	ring_close(&ring);
	ring = ring_open(memory, 0);
	assert_int_equal(ring_oldest(ring), 21);
	assert_false(ring_add(ring, "x", 1, 0));
	ring_close(&ring);
	ring = ring_open(memory, 100);
	add(ring, 21, 50, 0);
	assert_int_equal(ring_newest(ring), 21);
	assert_int_equal(ring_oldest(ring), 21);
	ring_close(&ring);
	ring_memory_destroy(&memory);
}

/* Whatever is written there: it opens, what it shows lies in it, and it takes records. */
static void
assert_sane(struct ring_memory *memory)
{
	struct ring *ring = ring_open(memory, 1000);
	struct ring_record record;
	uint64_t id;

	for (id = ring_oldest(ring); id <= ring_newest(ring); id++) {
		assert_true(ring_find(ring, id, &record));
		assert_true(record.bytes >= memory->area);
		assert_true(record.bytes + record.size <= memory->area + memory->size);
	}
	add(ring, 7, 100, 0);
	assert_is(ring, ring_newest(ring), 7);
	ring_close(&ring);
}

static void
damage_is_survived(void **state)
{
	unsigned round;

	(void)state;
	srandom(2);
	for (round = 0; round < 2000; round++) {
		struct ring_memory *memory = ring_memory_create(CHUNK);
		uint64_t *numbers = (void *)memory->head;	/* head, tail, next id */
		struct ring *ring = ring_open(memory, 1000);
		uint64_t i;

		for (i = 1; i <= 300; i++)
			add(ring, i, 8 + (size_t)random() % 1500, 0);
		ring_close(&ring);
		if (round % 4 == 0)
			numbers[random() % 3] = (uint64_t)random() << (random() % 34);
		for (i = 0; i < 1 + round % 20; i++)
			memory->area[(size_t)random() % memory->size] = (char)random();
		assert_sane(memory);
		ring_memory_destroy(&memory);
	}
}

/* Pages that are in memory, of the area's. */
static size_t
resident(const struct ring_memory *memory)
{
	static unsigned char pages[AREA / 4096];
	size_t count = 0, i;

	assert_int_equal(mincore(memory->area, memory->size, pages), 0);
	for (i = 0; i < memory->size / 4096; i++)
		count += pages[i] & 1;
	return count;
}

/* A ring that keeps few records does not come to take the whole area. */
static void
memory_is_given_back(void **state)
{
	struct ring_memory *memory = ring_memory_create(AREA);
	struct ring *ring = ring_open(memory, 10);
	uint64_t i;

	(void)state;
	for (i = 1; i <= 10000; i++) {
		add(ring, i, 1000, 0);
		if (i % 100 == 0)
			assert_true(resident(memory) <= 2 * CHUNK / 4096);
	}
	ring_close(&ring);
	ring_memory_destroy(&memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_fits_is_there),
		cmocka_unit_test(the_oldest_make_room),
		cmocka_unit_test(what_is_too_old_is_forgotten),
		cmocka_unit_test(who_opens_it_anew_finds_all),
		cmocka_unit_test(damage_is_survived),
		cmocka_unit_test(memory_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
