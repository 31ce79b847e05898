/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The explanation: the JSON object of `filterd test --json` with its members in their order, the
 * line of the log in both forms, and what a person is shown. Nothing that mail holds breaks them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "tests/unit/chain_kit.h"

static const char rich[] =
    "filter s { plugin script; mode shadow; on message reject { matched sr f:9;\n"
    "add-header X-S 1; } }\n"
    "filter x { plugin script;\n"
    "on rcpt { matched one \"a.conf:3\"; symbol 10 sym; nth 1; }\n"
    "on eoh { result dkim pass; property policy.a b; }\n"
    "on message { matched two \"a.conf:4\"; matched two \"a.conf:4\"; symbol 25 sym;\n"
    "insert-header 0 X-I top; set-header 0 Subject new; delete-header 0 From;\n"
    "replace-body new; set-sender n@example.org; add-recipient \"c@example.org\" NOTIFY=NEVER;\n"
    "delete-recipient b@example.org; quarantine \"look at it\"; } }\n"
    "filter y { plugin script; on-error skip; on message error { add-header X-Y 1;\n"
    "error \"no disk\"; } }\n"
    "filter z { plugin script; when sender == \"x\"; on message { } }";

static void
run_rich(struct kit *kit)
{
	kit_start(kit, "s x y z", rich);
	kit_greet(kit);
	assert_int_equal(kit_message(kit).outcome, OUTCOME_CONTINUE);
}

/* ---- JSON ---- */

/* The names of an object's members, in order, divided by blanks. */
static const char *
members(json_t *object)
{
	static char names[500];
	const char *name;
	json_t *value;

	names[0] = '\0';
	json_object_foreach(object, name, value) {
		strcat(names, *names ? " " : "");
		strcat(names, name);
	}
	return names;
}

static void
check_json(json_t *json, const char *expected)
{
	char *text = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(10));

	assert_string_equal(text, expected);
	free(text);
}

/* The time is what it is. */
static void
forget_times(json_t *filters)
{
	json_t *filter;
	size_t i;

	json_array_foreach(filters, i, filter) {
		assert_true(json_is_number(json_object_get(filter, "time_us")));
		json_object_set_new(filter, "time_us", json_integer(0));
	}
}

static void
test_json(void **state)
{
	struct kit *kit = *state;
	json_t *json;

	run_rich(kit);
	json = kit_explanation(kit);
	assert_string_equal(members(json), "verdict reply stage filters results score symbols "
	    "edits sender recipients quarantine");
	check_json(json_object_get(json, "verdict"), "\"quarantine\"");
	check_json(json_object_get(json, "reply"), "null");
	check_json(json_object_get(json, "stage"), "\"message\"");
	forget_times(json_object_get(json, "filters"));
	check_json(json_object_get(json, "filters"),
	    "[{\"name\":\"s\",\"stage\":\"message\",\"verdict\":\"reject\",\"time_us\":0,"
	    "\"rules\":[{\"rule\":\"sr\",\"where\":\"f:9\",\"stage\":\"message\"}],"
	    "\"shadow\":true},"
	    "{\"name\":\"x\",\"stage\":\"message\",\"verdict\":\"continue\",\"time_us\":0,"
	    "\"rules\":[{\"rule\":\"one\",\"where\":\"a.conf:3\",\"stage\":\"rcpt\"},"
	    "{\"rule\":\"two\",\"where\":\"a.conf:4\",\"stage\":\"message\"}]},"
	    "{\"name\":\"y\",\"stage\":\"message\",\"verdict\":\"error\",\"time_us\":0,"
	    "\"rules\":[],\"cause\":\"no disk\",\"policy\":\"skip\"},"
	    "{\"name\":\"z\",\"stage\":null,\"verdict\":null,\"time_us\":0,\"rules\":[]}]");
	check_json(json_object_get(json, "results"),
	    "[{\"method\":\"dkim\",\"result\":\"pass\",\"reason\":\"because\","
	    "\"properties\":{\"header.d\":\"example.org\"}},"
	    "{\"method\":\"script\",\"result\":\"none\",\"reason\":null,"
	    "\"properties\":{\"policy.a\":\"b\"}}]");
	check_json(json_object_get(json, "score"), "3.5");
	check_json(json_object_get(json, "symbols"), "{\"sym\":3.5}");
	check_json(json_object_get(json, "sender"), "\"n@example.org\"");
	check_json(json_object_get(json, "recipients"), "[\"c@example.org\"]");
	check_json(json_object_get(json, "quarantine"), "\"look at it\"");
	json_decref(json);
}

