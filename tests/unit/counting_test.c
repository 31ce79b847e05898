/* SPDX-License-Identifier: BSD-2-Clause */
/* What sessions count: each thing that happens in a chain, once, in the cell that is its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/chain/state.h"
#include "filterd/service/metrics_region.h"
#include "filterd/service/metrics_snapshot.h"
#include "filterd/util/memory.h"
#include "tests/unit/chain_kit.h"

/* The test counts in a slot, and reads it, in one process. */
struct fixture {
	struct kit *kit;
	struct metrics *metrics;
	struct metrics_snapshot *snapshot;
	const struct metrics_listener_sum *listener;
};

static int
setup(void **state)
{
	static const char *const filters[] = { "x", "y" };
	static const struct metrics_layout layout = { "test", filters, 2, NULL, 0, 1 };
	struct fixture *fixture = memory_alloc(sizeof(*fixture));
	struct metrics_view view;

	*state = fixture;
	fixture->metrics = metrics_create();
	if (!fixture->metrics || metrics_slot_open(fixture->metrics, &layout) != 0 ||
	    !metrics_slot_view(fixture->metrics, 0, &view))
		return -1;
	metrics_count_in(&view.sheet);
	return kit_setup((void **)&fixture->kit);
}

static int
teardown(void **state)
{
	static const struct metrics_sheet none;
	struct fixture *fixture = *state;
	void *kit = fixture->kit;

	kit_teardown(&kit);
	metrics_count_in(&none);
	metrics_snapshot_destroy(&fixture->snapshot);
	metrics_destroy(&fixture->metrics);
	free(fixture);
	return 0;
}

static void
look(struct fixture *fixture)
{
	metrics_snapshot_destroy(&fixture->snapshot);
	fixture->snapshot = metrics_snapshot(fixture->metrics);
	fixture->listener = &fixture->snapshot->listeners[0];
}

static void
check(const struct fixture *fixture, const char *what, uint64_t value, uint64_t expected)
{
	if (value != expected)
		kit_fail(fixture->kit, "%s is %llu, not %llu\nthe log:\n%s", what,
		    (unsigned long long)value, (unsigned long long)expected, kit_log(fixture->kit));
}

