/* SPDX-License-Identifier: BSD-2-Clause */
/* The MIME view: structure, ranges, names, defects, text. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <filterd/plugin.h>

#include "filterd/message/mime.h"
#include "filterd/message/mime_decode.h"
#include "filterd/util/buffer.h"

static struct arena *arena;
static struct mime_limits limits;

static int
setup(void **state)
{
	(void)state;
	arena = arena_create(0, 0);
	limits = (struct mime_limits){ 100, 10, 16, 50, 1 << 20 };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_destroy(&arena);
	return 0;
}

static size_t passed_bytes;	/* in all pieces that were passed */

static void
note_passed(void *argument, size_t begin, size_t end)
{
	(void)argument;
	assert_true(begin < end);
	passed_bytes += end - begin;
}

static const struct mime_paging paging = { note_passed, NULL };

/* A message of one Content-Type field, perhaps an encoding, and a body. */
static struct mime_view *
parse_as(const char *type, const char *encoding, const char *body)
{
	struct mime_field *fields = arena_array(arena, 2, sizeof(*fields));
	size_t count = 0;

	if (type)
		fields[count++] = (struct mime_field){ STR("Content-Type"), str_of(type),
			{ 0, 0 } };
	if (encoding)
		fields[count++] = (struct mime_field){ STR("Content-Transfer-Encoding"),
			str_of(encoding), { 0, 0 } };
	return mime_parse(arena, &limits, fields, count, str_of(body), &paging);
}

static struct mime_view *
parse(const char *type, const char *body)
{
	return parse_as(type, NULL, body);
}

static void
assert_str(struct str got, const char *expected)
{
	if (!str_equal(got, str_of(expected)))
		fail_msg("\"%.*s\" is not \"%s\"", (int)got.length, got.data, expected);
}

static bool
has_defect(struct mime_view *view, size_t index, enum mime_defect defect)
{
	return mime_part_defects(view, &view->parts[index]) & MIME_DEFECT_BIT(defect);
}

static void
assert_defects(uint64_t got, uint64_t expected)
{
	unsigned i;

	for (i = 0; i < MIME_DEFECT_COUNT; i++) {
		if ((got ^ expected) & MIME_DEFECT_BIT(i))
			fail_msg("%s: %s", mime_defect_name(i),
			    got & MIME_DEFECT_BIT(i) ? "is there" : "is not there");
	}
}

static void
assert_body(const struct mime_view *view, size_t index, const char *expected)
{
	assert_str(mime_bytes(view, view->parts[index].body), expected);
}

static void
assert_content(const struct mime_view *view, size_t index, const char *expected)
{
	struct mime_decoder decoder;
	char buffer[MIME_WINDOW], all[1000];
	const char *window;
	size_t size, length = 0;

	mime_decoder_begin(&decoder, view, &view->parts[index]);
	while ((size = mime_decoder_next(&decoder, buffer, &window))) {
		assert_true(length + size < sizeof(all));
		memcpy(all + length, window, size);
		length += size;
	}
	assert_str((struct str){ all, length }, expected);
}

/* ---- structure ---- */

static void
test_plain(void **state)
{
	struct mime_view *view = parse(NULL, "Hello\r\n");

	(void)state;
	assert_int_equal(view->count, 1);
	assert_str(view->parts[0].type, "text/plain");
	assert_body(view, 0, "Hello\r\n");
	assert_str(mime_part_text(view, &view->parts[0]), "Hello\n");
	assert_defects(mime_defects(view), 0);
	assert_int_equal(parse(NULL, "")->count, 1);
}

/* RFC 2046 section 5.1.1: the line end before a boundary belongs to it. */
static void
test_multipart(void **state)
{
	struct mime_view *view = parse(" multipart/mixed; boundary=\"a b\"",
	    "pre\r\n--a b\r\n\r\none\r\n--a b  \r\nContent-Type: TEXT/Html; Charset=UTF-8\r\n"
	    "Content-ID: <x@y>\r\n\r\n<b>two</b>\r\n\r\n--a b--\r\n\r\n");

	(void)state;
	assert_int_equal(view->count, 3);
	assert_body(view, 1, "one");
	assert_body(view, 2, "<b>two</b>\r\n");
	assert_str(view->parts[2].type, "text/html");
	assert_str(view->parts[2].charset, "utf-8");
	assert_str(view->parts[2].content_id, "x@y");
	assert_str(mime_part_shown(view, &view->parts[2]), "two");
	assert_str(mime_bytes(view, view->parts[2].delimiter), "\r\n--a b  \r\n");
	assert_true(view->parts[0].closed);
	assert_str((struct str){ view->bytes.data + view->parts[0].close, 9 }, "\r\n--a b--");
	assert_defects(mime_defects(view), 0);
}

