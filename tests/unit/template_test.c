/* SPDX-License-Identifier: BSD-2-Clause */
/* Templates: fields, groups, dollars, what values may not do, bounds, mistakes, and replacing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/language.h"

static struct language *language;

static int
setup(void **state)
{
	(void)state;
	language = language_create();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	language_destroy(language);
	return 0;
}

static struct mf_template *
parsed(const char *text)
{
	struct mf_template *template = language_template(language, text);

	if (!template)
		fail_msg("%s\n%s", text, language_mistakes(language));
	return template;
}

static void
assert_expands(const char *text, const char *expected)
{
	struct str result = template_expand(parsed(text), &language->source);

	assert_string_equal(result.data, expected);
	assert_int_equal(result.length, strlen(expected));
}

/* The text is refused for what stands at that column, `width` bytes wide, with that mistake. */
static void
assert_refused(const char *text, unsigned column, unsigned width, const char *mistake)
{
	static const char marks[] = "^~~~~~~~~~~~~~~~~~~~~~~~~~~~~";

	assert_null(language_template(language, text));
	assert_string_equal(language_mistakes(language), arena_printf(language->arena,
	    "t.conf:1:%u: %s\n    log %s;\n%*s%.*s\n", column, mistake, text, (int)column + 3, "",
	    (int)width, marks));
	config_errors_destroy(&language->errors);
	language->errors = language->scope.errors = config_errors_create();
}

static void
test_plain_text(void **state)
{
	(void)state;
	assert_expands("\"\"", "");
	assert_expands("\"two words\"", "two words");
	assert_expands("bare", "bare");
	assert_expands("/a/path", "/a/path");
	assert_expands("/not/a/regex/", "/not/a/regex/");
	assert_expands("\"say \\\"x\\\" \\\\ \\n\\t\\r\"", "say \"x\" \\ \n\t\r");
	assert_string_equal(template_expand(NULL, &language->source).data, "");
}

static void
test_dollars(void **state)
{
	(void)state;
	language_text(language, "helo", STR("mx"));
	assert_expands("\"$$5\"", "$5");
	assert_expands("\"\\$5\"", "$5");
	assert_expands("\"\\${helo}\"", "${helo}");
	assert_expands("\"$${helo}\"", "${helo}");
	assert_expands("\"$$$$\"", "$$");
	/* An escaped backslash does not make the dollar plain. */
	assert_expands("\"\\\\${helo}\"", "\\mx");
	assert_expands("\"\\\\\\${helo}\"", "\\${helo}");
	assert_expands("a$$b", "a$b");
	assert_expands("a-${helo}", "a-mx");
}

static void
test_fields(void **state)
{
	(void)state;
	language_text(language, "sender", STR("bob@example.org"));
	language_text(language, "recipient", STR("a@x"));
	language_text(language, "recipient", STR("b@y"));
	language_text(language, "macro.auth_type", STR("PLAIN"));
	language_ip(language, "client.ip", "192.0.2.1");
	assert_expands("\"<${sender}>\"", "<bob@example.org>");
	assert_expands("\"${recipient}\"", "a@x, b@y");
	assert_expands("\"[${helo}]\"", "[]");
	assert_expands("\"${sender}${sender}\"", "bob@example.orgbob@example.org");
	assert_expands("\"${macro.{auth_type}}/${macro.auth_type}\"", "PLAIN/PLAIN");
	assert_expands("${client.ip}", "192.0.2.1");
}

