/* SPDX-License-Identifier: BSD-2-Clause */
/* Filters that are out of their chains: no plugin is loaded, and the policy stands in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <jansson.h>

#include "filterd/chain/removal.h"
#include "tests/unit/chain_kit.h"

#define FILTERS 2

/* What a master keeps. */
static bool removed[FILTERS];
static atomic_uint stages[FILTERS];
static const struct removals removals = { FILTERS, removed, stages };

static int
setup(void **state)
{
	size_t i;

	for (i = 0; i < FILTERS; i++) {
		removed[i] = false;
		atomic_store(&stages[i], 0);
	}
	if (kit_setup(state) != 0)
		return -1;
	((struct kit *)*state)->removals = &removals;
	return 0;
}

/* Loads once with all filters, which notes their stages, and again without the first. */
static void
start_without_first(struct kit *kit, const char *chain, const char *statements)
{
	removed[0] = false;
	kit_start(kit, chain, statements);
	kit_stop(kit);
	removed[0] = true;
	kit_start(kit, chain, statements);
	kit_clear_log(kit);
}

static void
test_stages_are_noted(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x y", "filter x { plugin script; on rcpt { } on body { } }\n"
	    "filter y { plugin script; when recipients.count > 1; on rcpt { } on message { } }");
	assert_int_equal(atomic_load(&stages[0]), MF_AT(MF_STAGE_RCPT) | MF_AT(MF_STAGE_BODY));
	assert_true(atomic_load(&stages[1]) & MF_AT(MF_STAGE_MESSAGE));
}

static void
test_policy_stands_in_at_its_stages(void **state)
{
	struct kit *kit = *state;

	start_without_first(kit, "x", "filter x { plugin script; on rcpt { add-header X-A 1; } }");
	kit_mail(kit);
	assert_int_equal(kit_rcpt(kit, "b@example.org"), OUTCOME_TEMPFAIL);
	start_without_first(kit, "x",
	    "filter x { plugin script; on-error reject; on header { } }");
	kit_mail(kit);
	assert_int_equal(kit_rcpt(kit, "b@example.org"), OUTCOME_CONTINUE);
	assert_int_equal(kit_header(kit, "From", " a@example.org"), OUTCOME_REJECT);
	start_without_first(kit, "x",
	    "filter x { plugin script; on-error accept; on message { add-header X-A 1; } }");
	assert_int_equal(kit_message(kit).outcome, OUTCOME_ACCEPT);
	kit_not_logged(kit, "filter failed");	/* once for all, by who has removed it */
}

static void
test_skip_leaves_the_others(void **state)
{
	struct kit *kit = *state;
	struct json_t *json;
	struct decision decision;
	const char *verdict, *cause;

	start_without_first(kit, "x y", "filter x { plugin script; on-error skip;\n"
	    "on helo { } on message { add-header X-A 1; } }\n"
	    "filter y { plugin script; on message { add-header X-B 1; } }");
	decision = kit_message(kit);
	assert_int_equal(decision.outcome, OUTCOME_CONTINUE);
	assert_string_equal(kit_plan(decision.plan), "add 0 X-B: 1\n");
	json = kit_explanation(kit);
	assert_int_equal(json_unpack(json, "{s:[{s:s,s:s}]}", "filters", "verdict", &verdict,
	    "cause", &cause), 0);
	assert_string_equal(verdict, "error");
	assert_string_equal(cause, "it has crashed too often and was removed from the chain");
	json_decref(json);
}

static void
test_its_when_still_holds(void **state)
{
	struct kit *kit = *state;

	start_without_first(kit, "x", "filter x { plugin script;\n"
	    "when recipient == \"b@example.org\"; on rcpt { } }");
	kit_mail(kit);
	assert_int_equal(kit_rcpt(kit, "a@example.org"), OUTCOME_CONTINUE);
	assert_int_equal(kit_rcpt(kit, "b@example.org"), OUTCOME_TEMPFAIL);
}

/* Nothing of it is needed: neither its file nor its options. */
static void
test_plugin_is_not_loaded(void **state)
{
	struct kit *kit = *state;

	removed[0] = true;
	atomic_store(&stages[0], MF_AT(MF_STAGE_MESSAGE));
	kit_start(kit, "x", "filter x { plugin nowhere; whatever 1; block b { c d; } }");
	assert_int_equal(kit_message(kit).outcome, OUTCOME_TEMPFAIL);
}

static void
test_who_needs_its_results_does_without(void **state)
{
	struct kit *kit = *state;

	start_without_first(kit, "p c",
	    "filter p { plugin provider; on-error skip; }\nfilter c { plugin consumer; }");
	assert_int_equal(kit_message(kit).outcome, OUTCOME_CONTINUE);
}

/* The stages stand in memory that plugins can write to. */
static void
test_stages_may_be_anything(void **state)
{
	struct kit *kit = *state;

	removed[0] = true;
	atomic_store(&stages[0], ~0u);
	kit_start(kit, "x", "filter x { plugin nowhere; on-error skip; when recipient == a; }");
	assert_int_equal(kit_message(kit).outcome, OUTCOME_CONTINUE);
	assert_int_equal(chain_wants(kit->chain)->events >> MF_STAGE_COUNT, 0);
	assert_int_equal(chain_wants(kit->chain)->events & MF_AT(MF_STAGE_START), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_stages_are_noted, setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
		    test_policy_stands_in_at_its_stages, setup, kit_teardown),
		cmocka_unit_test_setup_teardown(test_skip_leaves_the_others, setup, kit_teardown),
		cmocka_unit_test_setup_teardown(test_its_when_still_holds, setup, kit_teardown),
		cmocka_unit_test_setup_teardown(test_plugin_is_not_loaded, setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
		    test_who_needs_its_results_does_without, setup, kit_teardown),
		cmocka_unit_test_setup_teardown(test_stages_may_be_anything, setup, kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
