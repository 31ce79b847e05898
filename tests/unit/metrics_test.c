/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of the metrics' region: what workers count is summed up and survives them and their
 * generation, readers see no slot come or go, and nothing that a worker writes brings a reader
 * down. Workers are children of the test, as a process that has a slot cannot read.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "filterd/service/metrics_region.h"
#include "filterd/service/metrics_snapshot.h"

#define THREADS	4
#define ROUNDS	20000
#define RULES	50	/* new ones as the rounds go on, so that threads meet at their first hits */

static const char *const two_filters[] = { "spf", "rules" };
static const struct metrics_rule_name rule_names[] = { { 1, "block" }, { 1, "never" } };

static const struct metrics_layout layout = {
	"mx", two_filters, 2, rule_names, 2, 1
};

static int
setup(void **state)
{
	*state = metrics_create();
	return *state ? 0 : -1;
}

static int
teardown(void **state)
{
	metrics_destroy((struct metrics **)state);
	return 0;
}

/* Runs `work` in a worker with the slot, and returns how it ended. */
static int
run_worker(struct metrics *metrics, int slot, void (*work)(const void *argument),
    const void *argument)
{
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		metrics_attach(metrics, slot);
		work(argument);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
must_work(struct metrics *metrics, int slot, void (*work)(const void *argument),
    const void *argument)
{
	assert_int_equal(run_worker(metrics, slot, work, argument), 0);
}

static const struct metrics_rule_sum *
find_rule(const struct metrics_filter_sum *filter, const char *name)
{
	size_t i;

	for (i = 0; i < filter->rule_count; i++)
		if (strcmp(filter->rules[i].name, name) == 0)
			return &filter->rules[i];
	fail_msg("there is no rule %s", name);
	return NULL;
}

/* ---- counting ---- */

static void *
count_in_thread(void *argument)
{
	char name[16];
	int i;

	(void)argument;
	for (i = 0; i < ROUNDS; i++) {
		metrics_add(METRICS_SESSIONS, 1);
		metrics_add(METRICS_SESSIONS_OPEN, 2);
		metrics_subtract(METRICS_SESSIONS_OPEN, 2);
		metrics_filter_add(metrics_filter(0), METRICS_VERDICTS + MF_REJECT, 1);
		metrics_filter_time(metrics_filter(1), 1500);
		snprintf(name, sizeof(name), "rule%d", i / (ROUNDS / RULES));
		metrics_rule_hit(1, name);
	}
	return NULL;
}

static void
count_in_threads(const void *argument)
{
	pthread_t threads[THREADS];
	size_t i;

	(void)argument;
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, count_in_thread, NULL) != 0)
			_exit(1);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void
test_threads_and_workers_add_up(void **state)
{
	struct metrics *metrics = *state;
	int slots[] = { metrics_slot_open(metrics, &layout), metrics_slot_open(metrics, &layout) };
	const uint64_t all = 2 * THREADS * ROUNDS;
	struct metrics_snapshot *snapshot;
	const struct metrics_listener_sum *listener;
	const struct metrics_filter_sum *filters;

	must_work(metrics, slots[0], count_in_threads, NULL);
	must_work(metrics, slots[1], count_in_threads, NULL);
	snapshot = metrics_snapshot(metrics);
	assert_int_equal(snapshot->listener_count, 1);
	listener = snapshot->listeners;
	filters = listener->filters;
	assert_string_equal(listener->name, "mx");
	assert_int_equal(listener->cells[METRICS_SESSIONS], all);
	assert_int_equal(listener->cells[METRICS_SESSIONS_OPEN], 0);
	assert_int_equal(listener->filter_count, 2);
	assert_string_equal(filters[0].name, "spf");
	assert_int_equal(filters[0].cells[METRICS_VERDICTS + MF_REJECT], all);
	assert_int_equal(filters[0].rule_count, 0);
	assert_int_equal(filters[1].calls.count, all);
	assert_int_equal(filters[1].calls.buckets[1], all);
	assert_int_equal(filters[1].calls.nanoseconds, all * 1500);
	assert_int_equal(filters[1].rule_count, RULES + 2);
	assert_int_equal(find_rule(&filters[1], "rule3")->hits, all / RULES);
	assert_int_equal(find_rule(&filters[1], "never")->hits, 0);
	metrics_snapshot_destroy(&snapshot);
}

