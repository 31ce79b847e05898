/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sessions: what each verdict comes to at each stage, whose edits and results count, what stands
 * in for a filter that fails, and that every message and session ends once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "tests/unit/chain_kit.h"

static const char *const no_arguments[] = { NULL };

/* ---- verdicts ---- */

static const char *const stages[] = { "connect", "helo", "mail", "rcpt", "data", "header", "eoh",
	"body", "message" };
#define STAGES (sizeof(stages) / sizeof(stages[0]))

/* One event a stage, in order; the decision of the one asked for. Those before it must go on. */
static struct decision
drive_to(struct kit *kit, size_t last)
{
	struct decision decision = { OUTCOME_CONTINUE, NULL, NULL };
	size_t i;

	for (i = 0; i <= last; i++) {
		assert_int_equal(decision.outcome, OUTCOME_CONTINUE);
		switch (i) {
		case 0:
			decision = session_connect(kit->session, "client.example", "192.0.2.1",
			    NULL, 0, 0);
			break;
		case 1:
			decision = session_helo(kit->session, "helo.example");
			break;
		case 2:
			decision = session_mail(kit->session, "<a@example.org>", no_arguments);
			break;
		case 3:
			decision = session_rcpt(kit->session, "<b@example.org>", no_arguments);
			break;
		case 4:
			decision = session_data(kit->session);
			break;
		case 5:
			decision = session_header(kit->session, STR("Subject"), STR(" x"));
			break;
		case 6:
			decision = session_eoh(kit->session);
			break;
		case 7:
			decision = session_body(kit->session, "x\r\n", 3);
			break;
		default:
			decision = session_end_of_message(kit->session);
		}
	}
	return decision;
}

static void
start_verdict(struct kit *kit, const char *stage, const char *verdict, const char *options)
{
	char statements[300];

	snprintf(statements, sizeof(statements), "filter x { plugin script; uses none; %s\n"
	    "on %s %s { } }", options, stage, verdict);
	kit_start(kit, "x", statements);
}

static void
check_everywhere(struct kit *kit, const char *verdict, const char *options, enum outcome outcome,
    const char *reply)
{
	size_t i;

	for (i = 0; i < STAGES; i++) {
		struct decision decision;

		start_verdict(kit, stages[i], verdict, options);
		decision = drive_to(kit, i);
		if (decision.outcome != outcome || strcmp(kit_reply(decision), reply) != 0)
			kit_fail(kit, "%s at %s: outcome %d, reply %s", verdict, stages[i],
			    decision.outcome, kit_reply(decision));
		kit_stop(kit);
		kit_check_tally(kit);
	}
}

static void
test_refusals(void **state)
{
	struct kit *kit = *state;

	check_everywhere(kit, "reject", "", OUTCOME_REJECT, "550 5.7.1 Refused by local policy");
	check_everywhere(kit, "tempfail", "", OUTCOME_TEMPFAIL, "451 4.7.1 Try again later");
	check_everywhere(kit, "continue", "", OUTCOME_CONTINUE, "none");
	check_everywhere(kit, "done", "", OUTCOME_CONTINUE, "none");
	check_everywhere(kit, "accept", "", OUTCOME_ACCEPT, "none");
}

static void
test_discard(void **state)
{
	struct kit *kit = *state;
	size_t i;

	for (i = 0; i < STAGES; i++) {
		struct decision decision;

		start_verdict(kit, stages[i], "discard", "");
		decision = drive_to(kit, i);
		assert_int_equal(decision.outcome, i < 2 ? OUTCOME_TEMPFAIL : OUTCOME_DISCARD);
	}
	kit_logged(kit, "it returned MF_DISCARD where there is no message");
}

static void
test_error_policies(void **state)
{
	struct kit *kit = *state;

	check_everywhere(kit, "error", "", OUTCOME_TEMPFAIL,
	    "451 4.7.1 A mail filter failed for the moment; try again later");
	check_everywhere(kit, "error", "on-error reject;", OUTCOME_REJECT,
	    "550 5.7.1 A mail filter failed");
	check_everywhere(kit, "error", "on-error accept;", OUTCOME_ACCEPT, "none");
	check_everywhere(kit, "error", "on-error skip;", OUTCOME_CONTINUE, "none");
	kit_logged(kit, "\"filter failed\"");
	kit_logged(kit, "its plugin does not say why");
	kit_logged(kit, "policy=skip");
}

