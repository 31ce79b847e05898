/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which filters bring down the workers of a crew, and which are out for it. What counts is what
 * all workers of all listeners have died of within crash-window. A filter that is out stays out for
 * as long as the crew lives: a reload makes another crew. Being out is loud: a line in the log, and
 * a gauge.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "filterd/service/log.h"
#include "filterd/service/metrics.h"
#include "filterd/supervise/crew_parts.h"
#include "filterd/util/memory.h"

/* Of all filters, in the order of the configuration. */
struct blame {
	bool *removed;
	unsigned *counts;		/* of crashes */
	/* when, by watch_now(): the last crash-limit crashes of each, in turn */
	int64_t *times;
};

/* Where workers note the stages of their filters, for workers that will do without one of them. */
static atomic_uint *
share_stages(size_t count)
{
	void *memory = mmap(NULL, (count + 1) * sizeof(atomic_uint), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		memory_exhausted();
	return memory;
}

void
crew_blame_begin(struct crew *crew)
{
	const struct settings *settings = crew->needs->settings;
	size_t count = settings->filter_count;

	crew->blame = memory_alloc(sizeof(*crew->blame));
	crew->blame->removed = memory_array(count, sizeof(bool));
	crew->blame->counts = memory_array(count, sizeof(unsigned));
	crew->blame->times = memory_array(
	    count * (size_t)settings->crash_limit, sizeof(int64_t));
	crew->removals = (struct removals){ count, crew->blame->removed, share_stages(count) };
}

void
crew_blame_end(struct crew *crew)
{
	munmap(crew->removals.stages, (crew->removals.count + 1) * sizeof(atomic_uint));
	free(crew->blame->removed);
	free(crew->blame->counts);
	free(crew->blame->times);
	free(crew->blame);
}

/* Notes whose names are that long are cut. */
static bool
is_noted_as(const char *name, const char *noted)
{
	return strncmp(name, noted, CRASH_NOTE_FILTER - 1) == 0;
}

static bool
is_in_chain(const struct listener_settings *listener, const char *filter)
{
	size_t i;

	for (i = 0; i < listener->chain.count; i++)
		if (strcmp(listener->chain.items[i], filter) == 0)
			return true;
	return false;
}

/* The place of a filter that the worker may have loaded; the number of all: there is none. */
static size_t
find_filter(const struct crew *crew, const struct worker *worker, const char *noted)
{
	const struct settings *settings = crew->needs->settings;
	size_t i;

	for (i = 0; i < settings->filter_count; i++)
		if (is_noted_as(settings->filters[i].name, noted) &&
		    is_in_chain(crew_listener_of(crew, worker), settings->filters[i].name))
			break;
	return i;
}

/* Counts a crash. True: the filter has crashed too often now. */
static bool
count_crash(const struct crew *crew, size_t filter)
{
	const struct settings *settings = crew->needs->settings;
	size_t limit = (size_t)settings->crash_limit;
	int64_t *times = crew->blame->times + filter * limit, now = watch_now();
	unsigned count;

	if (!limit)
		return false;
	count = ++crew->blame->counts[filter];
	times[count % limit] = now;
	return count >= limit &&
	    now - times[(count + 1) % limit] <= settings->crash_window.milliseconds;
}

static void
log_removal(const struct crew *crew, size_t filter)
{
	const struct settings *settings = crew->needs->settings;
	char generation[24], crashes[24], seconds[24];

	snprintf(generation, sizeof(generation), "%u", crew->generation);
	snprintf(crashes, sizeof(crashes), "%lld", (long long)settings->crash_limit);
	snprintf(seconds, sizeof(seconds), "%lld",
	    (long long)settings->crash_window.milliseconds / 1000);
	log_event(MF_LOG_ERROR, "filter removed", (struct log_field[]){
		{ "filter", str_of(settings->filters[filter].name), false },
		{ "generation", str_of(generation), true },
		{ "crashes", str_of(crashes), true },
		{ "window_s", str_of(seconds), true },
		{ "text", STR("its on-error policy stands in for it; when its plugin is mended,"
		    " \"filterd reload\" brings it back"), false },
	}, 5);
}

void
crew_mark_removed(const struct crew *crew, const struct worker *worker)
{
	const struct settings *settings = crew->needs->settings;
	size_t i;

	for (i = 0; i < settings->filter_count; i++)
		if (crew->blame->removed[i])
			metrics_slot_removed(
			    crew->needs->metrics, worker->slot, settings->filters[i].name);
}

/* One that still loads is replaced when it is ready. */
static void
replace_users(struct crew *crew, const char *filter)
{
	struct worker *worker;

	for (worker = crew->workers; worker; worker = worker->next) {
		if (worker->retired || !is_in_chain(crew_listener_of(crew, worker), filter))
			continue;
		crew_mark_removed(crew, worker);
		crew_retire(crew, worker);
	}
}

void
crew_blame(struct crew *crew, const struct worker *worker, const char *filter)
{
	size_t place = find_filter(crew, worker, filter);

	if (place == crew->needs->settings->filter_count || crew->blame->removed[place] ||
	    !count_crash(crew, place))
		return;
	crew->blame->removed[place] = true;
	crew->removed++;
	log_removal(crew, place);
	replace_users(crew, crew->needs->settings->filters[place].name);
}
