/* SPDX-License-Identifier: BSD-2-Clause */
/* Edits of parts: what they make of the body, to the byte, and of the message's fields. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/message/mime_edit.h"
#include "filterd/util/buffer.h"

#define MIXED	"multipart/mixed; boundary=b"
#define BODY	"pre\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n" \
		"Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=\r\n=DFe\r\n--b\r\n" \
		"Content-Type: image/png; name=x.png\r\nContent-Transfer-Encoding: base64\r\n\r\n" \
		"iVBO\r\n--b--\r\nepi\r\n"

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

static struct mime_edit
begin(const char *type, const char *body)
{
	static const struct mime_limits limits = { 100, 10, 16, 50, 1 << 20 };
	struct mime_field *fields = arena_array(arena, 1, sizeof(*fields));
	struct mime_edit edit;
	struct mime_view *view;

	fields[0] = (struct mime_field){ STR("Content-Type"), str_of(type), { 0, 0 } };
	view = mime_parse(arena, &limits, fields, 1, str_of(body), NULL);
	mime_defects(view);
	mime_edit_begin(&edit, view, arena);
	return edit;
}

static void
assert_body(const struct mime_edit *edit, const char *expected)
{
	struct buffer body = { 0 };
	size_t i;

	for (i = 0; i < edit->piece_count; i++)
		buffer_add_str(&body, edit->pieces[i]);
	assert_string_equal(buffer_text(&body), expected);
	buffer_free(&body);
}

static void
assert_field(const struct mime_edit *edit, size_t n, const char *name, const char *value)
{
	assert_true(n < edit->field_count);
	assert_string_equal(edit->fields[n].name, name);
	assert_string_equal(edit->fields[n].value.data, value);
}

static void
test_text(void **state)
{
	struct mime_edit edit = begin(MIXED, BODY);

	(void)state;
	assert_true(mime_edit_text(&edit, 1, STR("\xc3\xbc=\n")));
	assert_body(&edit, "pre\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n=FC=3D\r\n\r\n--b\r\n"
	    "Content-Type: image/png; name=x.png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	    "iVBO\r\n--b--\r\nepi\r\n");
	assert_int_equal(edit.field_count, 0);
}

/* What the character set does not have makes it UTF-8, with the other parameters kept. */
static void
test_text_beyond_charset(void **state)
{
	struct mime_edit edit = begin("text/plain; charset=us-ascii; format=flowed", "x\r\n");

	(void)state;
	assert_true(mime_edit_text(&edit, 0, STR("\xe2\x82\xac\n")));
	assert_body(&edit, "=E2=82=AC\r\n");
	assert_field(&edit, 0, "Content-Type",
	    " text/plain; charset=utf-8;\r\n\tformat=\"flowed\"");
	assert_field(&edit, 1, "Content-Transfer-Encoding", " quoted-printable");
	assert_field(&edit, 2, "MIME-Version", " 1.0");
}

/* A part that is not as it should be is made no worse. */
static void
test_text_in_loose_part(void **state)
{
	struct mime_edit edit = begin("text/plain", "bare \rreturn\r\n");

	(void)state;
	assert_true(mime_edit_text(&edit, 0, STR("\xc3\xa4\n")));
	assert_body(&edit, "=C3=A4\r\n");
	assert_field(&edit, 1, "Content-Transfer-Encoding", " quoted-printable");
	edit = begin("text/plain; charset=utf-8", "8bit \xc3\xa4\r\n");
	assert_true(mime_edit_text(&edit, 0, STR("\xc3\xa4\n")));
	assert_body(&edit, "\xc3\xa4\r\n");
	edit = begin("text/plain; charset=utf-16be", "\xc3\xa4\r\n");
	assert_true(mime_edit_text(&edit, 0, STR("a\n")));
	assert_body(&edit, "AGEADQAK\r\n");
	assert_field(&edit, 0, "Content-Transfer-Encoding", " base64");
}

static void
test_replace(void **state)
{
	const struct mime_content content = { "application/pdf", "attachment; filename=a.pdf",
		STR("%PDF-") };
	struct mime_edit edit = begin(MIXED, BODY);

	(void)state;
	assert_true(mime_edit_replace(&edit, 2, &content));
	assert_body(&edit, "pre\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=\r\n=DFe\r\n--b\r\n"
	    "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--b--\r\nepi\r\n");
}