/* Cells of the listener, and of its filters. */
#define LISTENER(cell, expected) \
	check(fixture, #cell, fixture->listener->cells[cell], expected)
#define FILTER(place, cell, expected) \
	check(fixture, #place " " #cell, fixture->listener->filters[place].cells[cell], expected)

static void
test_a_message_that_passes(void **state)
{
	struct fixture *fixture = *state;
	struct kit *kit = fixture->kit;
	const struct metrics_filter_sum *filters;

	kit_start(kit, "x y", "filter x { plugin script; on mail { } on header { }\n"
	    "on message done { add-header X-A 1; add-header X-B 2; matched r1 f:1; "
	    "matched r1 f:1; matched r2 f:2; } }\n"
	    "filter y { plugin script; mode shadow; on message reject { set-header 0 From b; } }");
	look(fixture);
	LISTENER(METRICS_SESSIONS, 1);
	LISTENER(METRICS_SESSIONS_OPEN, 1);
	kit->step = 1;
	kit_message(kit);
	kit_message(kit);
	kit_stop(kit);
	look(fixture);
	filters = fixture->listener->filters;
	LISTENER(METRICS_SESSIONS, 1);
	LISTENER(METRICS_SESSIONS_OPEN, 0);
	LISTENER(METRICS_MESSAGES, 2);
	LISTENER(METRICS_CONNECTIONS, 0);
	FILTER(0, METRICS_VERDICTS + MF_CONTINUE, 6);	/* mail, two header fields; twice */
	FILTER(0, METRICS_VERDICTS + MF_DONE, 2);
	FILTER(0, METRICS_SHADOW_VERDICTS + MF_DONE, 0);
	FILTER(0, METRICS_EDITS + EDIT_HEADER_ADD, 4);
	FILTER(1, METRICS_VERDICTS + MF_REJECT, 0);
	FILTER(1, METRICS_SHADOW_VERDICTS + MF_REJECT, 2);
	FILTER(1, METRICS_EDITS + EDIT_HEADER_SET, 0);
	FILTER(1, METRICS_SHADOW_EDITS + EDIT_HEADER_SET, 2);
	check(fixture, "calls of x", filters[0].calls.count, 8);
	check(fixture, "calls of y", filters[1].calls.count, 2);
	check(fixture, "ends of message", fixture->listener->messages.count, 2);
	check(fixture, "time in x", filters[0].calls.nanoseconds, 8000000);
	check(fixture, "rules of x", filters[0].rule_count, 2);
	assert_string_equal(filters[0].rules[0].name, "r1");
	check(fixture, "hits of r1", filters[0].rules[0].hits, 2);
	check(fixture, "hits of r2", filters[0].rules[1].hits, 2);
}

static void
test_what_became_of_messages(void **state)
{
	struct fixture *fixture = *state;
	struct kit *kit = fixture->kit;
	size_t size;

	kit_start(kit, "x", "filter x { plugin script;\n"
	    "on message { when header.X-Do == reject; reply 550 5.7.1 no; }\n"
	    "on message discard { when header.X-Do == discard; }\n"
	    "on message { when header.X-Do == hold; quarantine q; }\n"
	    "on message accept { when header.X-Do == accept; add-header X-A 1; } }");
	kit_greet(kit);
	kit_mail(kit);
	kit_rcpt(kit, "<b@example.org>");
	session_data(kit->session);
	kit_header(kit, "X-Do", " discard");
	session_eoh(kit->session);
	kit_body(kit, "12345");
	assert_int_equal(kit_end(kit).outcome, OUTCOME_DISCARD);
	size = session_explanation(kit->session)->size;
	kit_mail(kit);
	kit_rcpt(kit, "<b@example.org>");
	session_data(kit->session);
	kit_header(kit, "X-Do", " hold");
	session_eoh(kit->session);
	kit_end(kit);
	size += session_explanation(kit->session)->size;
	kit_mail(kit);
	session_abort(kit->session);
	look(fixture);
	LISTENER(METRICS_MESSAGES, 0);		/* accept */
	LISTENER(METRICS_MESSAGES + 3, 1);	/* discard */
	LISTENER(METRICS_MESSAGES + 4, 1);	/* quarantine */
	LISTENER(METRICS_MESSAGES + 5, 1);	/* aborted */
	LISTENER(METRICS_MESSAGE_BYTES, size);
	FILTER(0, METRICS_EDITS + EDIT_QUARANTINE, 1);
	assert_true(size > 20);
}

static void
test_refusals_before_a_message(void **state)
{
	struct fixture *fixture = *state;
	struct kit *kit = fixture->kit;

	kit_start(kit, "x", "filter x { plugin script; on helo tempfail { when helo == bad; }\n"
	    "on rcpt reject { when recipient.local == no; }\n"
	    "on rcpt tempfail { when recipient.local == later; } }");
	kit_greet(kit);
	kit_mail(kit);
	kit_rcpt(kit, "<no@example.org>");
	kit_rcpt(kit, "<no@example.org>");
	kit_rcpt(kit, "<later@example.org>");
	session_abort(kit->session);
	kit_open(kit);
	session_connect(kit->session, "c", "192.0.2.1", NULL, 0, 0);
	session_helo(kit->session, "bad");
	look(fixture);
	LISTENER(METRICS_SESSIONS, 2);
	LISTENER(METRICS_RECIPIENTS_REFUSED, 2);
	LISTENER(METRICS_RECIPIENTS_REFUSED + 1, 1);
	LISTENER(METRICS_MESSAGES + 2, 1);	/* tempfail, as of its last recipient */
	LISTENER(METRICS_CONNECTIONS, 0);
	LISTENER(METRICS_CONNECTIONS + 2, 1);
	FILTER(0, METRICS_VERDICTS + MF_REJECT, 2);
	FILTER(0, METRICS_VERDICTS + MF_TEMPFAIL, 2);
}

static void
test_failures(void **state)
{
	struct fixture *fixture = *state;
	struct kit *kit = fixture->kit;

	kit_start(kit, "x y", "regex { match-limit 1000; }\n"
	    "filter x { plugin script; timeout 5s; on-error skip;\n"
	    "on mail { } on message error { } }\n"
	    "filter y { plugin script; on message { when subject ~ /^(a+)+$/; } }");
	kit_greet(kit);
	kit->step = 5001;
	kit_mail(kit);
	kit->step = 0;
	session_abort(kit->session);
	kit_mail(kit);
	kit_rcpt(kit, "<b@example.org>");
	session_data(kit->session);
	kit_header(kit, "Subject", " aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
	session_eoh(kit->session);
	kit_end(kit);
	session_plan_failed(kit->session, "test");
	session_data(kit->session);
	look(fixture);
	FILTER(0, METRICS_TIMEOUTS, 1);
	FILTER(0, METRICS_VERDICTS + MF_ERROR, 2);
	FILTER(1, METRICS_VERDICTS + MF_ERROR, 0);
	FILTER(1, METRICS_REGEX_LIMITS, 1);
	FILTER(0, METRICS_REGEX_LIMITS, 0);
	LISTENER(METRICS_PLAN_FAILURES, 1);
}

static void
test_limits(void **state)
{
	struct fixture *fixture = *state;
	struct kit *kit = fixture->kit;
	int i;

	kit_start(kit, "x", "message { maximum-headers 10; maximum-recipients 2; }\n"
	    "filter x { plugin script; on message { } }");
	kit_greet(kit);
	kit_mail(kit);
	for (i = 0; i < 3; i++)
		kit_rcpt(kit, "<b@example.org>");
	session_abort(kit->session);
	kit_mail(kit);
	kit_rcpt(kit, "<b@example.org>");
	session_data(kit->session);
	for (i = 0; i < 11; i++)
		kit_header(kit, "X", " y");
	look(fixture);
	LISTENER(METRICS_LIMITS + LIMIT_HEADERS, 1);
	LISTENER(METRICS_LIMITS + LIMIT_RECIPIENTS, 1);
	LISTENER(METRICS_LIMITS + LIMIT_SIZE, 0);
}

/* A chain of more filters than its slot has counts what it can. */
static void
test_more_filters_than_cells(void **state)
{
	struct fixture *fixture = *state;

	kit_start(fixture->kit, "a x y", "filter a { plugin script; on message { } }\n"
	    "filter x { plugin script; on message { } }\n"
	    "filter y { plugin script; on message done { matched r f:1; } }");
	kit_message(fixture->kit);
	look(fixture);
	FILTER(0, METRICS_VERDICTS + MF_CONTINUE, 1);
	FILTER(1, METRICS_VERDICTS + MF_CONTINUE, 1);
	check(fixture, "rules", fixture->listener->rule_count, 0);
	LISTENER(METRICS_HITS_UNCOUNTED, 1);
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_message_that_passes),
		TEST(test_what_became_of_messages),
		TEST(test_refusals_before_a_message),
		TEST(test_failures),
		TEST(test_limits),
		TEST(test_more_filters_than_cells),
	};

	return cmocka_run_group_tests_name("counting", tests, NULL, NULL);
}