static void
test_rubbish_verdict(void **state)
{
	struct kit *kit = *state;

	check_everywhere(kit, "42", "", OUTCOME_TEMPFAIL,
	    "451 4.7.1 A mail filter failed for the moment; try again later");
	kit_logged(kit, "it returned 42, which is no verdict");
	check_everywhere(kit, "-1", "mode shadow;", OUTCOME_CONTINUE, "none");
}

/* What has been decided for the connection holds, and so does what has been decided for a
 * message. */
static void
test_decisions_hold(void **state)
{
	struct kit *kit = *state;

	start_verdict(kit, "helo", "reject", "");
	drive_to(kit, 1);
	assert_int_equal(session_helo(kit->session, "again").outcome, OUTCOME_REJECT);
	assert_int_equal(kit->tally.calls[MF_STAGE_HELO], 1);

	start_verdict(kit, "mail", "reject", "stages rcpt message;");
	drive_to(kit, 2);
	assert_int_equal(kit_rcpt(kit, "x"), OUTCOME_REJECT);
	assert_int_equal(kit_end(kit).outcome, OUTCOME_REJECT);
	assert_int_equal(kit->tally.calls[MF_STAGE_RCPT], 0);
	assert_int_equal(session_mail(kit->session, "<c@example.org>", no_arguments).outcome,
	    OUTCOME_REJECT);
	assert_int_equal(kit->tally.messages, 2);
}

static void
test_done(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x y", "filter x { plugin script; on mail done { add-header X-A 1; }\n"
	    "on message { add-header X-A 2; } }\n"
	    "filter y { plugin script; on message { add-header X-B 1; } }");
	kit_greet(kit);
	assert_string_equal(kit_plan(kit_message(kit).plan), "add 0 X-A: 1\nadd 0 X-B: 1\n");
	/* It is of one message. */
	assert_string_equal(kit_plan(kit_message(kit).plan), "add 0 X-A: 1\nadd 0 X-B: 1\n");
	assert_int_equal(kit->tally.calls[MF_STAGE_MESSAGE], 2);
}

static void
test_done_before_mail(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script; on connect done { }\n"
	    "on message reject { } }");
	kit_greet(kit);
	assert_int_equal(kit_message(kit).outcome, OUTCOME_CONTINUE);
	assert_int_equal(kit_message(kit).outcome, OUTCOME_CONTINUE);
}

/* ---- accept ---- */

static void
test_accept_keeps_edits(void **state)
{
	struct kit *kit = *state;
	struct decision decision;

	kit_start(kit, "x y", "filter x { plugin script; on mail { add-header X-A 1; }\n"
	    "on rcpt accept { } on message { add-header X-A 2; } }\n"
	    "filter y { plugin script; on mail { add-header X-B 1; }\n"
	    "on data reject { } on message { add-header X-B 2; } }");
	kit_greet(kit);
	decision = kit_message(kit);
	assert_int_equal(decision.outcome, OUTCOME_ACCEPT);
	assert_string_equal(kit_plan(decision.plan), "add 0 X-A: 1\nadd 0 X-B: 1\n");
	assert_string_equal(session_explanation(kit->session)->decided_by, "x");
	assert_int_equal(session_explanation(kit->session)->stage, MF_STAGE_RCPT);
	assert_int_equal(kit->tally.calls[MF_STAGE_DATA], 0);
}

static void
test_accept_at_message(void **state)
{
	struct kit *kit = *state;
	struct decision decision;

	kit_start(kit, "x y",
	    "filter x { plugin script; on message accept { add-header X-A 1; } }\n"
	    "filter y { plugin script; on eoh { add-header X-B 1; } on message reject { } }");
	kit_greet(kit);
	decision = kit_message(kit);
	assert_int_equal(decision.outcome, OUTCOME_ACCEPT);
	assert_string_equal(kit_plan(decision.plan), "add 0 X-A: 1\nadd 0 X-B: 1\n");
}

static void
test_accept_connection(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x y", "filter x { plugin script; on connect accept { } }\n"
	    "filter y { plugin script; on connect { } }");
	assert_int_equal(session_connect(kit->session, "c", "local", NULL, 0, 0).outcome,
	    OUTCOME_ACCEPT);
	assert_string_equal(session_explanation(kit->session)->verdict, "accept");
	assert_int_equal(kit->tally.calls[MF_STAGE_CONNECT], 1);
}

