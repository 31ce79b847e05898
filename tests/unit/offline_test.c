/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The offline front end: message files taken apart and put together again byte for byte,
 * mailboxes, and what a chain is handed of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/mta/offline.h"
#include "tests/unit/chain_kit.h"

/* Long enough for several pieces of body. */
#define LARGE (300 * 1024)

/* ---- parts of a file ---- */

struct parts {
	const char *text;
	const char *fields;	/* name|value, divided by "; " */
	const char *body;
	bool crlf;
};

static const struct parts files[] = {
	{ "A: 1\nB:2\n\nbody\n", "A| 1; B|2; ", "body\n", false },
	{ "A: 1\r\nB:2\r\n\r\nbody\r\n", "A| 1; B|2; ", "body\r\n", true },
	{ "A: 1\n two\n\tthree\nB: 2\n\n", "A| 1\n two\n\tthree; B| 2; ", "", false },
	{ "A: 1\r\n two\r\n\r\nx", "A| 1\n two; ", "x", true },
	{ "A  : 1\n\nx", "A| 1; ", "x", false },
	{ "A:\n\nx", "A|; ", "x", false },
	{ "A: 1", "A| 1; ", "", false },
	{ "A: 1\nno field here\n\nx\n", "A| 1; ", "no field here\n\nx\n", false },
	{ "\nbody only\n", "", "body only\n", false },
	{ "", "", "", false },
	{ "\n", "", "", false },
	{ " begins with a blank\nA: 1\n\n", "", " begins with a blank\nA: 1\n\n", false },
	{ "A: bare\rCR\nB: 2\n\na\rb\n", "A| bare\rCR; B| 2; ", "a\rb\n", false },
	{ ": no name\n\nx", "", ": no name\n\nx", false },
};

static void
test_parts(void **state)
{
	struct arena *arena = arena_create(0, 0);
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct message_file file = message_file_parse("f", str_of(files[i].text), arena);
		char fields[200] = "";

		for (j = 0; j < file.field_count; j++)
			sprintf(fields + strlen(fields), "%s|%s; ", file.fields[j].name.data,
			    file.fields[j].value.data);
		assert_string_equal(fields, files[i].fields);
		assert_true(str_equal(file.body, str_of(files[i].body)));
		assert_int_equal(file.crlf, files[i].crlf);
	}
	arena_destroy(&arena);
}

struct collected {
	char text[4 * LARGE];
	size_t length;
	unsigned pieces;
	unsigned wanted;	/* pieces; 0: all */
};

static bool
collect(void *argument, const void *bytes, size_t size)
{
	struct collected *collected = argument;

	assert_true(collected->length + size < sizeof(collected->text));
	memcpy(collected->text + collected->length, bytes, size);
	collected->length += size;
	collected->text[collected->length] = '\0';
	return ++collected->pieces != collected->wanted;
}

/* Lines end in CRLF as an MTA hands them over, also the last one; a CR within stays. */
static void
test_body(void **state)
{
	struct arena *arena = arena_create(0, 0);
	struct collected *collected = test_calloc(1, sizeof(*collected));
	struct message_file file = message_file_parse("f", STR("\na\r\nb\n\nc\rd\ne"), arena);
	char *large = test_malloc(LARGE);
	size_t i;

	(void)state;
	assert_true(message_file_body(&file, collect, collected));
	assert_string_equal(collected->text, "a\r\nb\r\n\r\nc\rd\r\ne\r\n");
	memset(large, '\n', LARGE);
	memset(collected, 0, sizeof(*collected));
	file = message_file_parse("f", (struct str){ large, LARGE }, arena);
	assert_true(message_file_body(&file, collect, collected));
	assert_int_equal(collected->length, 2 * (LARGE - 1));
	assert_true(collected->pieces > 1);
	for (i = 0; i < collected->length; i += 2)
		assert_memory_equal(collected->text + i, "\r\n", 2);
	memset(collected, 0, sizeof(*collected));
	collected->wanted = 2;
	assert_false(message_file_body(&file, collect, collected));
	assert_int_equal(collected->pieces, 2);
	test_free(large);
	test_free(collected);
	arena_destroy(&arena);
}

/* ---- mailboxes ---- */

static bool
list_message(void *argument, struct str message)
{
	struct collected *collected = argument;

	collect(argument, message.data, message.length);
	return collect(argument, "|", 1) && collected->pieces / 2 != collected->wanted;
}

static void
check_mailbox(const char *text, const char *expected)
{
	struct arena *arena = arena_create(0, 0);
	struct collected *collected = test_calloc(1, sizeof(*collected));

	mailbox_each(str_of(text), arena, list_message, collected);
	assert_string_equal(collected->text, expected);
	test_free(collected);
	arena_destroy(&arena);
}

