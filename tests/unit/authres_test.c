/* SPDX-License-Identifier: BSD-2-Clause */
/* Authentication-Results fields: the examples of RFC 8601 appendix B and RFC 8617, what is met in
 * the wild, what is broken, and what is written of hostile values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "filterd/util/arena.h"
#include "plugins/auth-results/authres.h"

static struct arena *arena;

static void *
alloc(void *owner, size_t size)
{
	return arena_alloc(owner, size);
}

static struct authres_memory
memory(void)
{
	return (struct authres_memory){ alloc, arena };
}

static int
set_up(void **state)
{
	(void)state;
	arena = arena_create(0, 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_destroy(&arena);
	return 0;
}

/* ---- reading ---- */

/* What was parsed, in one line: "ID/VERSION method/version=value(reason) ptype.name=[value]". */
static const char *
shown(const struct authres *parsed)
{
	const struct authres_result *result;
	const struct authres_property *property;
	const char *text = arena_printf(arena, "%u:%s/%u", parsed->instance, parsed->authserv_id,
	    parsed->version);

	for (result = parsed->results; result; result = result->next) {
		text = arena_printf(arena, "%s %s/%u=%s(%s)", text, result->method,
		    result->version, result->value, result->reason ? result->reason : "");
		for (property = result->properties; property; property = property->next)
			text = arena_printf(arena, "%s %s.%s=[%s]", text, property->ptype,
			    property->property, property->value);
	}
	return text;
}

static void
assert_parsed(const char *text, bool arc, const char *expected)
{
	struct authres_memory in = memory();
	struct authres parsed;
	const char *error;

	if (!authres_parse(&in, text, strlen(text), arc, &parsed, &error))
		fail_msg("%s: %s", text, error);
	assert_string_equal(shown(&parsed), expected);
}

static void
assert_broken(const char *text, const char *expected)
{
	struct authres_memory in = memory();
	struct authres parsed;
	const char *error = "";

	assert_false(authres_parse(&in, text, strlen(text), false, &parsed, &error));
	assert_string_equal(error, expected);
}

static void
examples_of_the_standard_are_read(void **state)
{
	(void)state;
	assert_parsed(" example.org 1; none", false, "0:example.org/1");
	assert_parsed(" example.com;\n spf=pass smtp.mailfrom=example.net", false,
	    "0:example.com/0 spf/0=pass() smtp.mailfrom=[example.net]");
	assert_parsed(" example.com;\n auth=pass (cram-md5) smtp.auth=sender@example.net;\n"
	    " spf=pass smtp.mailfrom=example.net", false,
	    "0:example.com/0 auth/0=pass() smtp.auth=[sender@example.net]"
	    " spf/0=pass() smtp.mailfrom=[example.net]");
	assert_parsed(" example.com;\n dkim=pass reason=\"good signature\"\n"
	    " header.i=@mail-router.example.net;\n dkim=fail reason=\"bad signature\"\n"
	    " header.i=@newyork.example.com", false,
	    "0:example.com/0 dkim/0=pass(good signature) header.i=[@mail-router.example.net]"
	    " dkim/0=fail(bad signature) header.i=[@newyork.example.com]");
	/* appendix B.7: comment-heavy */
	assert_parsed(" foo.example.net (foobar) 1 (baz);\n dkim (Because I like it) / 1 (One yay)"
	    " = (wait for it) fail\n policy (A dot can go here) . (like that) expired\n"
	    " (this surprised me) = (as I wasn't expecting it) 1362471462", false,
	    "0:foo.example.net/1 dkim/1=fail() policy.expired=[1362471462]");
}