static void
test_json_edits(void **state)
{
	struct kit *kit = *state;
	json_t *json;

	run_rich(kit);
	json = kit_explanation(kit);
	check_json(json_object_get(json, "edits"),
	    "[{\"filter\":\"s\",\"kind\":\"add-header\",\"name\":\"X-S\",\"value\":\" 1\","
	    "\"shadow\":true},"
	    "{\"filter\":\"x\",\"kind\":\"insert-header\",\"name\":\"X-I\",\"index\":0,"
	    "\"value\":\" top\"},"
	    "{\"filter\":\"x\",\"kind\":\"set-header\",\"name\":\"Subject\",\"index\":0,"
	    "\"value\":\" new\"},"
	    "{\"filter\":\"x\",\"kind\":\"delete-header\",\"name\":\"From\",\"index\":0},"
	    "{\"filter\":\"x\",\"kind\":\"replace-body\",\"size\":3},"
	    "{\"filter\":\"x\",\"kind\":\"set-sender\",\"address\":\"n@example.org\"},"
	    "{\"filter\":\"x\",\"kind\":\"add-recipient\",\"address\":\"c@example.org\","
	    "\"arguments\":\"NOTIFY=NEVER\"},"
	    "{\"filter\":\"x\",\"kind\":\"delete-recipient\",\"address\":\"b@example.org\"},"
	    "{\"filter\":\"x\",\"kind\":\"quarantine\",\"reason\":\"look at it\"},"
	    "{\"filter\":\"y\",\"kind\":\"add-header\",\"name\":\"X-Y\",\"value\":\" 1\","
	    "\"dropped\":true}]");
	json_decref(json);
}

static void
test_json_refused(void **state)
{
	struct kit *kit = *state;
	json_t *json;

	kit_start(kit, "x", "filter x { plugin script; on data reject { add-header X-A 1;\n"
	    "reply 554 5.6.0 \"one\\ntwo\"; } }");
	kit_greet(kit);
	kit_mail(kit);
	kit_rcpt(kit, "<b@example.org>");
	assert_int_equal(session_data(kit->session).outcome, OUTCOME_REJECT);
	json = kit_explanation(kit);
	check_json(json_object_get(json, "verdict"), "\"reject\"");
	check_json(json_object_get(json, "reply"), "\"554 5.6.0 one\\ntwo\"");
	check_json(json_object_get(json, "stage"), "\"data\"");
	check_json(json_object_get(json, "recipients"), "[\"b@example.org\"]");
	check_json(json_object_get(json, "sender"), "\"a@example.org\"");
	check_json(json_object_get(json, "quarantine"), "null");
	json_decref(json);
}

/* A refused connection has a record too, with no message in it. */
static void
test_json_connection(void **state)
{
	struct kit *kit = *state;
	json_t *json;

	kit_start(kit, "x", "filter x { plugin script; on connect tempfail { } }");
	assert_int_equal(session_connect(kit->session, "c", "192.0.2.1", NULL, 0, 0).outcome,
	    OUTCOME_TEMPFAIL);
	json = kit_explanation(kit);
	check_json(json_object_get(json, "verdict"), "\"tempfail\"");
	check_json(json_object_get(json, "stage"), "\"connect\"");
	check_json(json_object_get(json, "sender"), "null");
	check_json(json_object_get(json, "recipients"), "[]");
	json_decref(json);
	kit_logged(kit, "event=connection session=");
}

/* ---- what mail holds ---- */

static const char hostile[] = "\"\\ \x01\x1b[31m\xff\xc3\xbc\xe2\x80\xae\n\r x";

static void
run_hostile(struct kit *kit)
{
	static const char *const no_arguments[] = { NULL };

	kit_start(kit, "x", "filter x { plugin script; on message { expand \"${subject}\"; } }");
	session_connect(kit->session, hostile, hostile, NULL, 0, 0);
	session_helo(kit->session, hostile);
	session_mail(kit->session, hostile, no_arguments);
	session_rcpt(kit->session, hostile, no_arguments);
	session_header(kit->session, STR("Subject"), str_of(hostile));
	session_end_of_message(kit->session);
}

static void
test_hostile_texts(void **state)
{
	struct kit *kit = *state;
	char *text = NULL;
	size_t size = 0, i;
	FILE *to;

	run_hostile(kit);
	json_decref(kit_explanation(kit));
	to = open_memstream(&text, &size);
	explanation_text(session_explanation(kit->session), to);
	fclose(to);
	for (i = 0; i < size; i++)
		assert_true((unsigned char)text[i] >= ' ' || text[i] == '\n');
	assert_null(strstr(text, "\xe2\x80\xae"));
	assert_non_null(strstr(text, "\\x1b[31m\\xff\xc3\xbc\\xe2\\x80\\xae"));
	free(text);
	/* One line each: what the filter said, and the message. */
	for (i = 0, text = kit->log = (char *)kit_log(kit); *text; text++)
		i += *text == '\n';
	assert_int_equal(i, 2);
}