/* With edits it goes on in silence, and each message is given them. */
static void
test_accept_connection_with_edits(void **state)
{
	struct kit *kit = *state;
	struct decision decision;

	kit_start(kit, "x y", "filter x { plugin script;\n"
	    "on connect accept { add-header X-A 1; symbol 15 early; } }\n"
	    "filter y { plugin script; on mail reject { } on message reject { } }");
	kit_greet(kit);
	decision = kit_message(kit);
	assert_int_equal(decision.outcome, OUTCOME_ACCEPT);
	assert_string_equal(kit_plan(decision.plan), "add 0 X-A: 1\n");
	assert_true(session_explanation(kit->session)->board->score == 1.5);
	assert_string_equal(kit_plan(kit_message(kit).plan), "add 0 X-A: 1\n");
}

/* ---- recipients ---- */

/* What was done for a recipient falls with it, whoever did it and whoever refused it. */
static void
test_refused_recipient(void **state)
{
	struct kit *kit = *state;
	struct decision decision;
	const struct explanation *explanation;

	kit_start(kit, "x y", "filter x { plugin script;\n"
	    "on rcpt { add-header X-A 1; symbol 10 seen; result demo pass; matched m f:1; } }\n"
	    "filter y { plugin script; on rcpt reject { nth 2; add-header X-B 1; } }");
	kit_greet(kit);
	kit_mail(kit);
	assert_int_equal(kit_rcpt(kit, "<one@example.org>"), OUTCOME_CONTINUE);
	assert_int_equal(kit_rcpt(kit, "<two@example.org>"), OUTCOME_REJECT);
	kit_logged(kit, "\"recipient refused\"");
	kit_logged(kit, "recipient=two@example.org");
	assert_int_equal(kit_rcpt(kit, "<three@example.org>"), OUTCOME_CONTINUE);
	kit_content(kit);
	decision = kit_end(kit);
	assert_int_equal(decision.outcome, OUTCOME_CONTINUE);
	assert_string_equal(kit_plan(decision.plan), "add 0 X-A: 1\nadd 0 X-A: 1\n");
	explanation = session_explanation(kit->session);
	assert_int_equal(explanation->recipient_count, 2);
	assert_string_equal(explanation->recipients[1], "three@example.org");
	assert_true(explanation->board->score == 2);
	assert_non_null(explanation->filters[0].dropped);
	assert_non_null(explanation->filters[1].dropped);
	assert_null(explanation->filters[1].edits);
	assert_int_equal(explanation->filters[1].verdict, MF_REJECT);
	/* The same rule at the same stage is told once. */
	assert_non_null(explanation->filters[0].rules);
	assert_null(explanation->filters[0].rules->next);
}

static void
test_error_at_rcpt(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script; on rcpt error { nth 1; error \"broken\"; }\n"
	    "on rcpt { add-header X-A 1; } }");
	kit_greet(kit);
	kit_mail(kit);
	assert_int_equal(kit_rcpt(kit, "<one@example.org>"), OUTCOME_TEMPFAIL);
	kit_logged(kit, "cause=broken");
	assert_int_equal(kit_rcpt(kit, "<two@example.org>"), OUTCOME_CONTINUE);
	kit_content(kit);
	assert_string_equal(kit_plan(kit_end(kit).plan), "add 0 X-A: 1\n");
	assert_string_equal(session_explanation(kit->session)->filters[0].policy, "tempfail");
}

/* A message of which no recipient is left ended with their refusal. */
static void
test_all_recipients_refused(void **state)
{
	struct kit *kit = *state;
	const struct explanation *explanation;

	start_verdict(kit, "rcpt", "reject", "");
	drive_to(kit, 3);
	assert_null(session_explanation(kit->session));
	session_abort(kit->session);
	explanation = session_explanation(kit->session);
	assert_string_equal(explanation->verdict, "reject");
	assert_int_equal(explanation->stage, MF_STAGE_RCPT);
	assert_string_equal(explanation->decided_by, "x");
	assert_int_equal(explanation->reply->code, 550);
	assert_null(session_model(kit->session));
}

