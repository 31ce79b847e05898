/* SPDX-License-Identifier: BSD-2-Clause */
/* Records as the admin process reads them, and what they are searched for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "filterd/admin/record.h"
#include "filterd/admin/search.h"
#include "filterd/util/buffer.h"

#define SUMMARY "{\"time\":1,\"session\":\"s1\",\"queue\":\"4ABC\",\"listener\":\"in\"," \
	"\"generation\":1,\"client\":{\"name\":\"mx.example\",\"address\":\"192.0.2.1\"}," \
	"\"helo\":null,\"sender\":\"Joe@Example.ORG\"," \
	"\"recipients\":[\"a@x.example\",\"b@y.example\"]," \
	"\"recipient_count\":2,\"verdict\":\"reject\",\"reply\":\"550 no\",\"stage\":\"rcpt\"," \
	"\"decided_by\":\"rules\",\"size\":100,\"subject\":\"Hello\",\"rules\":[\"one\",\"two\"]}"

static struct buffer
record_of(uint32_t magic, const char *summary, uint32_t length, const char *detail)
{
	const struct history_head head = { magic, length };
	struct buffer record = { 0 };

	buffer_add(&record, &head, sizeof(head));
	buffer_add_text(&record, summary);
	buffer_add_text(&record, detail);
	return record;
}

static json_t *
summary_of(const char *summary)
{
	struct buffer record = record_of(HISTORY_MAGIC, summary, (uint32_t)strlen(summary), "");
	json_t *object = record_summary((struct str){ record.data, record.length });

	buffer_free(&record);
	return object;
}

/* ---- records ---- */

static void
a_good_record_is_read(void **state)
{
	struct buffer record = record_of(HISTORY_MAGIC, SUMMARY, sizeof(SUMMARY) - 1,
	    "{\"explanation\":{\"verdict\":\"reject\"},\"diff\":\"d\"}");
	struct str bytes = { record.data, record.length };
	json_t *summary = record_summary(bytes), *detail = record_detail(bytes);

	(void)state;
	assert_non_null(summary);
	assert_int_equal(json_integer_value(json_object_get(summary, "size")), 100);
	assert_string_equal(json_string_value(json_object_get(detail, "diff")), "d");
	json_decref(summary);
	json_decref(detail);
	bytes.length = sizeof(struct history_head) + sizeof(SUMMARY) - 1;
	detail = record_detail(bytes);
	assert_true(json_is_null(json_object_get(detail, "explanation")));
	json_decref(detail);
	buffer_free(&record);
}

static void
what_is_no_record_is_none(void **state)
{
	static const struct {
		const char *from, *to;
	} changes[] = {
		{ "\"time\":1", "\"time\":\"1\"" }, { "\"time\":1", "\"time\":-1" },
		{ "\"time\":1", "\"time\":8640000000000001" }, { "\"session\":\"s1\",", "" },
		{ "\"queue\":\"4ABC\"", "\"queue\":[]" }, { "[\"one\"", "[1" },
		{ "{\"name\":\"mx.example\",", "{" }, { "\"helo\":null", "\"more\":null" },
		{ "\"helo\":null", "\"helo\":null,\"more\":1" }, { "}", "" },
		{ "\"helo\":null", "\"helo\":null,\"helo\":null" }, { "Hello", "\xff" },
	};
	struct buffer record = record_of(HISTORY_MAGIC + 1, SUMMARY, sizeof(SUMMARY) - 1, "");
	size_t i;

	(void)state;
	assert_null(record_summary((struct str){ record.data, record.length }));
	buffer_free(&record);
	record = record_of(HISTORY_MAGIC, SUMMARY, sizeof(SUMMARY), "");
	assert_null(record_summary((struct str){ record.data, record.length }));
	assert_null(record_detail((struct str){ record.data, record.length }));
	assert_null(record_summary((struct str){ record.data, 3 }));
	buffer_free(&record);
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const char *at = strstr(SUMMARY, changes[i].from);
		struct buffer text = { 0 };

		buffer_add(&text, SUMMARY, (size_t)(at - SUMMARY));
		buffer_add_text(&text, changes[i].to);
		buffer_add_text(&text, at + strlen(changes[i].from));
		assert_null(summary_of(text.data));
		buffer_free(&text);
	}
}

