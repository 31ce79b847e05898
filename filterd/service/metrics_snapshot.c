/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Snapshots: the slots summed up. The catalogue and the names of listeners and filters are the
 * master's; everything else in a slot is bounded and cleaned here. A slot that comes or goes in
 * between is noticed, and the reading done again.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "filterd/service/metrics_region.h"
#include "filterd/service/metrics_snapshot.h"
#include "filterd/util/memory.h"
#include "filterd/util/utf8.h"

#define ATTEMPTS 100	/* at a reading during which no slot comes or goes */

static void *
grow(void *items, size_t count, size_t size)
{
	char *grown = memory_resize(items, (count + 1) * size);

	memset(grown + count * size, 0, size);
	return grown;
}

/* ---- summing up ---- */

static void
add_cells(uint64_t *to, const metrics_cell *from, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		to[i] += metrics_cell_read(&from[i]);
}

static void
add_times(struct metrics_histogram *to, const struct metrics_times *from)
{
	size_t i;

	for (i = 0; i < METRICS_BUCKETS; i++) {
		uint64_t calls = metrics_cell_read(&from->buckets[i]);

		to->buckets[i] += calls;
		to->count += calls;
	}
	to->nanoseconds += metrics_cell_read(&from->nanoseconds);
}

/* Takes the name, as find_filter() does. */
static struct metrics_listener_sum *
find_listener(struct metrics_snapshot *snapshot, char *name)
{
	struct metrics_listener_sum *listener;
	size_t i;

	for (i = 0; i < snapshot->listener_count; i++) {
		if (strcmp(snapshot->listeners[i].name, name) != 0)
			continue;
		free(name);
		return &snapshot->listeners[i];
	}
	snapshot->listeners = grow(snapshot->listeners, snapshot->listener_count,
	    sizeof(*snapshot->listeners));
	listener = &snapshot->listeners[snapshot->listener_count++];
	listener->name = name;
	return listener;
}

/* Its place. */
static size_t
find_filter(struct metrics_listener_sum *listener, char *name)
{
	size_t i;

	for (i = 0; i < listener->filter_count; i++) {
		if (strcmp(listener->filters[i].name, name) != 0)
			continue;
		free(name);
		return i;
	}
	listener->filters = grow(listener->filters, i, sizeof(*listener->filters));
	listener->filters[i].name = name;
	listener->filter_count++;
	return i;
}

/* ---- rules ---- */

/* A name that the slot holds, as UTF-8: anything else in it becomes U+FFFD. */
static char *
clean_name(const char bytes[METRICS_RULE_NAME])
{
	struct str rest;
	char copy[METRICS_RULE_NAME];
	struct buffer name = { 0 };

	memcpy(copy, bytes, sizeof(copy));
	rest = (struct str){ copy, strnlen(copy, sizeof(copy) - 1) };
	buffer_add(&name, "", 0);
	while (rest.length) {
		uint32_t point;
		size_t length = utf8_next(rest, &point);

		if (length)
			buffer_add(&name, rest.data, length);
		else
			buffer_add_text(&name, "\xef\xbf\xbd");
		rest.data += length ? length : 1;
		rest.length -= length ? length : 1;
	}
	return name.data;
}

/* `places`: where the slot's filters are in the sum. */
static void
add_rules(struct metrics_listener_sum *listener, const struct metrics_sheet *sheet,
    const size_t *places)
{
	size_t room = listener->rule_count + sheet->rule_room, i;

	listener->rules = memory_resize(listener->rules, (room + 1) * sizeof(*listener->rules));
	for (i = 0; i < sheet->rule_room; i++) {
		const struct metrics_rule *rule = &sheet->rules[i];
		uint32_t state = atomic_load_explicit(&rule->state, memory_order_acquire);

		if (state < RULE_NAMED || state - RULE_NAMED >= sheet->filter_count)
			continue;
		listener->rules[listener->rule_count++] = (struct metrics_rule_sum){
			.filter = places[state - RULE_NAMED], .name = clean_name(rule->name),
			.hits = metrics_cell_read(&rule->hits)
		};
	}
}

