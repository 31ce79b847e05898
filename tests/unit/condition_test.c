/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conditions: every operator on every type of field, quantifiers, values that are not there,
 * stages, captures, limits, and what is said of each kind of mistake.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/util/buffer.h"
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

static struct mf_condition *
parsed(const char *text)
{
	struct mf_condition *condition = language_condition(language, text);

	if (!condition)
		fail_msg("%s\n%s", text, language_mistakes(language));
	return condition;
}

static bool
holds(const char *text)
{
	return condition_test(parsed(text), &language->source);
}

#define assert_holds(text) assert_true(holds(text))
#define assert_fails(text) assert_false(holds(text))

/* The text is refused for what stands at that column, `width` bytes wide, with that mistake. */
static void
assert_refused(const char *text, unsigned column, unsigned width, const char *mistake)
{
	static const char marks[] = "^~~~~~~~~~~~~~~~~~~~~~~~~~~~~";

	assert_null(language_condition(language, text));
	assert_string_equal(language_mistakes(language), arena_printf(language->arena,
	    "t.conf:1:%u: %s\n    when %s;\n%*s%.*s\n", column, mistake, text, (int)column + 3, "",
	    (int)width, marks));
	config_errors_destroy(&language->errors);
	language->errors = language->scope.errors = config_errors_create();
}

/* ---- operators ---- */

static void
test_text(void **state)
{
	(void)state;
	language_text(language, "sender", STR("Bob@example.org"));
	assert_holds("sender == \"Bob@example.org\"");
	assert_holds("sender == Bob@example.org");
	assert_fails("sender == bob@example.org");
	assert_holds("sender != bob@example.org");
	assert_fails("sender != Bob@example.org");
	assert_fails("sender == \"\"");
	language_text(language, "header.X", STR("cost \\ $5"));
	assert_holds("header.X == \"cost \\\\ \\$5\"");
	assert_holds("header.X == \"cost \\\\ $5\"");
}

static void
test_domains_compare_whatever_their_labels(void **state)
{
	(void)state;
	language_text(language, "sender.domain", STR("b\xc3\xbc""cher.example"));
	language_text(language, "helo", STR("XN--BCHER-KVA.example"));
	language_text(language, "sender", STR("J\xc3\xbcrgen@B\xc3\x9c""CHER.example"));
	assert_holds("sender.domain == xn--bcher-kva.example");
	assert_holds("sender.domain == \"B\xc3\x9c""cher.EXAMPLE\"");
	assert_holds("helo == \"b\xc3\xbc""cher.example\"");
	assert_holds("sender == \"J\xc3\xbcrgen@xn--bcher-kva.EXAMPLE\"");
	assert_fails("sender == \"j\xc3\xbcrgen@xn--bcher-kva.example\"");
	assert_fails("sender == \"J\xc3\xbcrgen@bucher.example\"");
}

static void
test_names_of_hosts_compare_without_case(void **state)
{
	(void)state;
	language_text(language, "sender.domain", STR("Example.ORG"));
	language_text(language, "helo", STR("MAIL"));
	language_text(language, "sender.local", STR("Bob"));
	assert_holds("sender.domain == example.org");
	assert_fails("sender.domain != EXAMPLE.org");
	assert_holds("helo == mail");
	assert_fails("sender.local == bob");
}

static void
test_numbers(void **state)
{
	(void)state;
	language_number(language, "size", 10240);
	assert_holds("size == 10k");
	assert_holds("size == 10K");
	assert_holds("size >= 10240");
	assert_holds("size <= 10240");
	assert_holds("size > 10239.5");
	assert_holds("size < 1m");
	assert_holds("size < 1g");
	assert_holds("size != 1");
	assert_fails("size > 10k");
	assert_fails("size < 10k");
	language_number(language, "score", -3.5);
	assert_holds("score == -3.5");
	assert_holds("score < -3.25");
	assert_holds("score < +0");
	assert_holds("score >= \"-3.5\"");
}

