/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counting: the hot path. Every cell is added to with one relaxed atomic operation. A rule's entry
 * is found in a hash table whose entries are claimed once and stay; a table that is full counts
 * what it cannot name.
 */
#include <dirent.h>
#include <string.h>
#include <sys/resource.h>

#include "filterd/service/metrics_region.h"
#include "filterd/util/resident.h"
#include "filterd/util/str.h"

#define LOOKS	1000	/* at an entry whose name another thread is writing */

/* Written once before there are threads; all 0: nothing is counted. */
static struct metrics_sheet mine;

void
metrics_count_in(const struct metrics_sheet *sheet)
{
	mine = *sheet;
}

/* ---- cells ---- */

void
metrics_add(enum metrics_listener_cell cell, uint64_t count)
{
	if (mine.listener)
		metrics_cell_add(&mine.listener->cells[cell], count);
}

void
metrics_subtract(enum metrics_listener_cell cell, uint64_t count)
{
	metrics_add(cell, -count);
}

struct metrics_filter *
metrics_filter(size_t place)
{
	return place < mine.filter_count ? &mine.filters[place] : NULL;
}

void
metrics_filter_add(struct metrics_filter *filter, unsigned cell, uint64_t count)
{
	if (filter)
		metrics_cell_add(&filter->cells[cell], count);
}

/* ---- times ---- */

/* Of the bucket whose bound in microseconds, a power of two, is the first not below the time. */
static size_t
bucket_of(int64_t nanoseconds)
{
	uint64_t microseconds = nanoseconds > 0 ? ((uint64_t)nanoseconds + 999) / 1000 : 0;
	size_t bits = microseconds > 1 ? 64 - (size_t)__builtin_clzll(microseconds - 1) : 0;

	return bits < METRICS_BUCKETS ? bits : METRICS_BUCKETS - 1;
}

static void
add_time(struct metrics_times *times, int64_t nanoseconds)
{
	metrics_cell_add(&times->buckets[bucket_of(nanoseconds)], 1);
	metrics_cell_add(&times->nanoseconds, nanoseconds > 0 ? (uint64_t)nanoseconds : 0);
}

void
metrics_message_time(int64_t nanoseconds)
{
	if (mine.listener)
		add_time(&mine.listener->times, nanoseconds);
}

void
metrics_dns_time(int64_t nanoseconds)
{
	if (mine.listener)
		add_time(&mine.listener->dns, nanoseconds);
}

void
metrics_filter_time(struct metrics_filter *filter, int64_t nanoseconds)
{
	if (filter)
		add_time(&filter->times, nanoseconds);
}

/* ---- rules ---- */

static bool
is_named(const struct metrics_rule *rule, size_t filter, const char *name)
{
	return atomic_load_explicit(&rule->state, memory_order_acquire) == filter + RULE_NAMED &&
	    strncmp(rule->name, name, sizeof(rule->name) - 1) == 0;
}

/* Claims a free entry, or waits for whoever does. False: it is still being written, which takes a
 * thread that was stopped in the middle of it. */
static bool
settle(struct metrics_rule *rule, size_t filter, const char *name)
{
	uint32_t state = RULE_FREE;
	unsigned looks;

	if (atomic_compare_exchange_strong(&rule->state, &state, RULE_TAKEN)) {
		memcpy(rule->name, name, strnlen(name, sizeof(rule->name) - 1));
		atomic_store_explicit(
		    &rule->state, (uint32_t)filter + RULE_NAMED, memory_order_release);
		return true;
	}
	for (looks = 0; state == RULE_TAKEN && looks < LOOKS; looks++)
		state = atomic_load_explicit(&rule->state, memory_order_acquire);
	return state != RULE_TAKEN;
}

struct metrics_rule *
metrics_rule_find(const struct metrics_sheet *sheet, size_t filter, const char *name)
{
	const struct str text = { name, strnlen(name, METRICS_RULE_NAME - 1) };
	size_t at = str_hash(text) + filter, i;

	for (i = 0; i < sheet->rule_room; i++) {
		struct metrics_rule *rule = &sheet->rules[(at + i) & (sheet->rule_room - 1)];

		if (is_named(rule, filter, name))
			return rule;
		if (!settle(rule, filter, name))
			return NULL;
		if (is_named(rule, filter, name))
			return rule;
	}
	return NULL;
}

void
metrics_rule_hit(size_t place, const char *rule)
{
	struct metrics_rule *entry = place < mine.filter_count ?
	    metrics_rule_find(&mine, place, rule) : NULL;

	if (entry)
		metrics_cell_add(&entry->hits, 1);
	else
		metrics_add(METRICS_HITS_UNCOUNTED, 1);
}

void
metrics_rules_mend(const struct metrics_sheet *sheet)
{
	size_t i;

	for (i = 0; i < sheet->rule_room; i++) {
		uint32_t taken = RULE_TAKEN;

		atomic_compare_exchange_strong(&sheet->rules[i].state, &taken, RULE_FREE);
	}
}

/* ---- gauges ---- */

static uint64_t
count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;
	uint64_t count = 0;

	if (!folder)
		return 0;
	while ((entry = readdir(folder)))
		count += entry->d_name[0] != '.';
	closedir(folder);
	return count - 1;	/* the folder's own */
}

static void
set(enum metrics_listener_cell cell, uint64_t value)
{
	atomic_store_explicit(&mine.listener->cells[cell], value, memory_order_relaxed);
}

void
metrics_usage(void)
{
	struct rlimit limit;

	if (!mine.listener)
		return;
	set(METRICS_DESCRIPTORS, count_descriptors());
	set(METRICS_RESIDENT_BYTES, resident_bytes());
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		set(METRICS_DESCRIPTOR_LIMIT, limit.rlim_cur);
}