static int
compare_rules(const void *a, const void *b)
{
	const struct metrics_rule_sum *x = a, *y = b;

	if (x->filter != y->filter)
		return x->filter < y->filter ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Rules of several slots become one each, and every filter learns which are its own. */
static void
merge_rules(struct metrics_listener_sum *listener)
{
	struct metrics_rule_sum *rules = listener->rules;
	size_t kept = 0, i;

	qsort(rules, listener->rule_count, sizeof(*rules), compare_rules);
	for (i = 0; i < listener->rule_count; i++) {
		if (!kept || compare_rules(&rules[kept - 1], &rules[i]) != 0) {
			rules[kept++] = rules[i];
			continue;
		}
		rules[kept - 1].hits += rules[i].hits;
		free(rules[i].name);
	}
	listener->rule_count = kept;
	for (i = kept; i > 0; i--) {
		struct metrics_filter_sum *filter = &listener->filters[rules[i - 1].filter];

		filter->rules = &rules[i - 1];
		filter->rule_count++;
	}
}

/* ---- reading ---- */

/* A copy that ends in NUL; in the middle of a change the bytes may be any. */
static char *
copy_name(const char name[METRICS_NAME])
{
	return memory_copy(name, strnlen(name, METRICS_NAME - 1));
}

static void
add_slot(struct metrics_snapshot *snapshot, const struct metrics_view *view)
{
	const struct metrics_sheet *sheet = &view->sheet;
	struct metrics_listener_sum *listener = find_listener(
	    snapshot, copy_name(view->head->listener));
	size_t *places = memory_array(sheet->filter_count, sizeof(*places)), i;

	add_cells(listener->cells, sheet->listener->cells, METRICS_WORKERS);
	if (view->serves)
		listener->cells[METRICS_WORKERS + (view->generation != snapshot->generation)]++;
	add_times(&listener->messages, &sheet->listener->times);
	add_times(&listener->dns, &sheet->listener->dns);
	for (i = 0; i < sheet->filter_count; i++) {
		struct metrics_filter_sum *filter;

		places[i] = find_filter(listener, copy_name(view->head->filters[i]));
		filter = &listener->filters[places[i]];
		add_cells(filter->cells, sheet->filters[i].cells, METRICS_FILTER_GAUGES);
		if (view->generation == snapshot->generation &&
		    metrics_cell_read(&sheet->filters[i].cells[METRICS_REMOVED]))
			filter->cells[METRICS_REMOVED] = 1;
		add_times(&filter->calls, &sheet->filters[i].times);
	}
	add_rules(listener, sheet, places);
	free(places);
}

/* Slots of the generation that serves come first, so that the order is that of its chains. */
static void
add_slots(struct metrics_snapshot *snapshot, const struct metrics *metrics, bool current)
{
	size_t count = atomic_load(&metrics->catalogue->slot_count), i;
	struct metrics_view view;

	for (i = 0; i < count; i++)
		if (metrics_slot_view(metrics, i, &view) &&
		    (view.generation == snapshot->generation) == current)
			add_slot(snapshot, &view);
}

static struct metrics_snapshot *
read_region(const struct metrics *metrics)
{
	const struct metrics_catalogue *catalogue = metrics->catalogue;
	struct metrics_snapshot *snapshot = memory_alloc(sizeof(*snapshot));
	struct timespec now;
	size_t i;

	clock_gettime(CLOCK_REALTIME, &now);
	snapshot->taken = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	snapshot->started = catalogue->started;
	snapshot->generation = atomic_load(&catalogue->generation);
	for (i = 0; i < 2; i++)
		snapshot->reloads[i] = metrics_cell_read(&catalogue->reloads[i]);
	add_slots(snapshot, metrics, true);
	add_slots(snapshot, metrics, false);
	for (i = 0; i < snapshot->listener_count; i++)
		merge_rules(&snapshot->listeners[i]);
	return snapshot;
}

struct metrics_snapshot *
metrics_snapshot(const struct metrics *metrics)
{
	struct metrics_snapshot *snapshot = NULL;
	unsigned attempts, before;

	if (!metrics)
		return memory_alloc(sizeof(*snapshot));
	for (attempts = 0; attempts < ATTEMPTS; attempts++) {
		metrics_snapshot_destroy(&snapshot);
		before = atomic_load(&metrics->catalogue->changes);
		snapshot = read_region(metrics);
		if (before % 2 == 0 && atomic_load(&metrics->catalogue->changes) == before)
			break;
	}
	return snapshot;
}

void
metrics_snapshot_destroy(struct metrics_snapshot **snapshot)
{
	struct metrics_snapshot *doomed = *snapshot;
	size_t i, j;

	if (!doomed)
		return;
	for (i = 0; i < doomed->listener_count; i++) {
		struct metrics_listener_sum *listener = &doomed->listeners[i];

		for (j = 0; j < listener->filter_count; j++)
			free(listener->filters[j].name);
		for (j = 0; j < listener->rule_count; j++)
			free(listener->rules[j].name);
		free(listener->name);
		free(listener->filters);
		free(listener->rules);
	}
	free(doomed->listeners);
	free(doomed);
	*snapshot = NULL;
}

/* ---- histograms ---- */

uint64_t
metrics_bucket_bound(size_t bucket)
{
	return bucket < METRICS_BUCKETS - 1 ? (uint64_t)1 << bucket : 0;
}

double
metrics_quantile(const struct metrics_histogram *histogram, double part)
{
	double rank = part * (double)histogram->count, below = 0;
	size_t i;

	for (i = 0; i < METRICS_BUCKETS - 1; i++) {
		double calls = (double)histogram->buckets[i];
		double low = i ? (double)metrics_bucket_bound(i - 1) : 0;

		if (calls > 0 && below + calls >= rank) {
			double high = (double)metrics_bucket_bound(i);

			return low + (high - low) * (rank - below) / calls;
		}
		below += calls;
	}
	return histogram->count ? (double)metrics_bucket_bound(METRICS_BUCKETS - 2) : 0;
}