static void
test_addresses(void **state)
{
	(void)state;
	language_ip(language, "client.ip", "192.0.2.7");
	assert_holds("client.ip == 192.0.2.7");
	assert_holds("client.ip == 192.0.2.0/24");
	assert_holds("client.ip == \"192.0.2.0/24\"");
	assert_holds("client.ip == ::ffff:192.0.2.7");
	assert_fails("client.ip == 192.0.2.8");
	assert_fails("client.ip == ::/0");
	assert_holds("client.ip == 0.0.0.0/0");
	assert_holds("client.ip != 198.51.100.0/24");
	assert_fails("client.ip != 192.0.2.0/24");
	assert_holds("client.ip ~ /^192\\./");
	assert_holds("client.ip in @nets");
	assert_fails("client.ip not in @nets");
	assert_fails("client.ip in @partners");
	language_clear(language);
	language_ip(language, "client.ip", "2001:db8::1");
	assert_holds("client.ip == 2001:db8::/32");
	assert_holds("client.ip in @nets");
}

static void
test_an_address_that_is_none(void **state)
{
	(void)state;
	/* A local submission: printable text, no IP address. */
	language_text(language, "client.ip", STR("local"));
	assert_fails("client.ip == 0.0.0.0/0");
	assert_holds("client.ip != 0.0.0.0/0");
	assert_fails("client.ip in @nets");
	assert_holds("client.ip");
}

static void
test_lists(void **state)
{
	(void)state;
	language_text(language, "sender.domain", STR("mail.EXAMPLE.net"));
	language_text(language, "sender", STR("BOB@example.com"));
	language_text(language, "header.X-Ip", STR("192.0.2.9"));
	assert_holds("sender.domain in @partners");
	assert_holds("sender in @partners");
	assert_holds("header.X-Ip in @nets");
	assert_holds("sender.domain not in @nets");
	assert_fails("sender.domain in @empty");
	assert_holds("sender.domain not in @empty");
}

static void
test_regexes(void **state)
{
	(void)state;
	language_text(language, "subject", STR("Buy NOW"));
	assert_holds("subject ~ /now$/i");
	assert_fails("subject ~ /now$/");
	assert_holds("subject !~ /now$/");
	assert_fails("subject !~ /NOW$/");
	assert_holds("subject ~ /\\/|NOW/");
	/* Decoded fields match as UTF-8, others as bytes unless the pattern asks. */
	language_text(language, "header.X", STR("\xc3\xa4"));
	language_text(language, "header.X.raw", STR("\xc3\xa4"));
	assert_holds("header.X ~ /^.$/");
	assert_fails("header.X.raw ~ /^.$/");
	assert_holds("header.X.raw ~ /^.$/u");
}

static void
test_bytes_of_all_kinds(void **state)
{
	(void)state;
	language_text(language, "body.raw", STR("one\0two\r\n\xff"));
	assert_holds("body.raw ~ /one\\x00two/");
	assert_holds("body.raw ~ /\\xff$/");
	assert_holds("body.raw ~ /two/u");
	assert_fails("body.raw == one");
	language_text(language, "helo", STR("a\0"));
	assert_fails("helo == a");
	assert_fails("helo in @partners");
}

static void
test_a_field_alone(void **state)
{
	(void)state;
	assert_fails("auth.user");
	assert_holds("not auth.user");
	language_text(language, "auth.user", STR("bob"));
	assert_holds("auth.user");
	language_text(language, "sender", STR(""));
	assert_fails("sender");
	assert_holds("exists sender");
	language_text(language, "macro.auth_ssf", STR("0"));
	assert_fails("macro.auth_ssf");
	language_number(language, "score", 0);
	assert_fails("score");
	assert_holds("exists score");
	language_number(language, "symbol.A", -0.5);
	assert_holds("symbol.A");
	assert_fails("symbol.B");
	assert_fails("exists symbol.B");
}

/* ---- quantifiers ---- */

static void
test_without_a_value(void **state)
{
	(void)state;
	assert_fails("recipient == a");
	assert_holds("recipient != a");
	assert_fails("recipient ~ /./");
	assert_holds("recipient !~ /./");
	assert_fails("recipient in @partners");
	assert_holds("recipient not in @partners");
	assert_fails("size < 10");
	assert_fails("size >= 0");
	assert_fails("any recipient == a");
	assert_fails("any recipient != a");
	assert_fails("all recipient == a");
	assert_fails("all recipient != a");
	assert_fails("all recipient !~ /a/");
	assert_fails("all recipient not in @partners");
	assert_fails("exists recipient");
}