static void
test_accept_and_discard_at_rcpt(void **state)
{
	struct kit *kit = *state;

	start_verdict(kit, "rcpt", "accept", "");
	drive_to(kit, 3);
	assert_string_equal(session_explanation(kit->session)->verdict, "accept");
	assert_int_equal(session_explanation(kit->session)->recipient_count, 1);
	start_verdict(kit, "rcpt", "discard", "");
	drive_to(kit, 3);
	assert_string_equal(session_explanation(kit->session)->verdict, "discard");
}

/* The one that is judged is not among those accepted, and is the value of the field. */
static void
test_recipient_judged(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script;\n"
	    "on rcpt { look at; expand \"judged ${recipient}\"; } on data { look then; } }");
	kit_greet(kit);
	kit_mail(kit);
	kit_rcpt(kit, "<One@Example.ORG>");
	kit_logged(kit, "at: sender a@example.org, 0 recipients");
	kit_logged(kit, "judged One@Example.ORG");
	kit_rcpt(kit, "<two@example.org>");
	kit_logged(kit, "at: sender a@example.org, 1 recipients");
	kit_logged(kit, "judged two@example.org");
	session_data(kit->session);
	kit_logged(kit, "then: sender a@example.org, 2 recipients");
}

/* ---- edits ---- */

/* Filter by filter, live edits first; each sees what those before it have done. */
static void
test_order_of_edits(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x y", "filter x { plugin script; on eoh { add-header X-A live; }\n"
	    "on message { look x; set-header 0 Subject from-x; add-header X-A late; } }\n"
	    "filter y { plugin script; on header { nth 1; add-header X-B live; }\n"
	    "on message { look y; delete-header 1 X-A; set-sender n@example.org;\n"
	    "add-recipient c@example.org; delete-recipient b@example.org;\n"
	    "append-body more; } }");
	kit_greet(kit);
	assert_string_equal(kit_plan(kit_message(kit).plan),
	    "sender 0 n@example.org:\n-rcpt 0 b@example.org:\n+rcpt 0 c@example.org:\n"
	    "change 1 Subject: from-x\nadd 0 X-A: live\nadd 0 X-B: live\nbody 0 :body\r\nmore\n");
	kit_logged(kit, "x: 2 X-A: live = live");
	kit_not_logged(kit, "x: 3 X-B");
	kit_logged(kit, "y: 1 Subject: from-x = from-x");
	kit_logged(kit, "y: 3 X-A: late = late");
	kit_logged(kit, "y: 4 X-B: live = live");
	kit_logged(kit, "y: sender a@example.org, 1 recipients, 5 fields, body body");
	assert_int_equal(session_model(kit->session)->current->recipient_count, 1);
}

static void
test_live_callbacks_see_what_arrives(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script; on mail { set-sender n@example.org; }\n"
	    "on eoh { add-header X-A 1; look live; } }");
	kit_greet(kit);
	kit_message(kit);
	kit_logged(kit, "live: sender a@example.org, 1 recipients, 2 fields, body ");
	kit_not_logged(kit, "live: 2 ");
}

static void
test_rollback(void **state)
{
	struct kit *kit = *state;
	const struct explanation *explanation;

	kit_start(kit, "x y z", "filter x { plugin script; on-error skip;\n"
	    "on eoh { add-header X-A kept; symbol 10 kept; }\n"
	    "on message error { add-header X-A gone; replace-body gone; set-sender g@example.org;\n"
	    "add-recipient g@example.org; quarantine gone; symbol 20 gone; result demo fail; } }\n"
	    "filter y { plugin script; on message { look y; } }\n"
	    "filter z { plugin script; on-error skip; on body error { add-header X-C gone; } }");
	kit_greet(kit);
	assert_string_equal(kit_plan(kit_message(kit).plan), "add 0 X-A: kept\n");
	kit_logged(kit, "y: sender a@example.org, 1 recipients, 3 fields, body body");
	kit_logged(kit, "y: score 1\"");
	explanation = session_explanation(kit->session);
	assert_true(explanation->board->score == 1);
	assert_null(explanation->board->results);
	assert_string_equal(explanation->filters[0].edits->value.data, " kept");
	assert_null(explanation->filters[0].edits->next);
	assert_string_equal(explanation->filters[0].dropped->value.data, " gone");
	assert_int_equal(explanation->filters[0].verdict, MF_ERROR);
	assert_string_equal(explanation->filters[0].policy, "skip");
	assert_non_null(explanation->filters[2].dropped);
}

