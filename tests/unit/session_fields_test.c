/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The values of fields as conditions and templates of a filter see them: in live callbacks what has
 * arrived, at end of message what the filters before it have made of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/chain_kit.h"

static const char *const no_arguments[] = { NULL };

/* A message with something of everything. */
static void
send_message(struct kit *kit)
{
	kit_greet(kit);
	session_mail(kit->session, "<Sender@Example.ORG>", no_arguments);
	kit_rcpt(kit, "<b@example.org>");
	kit_rcpt(kit, "<c@Example.net>");
	session_data(kit->session);
	kit_header(kit, "From", " \"A, B\" <a@Example.org>, x (c)\n <d@example.com>");
	kit_header(kit, "Subject", " =?utf-8?q?gr=C3=BC=C3=9F?=\n =?utf-8?q?e?=");
	kit_header(kit, "X-Two", "one");
	kit_header(kit, "x-two", "\ttwo");
	session_eoh(kit->session);
	kit_body(kit, "first\r\n");
	kit_body(kit, "second\r\n");
	kit_end(kit);
}

struct sample {
	const char *template;
	const char *expected;
};

/* Whether the template gives that text at end of message. */
static void
check(struct kit *kit, const struct sample *sample, const char *before)
{
	char statements[1000], expected[300];

	snprintf(statements, sizeof(statements), "%s\n"
	    "filter x { plugin script; on message { expand \"<%s>\"; } }", before,
	    sample->template);
	kit_clear_log(kit);
	kit_start(kit, *before ? "before x" : "x", statements);
	send_message(kit);
	snprintf(expected, sizeof(expected), "text=\"<%s>\"", sample->expected);
	if (!strstr(kit_log(kit), expected)) {
		snprintf(expected, sizeof(expected), "text=<%s>", sample->expected);
		kit_logged(kit, expected);
	}
}

static void
test_values(void **state)
{
	static const struct sample samples[] = {
		{ "${listener}", "test" },
		{ "${client.ip} ${client.name} ${client.port}", "192.0.2.1 client.example 4321" },
		{ "${helo}", "helo.example" },
		{ "${auth.user} ${auth.mechanism}", "joe PLAIN" },
		{ "${tls.version}${tls.cipher}", "" },
		{ "${sender} ${sender.local} ${sender.domain}",
		  "Sender@Example.ORG Sender example.org" },
		{ "${recipient} ${recipient.local}", "b@example.org, c@Example.net b, c" },
		{ "${recipient.domain}", "example.org, example.net" },
		{ "${recipients.count}", "2" },
		{ "${size}", "148" },
		{ "${header.X-Two} ${header.x-two.count}", "one, two 2" },
		{ "${header.X-None}${header.X-None.count}", "0" },
		{ "${header.x-Two.raw}", "one, \\x09two" },
		{ "${header.From.domain}", "example.org, example.com" },
		{ "${subject}", "gr\xc3\xbc\xc3\x9f" "e" },
		{ "${headers.count} ${headers}", "4 From: \\\"A, B\\\" <a@Example.org>, x (c) "
		  "<d@example.com>, Subject: gr\xc3\xbc\xc3\x9f" "e, X-Two: one, x-two: two" },
		{ "${body.raw}", "first  second  " },
		{ "${score} ${symbol.none}", "0 " },
		{ "${macro.j} ${macro.auth_type} ${macro.{auth_type}} ${macro.none}",
		  "mx.example PLAIN PLAIN " },
		{ "${env.KIT_TEST}${env.KIT_NONE}", "value" },
	};
	struct kit *kit = *state;
	size_t i;

	kit_macro(kit, "{auth_authen}", "joe");
	kit_macro(kit, "{auth_type}", "PLAIN");
	kit_macro(kit, "j", "mx.example");
	setenv("KIT_TEST", "value", 1);
	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		check(kit, &samples[i], "");
	unsetenv("KIT_TEST");
}

