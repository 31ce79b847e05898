/* SPDX-License-Identifier: BSD-2-Clause */
/* Records for the history: what they say, what is left out of them, and that they are bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filterd/admin/record.h"
#include "filterd/chain/explanation.h"
#include "filterd/chain/history.h"
#include "filterd/chain/state.h"
#include "filterd/util/memory.h"

#define ADDRESS	"joe@example.org"

/* A message, and what the filters of it did. */
struct scene {
	struct arena *arena;
	struct history_settings settings;
	struct history_link link;
	struct model model;
	struct board board;
	struct reply reply;
	struct filter_account account;
	struct matched_rule rule;
	struct edit edits[4];
	const char *recipients[2];
	struct explanation explanation;
	json_t *summary, *detail;
	char *text;			/* the record's, all of it */
};

static void
describe_account(struct scene *scene)
{
	struct edit *edits = scene->edits;

	edits[0] = (struct edit){ .kind = EDIT_HEADER_SET, .name = "From",
		.value = { ADDRESS, 15 }, .next = &edits[1] };
	edits[1] = (struct edit){ .kind = EDIT_RECIPIENT_ADD, .value = { ADDRESS, 15 },
		.arguments = "ORCPT=rfc822;" ADDRESS, .next = &edits[2] };
	edits[2] = (struct edit){ .kind = EDIT_BODY_REPLACE, .value = { NULL, 999 },
		.next = &edits[3] };
	edits[3] = (struct edit){ .kind = EDIT_QUARANTINE, .value = { "of 192.0.2.7", 12 } };
	scene->rule = (struct matched_rule){
		.rule = "a rule", .where = "conf:7", .would = "redirect \"" ADDRESS "\"",
		.stage = MF_STAGE_MESSAGE };
	scene->account = (struct filter_account){
		.name = "rules", .stage = MF_STAGE_MESSAGE, .verdict = MF_REJECT, .called = true,
		.cause = "no answer for " ADDRESS, .rules = &scene->rule, .edits = edits
	};
}

static void
describe_model(struct scene *scene)
{
	static const struct body_limits limits = { 65536, 0, "/tmp" };
	const struct edit edit = {
		.kind = EDIT_HEADER_ADD, .name = "X-To", .value = { ADDRESS, 15 }
	};

	model_init(&scene->model, scene->arena, &limits, 10, 10);
	model_sender(&scene->model, "<" ADDRESS ">", NULL);
	assert_true(model_recipient(&scene->model, "<" ADDRESS ">", NULL));
	assert_true(model_field(&scene->model, STR("Subject"), STR(" to " ADDRESS ", hello")));
	assert_true(model_body(&scene->model, "secret", 6));
	assert_true(model_apply(&scene->model, &edit));
	model_commit(&scene->model);
}

static int
setup(void **state)
{
	struct scene *scene = test_calloc(1, sizeof(*scene));
	struct mf_result *result;

	scene->arena = arena_create(0, 0);
	scene->settings = (struct history_settings){ .keep = 1, .subject = true, .edits = true };
	scene->link = (struct history_link){ .to = -1, .from = -1, .key = { 7 } };
	board_init(&scene->board, scene->arena);
	result = board_add(&scene->board, "spf", "pass", "the ip 192.0.2.7 is allowed");
	board_property(result, "smtp.mailfrom", ADDRESS);
	scene->reply = (struct reply){
		550, "5.7.1", { "no: mx.client.example,", "<" ADDRESS ">." }, 2
	};
	describe_account(scene);
	describe_model(scene);
	scene->recipients[0] = scene->recipients[1] = ADDRESS;
	scene->explanation = (struct explanation){
		.session_id = "s1", .queue_id = "Q1", .listener = "in",
		.client_name = "mx.client.example", .client_address = "192.0.2.7",
		.helo = "Helo.Example", .auth_user = "joe", .sender = ADDRESS,
		.recipients = scene->recipients, .recipient_count = 2,
		.final = scene->model.current, .verdict = "reject", .stage = MF_STAGE_MESSAGE,
		.reply = &scene->reply, .decided_by = "rules", .size = 1234,
		.filters = &scene->account, .filter_count = 1, .board = &scene->board
	};
	*state = scene;
	return 0;
}

static void
forget_record(struct scene *scene)
{
	json_decref(scene->summary);
	json_decref(scene->detail);
	free(scene->text);
	scene->summary = scene->detail = NULL;
	scene->text = NULL;
}

static int
teardown(void **state)
{
	struct scene *scene = *state;

	forget_record(scene);
	arena_destroy(&scene->arena);
	test_free(scene);
	return 0;
}

