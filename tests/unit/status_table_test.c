/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of `filterd status`: what they show of two answers of the daemon, to the letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/command/status_table.h"
#include "filterd/service/metrics_snapshot.h"

static const char *const filters[] = { "spf", "rules" };
static const struct metrics_rule_name rules[] = { { 1, "block" }, { 1, "\033[2J" } };
static const struct metrics_layout layout = { "mx", filters, 2, rules, 2, 3 };

/* An answer; the second one comes ten seconds after the first. */
static struct status *
make(bool second)
{
	struct metrics *metrics = metrics_create();
	struct metrics_snapshot *snapshot;
	struct metrics_listener_sum *mx;
	struct buffer json = { 0 };
	struct status *status;

	assert_non_null(metrics);
	assert_int_equal(metrics_slot_open(metrics, &layout), 0);
	metrics_generation(metrics, 3);
	metrics_slot_serves(metrics, 0, true);
	snapshot = metrics_snapshot(metrics);
	snapshot->started = 1000;
	snapshot->taken = (1000 + 90061 + (second ? 10 : 0)) * 1000;
	mx = snapshot->listeners;
	mx->cells[METRICS_SESSIONS] = 100;
	mx->cells[METRICS_SESSIONS_OPEN] = 2;
	mx->cells[METRICS_MESSAGES] = second ? 70 : 50;
	mx->cells[METRICS_MESSAGES + 1] = 3;
	mx->cells[METRICS_DESCRIPTORS] = 40;
	mx->cells[METRICS_DESCRIPTOR_LIMIT] = 1024;
	mx->cells[METRICS_RESIDENT_BYTES] = 12345678;
	mx->cells[METRICS_LIMITS] = 1;
	mx->filters[0].cells[METRICS_VERDICTS] = 53;
	mx->filters[0].cells[METRICS_TIMEOUTS] = 4;
	mx->filters[0].calls.buckets[11] = 100;		/* up to 2048 us */
	mx->filters[0].calls.buckets[21] = second ? 100 : 0;	/* up to 2 s */
	mx->filters[0].calls.count = second ? 200 : 100;
	mx->filters[1].cells[METRICS_SHADOW_VERDICTS + 4] = 7;
	mx->filters[1].cells[METRICS_EDITS] = 8;
	metrics_json(snapshot, "1.2", &json);
	status = status_read(json.data);
	assert_non_null(status);
	buffer_free(&json);
	metrics_snapshot_destroy(&snapshot);
	metrics_destroy(&metrics);
	return status;
}

static void
assert_table(bool twice, const struct status_view *view, const char *expected)
{
	struct status *before = twice ? make(false) : NULL, *now = make(true);
	struct buffer text = { 0 };

	status_table(now, before, view, &text);
	assert_string_equal(text.data, expected);
	buffer_free(&text);
	status_destroy(&before);
	status_destroy(&now);
}

static void
test_totals_with_rates(void **state)
{
	const struct status_view view = { .rules = true };

	(void)state;
	assert_table(true, &view,
	    "filterd 1.2, up 1d 01:01:11, generation 3\n"
	    "\n"
	    "listener mx: workers 1, restarts 0, descriptors 40 of 1024, memory 12.3 MB\n"
	    "  sessions 100, open 2\n"
	    "  end of message     messages  a second       p50       p99  verdicts\n"
	    "  all                      73       2.0         -         -  accept 70, reject 3,"
	    " limit size 1\n"
	    "  filter                calls  a second       p50       p99  verdicts\n"
	    "  spf                     200      10.0    2.0 ms     2.1 s  continue 53, timeouts 4\n"
	    "  rules                     0       0.0         -         -  shadow tempfail 7,"
	    " edits 8\n"
	    "    rule  [2J               0\n"
	    "    rule block              0\n");
}

static void
test_times_of_late(void **state)
{
	const struct status_view view = { .recent = true };

	(void)state;
	assert_table(true, &view,
	    "filterd 1.2, up 1d 01:01:11, generation 3\n"
	    "\n"
	    "listener mx: workers 1, restarts 0, descriptors 40 of 1024, memory 12.3 MB\n"
	    "  sessions 100, open 2\n"
	    "  end of message     messages  a second       p50       p99  verdicts\n"
	    "  all                      73       2.0         -         -  accept 70, reject 3,"
	    " limit size 1\n"
	    "  filter                calls  a second       p50       p99  verdicts\n"
	    "  spf                     200      10.0     1.6 s     2.1 s  continue 53, timeouts 4\n"
	    "  rules                     0       0.0         -         -  shadow tempfail 7,"
	    " edits 8\n");
}

static void
test_no_rates_without_a_look_before(void **state)
{
	const struct status_view view = { .recent = true };

	(void)state;
	assert_table(false, &view,
	    "filterd 1.2, up 1d 01:01:11, generation 3\n"
	    "\n"
	    "listener mx: workers 1, restarts 0, descriptors 40 of 1024, memory 12.3 MB\n"
	    "  sessions 100, open 2\n"
	    "  end of message     messages  a second       p50       p99  verdicts\n"
	    "  all                      73         -         -         -  accept 70, reject 3,"
	    " limit size 1\n"
	    "  filter                calls  a second       p50       p99  verdicts\n"
	    "  spf                     200         -    2.0 ms     2.1 s  continue 53, timeouts 4\n"
	    "  rules                     0         -         -         -  shadow tempfail 7,"
	    " edits 8\n");
}

/* The line of the table that begins so; how far its number reaches. */
static size_t
number_ends(const char *table, const char *beginning)
{
	const char *line = strstr(table, beginning), *end;

	assert_non_null(line);
	end = line + strlen(beginning);
	end += strspn(end, " ");
	return (size_t)(end - line) + strspn(end, "0123456789");
}

static void
test_long_names_of_rules(void **state)
{
	static const char answer[] = "{\"listeners\":[{\"name\":\"mx\",\"filters\":[{\"name\":"
	    "\"rules\",\"call_time\":{\"count\":5},\"rules\":{\"a\":1,"
	    "\"no-executable-attachments\":22}}]}]}";
	struct status *status = status_read(answer);
	const struct status_view long_view = { .rules = true }, short_view = { .rules = false };
	struct buffer text = { 0 };

	(void)state;
	assert_non_null(status);
	status_table(status, NULL, &long_view, &text);
	assert_int_equal(number_ends(text.data, "  rules "),
	    number_ends(text.data, "    rule no-executable-attachments "));
	assert_int_equal(number_ends(text.data, "  rules "), number_ends(text.data, "    rule a "));
	text.length = 0;
	status_table(status, NULL, &short_view, &text);
	assert_int_equal(number_ends(text.data, "  rules "), 2 + 16 + 1 + 10);
	buffer_free(&text);
	status_destroy(&status);
}

static void
test_answers_that_are_none(void **state)
{
	static const char *const answers[] = { "", "{", "[]", "{\"listeners\":{}}", "1" };
	struct status *little = status_read("{\"listeners\":[{},{\"filters\":[{}]},3]}");
	const struct status_view view = { .rules = true };
	struct buffer text = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		assert_null(status_read(answers[i]));
	assert_non_null(little);
	status_table(little, NULL, &view, &text);
	assert_true(text.length > 0);
	buffer_free(&text);
	status_destroy(&little);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_totals_with_rates),
		cmocka_unit_test(test_times_of_late),
		cmocka_unit_test(test_no_rates_without_a_look_before),
		cmocka_unit_test(test_long_names_of_rules),
		cmocka_unit_test(test_answers_that_are_none),
	};

	return cmocka_run_group_tests_name("status table", tests, NULL, NULL);
}