/* A callback whose edit was refused ends in ERROR whatever it returns, and all it did is undone. */
static void
test_refused_edit(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script; on message accept { add-header X-A fine;\n"
	    "add-header \"bad name\" x; add-header X-B fine; } }");
	kit_greet(kit);
	assert_int_equal(kit_message(kit).outcome, OUTCOME_TEMPFAIL);
	kit_logged(kit, "cause=\"add-header: a header field's name is printable ASCII");
	kit_start(kit, "x", "filter x { plugin script; uses add-header; on-error skip;\n"
	    "on rcpt { set-sender x@example.org; } on message { add-header X-A 1; } }");
	kit_greet(kit);
	assert_string_equal(kit_plan(kit_message(kit).plan), "");
	kit_logged(kit, "set-sender: its plugin did not declare this edit");
}

static void
test_edits_before_mail(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x",
	    "filter x { plugin script; on connect { add-header X-A 1; matched m f:1; }\n"
	    "on helo { add-header X-B 1; symbol 10 helo; }\n"
	    "on mail { add-header X-C 1; symbol 20 mail; } }");
	kit_greet(kit);
	kit_message(kit);
	kit_message(kit);
	assert_string_equal(kit_plan(kit_message(kit).plan),
	    "add 0 X-A: 1\nadd 0 X-B: 1\nadd 0 X-C: 1\n");
	assert_true(session_explanation(kit->session)->board->score == 3);
	assert_non_null(session_explanation(kit->session)->filters[0].rules);
	assert_null(session_explanation(kit->session)->filters[0].rules->next);
}

/* A second HELO, as behind STARTTLS, takes the place of the first. */
static void
test_second_helo(void **state)
{
	struct kit *kit = *state;
	const struct explanation *explanation;

	kit_start(kit, "x s", "filter x { plugin script;\n"
	    "on connect { add-header X-A 1; symbol 10 a; }\n"
	    "on helo { add-header X-B 1; symbol 20 b; matched m f:1; }\n"
	    "on helo { when helo == \"last\"; add-header X-C 1; } }\n"
	    "filter s { plugin script; mode shadow; on helo { add-header X-S 1; symbol 10 s; } }");
	kit_greet(kit);
	assert_string_equal(kit_plan(kit_message(kit).plan), "add 0 X-A: 1\nadd 0 X-B: 1\n");
	session_helo(kit->session, "again");
	session_helo(kit->session, "last");
	assert_string_equal(kit_plan(kit_message(kit).plan),
	    "add 0 X-A: 1\nadd 0 X-B: 1\nadd 0 X-C: 1\n");
	explanation = session_explanation(kit->session);
	assert_true(explanation->board->score == 3);
	assert_null(explanation->filters[0].rules->next);
	assert_null(explanation->filters[1].edits->next);
	assert_true(explanation->filters[1].board->score == 1);
	assert_string_equal(explanation->helo, "last");
}

static void
test_no_plan_for_refused(void **state)
{
	struct kit *kit = *state;
	struct decision decision;

	kit_start(kit, "x y", "filter x { plugin script; on message { add-header X-A 1; } }\n"
	    "filter y { plugin script; on message reject { reply 554 5.6.0 \"no\\nnever\"; } }");
	kit_greet(kit);
	decision = kit_message(kit);
	assert_null(decision.plan);
	assert_string_equal(kit_reply(decision), "554 5.6.0 no / never");
	assert_null(session_model(kit->session));
}

static void
test_quarantine(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script; on mail { quarantine \"look at it\"; } }");
	kit_greet(kit);
	assert_string_equal(kit_plan(kit_message(kit).plan), "quarantine 0 :look at it\n");
	assert_string_equal(session_explanation(kit->session)->verdict, "quarantine");
}

/* ---- what the MTA grants ---- */

