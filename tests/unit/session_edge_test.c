/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sessions at their edges: limits, skipped bodies, unknown commands, ends of every kind, events out
 * of order, queue ids, replies, the log.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/chain_kit.h"

static const char *const no_arguments[] = { NULL };

/* ---- limits ---- */

static void
test_limits(void **state)
{
	struct kit *kit = *state;
	char large[9000];
	struct decision decision;
	int i;

	/* Where a filter waits for the answer it is given at once. */
	kit_start(kit, "x",
	    "message { maximum-headers 10; maximum-recipients 2; maximum-size 64k; }\n"
	    "filter x { plugin script; on rcpt { } on header { } on body { } on message { } }");
	kit_greet(kit);
	kit_mail(kit);
	assert_int_equal(kit_rcpt(kit, "<b@example.org>"), OUTCOME_CONTINUE);
	assert_int_equal(kit_rcpt(kit, "<c@example.org>"), OUTCOME_CONTINUE);
	decision = session_rcpt(kit->session, "<d@example.org>", no_arguments);
	assert_string_equal(kit_reply(decision), "452 4.5.3 Too many recipients");
	for (i = 0; i < 10; i++)
		assert_int_equal(kit_header(kit, "X", " y"), OUTCOME_CONTINUE);
	decision = session_header(kit->session, STR("X"), STR(" y"));
	assert_string_equal(kit_reply(decision), "550 5.6.0 Message has too many header fields");
	kit_logged(kit, "\"message passes maximum-headers\"");
	assert_string_equal(session_explanation(kit->session)->verdict, "reject");

	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	kit_mail(kit);
	kit_rcpt(kit, "<b@example.org>");
	for (i = 0; i < 7; i++)
		assert_int_equal(kit_body(kit, large), OUTCOME_CONTINUE);
	decision = session_body(kit->session, large, sizeof(large) - 1);
	assert_string_equal(kit_reply(decision), "552 5.3.4 Message too large");
}

/* A filter that goes past a limit is told which. */
static void
test_edits_past_limits(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x y",
	    "message { maximum-headers 10; maximum-recipients 1; }\n"
	    "filter x { plugin script; on-error skip;\n"
	    "    on message { add-recipient c@example.org; } }\n"
	    "filter y { plugin script; on message { add-header X-1 1; add-header X-2 1;"
	    " add-header X-3 1; add-header X-4 1; add-header X-5 1; add-header X-6 1;"
	    " add-header X-7 1; add-header X-8 1; add-header X-9 1; } }");
	kit_greet(kit);
	kit_message(kit);
	kit_logged(kit, "cause=\"add-recipient: it would pass maximum-recipients\" policy=skip");
	kit_logged(kit, "cause=\"add-header: it would pass maximum-headers\"");
}

/* Where nobody waits for an answer the decision is held until the end of the message. */
static void
test_held_limit(void **state)
{
	struct kit *kit = *state;
	struct decision decision;
	int i;

	kit_start(kit, "x", "message { maximum-headers 10; }\n"
	    "filter x { plugin script; on message { } }");
	kit_greet(kit);
	kit_mail(kit);
	kit_rcpt(kit, "<b@example.org>");
	for (i = 0; i < 12; i++)
		assert_int_equal(kit_header(kit, "X", " y"), OUTCOME_CONTINUE);
	assert_int_equal(session_eoh(kit->session).outcome, OUTCOME_CONTINUE);
	assert_int_equal(kit_body(kit, "x"), OUTCOME_CONTINUE);
	decision = kit_end(kit);
	assert_string_equal(kit_reply(decision), "550 5.6.0 Message has too many header fields");
	assert_int_equal(kit->tally.calls[MF_STAGE_MESSAGE], 0);
	assert_null(strstr(strstr(kit_log(kit), "maximum-headers") + 1, "maximum-headers"));
}