static void
test_remove(void **state)
{
	struct mime_edit edit = begin(MIXED, BODY);

	(void)state;
	assert_true(mime_edit_remove(&edit, 2));
	assert_body(&edit, "pre\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	    "Gr=FC=\r\n=DFe\r\n--b--\r\nepi\r\n");
	edit = begin(MIXED, "--b\r\nX: y\r\n\r\nonly\r\n--b--\r\n");
	assert_true(mime_edit_remove(&edit, 1));
	assert_body(&edit, "--b\r\nX: y\r\nContent-Type: text/plain\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n\r\n\r\n--b--\r\n");
	edit = begin("text/plain", "a\r\nbegin 644 x\r\n#4$L#\r\n`\r\nend\r\nb\r\n");
	assert_true(mime_edit_remove(&edit, 1));
	assert_body(&edit, "a\r\nb\r\n");
}

static void
test_append(void **state)
{
	const struct mime_content content = { NULL, NULL, STR("new\n") };
	struct mime_edit edit = begin(MIXED, "--b\r\n\r\none\r\n--b--\r\n");

	(void)state;
	assert_true(mime_edit_append(&edit, 0, &content));
	assert_body(&edit, "--b\r\n\r\none\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n\r\nnew\r\n\r\n--b--\r\n");
	edit = begin(MIXED, "--b\r\n\r\none\r\n");
	assert_true(mime_edit_append(&edit, 0, &content));
	assert_body(&edit, "--b\r\n\r\none\r\n\r\n--b\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n\r\nnew\r\n\r\n--b--\r\n");
}

/* The message becomes the first part of a multipart, with its own Content-Type. */
static void
test_append_to_text(void **state)
{
	const struct mime_content content = { "text/html", NULL, STR("<p>") };
	struct mime_edit edit = begin("text/plain", "one\r\n");
	char boundary[100], expected[500];

	(void)state;
	assert_true(mime_edit_append(&edit, 0, &content));
	assert_true(edit.strip);
	assert_string_equal(edit.fields[0].name, "Content-Type");
	assert_int_equal(sscanf(edit.fields[0].value.data,
	    " multipart/mixed;\n\tboundary=\"%90[^\"]\"", boundary), 1);
	snprintf(expected, sizeof(expected), "--%s\r\nContent-Type:text/plain\r\n\r\none\r\n\r\n"
	    "--%s\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: 7bit\r\n\r\n<p>\r\n"
	    "--%s--\r\n", boundary, boundary, boundary);
	assert_body(&edit, expected);
}

static void
test_wrap(void **state)
{
	struct mime_edit edit = begin(MIXED,
	    "--b\r\nX-Other: 1\r\nContent-Type: text/html\r\n\r\none\r\n--b--\r\n");
	const char *boundary;

	(void)state;
	assert_true(mime_edit_wrap(&edit, 1, "multipart/related"));
	assert_int_equal(edit.field_count, 0);
	boundary = strstr(edit.pieces[1].data, "boundary=");
	assert_non_null(boundary);
	assert_non_null(strstr(boundary, "\r\nX-Other: 1\r\n\r\n--=_filterd_"));
	assert_non_null(strstr(boundary, "\r\nContent-Type: text/html\r\n\r\n"));
}

static void
test_fields(void **state)
{
	struct mime_edit edit = begin(MIXED, "--b\r\nX: 1\r\nY: 2\r\nx: 3\r\n\r\none\r\n--b--\r\n");
	const struct mime_view *view = edit.view;

	(void)state;
	assert_true(mime_edit_field(&edit, 1, "x", STR(" new\n\tfold")));
	assert_body(&edit,
	    "--b\r\nX: new\r\n\tfold\r\nY: 2\r\nx: 3\r\n\r\none\r\n--b--\r\n");
	mime_edit_begin(&edit, view, arena);
	assert_true(mime_edit_field(&edit, 1, "X", (struct str){ NULL, 0 }));
	assert_body(&edit, "--b\r\nY: 2\r\n\r\none\r\n--b--\r\n");
	mime_edit_begin(&edit, view, arena);
	assert_true(mime_edit_field(&edit, 1, "Z", STR(" 4")));
	assert_body(&edit, "--b\r\nX: 1\r\nY: 2\r\nx: 3\r\nZ: 4\r\n\r\none\r\n--b--\r\n");
	mime_edit_begin(&edit, view, arena);
	assert_true(mime_edit_field(&edit, 0, "Z", STR(" 4")));
	assert_field(&edit, 0, "Z", " 4");
	assert_body(&edit, view->bytes.data);
}

static void
test_refused(void **state)
{
	const struct mime_content content = { NULL, NULL, STR("x") };
	struct mime_edit edit = begin(MIXED, BODY);

	(void)state;
	assert_false(mime_edit_text(&edit, 2, STR("x")));
	assert_non_null(edit.refused);
	edit = begin(MIXED, BODY);
	assert_false(mime_edit_replace(&edit, 0, &content));
	assert_non_null(edit.refused);
	edit = begin("text/plain", "begin 644 x\r\n#4$L#\r\n`\r\nend\r\n");
	assert_false(mime_edit_wrap(&edit, 1, "multipart/mixed"));
	assert_non_null(edit.refused);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text_beyond_charset, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text_in_loose_part, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replace, setup, teardown),
		cmocka_unit_test_setup_teardown(test_remove, setup, teardown),
		cmocka_unit_test_setup_teardown(test_append, setup, teardown),
		cmocka_unit_test_setup_teardown(test_append_to_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrap, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
