/* SPDX-License-Identifier: BSD-2-Clause */
/* Regular expressions: flags, UTF mode, groups, mistakes, limits, threads. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/service/regex.h"

static const struct regex_limits limits = { 100000, 10000, 20480 };
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

static struct mf_regex *
compiled_with(const char *pattern, const char *flags, bool decoded, struct regex_limits with)
{
	const char *error = NULL;
	size_t offset;
	struct mf_regex *regex = regex_compile(str_of(pattern), str_of(flags), decoded, with, arena,
	    &error, &offset);

	if (!regex)
		fail_msg("/%s/%s: %s", pattern, flags, error);
	return regex;
}

static struct mf_regex *
compiled(const char *pattern, const char *flags)
{
	return compiled_with(pattern, flags, false, limits);
}

static bool
matches(const char *pattern, const char *flags, struct str subject)
{
	return regex_match(compiled(pattern, flags), subject, NULL) == REGEX_MATCH;
}

static void
assert_refused(const char *pattern, const char *flags, const char *expected, size_t where)
{
	const char *error = NULL;
	size_t offset = 999999;

	assert_null(regex_compile(str_of(pattern), str_of(flags), false, limits, arena, &error,
	    &offset));
	assert_string_equal(error, expected);
	assert_int_equal(offset, where);
}

static void
test_flags(void **state)
{
	(void)state;
	assert_true(matches("abc", "", STR("xabcx")));
	assert_false(matches("abc", "", STR("xABCx")));
	assert_true(matches("abc", "i", STR("xABCx")));
	assert_false(matches("^b", "", STR("a\nb")));
	assert_true(matches("^b", "m", STR("a\nb")));
	assert_false(matches("a.b", "", STR("a\nb")));
	assert_true(matches("a.b", "s", STR("a\nb")));
	assert_true(matches("a b # remark", "x", STR("ab")));
	assert_true(matches("A B", "xi", STR("ab")));
	assert_string_equal(regex_text(compiled("a+", "mi")), "/a+/mi");
}

static void
test_utf_is_chosen_by_pattern_or_caller(void **state)
{
	static const char *const utf[] = { "\xc3\xa4", "\\x{e4}", "\\p{L}", "\\PL", "\\X",
		"[\\p{Lu}]", "\\N{U+E4}" };
	static const char *const bytes[] = { "a", "\\xe4", "\\\\p{2}", "\\\\\\x41", "" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(utf) / sizeof(utf[0]); i++)
		assert_true(regex_is_utf(compiled(utf[i], "")));
	for (i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++)
		assert_false(regex_is_utf(compiled(bytes[i], "")));
	assert_true(regex_is_utf(compiled("a", "u")));
	assert_true(regex_is_utf(compiled_with("a", "", true, limits)));
}

static void
test_utf_mode(void **state)
{
	(void)state;
	assert_true(matches("^.$", "u", STR("\xc3\xa4")));
	assert_false(matches("^.$", "", STR("\xc3\xa4")));
	assert_true(matches("\xc3\x84", "i", STR("\xc3\xa4")));
	assert_true(matches("^\\w+$", "u", STR("M\xc3\xbcller")));
	assert_false(matches("^\\w+$", "", STR("M\xc3\xbcller")));
	assert_true(matches("\\xfc", "", STR("M\xfcller")));
	/* Invalid UTF-8 matches nothing, harms nothing, and what is around it is found. */
	assert_true(matches("ller", "u", STR("M\xfcller")));
	assert_false(matches("^M.ller", "u", STR("M\xfcller")));
	assert_false(matches("\xc3\xbc", "", STR("\xc3")));
	assert_true(matches("end$", "u", STR("\x80\xff\xc3 end")));
}

static void
test_nul_and_nothing(void **state)
{
	(void)state;
	assert_true(matches("a\\x00b", "", STR("xa\0bx")));
	assert_true(matches("b$", "", STR("a\0b")));
	assert_true(matches("^$", "", (struct str){ NULL, 0 }));
	assert_false(matches(".", "s", STR("")));
}

static void
assert_group(const struct captures *captures, int n, const char *expected)
{
	if (!expected) {
		assert_null(captures->group[n].data);
		return;
	}
	assert_int_equal(captures->group[n].length, strlen(expected));
	assert_memory_equal(captures->group[n].data, expected, strlen(expected));
}

static void
test_groups(void **state)
{
	struct captures captures;
	struct mf_regex *regex = compiled("(a)(b)?(c*)", "");

	(void)state;
	assert_int_equal(regex_group_count(regex), 3);
	assert_int_equal(regex_match(regex, STR("xac"), &captures), REGEX_MATCH);
	assert_group(&captures, 0, "ac");
	assert_group(&captures, 1, "a");
	assert_group(&captures, 2, NULL);
	assert_group(&captures, 3, "c");
	assert_group(&captures, 4, NULL);
	/* More groups than are kept. */
	regex = compiled("(1)(2)(3)(4)(5)(6)(7)(8)(9)(a)(b)", "");
	assert_int_equal(regex_match(regex, STR("123456789ab"), &captures), REGEX_MATCH);
	assert_group(&captures, 0, "123456789ab");
	assert_group(&captures, 9, "9");
	/* No match leaves them alone. */
	assert_int_equal(regex_match(regex, STR("no"), &captures), REGEX_NO_MATCH);
	assert_group(&captures, 9, "9");
}

