/* SPDX-License-Identifier: BSD-2-Clause */
/* Mistakes in a configuration: their order, what is kept of them, and how they are shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/mistakes.h"

#define TILDES_69 "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"

/* The place of a text in a source, which it stands in once. */
static struct config_position
place_of(const struct config_source *source, const char *text)
{
	const char *found = memmem(source->text.data, source->text.length, text, strlen(text));
	struct config_position at = { .source = source, .line = 1, .length = strlen(text) };
	const char *line = source->text.data, *c;

	assert_non_null(found);
	for (c = source->text.data; c < found; c++)
		if (*c == '\n') {
			at.line++;
			line = c + 1;
		}
	at.offset = (size_t)(found - source->text.data);
	at.column = (unsigned)(found - line + 1);
	return at;
}

static void
assert_shown(void **state, struct str text, const char *marked, const char *expected)
{
	const struct config_source source = { "t", text };
	struct mistakes *mistakes = *state;

	config_error(mistakes->errors, place_of(&source, marked), "wrong");
	assert_string_equal(mistakes_printed(mistakes), expected);
	mistakes_taken(mistakes);
}

static void
test_line_and_marks(void **state)
{
	assert_shown(state, STR("one\n  two three;\nfour"), "two",
	    "t:2:3: wrong\n      two three;\n      ^~~\n");
	assert_shown(state, STR("x"), "x", "t:1:1: wrong\n    x\n    ^\n");
	assert_shown(state, STR("a b\r\nc"), "b\r", "t:1:3: wrong\n    a b\n      ^\n");
}

static void
test_tabs_stay(void **state)
{
	assert_shown(state, STR("\tkey\tvalue;"), "value",
	    "t:1:6: wrong\n    \tkey\tvalue;\n    \t   \t^~~~~\n");
	assert_shown(
	    state, STR("key\tvalue;"), "key\tv", "t:1:1: wrong\n    key\tvalue;\n    ^~~\n");
}

static void
test_what_cannot_be_seen_is_shown(void **state)
{
	assert_shown(
	    state, STR("a\x1b[2Jb X"), "X", "t:1:8: wrong\n    a\\x1b[2Jb X\n              ^\n");
	assert_shown(state, STR("\xc3\xa9 \xff X"), "X",
	    "t:1:6: wrong\n    \xc3\xa9 \\xff X\n           ^\n");
	assert_shown(state, STR("a\0b X"), "X", "t:1:5: wrong\n    a\\x00b X\n           ^\n");
	assert_shown(
	    state, STR("\xc2\x9b X"), "X", "t:1:4: wrong\n    \\xc2\\x9b X\n             ^\n");
	assert_shown(state, STR("a \x01 b"), "\x01", "t:1:3: wrong\n    a \\x01 b\n      ^~~~\n");
}

static void
test_end_of_file(void **state)
{
	const struct config_source source = { "t", STR("abc") };
	struct mistakes *mistakes = *state;
	struct config_position at = place_of(&source, "abc");

	config_error(mistakes->errors, config_position_behind(at), "more");
	assert_string_equal(mistakes_printed(mistakes), "t:1:4: more\n    abc\n       ^\n");
}

static void
test_long_lines_are_cut(void **state)
{
	char text[1001];
	struct mistakes *mistakes = *state;
	const struct config_source source = { "t", { text, 1000 } };
	const char *expected;

	memset(text, 'a', 1000);
	text[1000] = '\0';
	memcpy(text + 500, "MARK", 4);
	expected = arena_printf(mistakes->arena,
	    "t:1:501: wrong\n    ...%.70sMARK%.66s...\n    %*s^~~~\n", text, text, 73, "");
	config_error(mistakes->errors, place_of(&source, "MARK"), "wrong");
	assert_string_equal(mistakes_printed(mistakes), expected);
	mistakes_taken(mistakes);

	memset(text, 'b', 1000);
	config_error(mistakes->errors, (struct config_position){ &source, 0, 1000, 1, 1 }, "all");
	assert_non_null(
	    strstr(mistakes_printed(mistakes), "b...\n    ^" TILDES_69 TILDES_69 "~\n"));
}

static void
test_cuts_keep_characters_whole(void **state)
{
	struct mistakes *mistakes = *state;
	char text[601];
	const struct config_source source = { "t", { text, 600 } };
	const char *printed;
	size_t i;

	for (i = 0; i < 600; i += 3)
		memcpy(text + i, "\xe2\x82\xac", 4);
	config_error(mistakes->errors, (struct config_position){ &source, 300, 3, 1, 301 },
	    "wrong");
	printed = mistakes_printed(mistakes);
	assert_null(strstr(printed, "\\x"));
	assert_non_null(strstr(printed, "\n    ...\xe2\x82\xac"));
	assert_non_null(strstr(printed, "\xe2\x82\xac...\n"));
}

