/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The region of metrics and its slots, as the master keeps them. A region that is full is no
 * failure: a worker without a slot serves, uncounted.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "filterd/service/metrics_region.h"
#include "filterd/util/memory.h"

#define PAGES		(METRICS_REGION_BYTES / METRICS_PAGE)
#define RULES_UNNAMED	64	/* entries for rules that the configuration does not name */

_Static_assert(sizeof(struct metrics_rule) % METRICS_LINE == 0, "entries share no cache line");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "processes share cells");

static size_t
pages_for(size_t bytes)
{
	return (bytes + METRICS_PAGE - 1) / METRICS_PAGE;
}

static void *
page_address(const struct metrics *metrics, size_t page)
{
	return (char *)metrics->catalogue + page * METRICS_PAGE;
}

static void
mark_pages(struct metrics *metrics, size_t page, size_t count, bool used)
{
	memset(metrics->pages_used + page, used, count);
}

/* ---- the region ---- */

struct metrics *
metrics_create(void)
{
	void *region = mmap(NULL, METRICS_REGION_BYTES, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct metrics *metrics;

	if (region == MAP_FAILED)
		return NULL;
	metrics = memory_alloc(sizeof(*metrics));
	metrics->catalogue = region;
	metrics->catalogue->started = time(NULL);
	metrics->pages_used = memory_alloc(PAGES);
	mark_pages(metrics, 0, pages_for(sizeof(struct metrics_catalogue)), true);
	return metrics;
}

void
metrics_destroy(struct metrics **metrics)
{
	if (!*metrics)
		return;
	munmap((*metrics)->catalogue, METRICS_REGION_BYTES);
	free((*metrics)->pages_used);
	free(*metrics);
	*metrics = NULL;
}

void
metrics_read_only(struct metrics *metrics)
{
	if (metrics)
		mprotect(metrics->catalogue, METRICS_REGION_BYTES, PROT_READ);
}

/* ---- slots ---- */

static size_t
head_size(size_t filters)
{
	return sizeof(struct metrics_head) + filters * METRICS_NAME;
}

static size_t
cells_size(size_t filters, size_t rules)
{
	return sizeof(struct metrics_listener_cells) + filters * sizeof(struct metrics_filter) +
	    rules * sizeof(struct metrics_rule);
}

bool
metrics_slot_view(const struct metrics *metrics, size_t number, struct metrics_view *view_r)
{
	const struct metrics_slot *slot = &metrics->catalogue->slots[number];
	size_t heads = atomic_load(&slot->head_pages), cells = atomic_load(&slot->cell_pages);
	size_t filters = atomic_load(&slot->filter_count), rules = atomic_load(&slot->rule_room);
	size_t first = atomic_load(&slot->page);
	struct metrics_sheet *sheet = &view_r->sheet;

	if (!atomic_load(&slot->used) || !first || first >= PAGES || heads >= PAGES - first ||
	    cells > PAGES - first - heads || filters > PAGES || rules > METRICS_REGION_BYTES ||
	    pages_for(head_size(filters)) > heads || pages_for(cells_size(filters, rules)) > cells)
		return false;
	view_r->serves = atomic_load(&slot->serves);
	view_r->generation = atomic_load(&slot->generation);
	view_r->first_page = first;
	view_r->page_count = heads + cells;
	view_r->cell_page = first + heads;
	view_r->head = page_address(metrics, first);
	sheet->listener = page_address(metrics, first + heads);
	sheet->filters = (struct metrics_filter *)(sheet->listener + 1);
	sheet->filter_count = filters;
	sheet->rules = (struct metrics_rule *)(sheet->filters + filters);
	sheet->rule_room = rules;
	return true;
}

/* False: there is no slot of that number, or no region. */
static bool
view_of(const struct metrics *metrics, int number, struct metrics_view *view_r)
{
	return metrics && number >= 0 && metrics_slot_view(metrics, (size_t)number, view_r);
}

/* The first page of so many free ones; 0: there are none. */
static size_t
find_pages(const struct metrics *metrics, size_t count)
{
	size_t free_pages = 0, page;

	for (page = 0; page < PAGES; page++) {
		free_pages = metrics->pages_used[page] ? 0 : free_pages + 1;
		if (free_pages == count)
			return page + 1 - count;
	}
	return 0;
}

/* A place in the catalogue; -1: it is full. */
static int
find_slot(const struct metrics *metrics)
{
	int i;

	for (i = 0; i < METRICS_SLOTS; i++)
		if (!atomic_load(&metrics->catalogue->slots[i].used))
			return i;
	return -1;
}

/* More than half of a hash table stays free, so that looking for what is not there ends soon. */
static size_t
room_for(size_t rules)
{
	size_t room = RULES_UNNAMED;

	while (room < (rules + RULES_UNNAMED / 2) * 2)
		room *= 2;
	return room;
}

static void
copy_name(char to[METRICS_NAME], const char *name)
{
	memcpy(to, name, strnlen(name, METRICS_NAME - 1));
}

static void
write_names(const struct metrics_view *view, const struct metrics_layout *layout)
{
	size_t i;

	copy_name(view->head->listener, layout->listener);
	for (i = 0; i < layout->filter_count; i++)
		copy_name(view->head->filters[i], layout->filters[i]);
	for (i = 0; i < layout->rule_count; i++)
		metrics_rule_find(&view->sheet, layout->rules[i].filter, layout->rules[i].name);
}

/* Brackets a change of which slots there are. */
static void
change(struct metrics *metrics)
{
	atomic_fetch_add(&metrics->catalogue->changes, 1);
}

static void
write_slot(struct metrics_slot *slot, const struct metrics_layout *layout, size_t page,
    size_t head_pages, size_t cell_pages)
{
	atomic_store(&slot->generation, layout->generation);
	atomic_store(&slot->page, page);
	atomic_store(&slot->head_pages, head_pages);
	atomic_store(&slot->cell_pages, cell_pages);
	atomic_store(&slot->filter_count, layout->filter_count);
	atomic_store(&slot->rule_room, room_for(layout->rule_count));
	atomic_store(&slot->serves, false);
	atomic_store(&slot->used, true);
}

int
metrics_slot_open(struct metrics *metrics, const struct metrics_layout *layout)
{
	size_t head_pages = pages_for(head_size(layout->filter_count));
	size_t cell_pages = pages_for(
	    cells_size(layout->filter_count, room_for(layout->rule_count)));
	int number = metrics ? find_slot(metrics) : -1;
	size_t page = number < 0 ? 0 : find_pages(metrics, head_pages + cell_pages);
	struct metrics_view view;

	if (!page)
		return -1;
	mark_pages(metrics, page, head_pages + cell_pages, true);
	change(metrics);
	write_slot(&metrics->catalogue->slots[number], layout, page, head_pages, cell_pages);
	if (metrics_slot_view(metrics, (size_t)number, &view))
		write_names(&view, layout);
	if ((unsigned)number >= atomic_load(&metrics->catalogue->slot_count))
		atomic_store(&metrics->catalogue->slot_count, (unsigned)number + 1);
	change(metrics);
	return number;
}

/* ---- what a slot leaves behind ---- */

/* The newest slot of the same listener, beside the one that goes. False: there is none. */
static bool
find_heir(const struct metrics *metrics, int going, const char *listener,
    struct metrics_view *heir_r)
{
	struct metrics_view view;
	bool found = false;
	int i;

	for (i = 0; i < METRICS_SLOTS; i++) {
		if (i == going || !metrics_slot_view(metrics, (size_t)i, &view) ||
		    strcmp(view.head->listener, listener) != 0)
			continue;
		if (!found || view.generation > heir_r->generation)
			*heir_r = view;
		found = true;
	}
	return found;
}

static void
add_cells(metrics_cell *to, const metrics_cell *from, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (metrics_cell_read(&from[i]))
			metrics_cell_add(&to[i], metrics_cell_read(&from[i]));
}

static void
add_times(struct metrics_times *to, const struct metrics_times *from)
{
	add_cells(to->buckets, from->buckets, METRICS_BUCKETS);
	add_cells(&to->nanoseconds, &from->nanoseconds, 1);
}

/* The place of a name among those of a slot; its filter_count: it is not there. */
static size_t
find_filter(const struct metrics_view *view, const char *name)
{
	size_t i;

	for (i = 0; i < view->sheet.filter_count; i++)
		if (strcmp(view->head->filters[i], name) == 0)
			break;
	return i;
}

static void
bequeath_rule(
    const struct metrics_rule *from, const char *filter, const struct metrics_view *to)
{
	size_t place = find_filter(to, filter);
	struct metrics_rule *rule = NULL;
	char name[METRICS_RULE_NAME] = "";

	memcpy(name, from->name, sizeof(name) - 1);
	if (place < to->sheet.filter_count && metrics_cell_read(&from->hits))
		rule = metrics_rule_find(&to->sheet, place, name);
	if (rule)
		metrics_cell_add(&rule->hits, metrics_cell_read(&from->hits));
}

static void
bequeath(const struct metrics_view *from, const struct metrics_view *to)
{
	const struct metrics_sheet *left = &from->sheet, *right = &to->sheet;
	size_t i;

	add_cells(right->listener->cells, left->listener->cells, METRICS_GAUGES);
	add_times(&right->listener->times, &left->listener->times);
	add_times(&right->listener->dns, &left->listener->dns);
	for (i = 0; i < left->filter_count; i++) {
		size_t place = find_filter(to, from->head->filters[i]);

		if (place == right->filter_count)
			continue;
		add_cells(right->filters[place].cells, left->filters[i].cells,
		    METRICS_FILTER_GAUGES);
		add_times(&right->filters[place].times, &left->filters[i].times);
	}
	for (i = 0; i < left->rule_room; i++) {
		uint32_t state = atomic_load(&left->rules[i].state);

		if (state >= RULE_NAMED && state - RULE_NAMED < left->filter_count)
			bequeath_rule(&left->rules[i], from->head->filters[state - RULE_NAMED], to);
	}
}

void
metrics_slot_close(struct metrics *metrics, int number)
{
	struct metrics_view view, heir;

	if (!view_of(metrics, number, &view))
		return;
	change(metrics);
	if (find_heir(metrics, number, view.head->listener, &heir))
		bequeath(&view, &heir);
	atomic_store(&metrics->catalogue->slots[number].used, false);
	madvise(view.head, view.page_count * METRICS_PAGE, MADV_REMOVE);
	change(metrics);
	mark_pages(metrics, view.first_page, view.page_count, false);
}

/* ---- what the master knows of a slot ---- */

/* The gauges of a worker that is no more are nothing. */
void
metrics_slot_serves(struct metrics *metrics, int number, bool serves)
{
	struct metrics_view view;
	size_t i;

	if (!view_of(metrics, number, &view))
		return;
	for (i = METRICS_GAUGES; !serves && i < METRICS_LISTENER_CELLS; i++)
		atomic_store(&view.sheet.listener->cells[i], 0);
	atomic_store(&metrics->catalogue->slots[number].serves, serves);
}

/* No generation has the number 0: the slot is one of an earlier generation's. */
void
metrics_slot_drains(struct metrics *metrics, int number)
{
	struct metrics_view view;

	if (view_of(metrics, number, &view))
		atomic_store(&metrics->catalogue->slots[number].generation, 0);
}

void
metrics_slot_restarted(struct metrics *metrics, int number)
{
	struct metrics_view view;

	if (view_of(metrics, number, &view))
		metrics_cell_add(&view.sheet.listener->cells[METRICS_WORKER_RESTARTS], 1);
}

/* The cells of a filter in the slot; NULL: there are none. */
static metrics_cell *
cells_of(const struct metrics *metrics, int number, const char *filter)
{
	struct metrics_view view;
	size_t place;

	if (!view_of(metrics, number, &view))
		return NULL;
	place = find_filter(&view, filter);
	return place < view.sheet.filter_count ? view.sheet.filters[place].cells : NULL;
}

void
metrics_slot_crashed(struct metrics *metrics, int number, const char *filter)
{
	metrics_cell *cells = cells_of(metrics, number, filter);

	if (cells)
		metrics_cell_add(&cells[METRICS_CRASHES], 1);
}

void
metrics_slot_removed(struct metrics *metrics, int number, const char *filter)
{
	metrics_cell *cells = cells_of(metrics, number, filter);

	if (cells)
		atomic_store(&cells[METRICS_REMOVED], 1);
}

void
metrics_generation(struct metrics *metrics, unsigned generation)
{
	if (metrics)
		atomic_store(&metrics->catalogue->generation, generation);
}

void
metrics_reloaded(struct metrics *metrics, bool good)
{
	if (metrics)
		metrics_cell_add(&metrics->catalogue->reloads[!good], 1);
}

/* ---- in a worker ---- */

void
metrics_attach(struct metrics *metrics, int number)
{
	struct metrics_view view;
	size_t after;

	if (!metrics)
		return;
	if (!view_of(metrics, number, &view)) {
		munmap(metrics->catalogue, METRICS_REGION_BYTES);
		return;
	}
	after = view.first_page + view.page_count;
	if (after < PAGES)
		munmap(page_address(metrics, after), (PAGES - after) * METRICS_PAGE);
	munmap(metrics->catalogue, view.cell_page * METRICS_PAGE);
	metrics_rules_mend(&view.sheet);
	metrics_count_in(&view.sheet);
}