static void
what_is_no_detail_is_none(void **state)
{
	static const char *const details[] = { "{}", "[]", "{\"explanation\":1,\"diff\":null}",
		"{\"explanation\":{},\"diff\":1}", "{\"explanation\":{}}",
		"{\"explanation\":{},\"diff\":null,\"x\":1}", "{\"explanation\":{},\"diff\":null" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(details) / sizeof(details[0]); i++) {
		struct buffer record = record_of(
		    HISTORY_MAGIC, SUMMARY, sizeof(SUMMARY) - 1, details[i]);

		assert_null(record_detail((struct str){ record.data, record.length }));
		buffer_free(&record);
	}
}

/* ---- searching ---- */

/* One parameter: its name, and its value. */
static const char *
give(const void *argument, const char *name)
{
	const char *const *parameter = argument;

	return strcmp(parameter[0], name) == 0 ? parameter[1] : NULL;
}

static void
each_parameter_is_compared(void **state)
{
	static const struct {
		const char *parameter[2];
		bool found;
	} cases[] = {
		{ { "queue", "4ABC" }, true }, { { "queue", "4ab" }, true },
		{ { "queue", "ABC" }, false }, { { "sender", "joe@" }, true },
		{ { "sender", "jim" }, false }, { { "recipient", "B@Y" }, true },
		{ { "recipient", "c@" }, false }, { { "client", "192.0" }, true },
		{ { "client", "MX." }, true }, { { "client", "mail" }, false },
		{ { "verdict", "reject" }, true }, { { "verdict", "accept" }, false },
		{ { "verdict", "" }, true }, { { "rule", "TW" }, true },
		{ { "rule", "three" }, false }, { { "text", "hell" }, true },
		{ { "text", "550" }, true }, { { "text", "y.example" }, true },
		{ { "text", "s1" }, true }, { { "text", "nothing" }, false },
		{ { "sender", "" }, true }, { { "unknown", "x" }, true },
	};
	json_t *summary = summary_of(SUMMARY);
	struct search search;
	const char *mistake;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(search_read(&search, give, cases[i].parameter, NULL, &mistake));
		assert_int_equal(search.limit, SEARCH_LIMIT);
		if (search_matches(&search, summary) != cases[i].found)
			fail_msg("%s=%s", cases[i].parameter[0], cases[i].parameter[1]);
	}
	json_decref(summary);
}

static void
what_makes_no_sense_is_a_mistake(void **state)
{
	static const struct {
		const char *parameter[2];
		bool good;
	} cases[] = {
		{ { "limit", "1" }, true }, { { "limit", "500" }, true },
		{ { "limit", "501" }, false }, { { "limit", "0" }, false },
		{ { "limit", "-1" }, false }, { { "limit", "1x" }, false },
		{ { "limit", " 1" }, false }, { { "limit", "18446744073709551617" }, false },
		{ { "before", "1" }, true }, { { "before", "0" }, false },
		{ { "before", "99999999999999999999999" }, false },
		{ { "verdict", "aborted" }, true }, { { "verdict", "REJECT" }, false },
		{ { "verdict", "reject " }, false }, { { "verdict", "continue" }, false },
	};
	struct search search;
	const char *mistake;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (search_read(&search, give, cases[i].parameter, NULL, &mistake) != cases[i].good)
			fail_msg("%s=%s", cases[i].parameter[0], cases[i].parameter[1]);
}

static void
what_is_hashed_is_found_whole(void **state)
{
	struct history_link link = { .to = -1, .from = -1, .key = { 1, 2, 3 } };
	const char *const parameter[2] = { "sender", "joe@example.org" };
	char pseudonym[PSEUDONYM_BYTES], other[PSEUDONYM_BYTES];
	const char *again[2] = { "sender", pseudonym };
	struct search search;
	const char *mistake;

	(void)state;
	history_pseudonym(&link, STR("Joe@Example.ORG"), pseudonym);
	assert_int_equal(strlen(pseudonym), PSEUDONYM_BYTES - 1);
	assert_true(search_read(&search, give, parameter, &link, &mistake));
	assert_string_equal(search.sender, pseudonym);
	assert_true(search_read(&search, give, again, &link, &mistake));
	assert_string_equal(search.sender, pseudonym);
	link.key[0] = 2;
	history_pseudonym(&link, STR("Joe@Example.ORG"), other);
	assert_string_not_equal(pseudonym, other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_record_is_read),
		cmocka_unit_test(what_is_no_record_is_none),
		cmocka_unit_test(what_is_no_detail_is_none),
		cmocka_unit_test(each_parameter_is_compared),
		cmocka_unit_test(what_makes_no_sense_is_a_mistake),
		cmocka_unit_test(what_is_hashed_is_found_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