static void
test_several_values(void **state)
{
	(void)state;
	language_text(language, "recipient.domain", STR("example.org"));
	language_text(language, "recipient.domain", STR("other.test"));
	assert_holds("recipient.domain == example.org");
	assert_holds("any recipient.domain == example.org");
	assert_fails("all recipient.domain == example.org");
	assert_fails("recipient.domain != example.org");
	assert_holds("any recipient.domain != example.org");
	assert_fails("all recipient.domain != example.org");
	assert_holds("all recipient.domain != third.test");
	assert_holds("all recipient.domain ~ /./");
	assert_holds("any recipient.domain !~ /example/");
	assert_fails("all recipient.domain !~ /example/");
	assert_holds("all recipient.domain !~ /nothing/");
	assert_fails("recipient.domain !~ /example/");
	assert_holds("recipient.domain in @partners");
	assert_fails("all recipient.domain in @partners");
	assert_holds("any recipient.domain not in @partners");
	assert_fails("recipient.domain not in @partners");
	assert_fails("all recipient.domain not in @partners");
	assert_holds("all recipient.domain not in @empty");
	assert_holds("all recipient.domain");
}

static void
test_a_visit_ends_early(void **state)
{
	(void)state;
	language_text(language, "recipient", STR("a"));
	language_text(language, "recipient", STR("b"));
	language_text(language, "recipient", STR("c"));
	assert_holds("recipient == a");
	assert_int_equal(language->shown, 1);
	language->shown = 0;
	assert_fails("all recipient == b");
	assert_int_equal(language->shown, 1);
	language->shown = 0;
	assert_fails("recipient == d");
	assert_int_equal(language->shown, 3);
}

/* ---- and, or, not ---- */

static void
test_precedence(void **state)
{
	(void)state;
	language_text(language, "helo", STR("yes"));
	/* T: helo, F: sender */
	assert_holds("helo or sender and sender");
	assert_fails("(helo or sender) and sender");
	assert_holds("not sender and helo");
	assert_fails("not (sender or helo)");
	assert_holds("not not helo");
	assert_holds("sender and sender or helo");
	assert_holds("((((helo))))");
	assert_fails("not helo or sender");
	assert_holds("not sender == x and helo == yes");
}

static void
test_and_or_stop_early(void **state)
{
	(void)state;
	language_text(language, "helo", STR("yes"));
	assert_holds("helo or sender or sender");
	assert_int_equal(language->visits, 1);
	language->visits = 0;
	assert_fails("sender and helo and helo");
	assert_int_equal(language->visits, 1);
}

/* ---- stages ---- */

static enum mf_stage
stage_of(const char *text)
{
	return condition_stage(parsed(text));
}

static void
test_stages(void **state)
{
	(void)state;
	assert_int_equal(condition_stage(NULL), MF_STAGE_CONNECT);
	assert_int_equal(stage_of("client.ip == 192.0.2.1"), MF_STAGE_CONNECT);
	assert_int_equal(stage_of("client.ip == 192.0.2.1 or helo"), MF_STAGE_HELO);
	assert_int_equal(stage_of("recipient and not exists sender"), MF_STAGE_RCPT);
	assert_int_equal(stage_of("helo and (size > 1 or helo)"), MF_STAGE_MESSAGE);
	assert_int_equal(stage_of("subject ~ /x/"), MF_STAGE_EOH);
}

static void
test_a_condition_before_its_stage_is_false(void **state)
{
	(void)state;
	language_text(language, "sender", STR("a"));
	language->source.stage = MF_STAGE_HELO;
	assert_fails("sender");
	assert_fails("not sender");
	assert_fails("sender != b");
	assert_int_equal(language->visits, 0);
	language->source.stage = MF_STAGE_MAIL;
	assert_holds("sender");
	/* An unknown command may come before MAIL. */
	language->source.stage = MF_STAGE_UNKNOWN;
	assert_fails("not sender");
	assert_holds("not client.ip");
	language->source.stage = MF_STAGE_START;
	assert_fails("not client.ip");
	assert_true(condition_test(NULL, &language->source));
}