static void
test_edit_not_granted(void **state)
{
	struct kit *kit = *state;

	kit->grant.uses = MF_USE_ADD_HEADER;
	/* Assumed only: it fails when it asks. */
	kit_start(kit, "x", "filter x { plugin script; on message { add-header X-A 1; }\n"
	    "on message { when subject == \"hello\"; quarantine why; } }");
	kit_greet(kit);
	assert_int_equal(kit_message(kit).outcome, OUTCOME_TEMPFAIL);
	kit_logged(kit, "quarantine: the MTA does not offer this edit");
	/* Declared: it is out from the beginning, where its condition holds. */
	kit_clear_log(kit);
	kit_start(kit, "x y", "filter x { plugin script; uses quarantine; when sender != \"\";\n"
	    "on rcpt { } on message { quarantine why; } }\n"
	    "filter y { plugin script; uses add-header; on message { add-header X-A 1; } }");
	kit_greet(kit);
	kit_mail(kit);
	assert_int_equal(kit_rcpt(kit, "<b@example.org>"), OUTCOME_TEMPFAIL);
	kit_logged(kit, "cause=\"the MTA does not offer a quarantine\" policy=tempfail");
	session_abort(kit->session);
	assert_int_equal(kit->tally.calls[MF_STAGE_RCPT], 0);
	session_mail(kit->session, "<>", no_arguments);
	assert_int_equal(kit_rcpt(kit, "<b@example.org>"), OUTCOME_CONTINUE);
	kit_content(kit);
	assert_string_equal(kit_plan(kit_end(kit).plan), "add 0 X-A: 1\n");
}

static void
test_stage_not_granted(void **state)
{
	struct kit *kit = *state;

	kit->grant.stages = ~MF_AT(MF_STAGE_DATA);
	kit_start(kit, "x y", "filter x { plugin script; on-error skip; on data { } }\n"
	    "filter y { plugin script; on unknown { } on message { add-header X-A 1; } }");
	kit_greet(kit);
	kit_mail(kit);
	kit_rcpt(kit, "<b@example.org>");
	assert_string_equal(kit_plan(kit_end(kit).plan), "add 0 X-A: 1\n");
	kit_logged(kit, "the MTA does not report DATA");
	assert_int_equal(session_explanation(kit->session)->filters[0].verdict, MF_ERROR);
}

/* ---- time and memory ---- */

static void
test_timeout(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script; timeout 5s; on-error skip;\n"
	    "on rcpt { add-header X-A 1; symbol 10 late; } }");
	kit_greet(kit);
	kit_mail(kit);
	kit->step = 5001;
	assert_int_equal(kit_rcpt(kit, "<b@example.org>"), OUTCOME_CONTINUE);
	kit->step = 0;
	kit_logged(kit, "cause=\"timed out after 5000 ms\"");
	kit_content(kit);
	assert_string_equal(kit_plan(kit_end(kit).plan), "");
	assert_true(session_explanation(kit->session)->board->score == 0);
}

/* The kit's clock stands still: that a deadline has passed is what the wait says. */
static void
test_wait(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x y", "filter x { plugin script; timeout 100ms; on-error skip;\n"
	    "on connect { wait 0 for-silence; wait 5 for-nothing; wait 5 for-silence;\n"
	    "wait -1 for-a-byte; wait 3600000 for-room; symbol 10 early; }\n"
	    "on mail error { wait 101 for-silence; symbol 10 late; } }\n"
	    "filter y { plugin script; timeout 100ms; on-error skip;\n"
	    "on rcpt { wait -1 for-nothing; symbol 10 late; } }");
	kit_greet(kit);
	kit_logged(kit, "waited for-silence: time");
	kit_logged(kit, "waited for-nothing: time");
	kit_logged(kit, "waited for-a-byte: ready");
	kit_logged(kit, "waited for-room: ready");
	kit_not_logged(kit, "filter failed");
	kit_mail(kit);
	kit_logged(kit, "waited for-silence: deadline");
	kit_logged(kit, "stage=mail cause=\"timed out after 100 ms\"");
	kit_rcpt(kit, "<b@example.org>");
	kit_logged(kit, "waited for-nothing: deadline");
	kit_logged(kit, "stage=rcpt cause=\"timed out after 100 ms\"");
	kit_end(kit);
	assert_true(session_explanation(kit->session)->board->score == 1);
}

static void
test_progress(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x y z", "filter x { plugin script; timeout 20s; on message { } }\n"
	    "filter y { plugin script; timeout 20s; on message { } }\n"
	    "filter z { plugin script; timeout 20s; on message { } }");
	kit_greet(kit);
	kit->step = 3000;
	kit_message(kit);
	assert_int_equal(kit->progress, 1);
}

