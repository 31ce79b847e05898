/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies: whatever a plugin asks for, what is sent is well-formed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/chain/reply.h"

static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = arena_create(0, 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_destroy(&arena);
	return 0;
}

static const struct reply *
make(enum outcome outcome, int code, const char *enhanced, const char *text, bool utf8,
    bool mistaken)
{
	const struct reply_request request = { code, enhanced, text };
	const char *mistake;
	const struct reply *reply = reply_make(arena, outcome, &request, utf8, &mistake);

	assert_int_equal(mistake != NULL, mistaken);
	return reply;
}

static void
check(enum outcome outcome, int code, const char *enhanced, const char *text, bool mistaken,
    const char *expected)
{
	assert_string_equal(reply_text(arena, make(outcome, code, enhanced, text, false, mistaken)),
	    expected);
}

static void
test_codes(void **state)
{
	(void)state;
	check(OUTCOME_REJECT, 0, NULL, NULL, false, "550 5.7.1 Refused by local policy");
	check(OUTCOME_TEMPFAIL, 0, NULL, "", false, "451 4.7.1 Try again later");
	check(OUTCOME_TEMPFAIL, 421, "4.3.2", "bye", false, "421 4.3.2 bye");
	check(OUTCOME_REJECT, 599, "5.10.999", "x", false, "599 5.10.999 x");
	check(OUTCOME_REJECT, 451, "4.7.1", "x", true, "550 5.7.1 x");
	check(OUTCOME_TEMPFAIL, 550, NULL, "x", true, "451 4.7.1 x");
	check(OUTCOME_REJECT, -7, NULL, "x", true, "550 5.7.1 x");
	check(OUTCOME_REJECT, 5000, NULL, "x", true, "550 5.7.1 x");
	check(OUTCOME_REJECT, 600, NULL, "x", true, "550 5.7.1 x");
}

static void
test_enhanced_codes(void **state)
{
	static const char *const wrong[] = { "", "5", "5.", "5.7", "5.7.", "5.7.1.", "5.7.1.1",
		"4.7.1", "5.1234.1", "5..1", "5.7.1 ", "x", "5.7.x", "55.7.1" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		check(OUTCOME_REJECT, 550, wrong[i], "x", true, "550 5.7.1 x");
}

static void
test_lines(void **state)
{
	char text[200] = "";
	const struct reply *reply;
	int i;

	(void)state;
	check(OUTCOME_REJECT, 0, NULL, "a\nb\r\n\nc\n\r\n", false, "550 5.7.1 a\nb\n\nc");
	check(OUTCOME_REJECT, 0, NULL, "\n\r\n", false, "550 5.7.1 Refused by local policy");
	for (i = 0; i < 50; i++)
		strcat(text, "x\n");
	reply = make(OUTCOME_REJECT, 0, NULL, text, false, false);
	assert_int_equal(reply->line_count, REPLY_LINES);
	assert_string_equal(reply->lines[REPLY_LINES - 1], "x");
}

static void
test_characters(void **state)
{
	const struct reply *reply;

	(void)state;
	check(OUTCOME_REJECT, 0, NULL, "a\tb\x01\x7f\rc 100% d", false, "550 5.7.1 a b???c 100% d");
	check(OUTCOME_REJECT, 0, NULL, "\xc3\xbc \xff", false, "550 5.7.1 ? ?");
	reply = make(OUTCOME_REJECT, 0, NULL, "\xc3\xbc \xff \xc2\x85 \xe2\x82\xac \xe2\x82", true,
	    false);
	assert_string_equal(reply->lines[0], "\xc3\xbc ? ? \xe2\x82\xac ??");
}

/* A line is cut at a whole character. */
static void
test_long_lines(void **state)
{
	char text[2 * REPLY_LINE_BYTES];
	const struct reply *reply;
	size_t i;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	reply = make(OUTCOME_REJECT, 0, NULL, text, false, false);
	assert_int_equal(strlen(reply->lines[0]), REPLY_LINE_BYTES);
	for (i = 1; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xbc", 2);
	reply = make(OUTCOME_REJECT, 0, NULL, text, true, false);
	assert_int_equal(strlen(reply->lines[0]), REPLY_LINE_BYTES - 1);
	assert_int_equal((unsigned char)reply->lines[0][REPLY_LINE_BYTES - 2], 0xbc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_enhanced_codes),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_long_lines),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