/* ---- captures ---- */

static void
assert_capture(int n, const char *expected)
{
	struct str group = language->source.captures.group[n];

	if (!expected) {
		assert_null(group.data);
		return;
	}
	assert_non_null(group.data);
	assert_string_equal(group.data, expected);
	assert_int_equal(group.length, strlen(expected));
}

static void
test_captures_outlive_the_value(void **state)
{
	char value[] = "user42 at home";

	(void)state;
	language->scope.patterns = NULL;
	language_text(language, "subject", (struct str){ value, strlen(value) });
	assert_holds("subject ~ /(\\w+?)(\\d+)( x)?/");
	memset(value, 'Z', strlen(value));
	assert_capture(0, "user42");
	assert_capture(1, "user");
	assert_capture(2, "42");
	assert_capture(3, NULL);
	/* A regex that does not match leaves them. */
	assert_fails("subject ~ /(nothing)/");
	assert_capture(1, "user");
	assert_holds("subject ~ /ZZ/");
	assert_capture(0, "ZZ");
	assert_capture(1, NULL);
}

static void
test_captures_are_copied_as_far_as_templates_use_them(void **state)
{
	struct mf_condition *condition;

	(void)state;
	language_text(language, "subject", STR("abc"));
	condition = parsed("subject ~ /(a)(b)(c)/");
	assert_true(condition_test(condition, &language->source));
	assert_capture(0, NULL);
	assert_int_equal(arena_used(language->source.arena), 0);
	/* A template further down in the same filter. */
	assert_non_null(language_template(language, "\"$2\""));
	assert_true(condition_test(condition, &language->source));
	assert_capture(1, "a");
	assert_capture(2, "b");
	assert_capture(3, NULL);
}

static void
test_no_match_allocates_nothing(void **state)
{
	(void)state;
	language->scope.patterns = NULL;
	language_text(language, "subject", STR("abc"));
	language_text(language, "sender", STR("abc"));
	assert_fails("subject ~ /x/ or sender in @partners or sender == b or all subject ~ /d/");
	assert_int_equal(arena_used(language->source.arena), 0);
}

static void
test_a_huge_group_is_cut(void **state)
{
	size_t length = 200000;
	char *huge = malloc(length);

	(void)state;
	memset(huge, 'a', length);
	language->scope.patterns = NULL;
	language_text(language, "body.raw", (struct str){ huge, length });
	assert_holds("body.raw ~ /a*+/");
	assert_int_equal(language->source.captures.group[0].length, TEMPLATE_TEXT_MAXIMUM);
	free(huge);
}

/* ---- limits and groups ---- */