static void
test_mailbox(void **state)
{
	(void)state;
	check_mailbox("A: 1\n\nFrom me\n", "A: 1\n\nFrom me\n|");
	check_mailbox("From a@b Mon\nA: 1\n\nx\n", "A: 1\n\nx\n|");
	check_mailbox("From a@b Mon\nA: 1\n\nx\n\nFrom c@d Tue\nB: 2\n\ny\n\n",
	    "A: 1\n\nx\n|B: 2\n\ny\n|");
	check_mailbox("From a@b\nA: 1\n\n>From me\n>>From you\nFrom within\n> From no\n",
	    "A: 1\n\nFrom me\n>From you\nFrom within\n> From no\n|");
	check_mailbox("From a@b\r\nA: 1\r\n\r\nx\r\n\r\nFrom c@d\r\n\r\ny\r\n",
	    "A: 1\r\n\r\nx\r\n|\r\ny\r\n|");
	check_mailbox("From a@b\n", "|");
	check_mailbox("From ", "|");
	check_mailbox("", "|");
}

/* ---- the whole way ---- */

static struct offline_scene
make_scene(void)
{
	return (struct offline_scene){ .client_name = "client.example",
		.client_address = "192.0.2.1", .client_version = 4, .helo = "helo.example",
		.now = 1700000000 };
}

/* The message as it would be delivered; the test frees it. */
struct delivery {
	const struct message_file *file;
	char *text;
	size_t size;
	const char *verdict;
	char sender[100], recipients[200];
};

static void
deliver(void *argument, struct session *session)
{
	struct delivery *delivery = argument;
	const struct explanation *explanation = session_explanation(session);
	FILE *to = open_memstream(&delivery->text, &delivery->size);
	size_t i;

	assert_non_null(explanation);
	delivery->verdict = explanation->verdict;
	snprintf(delivery->sender, sizeof(delivery->sender), "%s",
	    explanation->sender ? explanation->sender : "none");
	delivery->recipients[0] = '\0';
	for (i = 0; i < explanation->recipient_count; i++)
		sprintf(delivery->recipients + strlen(delivery->recipients), "%s ",
		    explanation->recipients[i]);
	if (session_model(session))
		assert_true(message_file_write(delivery->file, session_model(session), to));
	fclose(to);
}

static struct delivery
judge_in(struct kit *kit, const struct offline_scene *scene, const char *text)
{
	struct arena *arena = arena_create(0, 0);
	struct message_file file = message_file_parse("f", str_of(text), arena);
	struct delivery delivery = { .file = &file };

	offline_judge(kit->chain, scene, &file, deliver, &delivery);
	arena_destroy(&arena);
	return delivery;
}

static void
check_delivery(struct kit *kit, const char *text, const char *expected)
{
	const struct offline_scene scene = make_scene();
	struct delivery delivery = judge_in(kit, &scene, text);

	assert_string_equal(delivery.verdict, "accept");
	assert_string_equal(delivery.text, expected);
	free(delivery.text);
}

/* What no filter touched is as it was, whatever its line ends and its end. */
static void
test_identical(void **state)
{
	static const char *const chains[] = {
		"filter x { plugin script; on message { } }",
		"filter x { plugin script; uses none; on mail { } }",
		/* edits that cancel out */
		"filter x { plugin script; on message { add-header X-A 1; delete-header 0 X-A; } }",
	};
	struct kit *kit = *state;
	size_t i, j;

	for (i = 0; i < sizeof(chains) / sizeof(chains[0]); i++) {
		kit_start(kit, "x", chains[i]);
		for (j = 0; j < sizeof(files) / sizeof(files[0]); j++)
			check_delivery(kit, files[j].text, files[j].text);
		check_delivery(kit, "A: 1\r\nB: 2\n\nmixed\r\nline\nends",
		    "A: 1\r\nB: 2\n\nmixed\r\nline\nends");
	}
}

/* Edits that end where they began leave the file's own bytes, line ends and blanks included. */
static void
test_taken_back(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script; on message {\n"
	    "replace-body \"other\"; replace-body \"one\\r\\ntwo\\r\\n\"; } }");
	check_delivery(kit, "A: 1\n\none\ntwo", "A: 1\n\none\ntwo");
	check_delivery(kit, "A: 1\n\none\r\ntwo\n", "A: 1\n\none\r\ntwo\n");
	check_delivery(kit, "one\ntwo", "one\ntwo");
	kit_start(kit, "x", "filter x { plugin script; on message {\n"
	    "set-header 0 A 2; set-header 0 A \"1\\n x\"; } }");
	check_delivery(kit, "A : 1\r\n x\nB: 2\n\n", "A : 1\r\n x\nB: 2\n\n");
}