static void
test_memory(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x y", "message { memory-limit 64k; session-memory-limit 64k; }\n"
	    "filter x { plugin script; on-error skip; on mail { take 70000; add-header X-A 1; } }\n"
	    "filter y { plugin script; on-error skip; on mail { take 60000; }\n"
	    "on message { add-header X-B 1; } }");
	kit_greet(kit);
	assert_string_equal(kit_plan(kit_message(kit).plan), "add 0 X-B: 1\n");
	kit_logged(kit, "filter=x stage=mail cause=\"it took more memory");
	kit_not_logged(kit, "filter=y stage");
	/* It is of one message; that of the connection adds up. */
	assert_string_equal(kit_plan(kit_message(kit).plan), "add 0 X-B: 1\n");
	/* Once it has too much, nothing is made for it any more: no rule holds. */
	kit_start(kit, "x", "message { memory-limit 64k; }\n"
	    "filter x { plugin script; on mail { take 30000; }\n"
	    "on message { when sender ~ /a/; log before; take 30000; take 30000; }\n"
	    "on message { when sender ~ /a/; log behind; } }");
	kit_greet(kit);
	assert_int_equal(kit_message(kit).outcome, OUTCOME_TEMPFAIL);
	kit_logged(kit, "before");
	kit_not_logged(kit, "behind");
	kit_start(kit, "x", "message { session-memory-limit 64k; }\n"
	    "filter x { plugin script; on mail { take-session 40000; } }");
	kit_greet(kit);
	assert_int_equal(kit_message(kit).outcome, OUTCOME_CONTINUE);
	assert_int_equal(session_mail(kit->session, "<a@example.org>", no_arguments).outcome,
	    OUTCOME_TEMPFAIL);
}

/* ---- shadow ---- */

static void
test_shadow(void **state)
{
	struct kit *kit = *state;
	const struct explanation *explanation;
	struct decision decision;

	kit_start(kit, "s y",
	    "filter s { plugin script; mode shadow;\n"
	    "on connect { symbol 10 own; } on eoh { add-header X-S live; symbol 20 own; }\n"
	    "on message reject { look s; add-header X-S late; result demo fail; matched m f:1; } "
	    "}\n"
	    "filter y { plugin script; on message { look y; add-header X-Y 1; } }");
	kit_greet(kit);
	decision = kit_message(kit);
	assert_int_equal(decision.outcome, OUTCOME_CONTINUE);
	assert_string_equal(kit_plan(decision.plan), "add 0 X-Y: 1\n");
	/* It sees its own doings, nobody else does. */
	kit_logged(kit, "s: 2 X-S: live");
	kit_logged(kit, "s: score 3\"");
	kit_logged(kit, "y: sender a@example.org, 1 recipients, 2 fields");
	kit_logged(kit, "y: score 0\"");
	explanation = session_explanation(kit->session);
	assert_true(explanation->board->score == 0);
	assert_null(explanation->board->results);
	assert_true(explanation->filters[0].shadow);
	assert_int_equal(explanation->filters[0].verdict, MF_REJECT);
	assert_true(explanation->filters[0].board->score == 3);
	assert_string_equal(explanation->filters[0].board->results->value, "fail");
	assert_string_equal(explanation->filters[0].edits->value.data, " live");
	assert_string_equal(explanation->filters[0].edits->next->value.data, " late");
	assert_null(explanation->decided_by);
}

static void
test_shadow_refusals(void **state)
{
	struct kit *kit = *state;

	/* A recipient's refusal is of that recipient: the filter goes on. */
	kit_start(kit, "s", "filter s { plugin script; mode shadow; on rcpt reject { }\n"
	    "on data tempfail { } on message { } }");
	kit_greet(kit);
	kit_mail(kit);
	assert_int_equal(kit_rcpt(kit, "<b@example.org>"), OUTCOME_CONTINUE);
	assert_int_equal(kit_rcpt(kit, "<c@example.org>"), OUTCOME_CONTINUE);
	kit_content(kit);
	assert_int_equal(kit_end(kit).outcome, OUTCOME_CONTINUE);
	assert_int_equal(kit->tally.calls[MF_STAGE_RCPT], 2);
	assert_int_equal(kit->tally.calls[MF_STAGE_DATA], 1);
	assert_int_equal(kit->tally.calls[MF_STAGE_MESSAGE], 0);
	/* An error costs nothing but its account. */
	kit_start(kit, "s", "filter s { plugin script; mode shadow; on-error reject;\n"
	    "on connect error { } on message { } }");
	kit_greet(kit);
	assert_int_equal(kit_message(kit).outcome, OUTCOME_CONTINUE);
	assert_null(session_explanation(kit->session)->filters[0].policy);
	assert_int_equal(session_explanation(kit->session)->filters[0].verdict, MF_ERROR);
}