static void
test_a_limit_counts_as_no_match(void **state)
{

	(void)state;
	language->scope.limits = (struct regex_limits){ 50, 50, 100 };
	language->scope.label = "greedy";
	language_text(language, "subject", STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"));
	assert_fails("subject ~ /^(a+)+$/");
	assert_int_equal(language->limits, 1);
	assert_string_equal(language->limit_rule, "greedy");
	assert_string_equal(language->limit_where, "t.conf:1");
	assert_string_equal(language->limit_pattern, "/^(a+)+$/");
	assert_holds("subject !~ /^(a+)+$/");
	assert_fails("all subject ~ /^(a+)+$/");
	assert_int_equal(language->limits, 3);
}

static void
test_regexes_of_one_field_are_kept_together(void **state)
{
	struct pattern_groups *groups = language->scope.patterns;
	struct pattern_group *group;

	(void)state;
	parsed("subject ~ /a/ or header.X !~ /b/ or subject ~ /c/");
	parsed("any header.x ~ /d/ and body.raw ~ /e/");
	group = groups->first;
	assert_int_equal(group->field.id, FIELD_BODY_RAW);
	assert_int_equal(group->count, 1);
	group = group->next;
	assert_string_equal(group->field.name, "X");
	assert_int_equal(group->count, 2);
	group = group->next;
	assert_int_equal(group->field.id, FIELD_SUBJECT);
	assert_int_equal(group->count, 2);
	assert_string_equal(regex_text(group->patterns[1].regex), "/c/");
	assert_null(group->next);
	language_text(language, "subject", STR("c"));
	assert_true(pattern_group_test(group, 1, FIELD_ANY, &language->source));
	assert_false(pattern_group_test(group, 0, FIELD_ANY, &language->source));
}

static void
test_fields_used_are_told(void **state)
{
	(void)state;
	parsed("helo == a and not exists header.X or score > 1");
	assert_int_equal(language->used_count, 3);
	assert_string_equal(language->used[0].spelled, "helo");
	assert_string_equal(language->used[1].spelled, "header.X");
	assert_string_equal(language->used[2].spelled, "score");
}

/* ---- mistakes ---- */

static void
test_mistakes_of_grammar(void **state)
{
	(void)state;
	assert_refused("", 6, 1,
	    "expected a field, \"not\", \"any\", \"all\", \"exists\" or \"(\", found \";\"");
	assert_refused("helo and", 14, 1,
	    "expected a field, \"not\", \"any\", \"all\", \"exists\" or \"(\", found \";\"");
	assert_refused("helo sender", 11, 6,
	    "expected an operator, \"and\", \"or\" or \";\", found \"sender\"");
	assert_refused("helo = a", 11, 1,
	    "expected an operator, \"and\", \"or\" or \";\", found \"=\"; did you mean \"==\"?");
	assert_refused("helo == a AND sender", 16, 3,
	    "expected \"and\", \"or\" or \";\", found \"AND\"; did you mean \"and\"?");
	assert_refused("helo ==", 13, 1, "expected a value, found \";\"");
	assert_refused("(helo", 11, 1,
	    "expected an operator, \"and\", \"or\" or the \")\" for the \"(\" in column 6, found "
	    "\";\"");
	assert_refused("helo)", 10, 1,
	    "expected an operator, \"and\", \"or\" or \";\", found \")\"");
	assert_refused("helo not @nets", 15, 5, "expected \"in\" behind \"not\", found \"@nets\"");
	assert_refused("any not helo", 10, 3,
	    "expected a field, \"not\", \"any\", \"all\", \"exists\" or \"(\", found \"not\"");
	assert_refused("exists helo == a", 18, 2,
	    "expected \"and\", \"or\" or \";\", found \"==\"");
}

static void
test_mistakes_of_meaning(void **state)
{
	(void)state;
	assert_refused("client.addr == a", 6, 11,
	    "unknown field \"client.addr\"; did you mean \"client.ip\"?");
	assert_refused("helo < 3", 11, 1, "\"<\" compares numbers, and helo is text");
	assert_refused("client.ip >= 3", 16, 2,
	    "\">=\" compares numbers, and client.ip is an address");
	assert_refused("size ~ /3/", 11, 1, "\"~\" matches text, and size is a number");
	assert_refused("size not in @nets", 11, 3,
	    "\"not in\" looks up text or an address, and size is a number");
	assert_refused("size > ten", 13, 3,
	    "expected a number such as 10, 3.5 or 64k, found \"ten\"");
	assert_refused("client.ip == example.org", 19, 11,
	    "expected an address or a network such as 192.0.2.0/24, found \"example.org\"");
	assert_refused("client.ip == 192.0.2.1/24", 19, 12,
	    "the network has bits set behind its prefix length");
	assert_refused("helo == sender", 14, 6,
	    "expected text, found the field \"sender\"; put it in quotes if it is meant as text");
	assert_refused("helo == any", 14, 3,
	    "expected text, found the word \"any\"; put it in quotes if it is meant as text");
	assert_refused("helo == /a/", 14, 3, "expected a value, found \"/a/\"");
	assert_refused("helo in nets", 14, 4, "expected a list such as @name, found \"nets\"");
	assert_refused("helo in @partnrs", 14, 8,
	    "unknown list \"@partnrs\"; did you mean \"@partners\"?");
	assert_refused("helo ~ \"a\"", 13, 3, "expected a regex such as /text/i, found \"a\"");
}

static void
test_mistakes_in_a_regex(void **state)
{
	(void)state;
	assert_refused("helo ~ /a(b/", 17, 1, "regex: missing closing parenthesis");
	assert_refused("helo ~ /a**/i", 16, 1,
	    "regex: quantifier does not follow a repeatable item");
	assert_refused("helo ~ /a\\/**/i", 18, 1,
	    "regex: quantifier does not follow a repeatable item");
}

static void
test_all_mistakes_of_meaning_are_found(void **state)
{
	(void)state;
	assert_null(language_condition(language, "helo < 1 and sise > 2 or helo in @x"));
	assert_string_equal(language_mistakes(language),
	    "t.conf:1:11: \"<\" compares numbers, and helo is text\n"
	    "    when helo < 1 and sise > 2 or helo in @x;\n              ^\n"
	    "t.conf:1:19: unknown field \"sise\"; did you mean \"size\"?\n"
	    "    when helo < 1 and sise > 2 or helo in @x;\n                      ^~~~\n"
	    "t.conf:1:39: unknown list \"@x\"\n"
	    "    when helo < 1 and sise > 2 or helo in @x;\n"
	    "                                          ^~\n");
}

static void
test_bad_numbers(void **state)
{
	static const char *const bad[] = { "1.", ".5", "1.2.3", "1kk", "1t", "-", "+-1", "0x10",
		"1e3", "1234567890123456", "\"\"", "1 k" };
	const char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		text = arena_printf(language->arena, "size == %s", bad[i]);
		assert_null(language_condition(language, text));
	}
	assert_int_equal(config_errors_count(language->errors), sizeof(bad) / sizeof(bad[0]));
}