static void
test_start_offset(void **state)
{
	struct mf_regex *regex = compiled("\\bab", "");
	struct captures captures;
	size_t end = 0;

	(void)state;
	assert_int_equal(regex_match_from(regex, STR("ab ab"), 1, &captures, &end), REGEX_MATCH);
	assert_int_equal(end, 5);
	/* The letter before the start counts for \b. */
	assert_int_equal(regex_match_from(regex, STR("xab"), 1, &captures, &end), REGEX_NO_MATCH);
	assert_int_equal(regex_match_from(regex, STR("ab"), 2, &captures, &end), REGEX_NO_MATCH);
}

static void
test_a_match_that_begins_behind_its_end(void **state)
{
	struct mf_regex *regex = compiled("(?(DEFINE)(?<look>b\\K))a(?=(?&look))", "");
	struct captures captures;
	size_t end = 0;

	(void)state;
	assert_int_equal(regex_match_from(regex, STR("xab"), 0, &captures, &end), REGEX_MATCH);
	assert_int_equal(end, 2);
	assert_group(&captures, 0, "");
}

static void
test_mistakes(void **state)
{
	char *longest = arena_alloc(arena, REGEX_PATTERN_MAXIMUM + 2);

	(void)state;
	assert_refused("a(b", "", "missing closing parenthesis", 3);
	assert_refused("a*b)", "", "unmatched closing parenthesis", 3);
	assert_refused("a**", "", "quantifier does not follow a repeatable item", 2);
	assert_refused("[a", "", "missing terminating ] for character class", 2);
	assert_refused("abc", "iz", "unknown flag \"z\"; there are i m s x u", 5);
	assert_refused("a\\Cb", "", "using \\C is disabled by the application", 3);
	assert_refused("(*UTF)a", "", "using UTF is disabled by the application", 6);
	assert_refused("a\xff", "", "UTF-8 error: illegal byte (0xfe or 0xff)", 1);
	memset(longest, 'a', REGEX_PATTERN_MAXIMUM + 1);
	assert_refused(longest, "", "pattern is longer than 32768 bytes", REGEX_PATTERN_MAXIMUM);
}

static void
test_limits(void **state)
{
	static const struct regex_limits low = { 50, 50, 100 };
	struct mf_regex *regex = compiled_with("^(a+)+$", "", false, low);
	struct mf_regex *plain = compiled_with("(*NO_JIT)^(a+)+$", "", false, low);
	struct mf_regex *deep = compiled_with("(*NO_JIT)^(?:a|b(?=c))*$", "", false,
	    (struct regex_limits){ 1000000, 1000000, 1 });
	struct captures captures = { 0 };
	struct str hostile = STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_int_equal(regex_match(regex, hostile, &captures), REGEX_LIMIT);
		assert_int_equal(regex_match(plain, hostile, &captures), REGEX_LIMIT);
		assert_int_equal(regex_match(deep, hostile, &captures), REGEX_LIMIT);
		assert_null(captures.group[0].data);
		assert_int_equal(regex_match(regex, STR("aa"), &captures), REGEX_MATCH);
		captures = (struct captures){ 0 };
	}
}

static void
test_the_jit_stack_follows_the_heap_limit(void **state)
{
	/* Every letter leaves something on the stack. */
	static const char pattern[] = "^(?:(a)|b)*$";
	struct regex_limits low = { 100000000, 100000000, 32 };
	struct regex_limits high = { 100000000, 100000000, 20480 };
	struct mf_regex *small = compiled_with(pattern, "", false, low);
	struct mf_regex *large = compiled_with(pattern, "", false, high);
	size_t length = 20000;
	char *subject = arena_alloc(arena, length);

	(void)state;
	memset(subject, 'a', length);
	assert_int_equal(regex_match(small, (struct str){ subject, length }, NULL), REGEX_LIMIT);
	assert_int_equal(regex_match(large, (struct str){ subject, length }, NULL), REGEX_MATCH);
	assert_int_equal(regex_match(large, (struct str){ subject, length }, NULL), REGEX_MATCH);
}

static void *
match_often(void *argument)
{
	struct str subject = STR("from user42@example.org to you");
	struct captures captures;
	intptr_t matched = 0;
	int i;

	for (i = 0; i < 2000; i++)
		if (regex_match(argument, subject, &captures) == REGEX_MATCH &&
		    captures.group[1].length == 6)
			matched++;
	return (void *)matched;
}

static void
test_threads_share_a_regex(void **state)
{
	struct mf_regex *regex = compiled("(\\w+\\d)@(\\w+)", "u");
	pthread_t threads[4];
	void *matched;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, match_often, regex), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &matched), 0);
		assert_int_equal((intptr_t)matched, 2000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_utf_is_chosen_by_pattern_or_caller),
		cmocka_unit_test(test_utf_mode),
		cmocka_unit_test(test_nul_and_nothing),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_start_offset),
		cmocka_unit_test(test_a_match_that_begins_behind_its_end),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_the_jit_stack_follows_the_heap_limit),
		cmocka_unit_test(test_threads_share_a_regex),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
