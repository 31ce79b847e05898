/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the log: what a line looks like whatever its fields hold, and that a line is written. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "filterd/config/settings.h"
#include "filterd/service/json.h"
#include "filterd/service/log_text.h"

static void
assert_text(struct str value, const char *expected)
{
	struct log_field field = { "k", value, false };
	struct buffer line = { 0 };

	log_text_fields(&line, &field, 1);
	assert_string_equal(buffer_text(&line), expected);
	buffer_free(&line);
}

static void
test_plain_values_stand_bare(void **state)
{
	(void)state;
	assert_text(STR("abc-1.2@example"), "k=abc-1.2@example");
	assert_text(STR("550"), "k=550");
}

static void
test_other_values_stand_in_quotes(void **state)
{
	(void)state;
	assert_text(STR(""), "k=\"\"");
	assert_text(STR("two words"), "k=\"two words\"");
	assert_text(STR("a=b"), "k=\"a=b\"");
	assert_text(STR("say \"x\" \\ y"), "k=\"say \\\"x\\\" \\\\ y\"");
	assert_text(STR("K\xc3\xa4se"), "k=\"K\xc3\xa4se\"");
}

static void
test_a_value_cannot_break_the_line(void **state)
{
	(void)state;
	assert_text(STR("a\r\nlevel=error"), "k=\"a\\x0d\\x0alevel=error\"");
	assert_text(STR("nul\0here"), "k=\"nul\\x00here\"");
	assert_text(STR("\x1b[31m\x7f"), "k=\"\\x1b[31m\\x7f\"");
	assert_text(STR("\xc2\x85"), "k=\"\\xc2\\x85\"");		/* a C1 control */
	assert_text(STR("\xe2\x80\xae"), "k=\"\\xe2\\x80\\xae\"");	/* right-to-left override */
	assert_text(STR("\xff\xc3"), "k=\"\\xff\\xc3\"");		/* not UTF-8 */
	assert_text(STR("\xed\xa0\x80"), "k=\"\\xed\\xa0\\x80\"");	/* a surrogate */
	assert_text(STR("\xc0\xaf"), "k=\"\\xc0\\xaf\"");		/* too long a form */
}

static void
test_fields_without_text_are_left_out(void **state)
{
	static const struct log_field fields[] = {
		{ "a", { NULL, 0 }, false }, { "b", { "1", 1 }, true }, { "c", { NULL, 0 }, false },
		{ "d", { "x", 1 }, false }
	};
	struct buffer line = { 0 };

	(void)state;
	log_text_fields(&line, fields, 4);
	assert_string_equal(buffer_text(&line), "b=1 d=x");
	line.length = 0;
	log_json_fields(&line, fields, 4);
	assert_string_equal(buffer_text(&line), "{\"b\":1,\"d\":\"x\"}");
	line.length = 0;
	log_json_fields(&line, fields, 1);
	assert_string_equal(buffer_text(&line), "{}");
	buffer_free(&line);
}

static void
assert_json(struct str value, const char *expected)
{
	struct buffer text = { 0 };

	json_text(&text, value);
	assert_string_equal(buffer_text(&text), expected);
	buffer_free(&text);
}