static void
count_times(const void *argument)
{
	static const int64_t nanoseconds[] = { -5, 0, 1, 1000, 1001, 2000, 2001, 4000, 67108864000,
		67108864001, INT64_MAX / 4 };
	size_t i;

	(void)argument;
	for (i = 0; i < sizeof(nanoseconds) / sizeof(nanoseconds[0]); i++)
		metrics_message_time(nanoseconds[i]);
}

static void
test_a_time_falls_into_the_bucket_of_its_bound(void **state)
{
	struct metrics *metrics = *state;
	struct metrics_snapshot *snapshot;
	const struct metrics_histogram *times;

	must_work(metrics, metrics_slot_open(metrics, &layout), count_times, NULL);
	snapshot = metrics_snapshot(metrics);
	times = &snapshot->listeners[0].messages;
	assert_int_equal(times->count, 11);
	assert_int_equal(times->buckets[0], 4);
	assert_int_equal(times->buckets[1], 2);
	assert_int_equal(times->buckets[2], 2);
	assert_int_equal(metrics_bucket_bound(26), 67108864);
	assert_int_equal(times->buckets[26], 1);
	assert_int_equal(times->buckets[27], 2);
	assert_int_equal(metrics_bucket_bound(27), 0);
	metrics_snapshot_destroy(&snapshot);
}

static void
test_quantiles(void **state)
{
	struct metrics_histogram histogram = { .count = 0 };

	(void)state;
	assert_true(metrics_quantile(&histogram, 0.5) == 0);
	histogram.buckets[3] = histogram.count = 100;	/* over 4, up to 8 us */
	assert_true(metrics_quantile(&histogram, 0.5) == 6);
	assert_true(metrics_quantile(&histogram, 1) == 8);
	histogram.buckets[10] = 100;
	histogram.count = 200;
	assert_true(metrics_quantile(&histogram, 0.5) == 8);
	assert_true(metrics_quantile(&histogram, 0.75) == 768);
	histogram.buckets[27] = 1000;
	histogram.count = 1200;
	assert_true(metrics_quantile(&histogram, 0.99) == 67108864);
}

static void
count_without_a_slot(const void *argument)
{
	(void)argument;
	metrics_add(METRICS_SESSIONS, 1);
	metrics_message_time(1);
	metrics_filter_add(metrics_filter(0), METRICS_TIMEOUTS, 1);
	metrics_rule_hit(0, "r");
	metrics_usage();
	if (metrics_filter(0))
		_exit(1);
}

static void
test_without_a_slot_nothing_is_counted(void **state)
{
	struct metrics *metrics = *state;
	struct metrics_snapshot *snapshot;
	int slot = metrics_slot_open(metrics, &layout);

	count_without_a_slot(NULL);
	must_work(metrics, -1, count_without_a_slot, NULL);
	must_work(NULL, 0, count_without_a_slot, NULL);
	metrics_slot_serves(NULL, 0, true);
	metrics_slot_close(metrics, -1);
	snapshot = metrics_snapshot(metrics);
	assert_int_equal(snapshot->listeners[0].cells[METRICS_SESSIONS], 0);
	metrics_snapshot_destroy(&snapshot);
	metrics_slot_close(metrics, slot);
	snapshot = metrics_snapshot(NULL);
	assert_int_equal(snapshot->listener_count, 0);
	metrics_snapshot_destroy(&snapshot);
}

/* ---- rules ---- */

static void
hit_many_rules(const void *argument)
{
	char name[16];
	int i;

	(void)argument;
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "%d", i);
		metrics_rule_hit(0, name);
	}
	metrics_rule_hit(1, "block");
	metrics_rule_hit(1, "block");
}

static void
test_rules_past_the_room_are_counted_together(void **state)
{
	struct metrics *metrics = *state;
	struct metrics_snapshot *snapshot;
	const struct metrics_listener_sum *listener;
	uint64_t hits = 0;
	size_t i;

	must_work(metrics, metrics_slot_open(metrics, &layout), hit_many_rules, NULL);
	snapshot = metrics_snapshot(metrics);
	listener = &snapshot->listeners[0];
	for (i = 0; i < listener->rule_count; i++)
		hits += listener->rules[i].hits;
	assert_in_range(listener->rule_count, 64, 1000);
	assert_int_equal(hits + listener->cells[METRICS_HITS_UNCOUNTED], 1002);
	assert_int_equal(find_rule(&listener->filters[1], "block")->hits, 2);
	metrics_snapshot_destroy(&snapshot);
}