static void
test_nested(void **state)
{
	struct mime_view *view = parse("multipart/mixed; boundary=o",
	    "--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n"
	    "--i\r\n\r\na\r\n--i--\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n"
	    "Subject: s\r\nContent-Type: text/html\r\n\r\nb\r\n--o--\r\n");

	(void)state;
	assert_int_equal(view->count, 5);
	assert_int_equal(view->parts[2].parent, 1);
	assert_int_equal(view->parts[3].parent, 0);
	assert_true(view->parts[3].message);
	assert_int_equal(view->parts[4].parent, 3);
	assert_int_equal(view->parts[4].depth, 2);
	assert_int_equal(view->parts[4].field_count, 2);
	assert_body(view, 4, "b");
	assert_defects(mime_defects(view), 0);
}

/* An outer boundary ends what is inside, RFC 2046 section 5.1.2. */
static void
test_unclosed(void **state)
{
	struct mime_view *view = parse("multipart/mixed; boundary=o",
	    "--o\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\na\r\n--o\r\n\r\nb");

	(void)state;
	assert_int_equal(view->count, 4);
	assert_true(has_defect(view, 1, MIME_BOUNDARY_UNCLOSED));
	assert_true(has_defect(view, 0, MIME_BOUNDARY_UNCLOSED));
	assert_body(view, 2, "a");
	assert_body(view, 3, "b");
}

static void
test_digest(void **state)
{
	struct mime_view *view = parse("multipart/digest; boundary=d",
	    "--d\r\n\r\nSubject: x\r\n\r\ny\r\n--d--\r\n");

	(void)state;
	assert_int_equal(view->count, 3);
	assert_str(view->parts[1].type, "message/rfc822");
	assert_body(view, 2, "y");
}

static void
test_uuencode(void **state)
{
	struct mime_view *view = parse("text/plain",
	    "see\r\nbegin 644 my file.zip\r\n#4$L#\r\n`\r\nend\r\nbye\r\n");

	(void)state;
	assert_int_equal(view->count, 2);
	assert_true(view->parts[1].inlined);
	assert_str(view->parts[1].names[0], "my file.zip");
	assert_content(view, 1, "PK\x03");
	assert_true(mime_is_attachment(view, &view->parts[1]));
	assert_defects(mime_defects(view), MIME_DEFECT_BIT(MIME_UUENCODE_INLINE));
}

static void
test_limits(void **state)
{
	struct mime_view *view;

	(void)state;
	limits.parts = 2;
	view = parse("multipart/mixed; boundary=b", "--b\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b--\r\n");
	assert_int_equal(view->count, 2);
	assert_true(has_defect(view, 0, MIME_TOO_MANY_PARTS));
	limits.parts = 100;
	limits.depth = 1;
	view = parse("multipart/mixed; boundary=b",
	    "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
	    "--c\r\n\r\n1\r\n--c--\r\n--b--\r\n");
	assert_int_equal(view->count, 2);
	assert_true(has_defect(view, 1, MIME_TOO_DEEP));
	limits.text = 4;
	view = parse("text/plain; charset=utf-8", "abc\xc3\xa4");
	assert_str(mime_part_text(view, &view->parts[0]), "abc");
	assert_true(has_defect(view, 0, MIME_TEXT_CUT));
}

/* What a message costs does not depend on its size. */
static void
test_large(void **state)
{
	static const char line[] =
	    "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU2Nzg5QUJDREVGR0hJSktM\r\n";
	size_t size = 25u << 20, at;
	char *body = malloc(size + sizeof(line) + 100);
	struct mime_view *view;

	(void)state;
	at = (size_t)sprintf(body, "--b\r\nContent-Transfer-Encoding: base64\r\n\r\n");
	for (; at < size; at += sizeof(line) - 1)
		memcpy(body + at, line, sizeof(line) - 1);
	strcpy(body + at, "--b--\r\n");
	passed_bytes = 0;
	view = parse("multipart/mixed; boundary=b", body);
	assert_in_range(passed_bytes, size - (512 << 10), size + 100);
	view->parts[1].type = STR("application/x");
	assert_defects(mime_defects(view), 0);
	assert_int_equal(mime_part_size(view, &view->parts[1]),
	    (view->parts[1].body.end - view->parts[1].body.begin + 2) / 66 * 48);
	assert_in_range(passed_bytes, 2 * size - (1024 << 10), 3 * size);
	assert_true(arena_used(arena) < 16384);
	free(body);
}