/* The record as who reads it sees it; whether it is whole. */
static bool
write_record(struct scene *scene)
{
	const struct record_maker maker = { &scene->settings, &scene->link, 3, 1000 };
	struct buffer record = { 0 };
	bool whole = record_write(&maker, &scene->explanation, &scene->model, &record);
	struct str bytes = { record.data, record.length };

	forget_record(scene);
	assert_true(record.length <= HISTORY_RECORD_BYTES);
	scene->summary = record_summary(bytes);
	scene->detail = record_detail(bytes);
	assert_non_null(scene->summary);
	assert_non_null(scene->detail);
	scene->text = memory_copy(record.data + sizeof(struct history_head),
	    record.length - sizeof(struct history_head));
	buffer_free(&record);
	return whole;
}

static const char *
text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void
all_of_a_message(void **state)
{
	struct scene *scene = *state;

	assert_true(write_record(scene));
	assert_int_equal(json_integer_value(json_object_get(scene->summary, "time")), 1000);
	assert_int_equal(json_integer_value(json_object_get(scene->summary, "generation")), 3);
	assert_string_equal(text_of(scene->summary, "sender"), ADDRESS);
	assert_string_equal(text_of(scene->summary, "subject"), "to " ADDRESS ", hello");
	assert_string_equal(text_of(scene->summary, "reply"),
	    "550 5.7.1 no: mx.client.example,\n<" ADDRESS ">.");
	assert_string_equal(text_of(scene->detail, "diff"),
	    "@@ header, line 2 @@\n+X-To:" ADDRESS "\n");
	assert_non_null(strstr(scene->text, "\"size\":999"));
	assert_non_null(strstr(scene->text, "\"reason\":\"of 192.0.2.7\""));
	assert_null(strstr(scene->text, "secret"));
}

static void
assert_nothing_tells(const struct scene *scene)
{
	static const char *const telling[] = { "joe@", "192.0.2.7", "client.example",
		"Helo.Example", "secret" };
	size_t i;

	for (i = 0; i < sizeof(telling) / sizeof(telling[0]); i++)
		if (strcasestr(scene->text, telling[i]))
			fail_msg("%s is in %s", telling[i], scene->text);
}

static void
hashed_addresses(void **state)
{
	struct scene *scene = *state;
	char joe[PSEUDONYM_BYTES], client[PSEUDONYM_BYTES], expected[100];

	scene->settings.addresses = HISTORY_HASHED;
	assert_true(write_record(scene));
	assert_nothing_tells(scene);
	history_pseudonym(&scene->link, STR(ADDRESS), joe);
	history_pseudonym(&scene->link, STR("mx.client.example"), client);
	assert_string_equal(text_of(scene->summary, "sender"), joe);
	assert_string_equal(json_string_value(json_array_get(
	    json_object_get(scene->summary, "recipients"), 1)), joe);
	snprintf(expected, sizeof(expected), "550 5.7.1 no: %s,\n<%s>.", client, joe);
	assert_string_equal(text_of(scene->summary, "reply"), expected);
	snprintf(expected, sizeof(expected), "to %s, hello", joe);
	assert_string_equal(text_of(scene->summary, "subject"), expected);
	snprintf(expected, sizeof(expected), "{\"smtp.mailfrom\":\"%s\"}", joe);
	assert_non_null(strstr(scene->text, expected));
	assert_true(json_is_null(json_object_get(scene->detail, "diff")));
	assert_non_null(strstr(scene->text, "\"name\":\"From\",\"index\":0,\"value\":null"));
	assert_non_null(strstr(scene->text, "\"size\":999"));
}

static void
no_addresses(void **state)
{
	struct scene *scene = *state;

	scene->settings.addresses = HISTORY_NONE;
	assert_true(write_record(scene));
	assert_nothing_tells(scene);
	assert_true(json_is_null(json_object_get(scene->summary, "sender")));
	assert_int_equal(json_array_size(json_object_get(scene->summary, "recipients")), 0);
	assert_int_equal(json_integer_value(json_object_get(scene->summary, "recipient_count")), 2);
	assert_string_equal(text_of(scene->summary, "reply"), "550 5.7.1 no: #,\n<#>.");
	assert_string_equal(text_of(scene->summary, "subject"), "to #, hello");
}

/* Addresses as they stand in replies and in reasons of blocklists and the like. */
static void
addresses_in_texts(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "from [IPv6:2001:db8::7]: no", "from [#]: no" },
		{ "ipv6:2001:DB8::7", "#" },
		{ "192.0.2.7:25 and 192.0.2.7/32, 2001:db8::/32", "# and #, #" },
		{ "<\"joe bloggs\"@example.org>.", "<#>." },
		{ "\"a \\\" b\"@example.org \"bob\" \"@", "# \"bob\" \"#" },
		{ "\"open joe@example.org", "\"open #" },
		{ "at 10:25, 3/4 of 1.2.3", "at 10:25, 3/4 of 1.2.3" },
	};
	struct scene *scene = *state;
	const struct record_maker maker = { &scene->settings, &scene->link, 3, 1000 };
	size_t i;

	scene->settings.addresses = HISTORY_NONE;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(privacy_text(&maker, &scene->explanation,
		    str_of(cases[i].text), scene->arena), cases[i].shown);
}

