/* SPDX-License-Identifier: BSD-2-Clause */
/* Footers as text and HTML, and where in a document they are put. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plugins/footer/compose.h"
#include "plugins/footer/place.h"

/* ---- HTML ---- */

/* "[" stands where what comes before is put, "]" where what comes behind. */
static void
check_places(const char *marked)
{
	struct buffer document = { 0 };
	size_t begin = 0, end = 0, i;
	struct str text;

	for (i = 0; marked[i]; i++) {
		if (marked[i] == '[')
			begin = document.length;
		else if (marked[i] == ']')
			end = document.length;
		else
			buffer_add_char(&document, marked[i]);
	}
	text = (struct str){ buffer_text(&document), document.length };
	if (place_in_html(text, PLACE_BEFORE) != begin)
		fail_msg("%s: before at %zu", marked, place_in_html(text, PLACE_BEFORE));
	if (place_in_html(text, PLACE_AFTER) != end)
		fail_msg("%s: after at %zu", marked, place_in_html(text, PLACE_AFTER));
	buffer_free(&document);
}

static void
documents_begin_and_end_at_their_body(void **state)
{
	static const char *const marked[] = {
		"[]",
		"[text]",
		"<html><body a=b>[<p>x</p>]</body></html>\r\n",
		"<!DOCTYPE html>\n<html>\n<head><title>t</title>\n</head>\n<BODY>[x]</BODY >",
		"<!DOCTYPE html>[<p>x</p>]",
		"<html><head></head>[x]</html>",
		"<head><meta a><link b><base c></head>\n[<p>x]</html>",
		"[<p>x</p></body>]</body>",
		"<body>[<p>one</body></html><p>two]</body></html>",
		"[<p>x</p>]<!-- </body> -->",
		"<html><!-- <body> --><body>[x]</body><!-- </body> -->",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(marked) / sizeof(marked[0]); i++)
		check_places(marked[i]);
}

static void
what_is_not_shown_is_no_place(void **state)
{
	static const char *const marked[] = {
		"<script>'<body>'</script><body>[x]</body><script>'</body>'</script>",
		"<style><body></style>[x<style></body></style>]",
		"<title><body></title>[x]",
		"<template><body><p>no</p></template><body>[x]</body><template></body></template>",
		"<template><template></template><body></template>[x]",
		"[x]<template><p>never closed</body>",
		"[x]<textarea></body>",
		"[x]<plaintext></body>",
		"<body a='</body>' b=\"<body>\">[x]</body c='</body>'>",
		"[x]<!-- never closed </body>",
		"[x]<a href='</body>",
		"[x]</",
		"[]<script>never closed",
		"[]<template>",
		"[]<!-- x -->",
		"<title>t</title>[]",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(marked) / sizeof(marked[0]); i++)
		check_places(marked[i]);
}

static void
check_html(const char *document, const char *before, const char *after, const char *expected)
{
	struct buffer edited = { 0 };

	place_html(&edited, str_of(document), str_of(before), str_of(after));
	assert_string_equal(buffer_text(&edited), expected);
	buffer_free(&edited);
}

static void
html_is_put_in_lines_of_its_own(void **state)
{
	(void)state;
	check_html("<body>x</body>", "b\n", "a\nc\n",
	    "<body>\r\nb\r\nx\r\na\r\nc\r\n</body>");
	check_html("<body>\nx\n</body>\n", "b\n", "a\n", "<body>\nb\nx\na\n</body>\n");
	check_html("<p>x</p>", "", "a\n", "<p>x</p>\r\na");
	check_html("<p>x</p>\r\n", "", "a\n", "<p>x</p>\r\na\r\n");
	check_html("<p>x</p>", "b\n", "", "b\r\n<p>x</p>");
	check_html("", "b\n", "a\n", "b\r\na\r\n");
	check_html("x</body><body>", "b\n", "a\n", "b\r\nx\r\na\r\n</body><body>");
}

/* Each takes no time, unless what has been read is read again for each tag. */
static void
hostile_html_is_read_once(void **state)
{
	static const char *const repeated[] = { "<", "<a b=\"", "<a b='>", "<!--", "<!", "</",
		"<template>", "<script>", "</script", "<body>", "</body>", "<title>", "<a =", "-->",
		"<textarea></text" };
	enum { SIZE = 4 << 20 };
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(repeated) / sizeof(repeated[0]); i++) {
		size_t length = strlen(repeated[i]);
		char *document = malloc(SIZE);
		struct str text = { document, SIZE };

		assert_non_null(document);
		for (j = 0; j < SIZE; j++)
			document[j] = repeated[i][j % length];
		assert_true(place_in_html(text, PLACE_BEFORE) <= SIZE);
		assert_true(place_in_html(text, PLACE_AFTER) <= SIZE);
		free(document);
	}
}