static void
test_texts_are_cut_and_made_visible(void **state)
{
	char text[2000];
	struct mistakes *mistakes = *state;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	config_error(mistakes->errors, (struct config_position){ 0 }, "%s", text);
	assert_true(strlen(mistakes_printed(mistakes)) < 620);
	config_error(mistakes->errors, (struct config_position){ 0 }, "a\nb\x1b");
	assert_non_null(strstr(mistakes_printed(mistakes), "a\\x0ab\\x1b\n"));
}

static void
test_order(void **state)
{
	const struct config_source first = { "a", STR("one two\nthree") };
	const struct config_source second = { "b", STR("four") };
	struct mistakes *mistakes = *state;

	config_error(mistakes->errors, place_of(&second, "four"), "5");
	config_error(mistakes->errors, place_of(&first, "three"), "4");
	config_error(mistakes->errors, place_of(&first, "two"), "2");
	config_error(mistakes->errors, place_of(&first, "two"), "3");
	config_error(mistakes->errors, (struct config_position){ .source = &first }, "1");
	config_error(mistakes->errors, (struct config_position){ 0 }, "0");
	assert_string_equal(mistakes_printed(mistakes),
	    "0\n"
	    "a: 1\n"
	    "a:1:5: 2\n    one two\n        ^~~\n"
	    "a:1:5: 3\n    one two\n        ^~~\n"
	    "a:2:1: 4\n    three\n    ^~~~~\n"
	    "b:1:1: 5\n    four\n    ^~~~\n");
}

static void
test_the_same_counts_once(void **state)
{
	const struct config_source source = { "t", STR("one two") };
	struct mistakes *mistakes = *state;

	config_error(mistakes->errors, place_of(&source, "one"), "wrong");
	config_error(mistakes->errors, place_of(&source, "one"), "wrong");
	assert_int_equal(config_errors_count(mistakes->errors), 1);
	config_error(mistakes->errors, place_of(&source, "two"), "wrong");
	config_error(mistakes->errors, place_of(&source, "one"), "very wrong");
	assert_int_equal(config_errors_count(mistakes->errors), 3);
}

static void
test_many_are_counted(void **state)
{
	struct mistakes *mistakes = *state;
	unsigned i;

	for (i = 0; i < 150; i++)
		config_error(mistakes->errors, (struct config_position){ 0 }, "mistake %u", i);
	assert_int_equal(config_errors_count(mistakes->errors), 150);
	assert_non_null(strstr(mistakes_printed(mistakes),
	    "mistake 99\n... and 50 more mistakes\n"));
	assert_null(strstr(mistakes_printed(mistakes), "mistake 100\n"));
}

static void
test_source_is_not_needed_later(void **state)
{
	struct mistakes *mistakes = *state;
	char text[] = "one two", name[] = "t";
	struct config_source source = { name, { text, sizeof(text) - 1 } };

	config_error(mistakes->errors, place_of(&source, "two"), "wrong");
	memset(text, 'X', sizeof(text) - 1);
	memset(name, 'X', sizeof(name) - 1);
	assert_string_equal(mistakes_printed(mistakes), "t:1:5: wrong\n    one two\n        ^~~\n");
}

static void
test_places_and_hints(void **state)
{
	static const char *const names[] = { "workers", NULL, "socket" };
	const struct config_source source = { "conf/t", STR("one two") };
	struct mistakes *mistakes = *state;
	struct config_position inside = config_position_inside(place_of(&source, "two"), 1, 2);

	assert_int_equal(inside.offset, 5);
	assert_int_equal(inside.column, 6);
	assert_int_equal(inside.length, 2);
	assert_string_equal(config_where(inside, mistakes->arena), "conf/t:1");
	assert_string_equal(config_where((struct config_position){ 0 }, mistakes->arena), "");
	assert_string_equal(config_hint(mistakes->arena, "wrokers", names, 3),
	    "; did you mean \"workers\"?");
	assert_string_equal(config_hint(mistakes->arena, "zebra", names, 3), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, mistakes_setup, mistakes_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_line_and_marks),
		TEST(test_tabs_stay),
		TEST(test_what_cannot_be_seen_is_shown),
		TEST(test_end_of_file),
		TEST(test_long_lines_are_cut),
		TEST(test_cuts_keep_characters_whole),
		TEST(test_texts_are_cut_and_made_visible),
		TEST(test_order),
		TEST(test_the_same_counts_once),
		TEST(test_many_are_counted),
		TEST(test_source_is_not_needed_later),
		TEST(test_places_and_hints),
	};

	return cmocka_run_group_tests_name("config errors", tests, NULL, NULL);
}