static void
test_edited(void **state)
{
	struct kit *kit = *state;

	kit_start(kit, "x", "filter x { plugin script; on message {\n"
	    "set-header 0 B \"new\\n fold\"; add-header C 3; } }");
	check_delivery(kit, "A : 1\n x\nB: 2\n\nbody", "A : 1\n x\nB: new\n fold\nC: 3\n\nbody");
	check_delivery(kit, "A: 1\r\nB: 2\r\n\r\nbody",
	    "A: 1\r\nB: new\r\n fold\r\nC: 3\r\n\r\nbody");
	check_delivery(kit, "B: 2", "B: new\n fold\nC: 3\n");
	check_delivery(kit, "\nbody", "B: new\n fold\nC: 3\n\nbody");
	kit_start(kit, "x", "filter x { plugin script; on message { append-body more; } }");
	check_delivery(kit, "A: 1\n\nbody\n", "A: 1\n\nbody\nmore");
	check_delivery(kit, "A: 1\r\n\r\nbody\r\n", "A: 1\r\n\r\nbody\r\nmore");
	check_delivery(kit, "A: 1", "A: 1\n\nmore");
	check_delivery(kit, "A: 1\n", "A: 1\n\nmore");
	check_delivery(kit, "", "\nmore");
	kit_start(kit, "x", "filter x { plugin script; on message { add-header C 3;\n"
	    "delete-header 0 A; } }");
	check_delivery(kit, "A: 1\nB: 2", "B: 2\nC: 3\n");
	check_delivery(kit, "A: 1\nno field\n", "C: 3\nno field\n");
}

/* The envelope that is not given is taken from the message. */
static void
test_envelope(void **state)
{
	static const char *const given[] = { "one@example.org", "two@example.org" };
	struct kit *kit = *state;
	struct offline_scene scene = make_scene();
	struct delivery delivery;

	kit_start(kit, "x", "filter x { plugin script; on message { } }");
	delivery = judge_in(kit, &scene, "From: A <a@example.org>\n"
	    "To: b@example.org, C <c@example.org>\nCc: d@example.org\n\n");
	assert_string_equal(delivery.sender, "a@example.org");
	assert_string_equal(delivery.recipients, "b@example.org c@example.org d@example.org ");
	free(delivery.text);
	delivery = judge_in(kit, &scene, "Return-Path: <>\nFrom: a@example.org\n"
	    "Delivered-To: e@example.org\nTo: b@example.org\n\n");
	assert_string_equal(delivery.sender, "");
	assert_string_equal(delivery.recipients, "e@example.org ");
	free(delivery.text);
	delivery = judge_in(kit, &scene, "\nno header\n");
	assert_string_equal(delivery.recipients, "postmaster@localhost ");
	free(delivery.text);
	scene.sender = "given@example.org";
	scene.recipients = given;
	scene.recipient_count = 2;
	delivery = judge_in(kit, &scene, "From: a@example.org\n\n");
	assert_string_equal(delivery.sender, "given@example.org");
	assert_string_equal(delivery.recipients, "one@example.org two@example.org ");
	free(delivery.text);
}

static void
test_scene(void **state)
{
	static const struct offline_macro macros[] = { { "{auth_authen}", "joe" }, { "j", "mx" } };
	struct kit *kit = *state;
	struct offline_scene scene = make_scene();
	struct delivery delivery;

	scene.macros = macros;
	scene.macro_count = 2;
	kit_start(kit, "x", "filter x { plugin script; on message {\n"
	    "expand \"${client.ip} ${client.name} ${helo} ${auth.user} ${macro.j}\"; } }");
	delivery = judge_in(kit, &scene, "A: 1\n\n");
	kit_logged(kit, "text=\"192.0.2.1 client.example helo.example joe mx\"");
	free(delivery.text);
}

/* Where the chain refuses, the message is not sent on. */
static void
test_refused(void **state)
{
	static const char *const stages[] = { "connect", "helo", "mail", "rcpt", "data", "header",
		"eoh", "body", "message" };
	struct kit *kit = *state;
	const struct offline_scene scene = make_scene();
	char statements[200];
	size_t i;

	for (i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		struct delivery delivery;

		snprintf(statements, sizeof(statements),
		    "filter x { plugin script; on %s tempfail { } }", stages[i]);
		kit_start(kit, "x", statements);
		delivery = judge_in(kit, &scene, "A: 1\n\nbody\n");
		assert_string_equal(delivery.verdict, "tempfail");
		assert_int_equal(delivery.size, 0);
		free(delivery.text);
	}
	kit_stop(kit);
	kit_check_tally(kit);
}

/* A chain that has seen enough of the body is not sent the rest. */
static void
test_skip(void **state)
{
	struct kit *kit = *state;
	const struct offline_scene scene = make_scene();
	char *large = test_malloc(LARGE + 1);
	struct delivery delivery;

	memset(large, '\n', LARGE);
	large[LARGE] = '\0';
	kit_start(kit, "x", "filter x { plugin script; uses add-header;\n"
	    "on body done { add-header X-A 1; } }");
	delivery = judge_in(kit, &scene, large);
	assert_int_equal(kit->tally.calls[MF_STAGE_BODY], 1);
	assert_int_equal(delivery.size, strlen("X-A: 1\n") + LARGE);
	free(delivery.text);
	test_free(large);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts), cmocka_unit_test(test_body),
		cmocka_unit_test(test_mailbox), TEST(test_identical),
		TEST(test_taken_back), TEST(test_edited), TEST(test_envelope), TEST(test_scene),
		TEST(test_refused), TEST(test_skip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
