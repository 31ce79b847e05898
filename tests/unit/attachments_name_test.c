/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of attachments, and what is done to them so that nobody sees what they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "plugins/attachments/name.h"
#include "plugins/attachments/rename.h"

static void
names_are_what_programs_take(void **state)
{
	static const struct {
		const char *written, *plain, *extension;
		bool twofold, disguised;
	} examples[] = {
		{ "Report.PDF", "report.pdf", "pdf", false, false },
		{ "setup.exe. . ", "setup.exe", "exe", false, false },
		{ "setup.exe::$DATA", "setup.exe", "exe", false, false },
		{ "C:\\tmp\\a.js", "a.js", "js", false, false },
		{ "../../etc/x.sh", "x.sh", "sh", false, false },
		{ "invoice.pdf.exe", "invoice.pdf.exe", "exe", true, false },
		{ "invoice.pdf .exe", "invoice.pdf .exe", "exe", true, false },
		{ "invoice.pdf. exe", "invoice.pdf. exe", "exe", true, false },
		{ "a.pdf                    .scr",
		    "a.pdf                    .scr", "scr", true, true },
		{ "a.txt.gz", "a.txt.gz", "gz", false, false },
		{ "a.tar.gz", "a.tar.gz", "gz", false, false },
		{ "contract.pdf.p7m", "contract.pdf.p7m", "p7m", false, false },
		{ "v1.2.exe", "v1.2.exe", "exe", false, false },
		{ "cod\342\200\256fdp.exe", "codfdp.exe", "exe", false, true },
		{ "a.e\342\200\213xe", "a.exe", "exe", false, true },
		{ "a.exe\302\240", "a.exe", "exe", false, false },
		{ "README", "readme", "", false, false },
		{ ".exe", ".exe", "exe", false, false },
		{ "", "", "", false, false },
		{ "...", "", "", false, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct name name;

		name_read(examples[i].written, strlen(examples[i].written), &name);
		assert_string_equal(name.plain, examples[i].plain);
		assert_string_equal(name.extension, examples[i].extension);
		assert_int_equal(name.twofold, examples[i].twofold);
		assert_int_equal(name.disguised, examples[i].disguised);
	}
}

/* The end of a name says what it is. */
static void
of_long_names_the_end_counts(void **state)
{
	char written[5000];
	struct name name;

	(void)state;
	memset(written, 'x', sizeof(written));
	memcpy(written + sizeof(written) - 4, ".exe", 4);
	name_read(written, sizeof(written), &name);
	assert_string_equal(name.extension, "exe");
	assert_int_equal(strlen(name.plain), NAME_MAXIMUM);
}

static void
renamed(const char *value, const char *parameter, const char *name, const char *expected)
{
	char result[1024];

	assert_true(rename_room(strlen(value), strlen(name)) <= sizeof(result));
	rename_value(value, parameter, name, result);
	assert_string_equal(result, expected);
	assert_true(strlen(result) < rename_room(strlen(value), strlen(name)));
}

static void
names_are_replaced_in_every_form(void **state)
{
	(void)state;
	renamed(" attachment; filename=a.exe", "filename", "b", " attachment;\n filename=\"b\"");
	renamed(" attachment", "filename", "b", " attachment;\n filename=\"b\"");
	renamed(" a/b; name=\"x;y\\\"z\"; charset=utf-8", "name", "b\"c",
	    " a/b; charset=utf-8;\n name=\"b\\\"c\"");
	renamed(" a; filename*0=a; FileName*1*=%20; size=3;; filename=\"=?utf-8?q?x?=\"",
	    "filename",
	    "b", " a; size=3;\n filename=\"b\"");
	renamed(" a; filenames=1 (; filename=x)", "filename", "\303\274 b",
	    " a; filenames=1 (; filename=x);\n filename*=utf-8''%C3%BC%20b");
	renamed(" a; filename=\"open", "filename", "b", " a;\n filename=\"b\"");
	renamed("", "name", "", ";\n name=\"\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_what_programs_take),
		cmocka_unit_test(of_long_names_the_end_counts),
		cmocka_unit_test(names_are_replaced_in_every_form),
	};

	return cmocka_run_group_tests_name("attachments: names", tests, NULL, NULL);
}