static void
no_subject_and_no_edits(void **state)
{
	struct scene *scene = *state;

	assert_true(write_record(scene));
	assert_non_null(strstr(scene->text, "ORCPT"));
	scene->settings.subject = scene->settings.edits = false;
	assert_true(write_record(scene));
	assert_null(strstr(scene->text, "ORCPT"));
	assert_null(strstr(scene->text, "hello"));
	assert_null(strstr(scene->text, "X-To"));
	assert_true(json_is_null(json_object_get(scene->detail, "diff")));
	assert_non_null(strstr(scene->text, "\"name\":\"From\",\"index\":0,\"value\":null"));
	assert_non_null(strstr(scene->text, "\"kind\":\"add-recipient\",\"address\":null"));
	assert_string_equal(text_of(scene->summary, "sender"), ADDRESS);
}

static void
a_connection_has_no_message(void **state)
{
	struct scene *scene = *state;
	const struct record_maker maker = { &scene->settings, &scene->link, 3, 1000 };
	struct buffer record = { 0 };
	json_t *summary;

	scene->explanation.sender = scene->explanation.queue_id = scene->explanation.helo = NULL;
	scene->explanation.recipient_count = 0;
	scene->explanation.final = NULL;
	for (scene->settings.addresses = HISTORY_PLAIN; scene->settings.addresses <= HISTORY_NONE;
	    scene->settings.addresses++) {
		record.length = 0;
		assert_true(record_write(&maker, &scene->explanation, NULL, &record));
		summary = record_summary((struct str){ record.data, record.length });
		assert_non_null(summary);
		assert_true(json_is_null(json_object_get(summary, "sender")));
		json_decref(summary);
	}
	buffer_free(&record);
}

/* Whatever is long, the summary is there. */
static void
a_record_is_bounded(void **state)
{
	struct scene *scene = *state;
	const char **recipients = arena_array(scene->arena, 100000, sizeof(*recipients));
	char *helo = arena_alloc(scene->arena, 100001);
	size_t i;

	memset(helo, '\x01', 100000);
	for (i = 0; i < 100000; i++)
		recipients[i] = ADDRESS;
	scene->explanation.helo = scene->account.cause = helo;
	scene->explanation.recipients = recipients;
	scene->explanation.recipient_count = 100000;
	assert_false(write_record(scene));
	assert_int_equal(
	    json_integer_value(json_object_get(scene->summary, "recipient_count")), 100000);
	assert_true(json_array_size(json_object_get(scene->summary, "recipients")) > 500);
	assert_true(json_is_null(json_object_get(scene->detail, "explanation")));
}

/* ---- the link ---- */

static void
what_does_not_fit_is_lost_at_once(void **state)
{
	static char record[HISTORY_RECORD_BYTES], taken[HISTORY_RECORD_BYTES];
	struct history_link link;
	unsigned sent = 0, got = 0;

	(void)state;
	assert_true(history_link_open(&link));
	assert_int_equal(history_link_take(&link, taken, sizeof(taken)), 0);
	while (sent < 100000 && history_link_send(&link, record, sizeof(record)))
		sent++;
	assert_true(sent > 0 && sent < 100000);
	while (history_link_take(&link, taken, sizeof(taken)) == sizeof(record))
		got++;
	assert_int_equal(got, sent);
	assert_true(history_link_send(&link, record, 100));
	assert_int_equal(history_link_take(&link, taken, 50), 100);
	close(link.to);
	link.to = -1;
	assert_int_equal(history_link_take(&link, taken, sizeof(taken)), -1);
	history_link_close(&link);
}

/* What is no record ends nothing; only the end of all senders does. */
static void
an_empty_record_is_passed_over(void **state)
{
	char taken[100];
	struct history_link link;

	(void)state;
	assert_true(history_link_open(&link));
	assert_true(history_link_send(&link, "", 0));
	assert_true(history_link_send(&link, "one", 3));
	assert_int_equal(history_link_take(&link, taken, sizeof(taken)), sizeof(taken) + 1);
	assert_int_equal(history_link_take(&link, taken, sizeof(taken)), 3);
	assert_int_equal(history_link_take(&link, taken, sizeof(taken)), 0);
	history_link_close(&link);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_of_a_message, setup, teardown),
		cmocka_unit_test_setup_teardown(hashed_addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(no_addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(addresses_in_texts, setup, teardown),
		cmocka_unit_test_setup_teardown(no_subject_and_no_edits, setup, teardown),
		cmocka_unit_test_setup_teardown(a_connection_has_no_message, setup, teardown),
		cmocka_unit_test_setup_teardown(a_record_is_bounded, setup, teardown),
		cmocka_unit_test(what_does_not_fit_is_lost_at_once),
		cmocka_unit_test(an_empty_record_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