static void
test_header_size(void **state)
{
	struct kit *kit = *state;
	char large[40000];

	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	kit_start(kit, "x", "message { memory-limit 64k; }\n"
	    "filter x { plugin script; on header { } }");
	kit_greet(kit);
	kit_mail(kit);
	assert_int_equal(kit_header(kit, "X", large), OUTCOME_CONTINUE);
	assert_string_equal(kit_reply(session_header(kit->session, STR("X"), str_of(large))),
	    "552 5.3.4 Message header too large");
}

static void
test_spool_failure(void **state)
{
	struct kit *kit = *state;
	char large[5000], folder[] = "/tmp/filterd-spool-XXXXXX", config[200];

	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	assert_non_null(mkdtemp(folder));
	snprintf(config, sizeof(config),
	    "message { spool-threshold 4k; spool-directory %s; }\n"
	    "filter x { plugin script; on message { } }", folder);
	kit_start(kit, "x", config);
	assert_int_equal(rmdir(folder), 0);
	kit_greet(kit);
	kit_mail(kit);
	kit_rcpt(kit, "<b@example.org>");
	assert_int_equal(kit_body(kit, large), OUTCOME_CONTINUE);
	assert_string_equal(kit_reply(kit_end(kit)), "452 4.3.1 Insufficient system storage");
	kit_logged(kit, "\"cannot keep message\"");
	kit_logged(kit, " cause=\"No such file or directory\" spool-directory=/tmp/filterd-spool-");
}

/* ---- skip ---- */

static void
test_skip(void **state)
{
	struct kit *kit = *state;

	kit->grant.skip = true;
	kit_start(kit, "x y",
	    "filter x { plugin script; uses add-header; on body done { nth 2; } }\n"
	    "filter y { plugin script; uses add-header; on message { add-header X-A 1; } }");
	kit_greet(kit);
	kit_mail(kit);
	kit_rcpt(kit, "<b@example.org>");
	assert_int_equal(kit_body(kit, "one"), OUTCOME_CONTINUE);
	assert_int_equal(kit_body(kit, "two"), OUTCOME_SKIP);
	assert_string_equal(kit_plan(kit_end(kit).plan), "add 0 X-A: 1\n");
	/* Not while somebody reads the whole. */
	kit_start(kit, "x y", "filter x { plugin script; uses none; on body done { } }\n"
	    "filter y { plugin script; uses body; on message { look y; } }");
	kit_greet(kit);
	kit_mail(kit);
	kit_rcpt(kit, "<b@example.org>");
	assert_int_equal(kit_body(kit, "one"), OUTCOME_CONTINUE);
	assert_int_equal(kit_body(kit, "two"), OUTCOME_CONTINUE);
	kit_end(kit);
	kit_logged(kit, "body onetwo");
	/* Nor when the MTA does not know it. */
	kit->grant.skip = false;
	kit_start(kit, "x", "filter x { plugin script; uses none; on body done { } }");
	kit_greet(kit);
	kit_mail(kit);
	assert_int_equal(kit_body(kit, "one"), OUTCOME_CONTINUE);
}

/* A body that nobody wants is not kept, but counted. */
static void
test_size(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script; uses none;\n"
	    "on message { expand \"size ${size}\"; } }");
	kit_greet(kit);
	kit_message(kit);
	kit_logged(kit, "size 45\"");		/* 21 and 16 bytes of header, 2, 6 */
	assert_int_equal(session_explanation(kit->session)->size, 45);
	kit_start(kit, "x", "filter x { plugin script; on message { expand \"size ${size}\"; } }");
	kit_greet(kit);
	kit_message(kit);
	kit_logged(kit, "size 45\"");
}

/* ---- unknown commands ---- */