/* ---- plain text ---- */

static void
check_text(const char *document, const char *before, const char *after, const char *expected)
{
	struct buffer edited = { 0 };

	place_text(&edited, str_of(document), str_of(before), str_of(after));
	assert_string_equal(buffer_text(&edited), expected);
	buffer_free(&edited);
}

static void
text_has_an_empty_line_between(void **state)
{
	(void)state;
	check_text("x\r\n", "b\n", "a\nc\n", "b\r\n\r\nx\r\n\r\na\r\nc\r\n");
	check_text("x", "b\n", "a\n", "b\r\n\r\nx\r\n\r\na");
	check_text("x\n", "b\n", "a\n", "b\n\nx\n\na\n");
	check_text("\r\nx\r\n\r\n", "b\n", "a\n", "b\r\n\r\nx\r\n\r\na\r\n");
	check_text("\nx\n\n", "b\n", "a\n", "b\n\nx\n\na\n");
	check_text("", "b\n", "a\n", "b\r\n\r\na\r\n");
	check_text("", "", "a\n", "a\r\n");
	check_text("\xef\xbb\xbfx\r\n", "b\n", "", "\xef\xbb\xbf" "b\r\n\r\nx\r\n");
	check_text("x ", "", "", "x ");
}

static void
a_footer_is_found_where_it_is_put(void **state)
{
	const struct str text = STR("top\n\nlong long text\n\nend\n");

	(void)state;
	assert_true(place_holds(text, STR("top\n"), PLACE_BEFORE, 6));
	assert_false(place_holds(text, STR("top\n"), PLACE_AFTER, 6));
	assert_true(place_holds(text, STR("end\n"), PLACE_AFTER, 6));
	assert_false(place_holds(text, STR("end\n"), PLACE_BEFORE, 6));
	assert_true(place_holds(text, STR("end"), PLACE_BEFORE, 1000));
	assert_false(place_holds(text, STR("text\n"), PLACE_AFTER, 2));
	assert_false(place_holds(text, STR("\n"), PLACE_AFTER, 10));
	assert_false(place_holds(STR(""), STR("x"), PLACE_AFTER, 10));
}

/* ---- texts ---- */

static void
check_composed(void (*compose)(struct buffer *to, struct str text), struct str text,
    const char *expected)
{
	struct buffer composed = { 0 };

	compose(&composed, text);
	assert_string_equal(buffer_text(&composed), expected);
	buffer_free(&composed);
}

static void
texts_are_composed(void **state)
{
	(void)state;
	check_composed(compose_lines, STR("a\r\nb\tc\x01\x7f\0d"), "a\nb\tc   d\n");
	check_composed(compose_lines, STR("a\n"), "a\n");
	check_composed(compose_lines, STR("\xff"), "\xef\xbf\xbd\n");
	check_composed(compose_lines, STR(""), "");
	check_composed(compose_flowed, STR("a  \n-- \n b\n>c\nFrom d\n\n"),
	    "a\n-- \n  b\n >c\n From d\n\n");
	check_composed(compose_html, STR("<a> & \"b\"\n\xc3\xa4\n"),
	    "<div>&lt;a&gt; &amp; \"b\"<br>\n\xc3\xa4</div>\n");
	check_composed(compose_html, STR(""), "");
	check_composed(compose_ascii_html, STR("<p>\xc3\xa4 \xf0\x9f\x93\xa7</p>\n"),
	    "<p>&#228; &#128231;</p>\n");
	assert_true(compose_is_ascii(STR("<p>\n")));
	assert_false(compose_is_ascii(STR("\xc3\xa4")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_begin_and_end_at_their_body),
		cmocka_unit_test(what_is_not_shown_is_no_place),
		cmocka_unit_test(html_is_put_in_lines_of_its_own),
		cmocka_unit_test(hostile_html_is_read_once),
		cmocka_unit_test(text_has_an_empty_line_between),
		cmocka_unit_test(a_footer_is_found_where_it_is_put),
		cmocka_unit_test(texts_are_composed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