/* What a shadow filter did for a recipient falls with it, too. */
static void
test_shadow_recipient(void **state)
{
	struct kit *kit = *state;
	const struct explanation *explanation;

	kit_start(kit, "s y", "filter s { plugin script; mode shadow;\n"
	    "on rcpt { add-header X-S 1; symbol 10 own; } }\n"
	    "filter y { plugin script; on rcpt reject { nth 2; } }");
	kit_greet(kit);
	kit_mail(kit);
	kit_rcpt(kit, "<b@example.org>");
	kit_rcpt(kit, "<c@example.org>");
	kit_content(kit);
	kit_end(kit);
	explanation = session_explanation(kit->session);
	assert_true(explanation->filters[0].board->score == 1);
	assert_null(explanation->filters[0].edits->next);
	assert_non_null(explanation->filters[0].dropped);
}

/* ---- scope ---- */

static void
test_scope(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script; when not auth.user; on connect reject { }\n"
	    "on mail reject { } }");
	kit_greet(kit);
	assert_int_equal(kit->tally.calls[MF_STAGE_CONNECT], 0);
	kit_macro(kit, "{auth_authen}", "joe");
	kit_mail(kit);
	session_abort(kit->session);
	assert_string_equal(session_explanation(kit->session)->auth_user, "joe");
	assert_false(session_explanation(kit->session)->filters[0].called);
	kit_macro(kit, "{auth_authen}", NULL);
	assert_int_equal(session_mail(kit->session, "<a@example.org>", no_arguments).outcome,
	    OUTCOME_REJECT);
}

static void
test_scope_of_recipient_and_content(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x y z",
	    "filter x { plugin script; when recipient == \"no@example.org\"; on rcpt reject { } }\n"
	    "filter y { plugin script; when subject == \"changed\"; on message { add-header X-Y 1; "
	    "} }\n"
	    "filter z { plugin script; on message { set-header 0 Subject changed; } }");
	kit_greet(kit);
	kit_mail(kit);
	assert_int_equal(kit_rcpt(kit, "<b@example.org>"), OUTCOME_CONTINUE);
	assert_int_equal(kit_rcpt(kit, "<no@example.org>"), OUTCOME_REJECT);
	assert_int_equal(kit_rcpt(kit, "<c@example.org>"), OUTCOME_CONTINUE);
	kit_content(kit);
	assert_string_equal(kit_plan(kit_end(kit).plan), "change 1 Subject: changed\n");
	/* In the other order it is seen. */
	kit_start(kit, "z y",
	    "filter y { plugin script; when subject == \"changed\"; on message { add-header X-Y 1; "
	    "} }\n"
	    "filter z { plugin script; on message { set-header 0 Subject changed; } }");
	kit_greet(kit);
	assert_string_equal(kit_plan(kit_message(kit).plan),
	    "change 1 Subject: changed\nadd 0 X-Y: 1\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_refusals), TEST(test_discard), TEST(test_error_policies),
		TEST(test_rubbish_verdict), TEST(test_decisions_hold), TEST(test_done),
		TEST(test_done_before_mail), TEST(test_accept_keeps_edits),
		TEST(test_accept_at_message), TEST(test_accept_connection),
		TEST(test_accept_connection_with_edits), TEST(test_refused_recipient),
		TEST(test_error_at_rcpt), TEST(test_all_recipients_refused),
		TEST(test_accept_and_discard_at_rcpt), TEST(test_recipient_judged),
		TEST(test_order_of_edits), TEST(test_live_callbacks_see_what_arrives),
		TEST(test_rollback), TEST(test_refused_edit), TEST(test_edits_before_mail),
		TEST(test_second_helo),
		TEST(test_no_plan_for_refused), TEST(test_quarantine),
		TEST(test_edit_not_granted), TEST(test_stage_not_granted), TEST(test_timeout),
		TEST(test_wait), TEST(test_progress), TEST(test_memory), TEST(test_shadow),
		TEST(test_shadow_refusals), TEST(test_shadow_recipient), TEST(test_scope),
		TEST(test_scope_of_recipient_and_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