static void
hit_odd_rules(const void *argument)
{
	char name[200];

	(void)argument;
	memset(name, 'x', sizeof(name));
	name[150] = '\0';
	metrics_rule_hit(1, name);
	name[149] = '\0';
	metrics_rule_hit(1, name);
	metrics_rule_hit(1, "\xff");
	metrics_rule_hit(1, "\xfe");
}

static void
test_odd_names_of_rules(void **state)
{
	struct metrics *metrics = *state;
	struct metrics_snapshot *snapshot;
	const struct metrics_filter_sum *filter;
	char cut[METRICS_RULE_NAME] = "";

	must_work(metrics, metrics_slot_open(metrics, &layout), hit_odd_rules, NULL);
	snapshot = metrics_snapshot(metrics);
	filter = &snapshot->listeners[0].filters[1];
	memset(cut, 'x', sizeof(cut) - 1);
	assert_int_equal(filter->rule_count, 4);
	assert_int_equal(find_rule(filter, cut)->hits, 2);
	assert_int_equal(find_rule(filter, "\xef\xbf\xbd")->hits, 2);
	metrics_snapshot_destroy(&snapshot);
}

static void
leave_an_entry_unfinished(const void *argument)
{
	struct metrics_rule *rule = metrics_rule_find(argument, 0, "half");

	atomic_store(&rule->state, RULE_TAKEN);
}

static void
hit_half(const void *argument)
{
	(void)argument;
	metrics_rule_hit(0, "half");
}

static void
test_an_entry_left_unfinished_is_taken_back(void **state)
{
	struct metrics *metrics = *state;
	int slot = metrics_slot_open(metrics, &layout);
	struct metrics_snapshot *snapshot;
	struct metrics_view view;

	assert_true(metrics_slot_view(metrics, (size_t)slot, &view));
	must_work(metrics, slot, leave_an_entry_unfinished, &view.sheet);
	assert_null(metrics_rule_find(&view.sheet, 0, "half"));
	must_work(metrics, slot, hit_half, NULL);
	snapshot = metrics_snapshot(metrics);
	assert_int_equal(find_rule(&snapshot->listeners[0].filters[0], "half")->hits, 1);
	metrics_snapshot_destroy(&snapshot);
}

/* ---- slots and generations ---- */

static void
count_a_little(const void *argument)
{
	(void)argument;
	metrics_add(METRICS_MESSAGES, 3);
	metrics_add(METRICS_SESSIONS_OPEN, 1);
	metrics_message_time(1000);
	metrics_filter_add(metrics_filter(0), METRICS_TIMEOUTS, 5);
	metrics_filter_add(metrics_filter(1), METRICS_EDITS, 7);
	metrics_rule_hit(1, "block");
	metrics_rule_hit(0, "made up");
	metrics_usage();
}

static void
test_a_worker_that_dies_leaves_its_counts_but_no_gauges(void **state)
{
	struct metrics *metrics = *state;
	int slot = metrics_slot_open(metrics, &layout);
	struct metrics_snapshot *snapshot;
	const uint64_t *cells;

	metrics_generation(metrics, 1);
	metrics_slot_serves(metrics, slot, true);
	must_work(metrics, slot, count_a_little, NULL);
	snapshot = metrics_snapshot(metrics);
	cells = snapshot->listeners[0].cells;
	assert_int_equal(cells[METRICS_SESSIONS_OPEN], 1);
	assert_int_equal(cells[METRICS_WORKERS], 1);
	assert_int_equal(cells[METRICS_WORKERS + 1], 0);
	assert_in_range(cells[METRICS_DESCRIPTORS], 3, 1000);
	assert_in_range(cells[METRICS_RESIDENT_BYTES], 100000, 1u << 31);
	assert_int_not_equal(cells[METRICS_DESCRIPTOR_LIMIT], 0);
	metrics_snapshot_destroy(&snapshot);
	metrics_slot_serves(metrics, slot, false);
	metrics_slot_restarted(metrics, slot);
	metrics_slot_crashed(metrics, slot, "rules");
	metrics_slot_crashed(metrics, slot, "no such filter");
	metrics_slot_removed(metrics, slot, "rules");
	metrics_slot_removed(metrics, slot, "rules");
	snapshot = metrics_snapshot(metrics);
	cells = snapshot->listeners[0].cells;
	assert_int_equal(cells[METRICS_SESSIONS_OPEN], 0);
	assert_int_equal(cells[METRICS_WORKERS], 0);
	assert_int_equal(cells[METRICS_RESIDENT_BYTES], 0);
	assert_int_equal(cells[METRICS_MESSAGES], 3);
	assert_int_equal(cells[METRICS_WORKER_RESTARTS], 1);
	assert_int_equal(snapshot->listeners[0].filters[1].cells[METRICS_CRASHES], 1);
	assert_int_equal(snapshot->listeners[0].filters[0].cells[METRICS_CRASHES], 0);
	assert_int_equal(snapshot->listeners[0].filters[1].cells[METRICS_REMOVED], 1);
	assert_int_equal(snapshot->listeners[0].filters[0].cells[METRICS_REMOVED], 0);
	metrics_snapshot_destroy(&snapshot);
}

