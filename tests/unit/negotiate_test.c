/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what is asked of an MTA: events, answers, edits and macros. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/mta/macro_stages.h"
#include "filterd/mta/negotiate.h"
#include "filterd/util/str.h"

#define CONNECT	MF_AT(MF_STAGE_CONNECT)
#define HELO	MF_AT(MF_STAGE_HELO)
#define MAIL	MF_AT(MF_STAGE_MAIL)
#define RCPT	MF_AT(MF_STAGE_RCPT)
#define DATA	MF_AT(MF_STAGE_DATA)
#define HEADER	MF_AT(MF_STAGE_HEADER)
#define EOH	MF_AT(MF_STAGE_EOH)
#define BODY	MF_AT(MF_STAGE_BODY)
#define UNKNOWN	MF_AT(MF_STAGE_UNKNOWN)
#define EVERY	(CONNECT | HELO | MAIL | RCPT | DATA | HEADER | EOH | BODY | UNKNOWN)
#define EVERY_USE 0xffu

static const struct mta_offer modern = { EVERY, EVERY, EVERY, EVERY_USE, true, true };

/* Protocol version 2: neither DATA nor UNKNOWN, an answer to everything. */
static const struct mta_offer old = {
	EVERY & ~(DATA | UNKNOWN), EVERY & ~(DATA | UNKNOWN), 0,
	MF_USE_ADD_HEADER | MF_USE_CHANGE_HEADER, false, false
};

static struct mta_request
ask(const struct mta_offer *offer, unsigned events, unsigned replies, unsigned uses)
{
	struct chain_wants wants = { events, replies, uses, NULL };
	struct mta_request request;

	negotiate(offer, &wants, &request);
	return request;
}

static void
test_nothing_that_nobody_wants(void **state)
{
	struct mta_request request = ask(&modern, 0, 0, 0);

	(void)state;
	assert_int_equal(request.leave_out, EVERY);
	assert_int_equal(request.silent, 0);
	assert_int_equal(request.grant.stages, 0);
	assert_int_equal(request.grant.uses, 0);
	assert_false(request.grant.skip);
}

static void
test_no_answer_where_nobody_decides(void **state)
{
	struct mta_request request =
	    ask(&modern, CONNECT | MAIL | RCPT | HEADER | BODY, RCPT, MF_USE_ADD_HEADER);

	(void)state;
	assert_int_equal(request.leave_out, HELO | DATA | EOH | UNKNOWN);
	assert_int_equal(request.silent, CONNECT | MAIL | HEADER | BODY);
	assert_int_equal(request.grant.stages, CONNECT | MAIL | RCPT | HEADER | BODY);
	assert_int_equal(request.grant.uses, MF_USE_ADD_HEADER);
	assert_true(request.grant.leading_space);
	assert_false(request.grant.sendmail);
}

static void
test_skip_only_where_the_body_is_answered(void **state)
{
	(void)state;
	assert_true(ask(&modern, BODY, BODY, 0).grant.skip);
	assert_false(ask(&modern, BODY, 0, 0).grant.skip);
	assert_false(ask(&modern, HEADER, HEADER, 0).grant.skip);
	assert_false(ask(&old, BODY, BODY, 0).grant.skip);
}

static void
test_an_answer_to_an_event_nobody_wants_is_not_asked_for(void **state)
{
	struct mta_request request = ask(&modern, MAIL, MAIL | RCPT, 0);

	(void)state;
	assert_int_equal(request.leave_out, EVERY & ~MAIL);
	assert_int_equal(request.silent, 0);
}

static void
test_an_old_mta(void **state)
{
	struct mta_request request = ask(&old, EVERY, RCPT, EVERY_USE);

	(void)state;
	assert_int_equal(request.leave_out, 0);
	assert_int_equal(request.silent, 0);
	assert_int_equal(request.grant.stages, EVERY & ~(DATA | UNKNOWN));
	assert_int_equal(request.grant.uses, MF_USE_ADD_HEADER | MF_USE_CHANGE_HEADER);
	assert_false(request.grant.leading_space);
}

/* What the MTA insists on sending gets no answer either, if it can do without one. */
static void
test_an_event_that_cannot_be_left_out(void **state)
{
	struct mta_offer offer = modern;
	struct mta_request request;

	(void)state;
	offer.optional &= ~EOH;
	request = ask(&offer, MAIL, MAIL, 0);
	assert_int_equal(request.leave_out, EVERY & ~(MAIL | EOH));
	assert_int_equal(request.silent, EOH);
	assert_int_equal(request.grant.stages, MAIL);
}

static void
test_gaps_that_libmilter_would_fall_into(void **state)
{
	struct mta_request request = ask(&modern, UNKNOWN | HEADER, UNKNOWN, 0);

	(void)state;
	assert_int_equal(request.grant.stages, UNKNOWN | DATA | HEADER | EOH);
	assert_int_equal(request.silent, DATA | HEADER | EOH);
	assert_int_equal(ask(&modern, DATA | HEADER, 0, 0).grant.stages, DATA | HEADER | EOH);
	assert_int_equal(ask(&modern, DATA | BODY, 0, 0).grant.stages, DATA | BODY);
}

