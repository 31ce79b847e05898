/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The region of metrics as it lies in memory. Private to service/metrics*.c.
 *
 *	catalogue | sheet | sheet | …		a sheet: head, cells; each on pages of its own
 *
 * The catalogue and the heads are written by the master only, and workers cannot reach them. The
 * cells of a sheet are written by one worker, and hold anything at all once its plugins have run
 * wild.
 */
#ifndef FILTERD_SERVICE_METRICS_REGION_H
#define FILTERD_SERVICE_METRICS_REGION_H

#include <stdatomic.h>

#include "filterd/service/metrics.h"

#define METRICS_REGION_BYTES	(128u << 20)	/* of address space; memory only where written */
#define METRICS_SLOTS		2048
#define METRICS_PAGE		65536u		/* a multiple of any page of the machine */
#define METRICS_LINE		64		/* bytes of a cache line */

typedef _Atomic uint64_t metrics_cell;

struct metrics_times {
	metrics_cell buckets[METRICS_BUCKETS];
	metrics_cell nanoseconds;		/* sum */
};

struct metrics_listener_cells {
	_Alignas(METRICS_LINE) metrics_cell cells[METRICS_LISTENER_CELLS];
	struct metrics_times times;
	struct metrics_times dns;
};

struct metrics_filter {
	_Alignas(METRICS_LINE) metrics_cell cells[METRICS_FILTER_CELLS];
	struct metrics_times times;
};

/* An entry of a slot's hash table of rules. */
struct metrics_rule {
	/* RULE_FREE, RULE_TAKEN: its name is being written; else place of the filter + RULE_NAMED.
	 * Written last. */
	_Alignas(METRICS_LINE) _Atomic uint32_t state;
	metrics_cell hits;
	char name[METRICS_RULE_NAME];
};

enum { RULE_FREE, RULE_TAKEN, RULE_NAMED };

/* Where the parts of a slot's cells are. */
struct metrics_sheet {
	struct metrics_listener_cells *listener;
	struct metrics_filter *filters;
	size_t filter_count;
	struct metrics_rule *rules;
	size_t rule_room;		/* a power of two */
};

struct metrics_head {
	char listener[METRICS_NAME];
	char filters[][METRICS_NAME];
};

/* A slot, in the catalogue. Who reads may find a mixture of two that had the same place. */
struct metrics_slot {
	atomic_bool used;
	atomic_bool serves;
	atomic_uint generation;
	atomic_size_t page, head_pages, cell_pages;	/* in pages of the region */
	atomic_size_t filter_count, rule_room;
};

/* The same, read once and found to lie within the region. */
struct metrics_view {
	bool serves;
	unsigned generation;
	size_t first_page, page_count, cell_page;
	struct metrics_head *head;
	struct metrics_sheet sheet;
};

struct metrics_catalogue {
	/* odd while slots come and go: who reads then reads again */
	atomic_uint changes;
	atomic_uint generation;
	metrics_cell reloads[2];	/* good, bad */
	int64_t started;		/* seconds since 1970 */
	atomic_uint slot_count;		/* the used ones are among the first of these */
	struct metrics_slot slots[METRICS_SLOTS];
};

struct metrics {
	struct metrics_catalogue *catalogue;	/* the beginning of the region */
	unsigned char *pages_used;		/* 0 or 1 a page; the master's own */
};

/* False: the slot is not in use. */
bool metrics_slot_view(const struct metrics *metrics, size_t slot, struct metrics_view *view_r);

/* metrics_count.c: the entry of a rule, made if need be. NULL: there is no room. */
struct metrics_rule *metrics_rule_find(const struct metrics_sheet *sheet, size_t filter,
    const char *name);

/* Takes back entries that were never finished. */
void metrics_rules_mend(const struct metrics_sheet *sheet);

/* metrics_count.c: where this process counts from now on. */
void metrics_count_in(const struct metrics_sheet *sheet);

static inline void
metrics_cell_add(metrics_cell *cell, uint64_t count)
{
	atomic_fetch_add_explicit(cell, count, memory_order_relaxed);
}

static inline uint64_t
metrics_cell_read(const metrics_cell *cell)
{
	return atomic_load_explicit(cell, memory_order_relaxed);
}

#endif