static void
test_a_new_generation_takes_over_by_name(void **state)
{
	static const char *const chain[] = { "rules", "dkim" };
	const struct metrics_layout next = { "mx", chain, 2, NULL, 0, 2 };
	struct metrics *metrics = *state;
	int old = metrics_slot_open(metrics, &layout), new;
	struct metrics_snapshot *snapshot;
	const struct metrics_listener_sum *listener;

	must_work(metrics, old, count_a_little, NULL);
	new = metrics_slot_open(metrics, &next);
	metrics_generation(metrics, 2);
	metrics_reloaded(metrics, true);
	metrics_slot_serves(metrics, old, true);
	metrics_slot_serves(metrics, new, true);
	must_work(metrics, new, count_a_little, NULL);
	snapshot = metrics_snapshot(metrics);
	listener = &snapshot->listeners[0];
	assert_int_equal(listener->filter_count, 3);
	assert_string_equal(listener->filters[0].name, "rules");
	assert_string_equal(listener->filters[2].name, "spf");
	assert_int_equal(listener->cells[METRICS_WORKERS], 1);
	assert_int_equal(listener->cells[METRICS_WORKERS + 1], 1);
	metrics_snapshot_destroy(&snapshot);
	metrics_slot_close(metrics, old);
	snapshot = metrics_snapshot(metrics);
	listener = &snapshot->listeners[0];
	assert_int_equal(snapshot->generation, 2);
	assert_int_equal(snapshot->reloads[0], 1);
	assert_int_equal(snapshot->reloads[1], 0);
	assert_int_equal(listener->filter_count, 2);
	assert_int_equal(listener->cells[METRICS_MESSAGES], 6);
	assert_int_equal(listener->cells[METRICS_SESSIONS_OPEN], 1);
	assert_int_equal(listener->messages.count, 2);
	assert_int_equal(listener->filters[0].cells[METRICS_TIMEOUTS], 5);
	assert_int_equal(listener->filters[0].cells[METRICS_EDITS], 7);
	assert_int_equal(find_rule(&listener->filters[0], "block")->hits, 1);
	assert_int_equal(listener->filters[0].rule_count, 2);
	assert_int_equal(find_rule(&listener->filters[1], "block")->hits, 1);
	metrics_snapshot_destroy(&snapshot);
}

static void
test_a_region_that_is_full(void **state)
{
	struct metrics *metrics = *state;
	struct metrics_snapshot *snapshot;
	int slot, count = 0;

	while ((slot = metrics_slot_open(metrics, &layout)) >= 0)
		count++;
	assert_in_range(count, 512, METRICS_SLOTS);
	metrics_slot_close(metrics, count / 2);
	slot = metrics_slot_open(metrics, &layout);
	assert_int_equal(slot, count / 2);
	must_work(metrics, slot, count_a_little, NULL);
	assert_int_equal(metrics_slot_open(metrics, &layout), -1);
	snapshot = metrics_snapshot(metrics);
	assert_int_equal(snapshot->listeners[0].cells[METRICS_MESSAGES], 3);
	metrics_snapshot_destroy(&snapshot);
}

/* In a process that only reads: what does not change is always the same. */
static _Noreturn void
read_all_the_time(struct metrics *metrics)
{
	int i;

	metrics_read_only(metrics);
	for (i = 0; i < 1000; i++) {
		struct metrics_snapshot *snapshot = metrics_snapshot(metrics);
		const struct metrics_listener_sum *listener = snapshot->listeners;

		if (snapshot->listener_count != 1 || listener->cells[METRICS_MESSAGES] != 3 ||
		    listener->filters[0].cells[METRICS_TIMEOUTS] != 5 ||
		    listener->filters[1].cells[METRICS_EDITS] != 7)
			_exit(1);
		metrics_snapshot_destroy(&snapshot);
	}
	_exit(0);
}