/* ---- the log ---- */

static void
test_log_text(void **state)
{
	struct kit *kit = *state;

	kit_macro(kit, "i", "4QX");
	kit_macro(kit, "{auth_authen}", "joe");
	run_rich(kit);
	kit_logged(kit, " event=message session=");
	kit_logged(kit, " queue=4QX listener=test client=192.0.2.1 name=client.example "
	    "helo=helo.example auth=joe sender=a@example.org recipients=b@example.org "
	    "verdict=quarantine stage=message size=45 quarantine=\"look at it\" "
	    "results=\"dkim=pass script=none\" score=3.5 symbols=\"sym:1 sym:2.5\" filters=\"");
	kit_logged(kit, "s(shadow):reject@message:");
	kit_logged(kit, " x:continue@message:");
	kit_logged(kit, "us[one:3,two:4] y:error@message:");
	kit_logged(kit, "edits=\"s(shadow):add-header:X-S x:insert-header:X-I ");
	kit_logged(kit, " x:replace-body x:set-sender:<n@example.org> "
	    "x:add-recipient:<c@example.org> x:delete-recipient:<b@example.org> x:quarantine\"\n");
	kit_not_logged(kit, " z:");
}

static void
test_log_json(void **state)
{
	struct kit *kit = *state;
	json_t *json;

	log_open(LOG_TO_STDERR, LOG_FORMAT_JSON, MF_LOG_INFO, NULL);
	kit_start(kit, "x", "log { format json; }\n"
	    "filter x { plugin script; on message reject { add-header X-A 1; matched m f:1; } }");
	kit_greet(kit);
	kit_message(kit);
	json = json_loads(kit_log(kit), 0, NULL);
	assert_non_null(json);
	check_json(json_object_get(json, "event"), "\"message\"");
	check_json(json_object_get(json, "verdict"), "\"reject\"");
	check_json(json_object_get(json, "reply"), "\"550 5.7.1 Refused by local policy\"");
	check_json(json_object_get(json, "filter"), "\"x\"");
	check_json(json_object_get(json, "size"), "45");
	forget_times(json_object_get(json, "filters"));
	check_json(json_object_get(json, "filters"),
	    "[{\"name\":\"x\",\"stage\":\"message\",\"verdict\":\"reject\",\"time_us\":0,"
	    "\"rules\":[{\"rule\":\"m\",\"where\":\"f:1\",\"stage\":\"message\"}]}]");
	check_json(json_array_get(json_object_get(json, "edits"), 0),
	    "{\"filter\":\"x\",\"kind\":\"add-header\",\"name\":\"X-A\",\"value\":\" 1\"}");
	json_decref(json);
}

/* ---- for a person ---- */

static void
test_text(void **state)
{
	struct kit *kit = *state;
	char *text = NULL;
	size_t size = 0;
	FILE *to;

	run_rich(kit);
	to = open_memstream(&text, &size);
	explanation_text(session_explanation(kit->session), to);
	fclose(to);
	assert_non_null(strstr(text, "verdict     quarantine at message\n"));
	assert_non_null(strstr(text, "client      client.example (192.0.2.1)\n"));
	assert_non_null(strstr(text, "sender      <a@example.org>\nrecipients  <b@example.org>\n"));
	assert_non_null(strstr(text, "  s (shadow): reject at message, "));
	assert_non_null(strstr(text, "    rule one matched (a.conf:3, rcpt)\n"));
	assert_non_null(strstr(text, "    add-header X-S: 1  [not done: shadow]\n"));
	assert_non_null(strstr(text, "    insert-header X-I at 0: top\n"));
	assert_non_null(strstr(text, "    replace-body (3 bytes)\n"));
	assert_non_null(strstr(text, ": no disk; on-error skip\n"
	    "    add-header X-Y: 1  [rolled back]\n"));
	assert_non_null(strstr(text, "  z: not called\n"));
	assert_non_null(strstr(text, "  dkim=pass reason=because header.d=example.org\n"));
	assert_non_null(strstr(text, "score       3.5\n  1 sym\n  2.5 sym\n"));
	assert_non_null(strstr(text, "quarantine  look at it\n"));
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_json), TEST(test_json_edits), TEST(test_json_refused),
		TEST(test_json_connection), TEST(test_hostile_texts), TEST(test_log_text),
		TEST(test_log_json), TEST(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