/* ---- bounds ---- */

static const char *
repeat(const char *before, const char *middle, const char *after, unsigned count)
{
	struct buffer text = { 0 };
	const char *copy;
	unsigned i;

	for (i = 0; i < count; i++)
		buffer_add_text(&text, before);
	buffer_add_text(&text, middle);
	for (i = 0; i < count; i++)
		buffer_add_text(&text, after);
	copy = arena_strdup(language->arena, buffer_text(&text));
	buffer_free(&text);
	return copy;
}

static void
test_depth_is_limited(void **state)
{
	(void)state;
	language_text(language, "helo", STR("x"));
	assert_holds(repeat("(", "helo", ")", CONDITION_DEPTH_MAXIMUM - 1));
	assert_null(language_condition(language,
	    repeat("(", "helo", ")", CONDITION_DEPTH_MAXIMUM)));
	assert_non_null(strstr(language_mistakes(language),
	    "brackets and \"not\" are more than 64 deep here"));
	assert_null(language_condition(language, repeat("not ", "helo", "", 5000)));
}

static void
test_comparisons_are_limited(void **state)
{
	(void)state;
	language_text(language, "helo", STR("x"));
	assert_holds(repeat("sender or ", "helo", "", CONDITION_TESTS_MAXIMUM - 1));
	assert_null(language_condition(language,
	    repeat("sender or ", "helo", "", CONDITION_TESTS_MAXIMUM)));
	assert_non_null(strstr(language_mistakes(language),
	    "the condition has more than 2000 comparisons"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_text),
		TEST(test_domains_compare_whatever_their_labels),
		TEST(test_names_of_hosts_compare_without_case),
		TEST(test_numbers),
		TEST(test_addresses),
		TEST(test_an_address_that_is_none),
		TEST(test_lists),
		TEST(test_regexes),
		TEST(test_bytes_of_all_kinds),
		TEST(test_a_field_alone),
		TEST(test_without_a_value),
		TEST(test_several_values),
		TEST(test_a_visit_ends_early),
		TEST(test_precedence),
		TEST(test_and_or_stop_early),
		TEST(test_stages),
		TEST(test_a_condition_before_its_stage_is_false),
		TEST(test_captures_outlive_the_value),
		TEST(test_captures_are_copied_as_far_as_templates_use_them),
		TEST(test_no_match_allocates_nothing),
		TEST(test_a_huge_group_is_cut),
		TEST(test_a_limit_counts_as_no_match),
		TEST(test_regexes_of_one_field_are_kept_together),
		TEST(test_fields_used_are_told),
		TEST(test_mistakes_of_grammar),
		TEST(test_mistakes_of_meaning),
		TEST(test_mistakes_in_a_regex),
		TEST(test_all_mistakes_of_meaning_are_found),
		TEST(test_bad_numbers),
		TEST(test_depth_is_limited),
		TEST(test_comparisons_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
