/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what several workers complain of: each complaint once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "filterd/supervise/complaints.h"

static struct buffer complaints;

static void
add(const char *text)
{
	complaints_add(&complaints, str_of(text));
}

static int
drop(void **state)
{
	(void)state;
	buffer_free(&complaints);
	return 0;
}

static void
test_each_complaint_once(void **state)
{
	(void)state;
	add("a:1: wrong\n    wrong;\n    ^~~~~\nb:2: missing\n");
	add("a:1: wrong\n    wrong;\n    ^~~~~\nb:2: missing\n");
	add("c:3: new\n\tnew;\na:1: wrong\n    wrong;\n    ^~~~~\n");
	assert_string_equal(buffer_text(&complaints),
	    "a:1: wrong\n    wrong;\n    ^~~~~\nb:2: missing\nc:3: new\n\tnew;\n");
}

static void
test_what_stands_below_tells_complaints_apart(void **state)
{
	(void)state;
	add("a:1: wrong\n    one;\n");
	add("a:1: wrong\n    two;\n");
	assert_string_equal(buffer_text(&complaints),
	    "a:1: wrong\n    one;\na:1: wrong\n    two;\n");
}

/* A worker that dies in the middle of a word. */
static void
test_text_that_is_cut(void **state)
{
	(void)state;
	add("");
	assert_string_equal(buffer_text(&complaints), "");
	add("a:1: wr");
	add("a:1: wr");
	add("b:2: wrong\n");
	assert_string_equal(buffer_text(&complaints), "a:1: wr\nb:2: wrong\n");
}

static void
test_one_after_the_other(void **state)
{
	struct str text = STR("  indented\na\n b\n\nc");

	(void)state;
	assert_true(str_equal(complaint_next(&text), STR("  indented\n")));
	assert_true(str_equal(complaint_next(&text), STR("a\n b\n")));
	assert_true(str_equal(complaint_next(&text), STR("\n")));
	assert_true(str_equal(complaint_next(&text), STR("c")));
	assert_int_equal(complaint_next(&text).length, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_each_complaint_once, drop),
		cmocka_unit_test_teardown(test_what_stands_below_tells_complaints_apart, drop),
		cmocka_unit_test_teardown(test_text_that_is_cut, drop),
		cmocka_unit_test(test_one_after_the_other),
	};

	return cmocka_run_group_tests_name("complaints", tests, NULL, NULL);
}