static void
test_unknown(void **state)
{
	struct kit *kit = *state;
	struct decision decision;

	kit_start(kit, "x", "filter x { plugin script;\n"
	    "on unknown discard { when sender == \"a@example.org\"; }\n"
	    "on unknown reject { when helo == \"helo.example\"; reply 500 5.5.1 what; } }");
	decision = session_unknown(kit->session, "XYZZY");
	assert_int_equal(decision.outcome, OUTCOME_CONTINUE);
	kit_greet(kit);
	decision = session_unknown(kit->session, "XYZZY");
	assert_string_equal(kit_reply(decision), "500 5.5.1 what");
	kit_mail(kit);
	decision = session_unknown(kit->session, "XYZZY");
	assert_int_equal(decision.outcome, OUTCOME_TEMPFAIL);
	kit_logged(kit, "it returned MF_DISCARD where there is no message");
	assert_int_equal(kit_rcpt(kit, "<b@example.org>"), OUTCOME_CONTINUE);
	kit_content(kit);
	assert_int_equal(kit_end(kit).outcome, OUTCOME_CONTINUE);
}

/* A client that sends nothing else does not wear the filters out. */
static void
test_many_unknowns(void **state)
{
	struct kit *kit = *state;
	int i;

	kit_start(kit, "x", "filter x { plugin script; on unknown reject { } }");
	for (i = 0; i < 1500; i++)
		session_unknown(kit->session, "XYZZY");
	assert_int_equal(kit->tally.calls[MF_STAGE_UNKNOWN], 1000);
	assert_int_equal(session_unknown(kit->session, "XYZZY").outcome, OUTCOME_CONTINUE);
	kit_greet(kit);
	assert_int_equal(kit_message(kit).outcome, OUTCOME_CONTINUE);
}

static void
test_unknown_accepts(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script; on unknown accept { }\n"
	    "on mail reject { } on message reject { } }");
	kit_greet(kit);
	assert_int_equal(session_unknown(kit->session, "XYZZY").outcome, OUTCOME_CONTINUE);
	assert_int_equal(kit_message(kit).outcome, OUTCOME_ACCEPT);
}

/* ---- beginnings and ends ---- */

static void
test_every_end(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x y", "filter x { plugin script; on connect { } on mail { cleanup x; }\n"
	    "on header { } on message { } }\nfilter y { plugin script; on rcpt { } }");
	kit_greet(kit);
	kit_message(kit);
	kit_mail(kit);				/* aborted by the next MAIL */
	kit_mail(kit);
	kit_rcpt(kit, "<b@example.org>");
	session_abort(kit->session);		/* RSET */
	session_abort(kit->session);
	assert_string_equal(session_explanation(kit->session) ? "there" : "gone", "gone");
	kit_mail(kit);
	session_helo(kit->session, "again");	/* aborted by HELO */
	assert_int_equal(kit->tally.messages, kit->tally.message_ends);
	kit_mail(kit);
	kit_rcpt(kit, "<b@example.org>");	/* aborted by the end of the connection */
	kit_stop(kit);
	kit_check_tally(kit);
	assert_int_equal(kit->tally.sessions, 2);
	assert_int_equal(kit->tally.messages, 8);
	assert_int_equal(kit->tally.cleanups, 5);
}

/* A filter that was never called is owed no end. */
static void
test_no_end_owed(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script; when sender == \"nobody\"; on mail { } }");
	kit_greet(kit);
	kit_message(kit);
	kit_stop(kit);
	assert_int_equal(kit->tally.sessions, 0);
	assert_int_equal(kit->tally.session_ends, 0);
	assert_int_equal(kit->tally.message_ends, 0);
}