/* Version 3 knows UNKNOWN, but DATA came with version 4. */
static void
test_unknown_without_data(void **state)
{
	struct mta_offer offer = modern;
	struct mta_request request;

	(void)state;
	offer.known &= ~DATA;
	offer.optional &= ~DATA;
	request = ask(&offer, UNKNOWN | MAIL, UNKNOWN | MAIL, 0);
	assert_int_equal(request.grant.stages, MAIL);
	assert_int_equal(request.leave_out, EVERY & ~(MAIL | DATA));
}

/* ---- macros ---- */

static struct arena *arena;

static struct macro_lists
lists_for(const char *const *wanted)
{
	struct macro_lists lists;

	macro_lists_make(&lists, wanted, arena);
	return lists;
}

static bool
names(const char *list, const char *name)
{
	size_t length = strlen(name);
	const char *at;

	for (at = strstr(list, name); at; at = strstr(at + 1, name))
		if ((at == list || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
			return true;
	return false;
}

static void
test_no_list_for_what_both_send(void **state)
{
	static const char *const wanted[] = {
		"j", "i", "{i}", "_", "{auth_authen}", "{tls_version}", "{rcpt_host}", NULL
	};
	struct macro_lists lists = lists_for(wanted);
	size_t i;

	(void)state;
	for (i = 0; i < MACRO_STAGES; i++)
		assert_null(lists.lists[i]);
}

static void
test_a_list_holds_what_both_send_and_the_rest(void **state)
{
	static const char *const wanted[] = { "v", "{client_resolve}", "{v}", NULL };
	struct macro_lists lists = lists_for(wanted);

	(void)state;
	assert_string_equal(lists.lists[MACRO_CONNECT],
	    "j {daemon_name} {daemon_addr} v _ {if_name} {if_addr} {client_resolve}");
	assert_null(lists.lists[MACRO_HELO]);
	assert_null(lists.lists[MACRO_MAIL]);
	assert_null(lists.lists[MACRO_MESSAGE]);
}

static void
test_a_macro_goes_to_its_stage(void **state)
{
	static const char *const wanted[] = { "{verify}", "{msg_id}", "{nrcpts}", NULL };
	struct macro_lists lists = lists_for(wanted);

	(void)state;
	assert_null(lists.lists[MACRO_CONNECT]);
	assert_true(names(lists.lists[MACRO_HELO], "{verify}"));
	assert_true(names(lists.lists[MACRO_HELO], "{cipher}"));
	assert_true(names(lists.lists[MACRO_RCPT], "{nrcpts}"));
	assert_string_equal(lists.lists[MACRO_MESSAGE], "i {msg_id}");
}

static void
test_a_macro_of_the_sites_own_may_come_anywhere(void **state)
{
	static const char *const wanted[] = { "{site}", NULL };
	struct macro_lists lists = lists_for(wanted);
	size_t i;

	(void)state;
	for (i = 0; i < MACRO_STAGES; i++)
		assert_true(names(lists.lists[i], "{site}"));
	assert_string_equal(lists.lists[MACRO_DATA], "i {site}");
}

static void
test_a_list_is_bounded(void **state)
{
	static char names[60][16];
	const char *wanted[61] = { NULL };
	struct macro_lists lists;
	size_t i, blanks = 0;

	(void)state;
	for (i = 0; i < 60; i++) {
		snprintf(names[i], sizeof(names[i]), "{site%zu}", i);
		wanted[i] = names[i];
	}
	lists = lists_for(wanted);
	for (i = 0; lists.lists[MACRO_EOH][i]; i++)
		blanks += lists.lists[MACRO_EOH][i] == ' ';
	assert_int_equal(blanks, MACRO_LIST_MOST - 1);
	assert_non_null(lists.too_many);
}

static int
make_arena(void **state)
{
	(void)state;
	arena = arena_create(0, 0);
	return 0;
}

static int
drop_arena(void **state)
{
	(void)state;
	arena_destroy(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_that_nobody_wants),
		cmocka_unit_test(test_no_answer_where_nobody_decides),
		cmocka_unit_test(test_skip_only_where_the_body_is_answered),
		cmocka_unit_test(test_an_answer_to_an_event_nobody_wants_is_not_asked_for),
		cmocka_unit_test(test_an_old_mta),
		cmocka_unit_test(test_an_event_that_cannot_be_left_out),
		cmocka_unit_test(test_gaps_that_libmilter_would_fall_into),
		cmocka_unit_test(test_unknown_without_data),
		cmocka_unit_test(test_no_list_for_what_both_send),
		cmocka_unit_test(test_a_list_holds_what_both_send_and_the_rest),
		cmocka_unit_test(test_a_macro_goes_to_its_stage),
		cmocka_unit_test(test_a_macro_of_the_sites_own_may_come_anywhere),
		cmocka_unit_test(test_a_list_is_bounded),
	};

	return cmocka_run_group_tests_name("negotiate", tests, make_arena, drop_arena);
}
