/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses: where they lead, where they stand in text, and what is shown instead of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "filterd/message/url.h"
#include "filterd/util/buffer.h"

static void
addresses_lead_where_browsers_go(void **state)
{
	static const struct {
		const char *text, *scheme, *userinfo, *host;
		bool ip;
	} examples[] = {
		{ "http://example.com/a", "http", "", "example.com", false },
		{ "HTTPS://WWW.Example.COM.", "https", "", "www.example.com", false },
		{ "ftp://u:p@files.example:21/x", "ftp", "u:p", "files.example", false },
		{ "http://bank.example@evil.example/", "http", "bank.example",
		    "evil.example", false },
		{ "http://a@b@c.example", "http", "a@b", "c.example", false },
		{ "http:\\\\evil.example\\@bank.example", "http", "", "evil.example", false },
		{ "http:/evil.example", "http", "", "evil.example", false },
		{ "http:evil.example", "http", "", "evil.example", false },
		{ "http:////evil.example", "http", "", "evil.example", false },
		{ "http://e%76il.example?x", "http", "", "evil.example", false },
		{ "http://b\303\274cher.example/", "http", "", "xn--bcher-kva.example", false },
		{ "http://b%C3%BCcher.example/", "http", "", "xn--bcher-kva.example", false },
		{ "http://a\343\200\202example", "http", "", "a.example", false },
		{ "http://192.0.2.1:80/", "http", "", "192.0.2.1", true },
		{ "http://0xc0000201/", "http", "", "192.0.2.1", true },
		{ "http://3221225985/", "http", "", "192.0.2.1", true },
		{ "http://0300.0.2.1/", "http", "", "192.0.2.1", true },
		{ "http://[2001:DB8::1]:8080/", "http", "", "2001:db8::1", true },
		{ "mailto:a@Example.org?subject=x@y", "mailto", "", "example.org", false },
		{ "mailto:a@b.example,c@d.example", "mailto", "", "b.example", false },
	};
	struct arena *arena = arena_create(0, 0);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct url url;

		assert_true(url_parse(arena, str_of(examples[i].text), &url));
		assert_string_equal(url.text.data, examples[i].text);
		assert_string_equal(url.scheme.data, examples[i].scheme);
		assert_string_equal(url.userinfo.data, examples[i].userinfo);
		assert_string_equal(url.host.data, examples[i].host);
		assert_int_equal(url.ip, examples[i].ip);
	}
	arena_destroy(&arena);
}

static void
what_has_no_host_is_none(void **state)
{
	static const char *const texts[] = { "", "http", "http:", "http://", "http:///",
		"//a.example",
		"a.example", "javascript:alert(1)", "mailto:", "mailto:a", "http://a b/",
		"http://%00/", "http://a%2fb/", "http://[1.2.3.4]/", "data:text/html,x" };
	struct arena *arena = arena_create(0, 0);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct url url;

		assert_false(url_parse(arena, str_of(texts[i]), &url));
	}
	arena_destroy(&arena);
}

static bool
visit(void *argument, struct str text)
{
	struct buffer *found = argument;

	if (found->length)
		buffer_add_char(found, ' ');
	buffer_add_str(found, text);
	return false;
}

static void
text_has_addresses(void **state)
{
	static const struct {
		const char *text, *found;
	} examples[] = {
		{ "see http://a.example/x.", "http://a.example/x" },
		{ "(http://a.example/x_(y)) and <https://b.example>!",
		    "http://a.example/x_(y) https://b.example" },
		{ "WWW.a.example, www.b.example; xwww.c.example", "WWW.a.example www.b.example" },
		{ "\"http://a.example\"http://b.example", "http://a.example http://b.example" },
		{ "write to mailto:a@b.example today", "mailto:a@b.example" },
		{ "\342\200\234http://a.example\342\200\235", "http://a.example" },
		{ "http://b\303\274cher.example/\303\274",
		    "http://b\303\274cher.example/\303\274" },
		{ "http://[2001:db8::1]/x", "http://[2001:db8::1]/x" },
		{ "http://", "" }, { "nothing here, example.com", "" }, { "www.", "" },
		{ "http://a.example/)))))", "http://a.example/" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct buffer found = { 0 };

		assert_true(url_find(str_of(examples[i].text), 10, visit, &found));
		assert_string_equal(buffer_text(&found), examples[i].found);
		buffer_free(&found);
	}
}

static void
no_more_than_so_many_are_visited(void **state)
{
	struct buffer found = { 0 };

	(void)state;
	assert_false(url_find(STR("http://a http://b http://c"), 2, visit, &found));
	assert_string_equal(buffer_text(&found), "http://a http://b");
	buffer_free(&found);
}

static void
shown_and_true_target_are_compared(void **state)
{
	static const struct {
		const char *shown, *target;
		bool mismatch;
	} examples[] = {
		{ "http://bank.example/", "http://evil.example/", true },
		{ "www.bank.example", "http://bank.example/login", false },
		{ "bank.example/login", "http://click.bank.example/", false },
		{ "bank.co.uk", "http://evil.co.uk/", true },
		{ "www.bank.co.uk", "http://bank.co.uk/", false },
		{ "bank.com", "http://bank.com.evil.example/", true },
		{ " https://bank.example ", "http://192.0.2.1/", true },
		{ "Click here", "http://evil.example/", false },
		{ "visit bank.example now", "http://evil.example/", false },
		{ "report.pdf", "http://evil.example/", true },
		{ "1.5", "http://evil.example/", false },
		{ "B\303\234CHER.example", "http://xn--bcher-kva.example/", false },
		{ "http://bank.example", "mailto:a@evil.example", true },
	};
	struct arena *arena = arena_create(0, 0);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct url url;

		assert_true(url_parse(arena, str_of(examples[i].target), &url));
		if (url_mismatch(arena, str_of(examples[i].shown), &url) != examples[i].mismatch)
			fail_msg("%s against %s", examples[i].shown, examples[i].target);
	}
	arena_destroy(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_lead_where_browsers_go),
		cmocka_unit_test(what_has_no_host_is_none),
		cmocka_unit_test(text_has_addresses),
		cmocka_unit_test(no_more_than_so_many_are_visited),
		cmocka_unit_test(shown_and_true_target_are_compared),
	};

	return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