/* ---- defects ---- */

static void
test_structure_defects(void **state)
{
	static const struct { const char *type, *body; enum mime_defect defect; } cases[] = {
		{ "multipart/mixed", "x", MIME_BOUNDARY_MISSING },
		{ "multipart/mixed; boundary=a; boundary=b", "--a\r\n\r\n--a--\r\n",
		    MIME_BOUNDARY_REPEATED },
		{ "multipart/mixed; boundary=a", "x\r\n", MIME_BOUNDARY_UNUSED },
		{ "multipart/mixed; boundary=a", "--a\r\n\r\n--ab\r\n--a--\r\n",
		    MIME_BOUNDARY_AMBIGUOUS },
		{ "multipart/mixed; boundary=\"\xc3\xa4\"", "x", MIME_BOUNDARY_SYNTAX },
		{ "multipart/mixed; boundary=a", "--a\r\n\r\n--a--\r\nx\r\n", MIME_AFTER_CLOSE },
		{ "multipart/mixed; boundary=a", "--a\r\n\r\n--a--\r\n--a\r\n\r\nx\r\n--a--\r\n",
		    MIME_AFTER_CLOSE },
		{ "text/plain", "--a\r\nContent-Type: text/html\r\n", MIME_UNDECLARED_PARTS },
		{ "text", "x", MIME_TYPE_SYNTAX },
		{ "text/plain; charset", "x", MIME_PARAMETER_SYNTAX },
		{ "text/plain; charset=\"a", "x", MIME_PARAMETER_SYNTAX },
		{ "text/plain; name=\"=?utf-8?q?a?=\"", "x", MIME_PARAMETER_ENCODED_WORD },
		{ "text/plain; name*1=a; name*0=b", "x", MIME_PARAMETER_SECTIONS },
		{ "text/plain; name=a.txt; name=a.exe", "x", MIME_NAMES_CONFLICT },
		{ "text/plain (comment)", "x", MIME_COMMENT },
		{ "text/plain; charset=nonsense", "x", MIME_CHARSET_UNKNOWN },
		{ "text/plain; charset=utf-8", "\xff", MIME_CHARSET_INVALID },
		{ "text/plain", "\xc3\xa4", MIME_8BIT },
		{ "text/plain", "a\rb\r\n", MIME_BARE_CR },
		{ "text/plain", "a\nb\r\n", MIME_BARE_LF },
		{ "application/ms-tnef", "x", MIME_OPAQUE },
		{ "application/x; name=Winmail.dat", "x", MIME_OPAQUE },
		{ "message/partial", "x", MIME_OPAQUE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mime_view *view = parse(cases[i].type, cases[i].body);

		if (!(mime_defects(view) & MIME_DEFECT_BIT(cases[i].defect)))
			fail_msg("%s: no %s", cases[i].type, mime_defect_name(cases[i].defect));
	}
}

static void
test_header_defects(void **state)
{
	static const struct { const char *header; enum mime_defect defect; } cases[] = {
		{ "nocolon\r\n\r\n", MIME_HEADER_SYNTAX },
		{ "Content-Type : text/html\r\n\r\n", MIME_HEADER_SYNTAX },
		{ "Content-Type: text/html\r\n", MIME_HEADER_UNTERMINATED },
		{ "X: y\r\n \r\n\r\n", MIME_HEADER_BLANK },
		{ "X: \xe4\r\n\r\n", MIME_HEADER_8BIT },
		{ "Content-Type: text/html\r\nContent-Type: text/plain\r\n\r\n",
		    MIME_TYPE_REPEATED },
		{ "Content-Disposition: inline\r\nContent-Disposition: attachment\r\n\r\n",
		    MIME_DISPOSITION_REPEATED },
		{ "Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		    MIME_ENCODING_REPEATED },
		{ "Content-Transfer-Encoding: base64 x\r\n\r\n", MIME_ENCODING_SYNTAX },
		{ "Content-Transfer-Encoding: base46\r\n\r\n", MIME_ENCODING_UNKNOWN },
		{ "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		    MIME_ENCODING_COMPOSITE },
	};
	char body[500];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mime_view *view;

		strcpy(body, "--b\r\n");
		strcat(body, cases[i].header);
		strcat(body, "--b--\r\n");
		view = parse("multipart/mixed; boundary=b", body);
		assert_true(view->count > 1);
		if (!has_defect(view, 1, cases[i].defect))
			fail_msg("%s: no %s", cases[i].header,
			    mime_defect_name(cases[i].defect));
	}
}

static void
test_every_defect_has_a_name(void **state)
{
	struct buffer names = { 0 };
	unsigned i, j;

	(void)state;
	for (i = 0; i < MIME_DEFECT_COUNT; i++) {
		assert_non_null(mime_defect_name(i));
		buffer_printf(&names, "%s%s", i ? " " : "", mime_defect_name(i));
		for (j = 0; j < i; j++)
			assert_string_not_equal(mime_defect_name(i), mime_defect_name(j));
	}
	assert_null(mime_defect_name(MIME_DEFECT_COUNT));
	assert_string_equal(names.data, MF_MIME_DEFECTS);
	buffer_free(&names);
}

/* ---- encodings ---- */

static void
test_encodings(void **state)
{
	static const struct {
		const char *encoding, *body, *content;
		uint64_t defects;
	} cases[] = {
		{ "base64", "UEsDBA==\r\n", "PK\x03\x04", 0 },
		{ "BASE64", "UE\r\n sD", "PK\x03", 0 },
		{ "base64", "UEs*D", "PK\x03", MIME_DEFECT_BIT(MIME_BASE64_INVALID) },
		{ "base64", "UEsDBA", "PK\x03\x04", MIME_DEFECT_BIT(MIME_BASE64_PADDING) },
		{ "base64", "UEsDBA=\r\n", "PK\x03\x04", MIME_DEFECT_BIT(MIME_BASE64_PADDING) },
		{ "base64", "UA==SwA=", "PK", MIME_DEFECT_BIT(MIME_BASE64_PADDING) },
		{ "base64", "UEsD====", "PK\x03", MIME_DEFECT_BIT(MIME_BASE64_PADDING) },
		{ "quoted-printable", "a=3D=\r\nb \t\r\nc", "a=b\r\nc", 0 },
		{ "quoted-printable", "a = b=zz=", "a = b=zz",
		    MIME_DEFECT_BIT(MIME_QP_INVALID) },
		{ "quoted-printable", "x =  \r\n y=20\r\n", "x  y \r\n", 0 },
		{ "x-uuencode", "begin 644 x\r\n#4$L#\r\n`\r\nend\r\n", "PK\x03", 0 },
		{ "uuencode", "begin 644 x\r\n#4$L#\r\n", "PK\x03",
		    MIME_DEFECT_BIT(MIME_UUENCODE_INVALID) },
		{ "x-unknown", "UEsD", "UEsD", MIME_DEFECT_BIT(MIME_ENCODING_UNKNOWN) },
		{ "binary", "a\rb", "a\rb", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mime_view *view = parse_as("application/x", cases[i].encoding,
		    cases[i].body);
		size_t length = strlen(cases[i].content);

		if (strcmp(cases[i].body, "UA==SwA=") == 0)
			length++;	/* a NUL ends it */
		else
			assert_content(view, 0, cases[i].content);
		assert_int_equal(mime_part_size(view, &view->parts[0]), length);
		assert_defects(mime_defects(view), cases[i].defects);
	}
}

static void
test_text(void **state)
{
	static const struct { const char *type, *body, *text; } cases[] = {
		{ "text/plain; charset=iso-8859-1", "\xe4\x80\r\n", "\xc3\xa4\xe2\x82\xac\n" },
		{ "text/plain; charset=\"koi8-r\"", "\xc1", "\xd0\xb0" },
		{ "text/plain; charset=nonsense", "\xc3\xa4\xe4", "\xc3\xa4\xef\xbf\xbd" },
		{ "text/plain", "a\x01\tb\r\nc\rd", "a \tb\nc d" },
		{ "text/plain; charset=iso-2022-jp", "\x1b$B$\"\x1b(B", "\xe3\x81\x82" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mime_view *view = parse_as(cases[i].type, "8bit", cases[i].body);

		assert_str(mime_part_text(view, &view->parts[0]), cases[i].text);
	}
}

static void
test_html(void **state)
{
	static const struct { const char *html, *text; } cases[] = {
		{ "a <b>b</b>c &amp; &#x41;&lt;", "a bc & A<" },
		{ "V<!-- x -->ia<b></b>gra", "Viagra" },
		{ "<style>p { }</style>x<SCRIPT>if (a </b)</Script >y", "xy" },
		{ "<p>one<p>two<br>three  \n four", "one\ntwo\nthree four" },
		{ "<a title=\">\" href='x'>link</a>", "link" },
		{ "a < b & c &unknown; 1 <2", "a < b & c &unknown; 1 <2" },
		{ "ca\xc2\xadse &shy;x&#8203;y", "case xy" },
		{ "<a href=\"unclosed>text", "text" },
		{ "x<!-- never closed", "x" },
		{ "&#0;&#55296;&#1114112;", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mime_view *view = parse_as("text/html; charset=utf-8", "8bit",
		    cases[i].html);

		assert_str(mime_part_shown(view, &view->parts[0]), cases[i].text);
	}
}

/* ---- names ---- */

/* The names of a part with that Content-Type, divided by "|". */
static void
assert_names(const char *type, const char *expected)
{
	struct mime_view *view = parse(type, "x");
	char got[500] = "";
	size_t i;

	for (i = 0; i < view->parts[0].name_count; i++) {
		strcat(got, i ? "|" : "");
		strcat(got, view->parts[0].names[i].data);
	}
	assert_string_equal(got, expected);
}

static void
test_names(void **state)
{
	(void)state;
	assert_names("text/plain; name=a.txt", "a.txt");
	assert_names("text/plain; NAME = \"a b.txt\"", "a b.txt");
	assert_names("text/plain; name*=utf-8'de'%e2%82%ac.txt", "\xe2\x82\xac.txt");
	assert_names("text/plain; name*0=\"a\"; name*1*=%20b; name*2=.txt", "a b.txt|a");
	assert_names("text/plain; name*=iso-8859-1''%e4; name=b", "\xc3\xa4|b");
	assert_names("text/plain; name=\"=?iso-8859-1?q?=E4?=.txt\"",
	    "\xc3\xa4.txt|=?iso-8859-1?q?=E4?=.txt");
	assert_names("text/plain; name=a.txt; name=b.exe", "a.txt|b.exe");
	assert_names("text/plain; name=a b.exe", "a|a b.exe|ab.exe");
	assert_names("text/plain; name=\"a\".exe", "a|a.exe");
	assert_names("text/plain; name='a.exe'", "'a.exe'|a.exe");
	assert_names("text/plain; name=\"a\\b\\\"c\"", "ab\"c|a\\b\\\"c");
	assert_names("text/plain; name*0=a; name*2=.exe", "a.exe|a");
	assert_names("text/plain; name*1=.exe; name*0=a", "a.exe|.exea|.exe");
	assert_names("text/plain; name=a;b.exe", "a");
	assert_names("text/plain; name", "");
}

static void
test_detected(void **state)
{
	struct mime_view *view = parse_as("image/png", "base64", "TVqQAAMAAAAEAAAA\r\n");

	(void)state;
	assert_str(mime_part_detected(view, &view->parts[0]), "application/x-dosexec");
	view = parse("text/plain", "\r\n<HTML>\r\n");
	assert_str(mime_part_detected(view, &view->parts[0]), "text/html");
	view = parse("text/plain", "just text");
	assert_str(mime_part_detected(view, &view->parts[0]), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain, setup, teardown),
		cmocka_unit_test_setup_teardown(test_multipart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nested, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unclosed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_digest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_uuencode, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_large, setup, teardown),
		cmocka_unit_test_setup_teardown(test_structure_defects, setup, teardown),
		cmocka_unit_test_setup_teardown(test_header_defects, setup, teardown),
		cmocka_unit_test(test_every_defect_has_a_name),
		cmocka_unit_test_setup_teardown(test_encodings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_html, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_detected, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