static void
what_others_write_is_read(void **state)
{
	(void)state;
	assert_parsed("mx.example.org; spf=Pass smtp.mailfrom=a@b.example;", false,
	    "0:mx.example.org/0 spf/0=pass() smtp.mailfrom=[a@b.example]");
	assert_parsed("mx.example.org; dkim=pass header.b=Ab/+=1 header.d=b.example; ;", false,
	    "0:mx.example.org/0 dkim/0=pass() header.b=[Ab/+=1] header.d=[b.example]");
	assert_parsed("mx; dmarc=pass action=none header.from=x.example;compauth=pass reason=100",
	    false, "0:mx/0 dmarc/0=pass() header.from=[x.example] compauth/0=pass(100)");
	assert_parsed("mx; arc=pass smtp.remote-ip=2001:db8::1", false,
	    "0:mx/0 arc/0=pass() smtp.remote-ip=[2001:db8::1]");
	assert_parsed("\"mx \\\"1\\\"\"; spf=pass smtp.mailfrom=\"a b\"@c.example", false,
	    "0:mx \"1\"/0 spf/0=pass() smtp.mailfrom=[\"a b\"@c.example]");
	assert_parsed(" i=2; mx.example;\r\n\tarc=pass header.oldest-pass=0", true,
	    "2:mx.example/0 arc/0=pass() header.oldest-pass=[0]");
	assert_parsed(" i=1 ; mx.example; none", true, "1:mx.example/0");
}

static void
what_is_broken_is_said(void **state)
{
	(void)state;
	assert_broken("", "expected an authserv-id");
	assert_broken(" ; dkim=pass", "expected an authserv-id");
	assert_broken("spf=pass smtp.mailfrom=x.example",
	    "expected an authserv-id before the results");
	assert_broken("mx (a (b) ; spf=pass", "a comment is not closed");
	assert_broken("((((((((((((((((((((((", "comments nest too deep");
	assert_broken("mx; spf", "expected \"=\" behind a method");
	assert_broken("mx; spf=", "expected a result behind a method");
	assert_broken("mx; spf=pass header.=x", "expected a property's name behind the dot");
	assert_broken("mx; spf=pass header.d x", "expected \"=\" behind a property");
	assert_broken("mx; spf=pass header.d=", "expected a property's value");
	assert_broken("mx; spf=pass header.d=\"x", "a quoted string is not closed");
	assert_broken("mx; spf/x=pass", "expected the version of a method");
	assert_broken("mx 1234567; none", "expected a version");
	assert_broken("mx; @=pass", "expected a method");
	assert_broken("mx another; spf=pass", "expected \";\"");
}

static void
results_in_error_are_left_out(void **state)
{
	static const char text[] = " i=2; mx.example 1; (c; d) spf=pass smtp.mailfrom=\"a;b\"@x;"
	    "\n\tdkim/1 = fail (bad \"; key) header.d=d.example header.i=@i.example; nonsense;"
	    " dkim=pass (a; b) header.d \"; dkim=pass; (\" header.s=s; auth= (;) ;"
	    " dmarc=pass header.from=from.example; iprev=pass policy.iprev=\"; dkim=pass";
	struct authres_memory in = memory();
	struct authres parsed;
	const char *error;

	(void)state;
	assert_false(authres_parse(&in, text, strlen(text), true, &parsed, &error));
	assert_string_equal(error, "expected \"=\" behind a method");
	assert_string_equal(shown(&parsed), "2:mx.example/1 spf/0=pass() smtp.mailfrom=[\"a;b\"@x]"
	    " dkim/1=fail() header.d=[d.example] header.i=[@i.example]"
	    " dmarc/0=pass() header.from=[from.example]");
	assert_string_equal(authres_get(parsed.results->next, "header", "i"), "@i.example");
	assert_null(authres_get(parsed.results->next, "header", "s"));
}

static void
limits_hold(void **state)
{
	struct authres_memory in = memory();
	const char *error;
	struct authres parsed;
	char *text = arena_alloc(arena, AUTHRES_TEXT_MAXIMUM + 2);
	size_t i, length = (size_t)sprintf(text, "mx");

	(void)state;
	for (i = 0; i <= AUTHRES_RESULTS; i++)
		length += (size_t)sprintf(text + length, ";a=b");
	assert_false(authres_parse(&in, text, length, false, &parsed, &error));
	assert_string_equal(error, "too many results");
	length = (size_t)sprintf(text, "mx;a=b");
	for (i = 0; i <= AUTHRES_PROPERTIES; i++)
		length += (size_t)sprintf(text + length, " c.d=e");
	assert_false(authres_parse(&in, text, length, false, &parsed, &error));
	assert_string_equal(error, "a result has too many properties");
	memset(text, 'x', AUTHRES_TEXT_MAXIMUM + 1);
	assert_false(authres_parse(&in, text, AUTHRES_TEXT_MAXIMUM + 1, false, &parsed, &error));
	assert_string_equal(error, "too long");
	assert_false(authres_parse(&in, "mx\0; none", 9, false, &parsed, &error));
	assert_string_equal(error, "it has a NUL");
}