static void
test_numbers(void **state)
{
	static const struct {
		double number;
		const char *shown;
	} shown[] = {
		{ 0, "0" }, { 10, "10" }, { 100000, "100000" }, { 3.5, "3.5" },
		{ -0.125, "-0.125" }, { 0.1 + 0.2, "0.3" }, { 52428800, "52428800" },
		{ 1e15, "1000000000000000" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		language_clear(language);
		language_number(language, "score", shown[i].number);
		assert_expands("\"${score}\"", shown[i].shown);
	}
}

static void
test_values_cannot_break_out(void **state)
{
	struct str result;

	(void)state;
	language_text(language, "subject", STR("a\r\nX-Evil: 1\nb\0c"));
	language_text(language, "helo", STR("${sender} $1 \\"));
	assert_expands("\"${subject}\"", "a  X-Evil: 1 b c");
	assert_expands("\"one\\n${subject}\"", "one\na  X-Evil: 1 b c");
	/* What stands in a value is not expanded again. */
	assert_expands("\"${helo}\"", "${sender} $1 \\");
	language->source.captures.group[1] = STR("x\r\ny");
	result = template_expand(parsed("\"[$1]\""), &language->source);
	assert_string_equal(result.data, "[x  y]");
}

static void
test_groups(void **state)
{
	(void)state;
	language->source.captures.group[0] = STR("all");
	language->source.captures.group[1] = STR("one");
	assert_expands("\"$0 $1 [$2] $10\"", "all one [] one0");
	assert_int_equal(template_highest_group(parsed("\"$3 $1\"")), 3);
	assert_int_equal(template_highest_group(parsed("\"$0\"")), 0);
	assert_int_equal(template_highest_group(parsed("\"$$1\"")), -1);
	assert_int_equal(template_highest_group(NULL), -1);
	assert_int_equal(language->scope.patterns->highest_group, 3);
}

static void
test_stages_and_fields_used(void **state)
{
	(void)state;
	assert_int_equal(template_stage(NULL), MF_STAGE_CONNECT);
	assert_int_equal(template_stage(parsed("\"x $1\"")), MF_STAGE_CONNECT);
	assert_int_equal(template_stage(parsed("\"${helo} ${recipient} ${client.ip}\"")),
	    MF_STAGE_RCPT);
	assert_int_equal(language->used_count, 3);
	assert_string_equal(language->used[1].spelled, "recipient");
}

static void
test_an_expansion_is_cut(void **state)
{
	size_t length = TEMPLATE_TEXT_MAXIMUM + 1000;
	char *huge = malloc(length);
	struct str result;
	size_t i;

	(void)state;
	for (i = 0; i < length; i += 2)
		memcpy(huge + i, "\xc3\xa4", 2);
	language_text(language, "subject", (struct str){ huge, length });
	result = template_expand(parsed("\"x${subject}tail\""), &language->source);
	/* Not within a character. */
	assert_int_equal(result.length, TEMPLATE_TEXT_MAXIMUM - 1);
	assert_int_equal((unsigned char)result.data[result.length - 1], 0xa4);
	result = template_expand(parsed("\"${subject}${subject}${subject}\""), &language->source);
	assert_int_equal(result.length, TEMPLATE_TEXT_MAXIMUM);
	free(huge);
}

static void
test_mistakes(void **state)
{
	(void)state;
	assert_refused("\"a ${nothing} b\"", 10, 7, "unknown field \"nothing\"");
	assert_refused("\"\\\"\\\\ ${sendr}\"", 13, 5,
	    "unknown field \"sendr\"; did you mean \"sender\"?");
	assert_refused("\"a ${helo\"", 8, 2, "expected a \"}\" that closes this \"${\"");
	assert_refused("\"${}\"", 8, 1, "unknown field \"\"");
	assert_refused("\"cost $ 5\"", 11, 1,
	    "expected a field in braces, a digit or another \"$\" behind \"$\"");
	assert_refused("\"end$\"", 9, 1,
	    "expected a field in braces, a digit or another \"$\" behind \"$\"");
	assert_refused("a$b", 6, 1,
	    "expected a field in braces, a digit or another \"$\" behind \"$\"");
}

/* ---- texts for people ---- */

static void
assert_shows(const char *text, enum mf_form form, const char *expected)
{
	struct str result = template_expand_shown(parsed(text), &language->source, form);

	assert_string_equal(result.data, expected);
	assert_int_equal(result.length, strlen(expected));
}

static void
test_values_are_shown_without_markup(void **state)
{
	(void)state;
	language_text(language, "subject", STR("<b> & \"c\" 'd'"));
	language_text(language, "helo",
	    STR("a\x01\xc2\x85" "b\xff\xe2\x80\xa8\xe2\x80\xae" "c\0d"));
	language_number(language, "score", 2.5);
	language->source.captures.group[1] = STR("<i>");
	assert_shows("\"<p>${subject}</p>\\n\"", MF_FORM_HTML,
	    "<p>&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;</p>\n");
	assert_shows("\"<p>${subject}</p>\"", MF_FORM_TEXT, "<p><b> & \"c\" 'd'</p>");
	assert_shows("\"${helo} $1 ${score}\"", MF_FORM_TEXT, "a  b\xef\xbf\xbd c d <i> 2.5");
	assert_shows("\"$1\"", MF_FORM_HTML, "&lt;i&gt;");
	assert_string_equal(template_expand_shown(NULL, &language->source, MF_FORM_HTML).data, "");
}

static void
test_shown_values_are_cut(void **state)
{
	char *huge = malloc(TEMPLATE_TEXT_MAXIMUM);
	struct str result;

	(void)state;
	memset(huge, '<', TEMPLATE_TEXT_MAXIMUM);
	language_text(language, "recipient", (struct str){ huge, TEMPLATE_TEXT_MAXIMUM });
	language_text(language, "recipient", (struct str){ huge, TEMPLATE_TEXT_MAXIMUM });
	result = template_expand_shown(parsed("\"${recipient}tail\""), &language->source,
	    MF_FORM_HTML);
	assert_int_equal(result.length, 4 * TEMPLATE_SHOWN_MAXIMUM + 4);
	assert_string_equal(result.data + result.length - 8, "&lt;tail");
	free(huge);
}

/* ---- replacing ---- */

static struct mf_regex *
regex(const char *pattern, const char *flags)
{
	const char *error = NULL;
	size_t offset;
	struct mf_regex *made = regex_compile(str_of(pattern), str_of(flags), false,
	    language->scope.limits, language->arena, &error, &offset);

	if (!made)
		fail_msg("/%s/%s: %s", pattern, flags, error);
	return made;
}

static void
assert_replaces(const char *pattern, const char *flags, const char *with, struct str subject,
    struct str expected)
{
	struct str result = { NULL, 0 };

	assert_true(template_replace(regex(pattern, flags), parsed(with), subject,
	    &language->source, &result));
	assert_int_equal(result.length, expected.length);
	assert_memory_equal(result.data, expected.data, expected.length);
	assert_int_equal(result.data[result.length], '\0');
}

static void
test_replacing(void **state)
{
	struct str result = { NULL, 0 };

	(void)state;
	language_text(language, "helo", STR("mx\n"));
	assert_replaces("b", "", "\"X\"", STR("abcb"), STR("aXcX"));
	assert_replaces("(\\w+) (\\w+)", "", "\"$2 $1 [$0]\"", STR("a b"), STR("b a [a b]"));
	assert_replaces("b", "", "\"\"", STR("abcb"), STR("ac"));
	assert_replaces("b", "", "\"${helo}\"", STR("abc"), STR("amx c"));
	/* Groups come from the subject and keep their bytes. */
	assert_replaces("(one)(\r\n)", "", "\"1$2$2\"", STR("one\r\ntwo"), STR("1\r\n\r\ntwo"));
	assert_replaces("(\\x00)", "", "\"$1$1\"", STR("a\0b"), STR("a\0\0b"));
	assert_false(template_replace(regex("x", ""), parsed("a"), STR("abc"), &language->source,
	    &result));
	assert_null(result.data);
	assert_true(template_replace(regex("b", ""), NULL, STR("abc"), &language->source, &result));
	assert_string_equal(result.data, "ac");
}

static void
test_replacing_empty_matches(void **state)
{
	(void)state;
	assert_replaces("a*", "", "\"x\"", STR("baac"), STR("xbxxcx"));
	assert_replaces("", "", "\"-\"", STR("ab"), STR("-a-b-"));
	assert_replaces("", "u", "\"-\"", STR("\xc3\xa4\xff"), STR("-\xc3\xa4-\xff-"));
	assert_replaces("$", "", "\" end\"", STR("ab"), STR("ab end"));
	assert_replaces("^", "m", "\"> \"", STR("a\nb\n"), STR("> a\n> b\n"));
	assert_replaces("", "", "\"x\"", (struct str){ NULL, 0 }, STR("x"));
	assert_replaces("a\\K", "", "\"-\"", STR("aab"), STR("a-a-b"));
	assert_replaces("(?=b)", "", "\"-\"", STR("ab"), STR("a-b"));
}

static void
test_replacing_has_limits(void **state)
{
	size_t length = 100000;
	char *subject = malloc(length);
	struct str result = { NULL, 0 };

	(void)state;
	memset(subject, 'a', length);
	/* A large group passes whole: 64 KiB is the limit of other texts only. */
	assert_true(template_replace(regex("^(.*)$", ""), parsed("\"<$1>\""),
	    (struct str){ subject, length }, &language->source, &result));
	assert_int_equal(result.length, length + 2);
	/* Growth without bound is not let happen. */
	language_text(language, "sender", (struct str){ subject, 60000 });
	assert_false(template_replace(regex("a", ""), parsed("\"${sender}\""),
	    (struct str){ subject, length }, &language->source, &result));
	assert_int_equal(language->limits, 1);
	assert_string_equal(language->limit_pattern, "/a/");
	assert_string_equal(language->limit_where, "t.conf:1");
	language->scope.limits = (struct regex_limits){ 50, 50, 100 };
	subject[length - 1] = '!';
	assert_false(template_replace(regex("^(a+)+$", ""), parsed("\"x\""),
	    (struct str){ subject + length - 50, 50 }, &language->source, &result));
	assert_int_equal(language->limits, 2);
	free(subject);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_plain_text),
		TEST(test_dollars),
		TEST(test_fields),
		TEST(test_numbers),
		TEST(test_values_cannot_break_out),
		TEST(test_groups),
		TEST(test_stages_and_fields_used),
		TEST(test_an_expansion_is_cut),
		TEST(test_mistakes),
		TEST(test_values_are_shown_without_markup),
		TEST(test_shown_values_are_cut),
		TEST(test_replacing),
		TEST(test_replacing_empty_matches),
		TEST(test_replacing_has_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
