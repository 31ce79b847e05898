/* SPDX-License-Identifier: BSD-2-Clause */
/* HTML: text as a reader sees it, links, and how little it takes to hide them from a careless
 * reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "filterd/message/html.h"
#include "filterd/util/buffer.h"

static const struct html_limits limits = { .text = 65536, .links = 100 };

struct example {
	const char *source, *expected;
};

static void
check_text(const struct example *examples, size_t count)
{
	struct arena *arena = arena_create(0, 0);
	size_t i;

	for (i = 0; i < count; i++) {
		struct html_document document;

		html_read(arena, &limits, str_of(examples[i].source), &document);
		assert_string_equal(document.text.data, examples[i].expected);
		assert_false(document.cut);
	}
	arena_destroy(&arena);
}

static void
check_links(const struct example *examples, size_t count)
{
	static const char kinds[] = { 'a', 'f', 'r', 's', 'b' };
	struct arena *arena = arena_create(0, 0);
	size_t i, k;

	for (i = 0; i < count; i++) {
		struct html_document document;
		struct buffer found = { 0 };

		html_read(arena, &limits, str_of(examples[i].source), &document);
		for (k = 0; k < document.link_count; k++)
			buffer_printf(&found, "%s%c %s|%s", k ? ", " : "",
			    kinds[document.links[k].kind], document.links[k].target.data,
			    document.links[k].text.data);
		assert_string_equal(buffer_text(&found), examples[i].expected);
		buffer_free(&found);
	}
	arena_destroy(&arena);
}

#define CHECK(check, examples) check(examples, sizeof(examples) / sizeof((examples)[0]))

static void
text_is_what_is_seen(void **state)
{
	static const struct example examples[] = {
		{ "", "" },
		{ "plain  text\n here", "plain text here" },
		{ "<p>a</p><p>b<br>c</p>", "a\nb\nc" },
		{ "<b>a</b>b <i>c</i>", "ab c" },
		{ "<table><tr><td>a<td>b<tr><th>c</table>", "a b\nc" },
		{ "<html><head><title>x</title><style>y{}</style></head><body>z", "z" },
		{ "a<script>if (1 < 2) '</b>'</script>b", "ab" },
		{ "a<SCRIPT>x</script\n>b", "ab" },
		{ "a<template>x</template>b", "ab" },
		{ "<textarea>a<b>c</textarea>", "a<b>c" },
		{ "<noscript>a</noscript>", "a" },
		{ "a<plaintext>b</plaintext>", "a" },
		{ "V&shy;i\342\200\213<!-- x -->agra", "Viagra" },
		{ "a\001b", "a b" },
	};

	(void)state;
	CHECK(check_text, examples);
}

static void
references_are_replaced(void **state)
{
	static const struct example examples[] = {
		{ "&lt;a&gt; &amp;amp; &#65;&#x42;&#X43", "<a> &amp; ABC" },
		{ "&ampx &notit; &notin; &nosuch; & &# &#x; &",
		    "&x \302\254it; \342\210\211 &nosuch; & &# &#x; &" },
		{ "&#0; &#xD800; &#1114112; &#99999999999;",
		    "\357\277\275 \357\277\275 \357\277\275 \357\277\275" },
		{ "&#128;&#150;", "\342\202\254\342\200\223" },
		{ "&NotEqualTilde;", "\342\211\202\314\270" },
	};

	(void)state;
	CHECK(check_text, examples);
}

static void
what_is_no_tag_is_none(void **state)
{
	static const struct example examples[] = {
		{ "1 < 2 <3 <", "1 < 2 <3 <" },
		{ "a<!-->b-->c", "ab-->c" },
		{ "a<!--->b", "ab" },
		{ "a<!-- - -- --!>b", "ab" },
		{ "a<!-- never closed", "a" },
		{ "a<!DOCTYPE x>b<?php >c<![if !mso]>d</ x>e</>f", "abcdef" },
		{ "a<b title='>'>c", "ac" },
		{ "a<b title=\"never closed>c", "ac" },
		{ "a<b x=1 y='2'z=3/>c", "ac" },
	};

	(void)state;
	CHECK(check_text, examples);
}

static void
links_are_found(void **state)
{
	static const struct example examples[] = {
		{ "<a href=http://a.example>b <b>c</b></a>d", "a http://a.example|b c" },
		{ "<A HREF='http://a.example/?x=1&amp;y=2'>z</A>",
		    "a http://a.example/?x=1&y=2|z" },
		{ "<a/href=\"ht\ntp://a.example\">z", "a http://a.example|z" },
		{ "<a href=\" &#104;ttp://a\t.example \">z</a>", "a http://a.example|z" },
		{ "<a x href = 'a' href='b'>z", "a a|z" },
		{ "<a href=a>1<a href=b>2</a>3</a>", "a a|1, a b|2" },
		{ "<form action=http://f.example><button formaction=g>x</button>",
		    "f http://f.example|, f g|" },
		{ "<img src=i><iframe src='data:text/html,x'></iframe><link href=l>",
		    "s i|, s data:text/html,x|, s l|" },
		{ "<base href=http://b.example/><area href=r>", "b http://b.example/|, a r|" },
		{ "<meta http-equiv=Refresh content=\"0; URL='http://m.example'\">",
		    "r http://m.example|" },
		{ "<meta http-equiv=refresh content=5;http://m.example>", "r http://m.example|" },
		{ "<meta http-equiv=refresh content=5>", "" },
		{ "<!-- <a href=x>y</a> --><style><a href=x></style>", "" },
		{ "<a href=x>never closed", "a x|never closed" },
		{ "<a href=never", "" },
	};

	(void)state;
	CHECK(check_links, examples);
}

static void
limits_cut(void **state)
{
	static const struct html_limits few = { .text = 10, .links = 2 };
	struct arena *arena = arena_create(0, 0);
	struct html_document document;

	(void)state;
	html_read(arena, &few, STR("aaaa bbbb cccc dddd"), &document);
	assert_true(document.cut);
	assert_string_equal(document.text.data, "aaaa bbbb");
	html_read(arena, &few, STR("<a href=1><a href=2><a href=3>"), &document);
	assert_true(document.cut);
	assert_int_equal(document.link_count, 2);
	arena_destroy(&arena);
}

/* Time and memory in proportion to the bytes, however deep elements stand in each other. */
static void
depth_costs_nothing(void **state)
{
	struct arena *arena = arena_create(0, 0);
	struct html_document document;
	struct buffer source = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 500000; i++)
		buffer_add_text(&source, "<div><b>");
	buffer_add_text(&source, "deep");
	html_read(arena, &limits, (struct str){ source.data, source.length }, &document);
	assert_string_equal(document.text.data, "deep");
	assert_true(arena_used(arena) < 1000);
	buffer_free(&source);
	arena_destroy(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_what_is_seen),
		cmocka_unit_test(references_are_replaced),
		cmocka_unit_test(what_is_no_tag_is_none),
		cmocka_unit_test(links_are_found),
		cmocka_unit_test(limits_cut),
		cmocka_unit_test(depth_costs_nothing),
	};

	return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