/* ---- writing ---- */

static char *
written(const char *reason, const char *property, const char *value, bool utf8)
{
	struct authres_memory in = memory();
	struct authres_property last = { "header", property, value, NULL };
	struct authres_result result = { "dkim", 0, "pass", reason, &last, NULL };
	struct authres results = { 0, "mx.example.org", 0, &result };

	return authres_format(&in, &results, strlen("Authentication-Results:"), utf8);
}

static void
assert_value(const char *value, bool utf8, const char *expected)
{
	assert_string_equal(written(NULL, "x", value, utf8),
	    arena_printf(arena, " mx.example.org;\n\tdkim=pass header.x=%s", expected));
}

static void
values_are_quoted_as_they_must_be(void **state)
{
	(void)state;
	assert_value("example.org", false, "example.org");
	assert_value("alice+tag@example.org", false, "alice+tag@example.org");
	assert_value("@example.org", false, "@example.org");
	assert_value("\"a b\"@example.org", false, "\"a b\"@example.org");
	assert_value("Ab/+=", false, "\"Ab/+=\"");
	assert_value("", false, "\"\"");
	assert_value("two words", false, "\"two words\"");
	assert_value("a\"b\\c", false, "\"a\\\"b\\\\c\"");
	assert_value("a@b@c.example", false, "\"a@b@c.example\"");
	assert_value("a..b@c.example", false, "\"a..b@c.example\"");
	assert_value("x; spf=pass", false, "\"x; spf=pass\"");
	assert_value("x (comment)", false, "\"x (comment)\"");
	assert_value("a\r\nSubject: hi\tho\x7f", false, "\"a  Subject: hi ho?\"");
	assert_value("J\xc3\xbcrgen@example.org", false, "J?rgen@example.org");
	assert_value("J\xc3\xbcrgen@example.org", true, "J\xc3\xbcrgen@example.org");
	assert_value("\xff\xc2\x85", true, "\"??\"");
}

static void
lines_are_folded_and_long_values_cut(void **state)
{
	char *value = arena_alloc(arena, 3000);
	const char *line, *text;

	(void)state;
	assert_string_equal(written("a reason of some length that takes up space", "from",
	    "a-domain-with-a-rather-long-name.example.org", false),
	    " mx.example.org;\n\tdkim=pass reason=\"a reason of some length that takes up space\"\n"
	    "\theader.from=a-domain-with-a-rather-long-name.example.org");
	memset(value, '"', 2999);
	for (line = text = written(value, "x", value, false); line; line = strchr(line + 1, '\n'))
		assert_true(strcspn(line + 1, "\n") < 998);
	assert_true(strlen(text) > 1200);
}

static void
fields_have_an_end(void **state)
{
	struct authres_memory in = memory();
	struct authres_result *all = arena_array(arena, 2000, sizeof(*all));
	struct authres results = { 0, "mx.example.org", 0, all }, parsed;
	const char *error;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < 2000; i++)
		all[i] = (struct authres_result){ "dkim", 0, "pass", "some reason or other", NULL,
			i < 1999 ? &all[i + 1] : NULL };
	text = authres_format(&in, &results, 23, false);
	assert_true(strlen(text) <= AUTHRES_WRITTEN_MAXIMUM && strlen(text) > 10000);
	authres_parse(&in, text, strlen(text), false, &parsed, &error);
	assert_string_equal(error, "too many results");
	results.results = NULL;
	results.instance = 3;
	assert_string_equal(authres_format(&in, &results, 27, false), " i=3; mx.example.org; none");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(examples_of_the_standard_are_read, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(what_others_write_is_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_broken_is_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(results_in_error_are_left_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(limits_hold, set_up, tear_down),
		cmocka_unit_test_setup_teardown(values_are_quoted_as_they_must_be, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(lines_are_folded_and_long_values_cut, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(fields_have_an_end, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