/* What an earlier filter has changed is seen by a later one. */
static void
test_values_after_edits(void **state)
{
	static const char before[] = "filter before { plugin script; on message {\n"
	    "set-sender n@example.com; add-recipient d@example.com;\n"
	    "delete-recipient b@example.org;\n"
	    "set-header 0 Subject new; delete-header 0 X-Two;\n"
	    "add-header From z@example.net;\n"
	    "replace-body changed; symbol 15 one; symbol 20 one; result dkim pass;\n"
	    "result dkim fail; property policy.x y; } }";
	static const struct sample samples[] = {
		{ "${sender}", "n@example.com" },
		{ "${recipient}", "c@Example.net, d@example.com" },
		{ "${recipients.count}", "2" },
		{ "${subject}", "new" },
		{ "${header.X-Two} ${header.X-Two.count}", "two 1" },
		{ "${header.From.domain}", "example.org, example.com, example.net" },
		{ "${headers.count}", "4" },
		{ "${body.raw}", "changed" },
		{ "${score} ${symbol.one}", "3.5 3.5" },
		{ "${result.dkim.value}", "pass, fail" },
		{ "${result.dkim.reason}", "because, because" },
		{ "${result.dkim.header.d}", "example.org, example.org" },
		{ "${result.dkim.pass.header.d}", "example.org" },
		{ "${result.dkim.none.header.d}", "" },
		{ "${result.script.policy.x}", "y" },
		{ "${result.spf.value}${result.dkim.header.b}", "" },
	};
	struct kit *kit = *state;
	size_t i;

	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		check(kit, &samples[i], before);
}

/* Within one callback a filter sees its own edits. */
static void
test_values_within(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script;\n"
	    "on message { expand \"first ${header.From.domain} ${headers.count}\"; }\n"
	    "on message { set-header 0 Subject one; set-header 0 From q@one.example; }\n"
	    "on message { expand \"then ${subject} ${header.From.domain} ${headers.count}\"; }\n"
	    "on message { delete-header 0 Subject; }\n"
	    "on message { expand \"last ${subject} ${headers}\"; } }");
	send_message(kit);
	kit_logged(kit, "then one one.example 4\"");
	kit_logged(kit, "last  From: q@one.example, X-Two: one, x-two: two\"");
}

/* Live callbacks see what has arrived so far. */
static void
test_live_values(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script;\n"
	    "on eoh { when all recipient.domain ~ /^example/ and\n"
	    "header.From.domain == \"example.com\" and subject == \"gr\xc3\xbc\xc3\x9f" "e\";\n"
	    "expand \"eoh ${headers.count} ${sender}\"; }\n"
	    "on mail { when client.ip == 192.0.2.0/24 and not auth.user;\n"
	    "expand \"mail ${sender}\"; }\n"
	    "on connect { when client.port > 4000;\n"
	    "expand \"connect ${client.name} ${listener}\"; }\n"
	    "on rcpt { when recipient == \"c@Example.net\";\n"
	    "expand \"rcpt ${recipient.local}\"; } }");
	send_message(kit);
	kit_logged(kit, "\"connect client.example test\"");
	kit_logged(kit, "\"mail Sender@Example.ORG\"");
	kit_logged(kit, "\"rcpt c\"");
	kit_logged(kit, "\"eoh 4 Sender@Example.ORG\"");
	kit_not_logged(kit, "rcpt b");
}

/* $1 … are those of the callback's own last match. */
static void
test_groups(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script;\n"
	    "on rcpt { when recipient ~ /^b@(\\w+)/; expand \"group $1\"; }\n"
	    "on data { expand \"nothing:$1:\"; }\n"
	    "on message { when header.X-Two ~ /t(.)o/ and body.raw ~ /s(e)(c)/;\n"
	    "expand \"body $0 $1 $2:$3:\"; } }");
	send_message(kit);
	kit_logged(kit, "\"group example\"");
	kit_logged(kit, "text=nothing::");
	kit_logged(kit, "\"body sec e c::\"");
}

/* A client without an address has no value there, and no port. */
static void
test_no_address(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script; on connect {\n"
	    "when not exists client.ip and not exists client.port;\n"
	    "expand \"<${client.ip}> ${client.name}\"; } }");
	session_connect(kit->session, "localhost", "local", NULL, 0, 0);
	kit_logged(kit, "\"<> localhost\"");
}

/* A pattern that goes too far counts as no match, and is told with its rule. */
static void
test_regex_limit(void **state)
{
	struct kit *kit = *state;
	char subject[200];

	memset(subject, 'a', sizeof(subject) - 1);
	strcpy(subject + sizeof(subject) - 2, "b");
	kit_start(kit, "x", "regex { match-limit 1000; }\n"
	    "filter x { plugin script; on eoh reject { when subject ~ /^(a+)+$/; } }");
	kit_greet(kit);
	kit_mail(kit);
	kit_header(kit, "Subject", subject);
	assert_int_equal(session_eoh(kit->session).outcome, OUTCOME_CONTINUE);
	kit_logged(kit, "\"regex limit reached\" session=");
	kit_logged(kit, "filter=x rule=eoh where=");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_values), TEST(test_values_after_edits), TEST(test_values_within),
		TEST(test_live_values), TEST(test_groups), TEST(test_no_address),
		TEST(test_regex_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