static void
test_out_of_order(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script; on rcpt { } on data { } on header { }\n"
	    "on eoh { } on body { } on message { } }");
	assert_int_equal(kit_rcpt(kit, "<b@example.org>"), OUTCOME_TEMPFAIL);
	assert_int_equal(session_data(kit->session).outcome, OUTCOME_TEMPFAIL);
	assert_int_equal(kit_header(kit, "X", "y"), OUTCOME_TEMPFAIL);
	assert_int_equal(session_eoh(kit->session).outcome, OUTCOME_TEMPFAIL);
	assert_int_equal(kit_body(kit, "x"), OUTCOME_TEMPFAIL);
	assert_int_equal(kit_end(kit).outcome, OUTCOME_TEMPFAIL);
	kit_logged(kit, "\"event out of order\"");
	kit_logged(kit, "stage=eoh");
	kit_greet(kit);
	kit_message(kit);
	/* A second end of message, and what comes behind it, finds the decision of the first. */
	assert_int_equal(kit_end(kit).outcome, OUTCOME_CONTINUE);
	/* A header field behind the body ends the message. */
	kit_mail(kit);
	kit_rcpt(kit, "<b@example.org>");
	kit_content(kit);
	assert_int_equal(kit_header(kit, "X", "y"), OUTCOME_TEMPFAIL);
	assert_int_equal(kit_end(kit).outcome, OUTCOME_TEMPFAIL);
	/* The MTA may refuse DATA by itself; then RCPT may come again. */
	kit_mail(kit);
	kit_rcpt(kit, "<b@example.org>");
	session_data(kit->session);
	assert_int_equal(kit_rcpt(kit, "<c@example.org>"), OUTCOME_CONTINUE);
	kit_content(kit);
	assert_int_equal(kit_end(kit).outcome, OUTCOME_CONTINUE);
	kit_stop(kit);
	kit_check_tally(kit);
}

static void
test_queue_id(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script; on mail { log first; }\n"
	    "on rcpt { log second; } on message { log third; } }");
	kit_greet(kit);
	kit_mail(kit);
	kit_macro(kit, "i", "4QAbc");
	kit_rcpt(kit, "<b@example.org>");
	kit_macro(kit, "i", NULL);
	kit_content(kit);
	kit_end(kit);
	kit_not_logged(kit, "queue=4QAbc filter=x text=first");
	kit_logged(kit, "queue=4QAbc filter=x text=second");
	kit_logged(kit, "queue=4QAbc filter=x text=third");
	assert_string_equal(session_explanation(kit->session)->queue_id, "4QAbc");
	/* It is of one message. */
	kit_clear_log(kit);
	kit_message(kit);
	kit_not_logged(kit, "4QAbc");
	assert_null(session_explanation(kit->session)->queue_id);
}

/* What was decided before the MTA knew it, and held since, is found by it in the log. */
static void
test_queue_id_of_held(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "message { maximum-recipients 1; }\n"
	    "filter x { plugin script; on message { } }");
	kit_greet(kit);
	kit_mail(kit);
	kit_rcpt(kit, "<b@example.org>");
	kit_rcpt(kit, "<c@example.org>");
	kit_macro(kit, "i", "4QAbc");
	kit_content(kit);
	assert_string_equal(kit_reply(kit_end(kit)), "452 4.5.3 Too many recipients");
	assert_non_null(session_explanation(kit->session)->queue_id);
	assert_string_equal(session_explanation(kit->session)->queue_id, "4QAbc");
}

static void
test_release(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script; on mail { cleanup x; } on message { } }");
	kit_greet(kit);
	kit_mail(kit);
	session_release(kit->session);		/* nothing: it is open */
	assert_int_equal(kit->tally.cleanups, 0);
	kit_rcpt(kit, "<b@example.org>");
	kit_content(kit);
	kit_end(kit);
	assert_int_equal(kit->tally.cleanups, 0);
	session_release(kit->session);
	assert_int_equal(kit->tally.cleanups, 1);
	assert_null(session_explanation(kit->session));
	assert_null(session_model(kit->session));
	assert_int_equal(kit_message(kit).outcome, OUTCOME_CONTINUE);
}

/* ---- results ---- */