static void
test_readers_see_no_slot_come_or_go(void **state)
{
	struct metrics *metrics = *state;
	int slot = metrics_slot_open(metrics, &layout), status;
	struct metrics_layout next = layout;
	pid_t pid;

	must_work(metrics, slot, count_a_little, NULL);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		read_all_the_time(metrics);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		int old = slot;

		next.generation++;
		slot = metrics_slot_open(metrics, &next);
		metrics_slot_close(metrics, old);
		usleep(200);
	}
	assert_int_equal(status, 0);
}

/* ---- workers that have run wild ---- */

static void
scribble(const void *argument)
{
	const struct metrics_view *view = argument;
	unsigned char *cells = (unsigned char *)view->sheet.listener;
	size_t size = (view->page_count - (view->cell_page - view->first_page)) * METRICS_PAGE, i;

	for (i = 0; i < size; i++)
		cells[i] = (unsigned char)rand();
	/* half of the rules point at filters that are there, and their names have no end */
	for (i = 0; i < view->sheet.rule_room; i += 2)
		atomic_store(&view->sheet.rules[i].state, RULE_NAMED + i / 2 % 2);
}

static void
test_rubbish_in_a_slot_makes_numbers_only(void **state)
{
	struct metrics *metrics = *state;
	int wild = metrics_slot_open(metrics, &layout), tame;
	struct metrics_layout other = layout;
	struct metrics_snapshot *snapshot;
	struct buffer text = { 0 };
	struct metrics_view view;
	json_t *json;

	other.listener = "submission";
	tame = metrics_slot_open(metrics, &other);
	assert_true(metrics_slot_view(metrics, (size_t)wild, &view));
	must_work(metrics, tame, count_a_little, NULL);
	must_work(metrics, wild, scribble, &view);
	snapshot = metrics_snapshot(metrics);
	assert_int_equal(snapshot->listener_count, 2);
	assert_int_equal(snapshot->listeners[0].filter_count, 2);
	assert_in_range(snapshot->listeners[0].rule_count, 1, view.sheet.rule_room);
	assert_int_equal(snapshot->listeners[1].cells[METRICS_MESSAGES], 3);
	metrics_json(snapshot, "1", &text);
	json = json_loads(text.data, JSON_DECODE_INT_AS_REAL, NULL);
	assert_non_null(json);
	json_decref(json);
	buffer_free(&text);
	metrics_snapshot_destroy(&snapshot);
	metrics_slot_open(metrics, &layout);
	metrics_slot_close(metrics, wild);
}

static void
write_elsewhere(const void *argument)
{
	signal(SIGSEGV, SIG_DFL);
	*(volatile char *)(uintptr_t)argument = 1;
}

static void
test_a_worker_cannot_reach_what_is_not_its_own(void **state)
{
	struct metrics *metrics = *state;
	int first = metrics_slot_open(metrics, &layout), mine = metrics_slot_open(metrics, &layout);
	int last = metrics_slot_open(metrics, &layout);
	struct metrics_view view, own, after;
	const void *forbidden[4];
	size_t i;

	assert_true(metrics_slot_view(metrics, (size_t)first, &view));
	assert_true(metrics_slot_view(metrics, (size_t)mine, &own));
	assert_true(metrics_slot_view(metrics, (size_t)last, &after));
	forbidden[0] = metrics->catalogue;
	forbidden[1] = view.sheet.listener;
	forbidden[2] = own.head;
	forbidden[3] = after.head;
	must_work(metrics, mine, write_elsewhere, own.sheet.listener);
	for (i = 0; i < 4; i++) {
		int status = run_worker(metrics, mine, write_elsewhere, forbidden[i]);

		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	}
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_threads_and_workers_add_up),
		TEST(test_a_time_falls_into_the_bucket_of_its_bound),
		TEST(test_quantiles),
		TEST(test_without_a_slot_nothing_is_counted),
		TEST(test_rules_past_the_room_are_counted_together),
		TEST(test_odd_names_of_rules),
		TEST(test_an_entry_left_unfinished_is_taken_back),
		TEST(test_a_worker_that_dies_leaves_its_counts_but_no_gauges),
		TEST(test_a_new_generation_takes_over_by_name),
		TEST(test_a_region_that_is_full),
		TEST(test_readers_see_no_slot_come_or_go),
		TEST(test_rubbish_in_a_slot_makes_numbers_only),
		TEST(test_a_worker_cannot_reach_what_is_not_its_own),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