static void
test_json_strings(void **state)
{
	(void)state;
	assert_json(STR(""), "\"\"");
	assert_json(STR("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
	assert_json(STR("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
	assert_json(STR("\0\x1f"), "\"\\u0000\\u001f\"");
	assert_json(STR("\x7f\xc2\x9f"), "\"\\u007f\\u009f\"");
	assert_json(STR("\xe2\x82\xac\xf0\x9f\x93\xa7"), "\"\xe2\x82\xac\xf0\x9f\x93\xa7\"");
	assert_json(STR("a\xff" "b\xe2\x82"), "\"a\xef\xbf\xbd" "b\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void
test_time(void **state)
{
	struct timespec time = { .tv_sec = 951782399, .tv_nsec = 1999 };
	char text[LOG_TIME_BYTES];

	(void)state;
	log_time(text, &time);
	assert_string_equal(text, "2000-02-28T23:59:59.000001Z");
}

/* Standard error caught in a pipe that does not block. */
struct capture {
	int saved, from;
	char text[128 * 1024];
};

static void
capture_begin(struct capture *capture)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	capture->saved = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	capture->from = ends[0];
}

static void
capture_read(struct capture *capture)
{
	ssize_t got = read(capture->from, capture->text, sizeof(capture->text) - 1);

	capture->text[got > 0 ? got : 0] = '\0';
}

static void
capture_end(struct capture *capture)
{
	dup2(capture->saved, STDERR_FILENO);
	close(capture->saved);
	close(capture->from);
}

static void
test_a_line_of_text(void **state)
{
	static struct capture capture;
	struct log_field field = { "reason", STR("no\nline"), false };

	(void)state;
	log_open(LOG_TO_STDERR, LOG_FORMAT_TEXT, MF_LOG_INFO, NULL);
	capture_begin(&capture);
	log_event(MF_LOG_WARNING, "something is wrong", &field, 1);
	log_event(MF_LOG_DEBUG, "hidden", NULL, 0);
	log_text(MF_LOG_INFO, "worker %d", 7);
	capture_read(&capture);
	capture_end(&capture);
	assert_memory_equal(capture.text, "time=2", 6);
	assert_non_null(strstr(capture.text, " level=warning pid="));
	assert_non_null(strstr(capture.text,
	    " event=\"something is wrong\" reason=\"no\\x0aline\"\ntime="));
	assert_non_null(strstr(capture.text, " event=\"worker 7\"\n"));
	assert_null(strstr(capture.text, "hidden"));
}

static void
test_a_line_of_json(void **state)
{
	static struct capture capture;
	struct log_field fields[] = {
		{ "queue-id", STR("4F\x80"), false }, { "size", STR("12"), true }
	};
	json_t *line;

	(void)state;
	log_open(LOG_TO_STDERR, LOG_FORMAT_JSON, MF_LOG_DEBUG, NULL);
	capture_begin(&capture);
	log_event(MF_LOG_DEBUG, "message", fields, 2);
	capture_read(&capture);
	capture_end(&capture);
	line = json_loads(capture.text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(line);
	assert_string_equal(json_string_value(json_object_get(line, "level")), "debug");
	assert_string_equal(json_string_value(json_object_get(line, "event")), "message");
	assert_string_equal(json_string_value(json_object_get(line, "queue-id")), "4F\xef\xbf\xbd");
	assert_int_equal(json_integer_value(json_object_get(line, "size")), 12);
	assert_int_equal(json_integer_value(json_object_get(line, "pid")), getpid());
	json_decref(line);
}

static void
test_lines_of_a_generation(void **state)
{
	static struct capture capture;
	const struct log_field field = { "size", STR("12"), true };

	(void)state;
	log_open(LOG_TO_STDERR, LOG_FORMAT_TEXT, MF_LOG_DEBUG, NULL);
	log_generation(7);
	capture_begin(&capture);
	log_event(MF_LOG_DEBUG, "message", &field, 1);
	log_generation(0);
	log_event(MF_LOG_DEBUG, "message", &field, 1);
	capture_read(&capture);
	capture_end(&capture);
	assert_non_null(strstr(capture.text, " event=message generation=7 size=12\n"));
	assert_non_null(strstr(capture.text, " event=message size=12\n"));
}

static void
test_lost_lines_are_counted(void **state)
{
	static struct capture capture;
	static char filling[65536];

	(void)state;
	log_open(LOG_TO_STDERR, LOG_FORMAT_TEXT, MF_LOG_INFO, NULL);
	capture_begin(&capture);
	memset(filling, '.', sizeof(filling));
	while (write(STDERR_FILENO, filling, sizeof(filling)) > 0)
		;
	log_text(MF_LOG_INFO, "lost");
	log_text(MF_LOG_INFO, "lost too");
	capture_read(&capture);
	log_text(MF_LOG_INFO, "seen");
	capture_read(&capture);
	capture_end(&capture);
	assert_null(strstr(capture.text, "event=lost"));
	assert_non_null(strstr(capture.text, " lost-lines=2 event=seen\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_values_stand_bare),
		cmocka_unit_test(test_other_values_stand_in_quotes),
		cmocka_unit_test(test_a_value_cannot_break_the_line),
		cmocka_unit_test(test_fields_without_text_are_left_out),
		cmocka_unit_test(test_json_strings),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_a_line_of_text),
		cmocka_unit_test(test_a_line_of_json),
		cmocka_unit_test(test_lines_of_a_generation),
		cmocka_unit_test(test_lost_lines_are_counted),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