/* What stands on the board can be written into a header field as it is, and read by rules. */
static void
test_wrong_result(void **state)
{
	static const struct {
		const char *act, *cause;
	} wrong[] = {
		{ "result \"a b\" pass", "result: its method is no keyword" },
		{ "result a.b pass", "result: its method is no keyword" },
		{ "result \"\" pass", "result: its method is no keyword" },
		{ "result demo \"pass\\n\"", "result: its value is no keyword" },
		{ "property d e", "result: its property is not two keywords with a dot" },
		{ "property header. e", "result: its property is not two keywords with a dot" },
		{ "property .d e", "result: its property is not two keywords with a dot" },
		{ "property header.d.e f", "result: its property is not two keywords with a dot" },
	};
	struct kit *kit = *state;
	char statements[200];
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(statements, sizeof(statements),
		    "filter x { plugin script; on message { %s; } }", wrong[i].act);
		kit_start(kit, "x", statements);
		kit_greet(kit);
		assert_int_equal(kit_message(kit).outcome, OUTCOME_TEMPFAIL);
		kit_logged(kit, wrong[i].cause);
		assert_null(session_explanation(kit->session)->board->results);
		kit_clear_log(kit);
		kit_stop(kit);
	}
	kit_start(kit, "x", "filter x { plugin script; on message { result x-TLS_1 pass; } }");
	kit_greet(kit);
	assert_int_equal(kit_message(kit).outcome, OUTCOME_CONTINUE);
}

/* ---- replies ---- */

static void
test_wrong_reply(void **state)
{
	struct kit *kit = *state;
	struct decision decision;

	kit_start(
	    kit, "x", "filter x { plugin script; on mail tempfail { reply 550 5.7.1 never; } }");
	kit_greet(kit);
	decision = session_mail(kit->session, "<a@example.org>", no_arguments);
	assert_string_equal(kit_reply(decision), "451 4.7.1 never");
	kit_logged(kit, "\"filter mistake\"");
	kit_logged(kit, "the reply code does not fit the verdict");
}

static void
test_smtputf8(void **state)
{
	static const char *const arguments[] = { "SIZE=1", "smtputf8", NULL };
	struct kit *kit = *state;

	kit_start(kit, "x",
	    "filter x { plugin script; on mail reject { reply 550 5.7.1 \"gr\xc3\xbc\xc3\x9f\"; } "
	    "}");
	kit_greet(kit);
	assert_string_equal(kit_reply(session_mail(kit->session, "a", no_arguments)),
	    "550 5.7.1 gr??");
	assert_string_equal(kit_reply(session_mail(kit->session, "a", arguments)),
	    "550 5.7.1 gr\xc3\xbc\xc3\x9f");
}

/* ---- logs ---- */

static void
test_one_line_a_message(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script; on message { add-header X-A 1; } }");
	kit_greet(kit);
	kit_clear_log(kit);
	kit_message(kit);
	kit_logged(kit, "message session=");
	assert_null(strchr(strchr(kit_log(kit), '\n') + 1, '\n'));
	session_plan_failed(kit->session, "add-header X-A");
	kit_logged(kit, "\"plan failed\"");
	kit_logged(kit, "cause=\"add-header X-A\"");
	session_abort(kit->session);
	kit_clear_log(kit);
	kit_mail(kit);
	session_abort(kit->session);
	kit_logged(kit, "verdict=aborted stage=mail");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_limits), TEST(test_edits_past_limits), TEST(test_held_limit),
		TEST(test_header_size),
		TEST(test_spool_failure), TEST(test_skip), TEST(test_size), TEST(test_unknown),
		TEST(test_many_unknowns), TEST(test_unknown_accepts), TEST(test_every_end),
		TEST(test_no_end_owed),
		TEST(test_out_of_order), TEST(test_queue_id), TEST(test_queue_id_of_held),
		TEST(test_release),
		TEST(test_wrong_result), TEST(test_wrong_reply), TEST(test_smtputf8),
		TEST(test_one_line_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
