/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Archives: members of every format, archives in archives, encryption, and what is made to deceive
 * or to exhaust. The archives are the seeds of the fuzz target; those that would be large are made
 * here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <archive.h>
#include <archive_entry.h>

#include <filterd/plugin.h>

#include "filterd/message/archive_view.h"
#include "filterd/util/buffer.h"

static const struct archive_limits limits = { .members = 1000, .depth = 3, .bytes = 64 << 20,
	.nested = 1 << 20, .ratio = 200, .milliseconds = 20000 };

static struct str
seed(struct arena *arena, const char *name)
{
	const char *top = getenv("SRC_DIR");
	char *path = arena_printf(arena, "%s/tests/fuzz/corpus/archive_view/%s",
	    top ? top : ".", name);
	FILE *file = fopen(path, "rb");
	struct buffer bytes = { 0 };
	struct str result;
	char block[4096];
	size_t size;

	if (!file)
		fail_msg("cannot read %s", path);
	while ((size = fread(block, 1, sizeof(block), file)) > 0)
		buffer_add(&bytes, block, size);
	fclose(file);
	result = arena_str(arena, (struct str){ buffer_text(&bytes), bytes.length });
	buffer_free(&bytes);
	return result;
}

/* "DEPTH NAME SIZE", an "e" behind what is encrypted, a "/" behind folders; then the defects. */
static char *
describe(struct arena *arena, const struct archive_view *view)
{
	struct buffer text = { 0 };
	char *copy;
	size_t i;

	for (i = 0; i < view->count; i++) {
		const struct archive_member *member = &view->members[i];

		buffer_printf(&text, "%s%u %s %llu%s%s", i ? ", " : "", member->depth,
		    member->name.data, (unsigned long long)member->size,
		    member->encrypted ? "e" : "", member->folder ? "/" : "");
	}
	for (i = 0; archive_defect_name((unsigned)i); i++) {
		if (view->defects & 1u << i)
			buffer_printf(&text, " %s", archive_defect_name((unsigned)i));
	}
	copy = arena_strdup(arena, buffer_text(&text));
	buffer_free(&text);
	return copy;
}

static void
members_are_listed(void **state)
{
	static const struct {
		const char *file, *name, *expected;
		bool encrypted;
	} examples[] = {
		{ "zip", "", "1 readme.txt 5, 1 sub/setup.exe 52", false },
		{ "nested", "",
		    "1 inner.zip 234, 2 readme.txt 5, 2 sub/setup.exe 52, 1 note.txt 1", false },
		{ "utf8", "", "1 r\303\251sum\303\251.txt 1, 1 cod\342\200\256fdp.exe 2", false },
		{ "7z", "", "1 a.exe 2, 1 r.txt 2", false },
		{ "7z-encrypted", "", "1 a.exe 2e", true },
		{ "7z-secret-names", "", " archive-secret-names", true },
		{ "zip-aes", "", "1 a.exe 2e", true },
		{ "encrypted", "", "1 secret.exe 22e", true },
		{ "cab", "", "1 a.exe 2, 1 r.txt 2", false },
		{ "rar4", "", "1 readme.txt 5, 1 sub/setup.exe 52, 1 secret.exe 32e", true },
		{ "rar4-secret-names", "", " archive-secret-names", true },
		{ "rar5", "", "1 readme.txt 5, 1 sub/r\303\251sum\303\251.exe 52, 1 secret.exe 32e",
		    true },
		{ "rar5-nested", "", "1 a.txt 1, 1 inner.zip 2 archive-too-deep", false },
		{ "rar5-secret-names", "", " archive-secret-names", true },
		{ "rar5-cut", "",
		    "1 readme.txt 5, 1 sub/r\303\251sum\303\251.exe 52 archive-broken", false },
		{ "tnef", "", "1 readme.txt 5, 1 r\303\251port of may.docx 10, 1 inner.zip 234, "
		    "2 readme.txt 5, 2 sub/setup.exe 52", false },
		{ "tnef-message", "", "1 A message 99, 2 setup.exe 2", false },
		{ "tnef-names", "", "1 holiday.jpg 2, 1 holiday.exe 2, 1 h.scr 2", false },
		{ "tnef-nameless", "", "1  68, 2  9", false },
		{ "tnef-cut", "", "1 readme.txt 5, 1 r\303\251port of may.docx 10, "
		    "1 inner.zip 136, 2 readme.txt 5, 2 sub/setup.exe 52 archive-broken", false },
		{ "tgz", "", "1 a.txt 1, 1 ../b.exe 2", false },
		{ "tbz", "", "1 a.txt 1, 1 ../b.exe 2", false },
		{ "txz", "", "1 a.txt 1, 1 ../b.exe 2", false },
		{ "gz", "x.gz", "1 script.js 9", false },
		{ "xz", "script.js.xz", "1 script.js 9", false },
		{ "xz", "script", "1 script 9", false },
		{ "hidden", "", "1 seen.txt 1, 1 hidden.exe 2 archive-hidden-member", false },
		{ "nul", "", "1 evil.exe 1", false },
		{ "cut", "", "1 readme.txt 5, 1 sub/setup.exe 52 archive-broken", false },
		{ "broken-gz", "x.gz", " archive-broken", false },
	};
	struct arena *arena = arena_create(0, 0);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct archive_view view;

		archive_read(arena, &limits, str_of(examples[i].name),
		    seed(arena, examples[i].file), &view);
		assert_true(view.archive);
		if (strcmp(describe(arena, &view), examples[i].expected) != 0)
			fail_msg("%s: %s", examples[i].file, describe(arena, &view));
		assert_int_equal(view.encrypted, examples[i].encrypted);
	}
	arena_destroy(&arena);
}

static void
what_is_no_archive_is_none(void **state)
{
	static const char *const texts[] = { "", "P", "PK", "plain text", "%PDF-1.4", "MZ",
		"\x1f" };
	struct arena *arena = arena_create(0, 0);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct archive_view view;

		archive_read(arena, &limits, STR("x.zip"), str_of(texts[i]), &view);
		assert_false(view.archive);
		assert_int_equal(view.count + view.defects, 0);
	}
	arena_destroy(&arena);
}

/* Only what is allowed: libarchive would read this one. */
static void
other_formats_are_not_tried(void **state)
{
	struct arena *arena = arena_create(0, 0);
	struct archive_view view;

	(void)state;
	archive_read(arena, &limits, STR("x"), STR("#mtree\n./a.exe type=file\n"), &view);
	assert_false(view.archive);
	archive_read(arena, &limits, STR("x"), STR("!<arch>\na.o/  0 0 0 644 0 `\n"), &view);
	assert_false(view.archive);
	arena_destroy(&arena);
}

static void
limits_stop_what_goes_past_them(void **state)
{
	static const struct {
		const char *file;
		struct archive_limits limits;
		const char *expected;
	} examples[] = {
		{ "zip", { 1, 3, 1 << 20, 1 << 20, 200, 20000 },
		    "1 readme.txt 5 archive-too-many" },
		{ "nested", { 9, 1, 1 << 20, 1 << 20, 200, 20000 },
		    "1 inner.zip 234, 1 note.txt 1 archive-too-deep" },
		{ "nested", { 9, 3, 1 << 20, 100, 200, 20000 },
		    "1 inner.zip 234, 2 readme.txt 5, 2 sub/setup.exe 52, 1 note.txt 1 "
		    "archive-too-deep" },
		{ "zip", { 9, 3, 20, 1 << 20, 200, 20000 },
		    "1 readme.txt 5, 1 sub/setup.exe 52 archive-bomb" },
		{ "bomb", { 9, 3, 64 << 20, 1 << 20, 200, 20000 }, "1 zero 4000000 archive-bomb" },
		{ "bomb", { 9, 3, 64 << 20, 1 << 20, 2000, 20000 }, "1 zero 4000000" },
		{ "zip", { 9, 3, 64 << 20, 1 << 20, 200, -1 }, "1 readme.txt 5 archive-bomb" },
	};
	struct arena *arena = arena_create(0, 0);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct archive_view view;

		archive_read(arena, &examples[i].limits, STR(""), seed(arena, examples[i].file),
		    &view);
		if (strcmp(describe(arena, &view), examples[i].expected) != 0)
			fail_msg("%zu %s: %s", i, examples[i].file, describe(arena, &view));
	}
	arena_destroy(&arena);
}

/* A compressed file of zeros, which no header gives the size of. */
static void
compressed_bombs_are_stopped(void **state)
{
	static const char zeros[65536];
	static char packed[1 << 20];
	struct arena *arena = arena_create(0, 0);
	struct archive *writer = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	struct archive_view view;
	size_t used = 0, i;

	(void)state;
	archive_write_add_filter_gzip(writer);
	archive_write_set_format_raw(writer);
	assert_int_equal(archive_write_open_memory(writer, packed, sizeof(packed), &used),
	    ARCHIVE_OK);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_write_header(writer, entry);
	for (i = 0; i < 1000; i++)
		archive_write_data(writer, zeros, sizeof(zeros));
	archive_write_close(writer);
	archive_write_free(writer);
	archive_entry_free(entry);
	archive_read(arena, &limits, STR("z.gz"), (struct str){ packed, used }, &view);
	assert_int_equal(view.count, 1);
	assert_int_equal(view.defects, ARCHIVE_BOMB);
	assert_true(view.members[0].size <= 200 * used + (1 << 20) + 65536);
	arena_destroy(&arena);
}

/* Milliseconds of the processor that this process has used. */
static long
used_time(void)
{
	return (long)(clock() / (CLOCKS_PER_SEC / 1000));
}

/* ---- TNEF ---- */

static void
add_number(struct buffer *to, uint32_t number)
{
	size_t i;

	for (i = 0; i < 4; i++)
		buffer_add_char(to, (char)(number >> 8 * i & 0xff));
}

static void
add_attribute(struct buffer *to, uint32_t attribute, struct str data)
{
	buffer_add_char(to, 2);
	add_number(to, attribute);
	add_number(to, (uint32_t)data.length);
	buffer_add_str(to, data);
	buffer_add(to, "\0\0", 2);	/* the checksum */
}

/* Names cost more than their bytes, above all when each is in another character set. */
static void
names_of_a_tnef_take_no_longer_than_allowed(void **state)
{
	static const unsigned pages[] = { 437, 737, 775, 850, 852, 855, 857, 860, 861, 862, 863,
		864, 865, 866, 869, 874, 1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258 };
	static const struct archive_limits short_time = { .members = 1000, .depth = 3,
		.bytes = 64 << 20, .nested = 1 << 20, .ratio = 200, .milliseconds = 20 };
	struct arena *arena = arena_create(0, 0);
	struct buffer bytes = { 0 }, page = { 0 };
	struct archive_view view;
	long begin;
	size_t i;

	(void)state;
	buffer_add(&bytes, "\x78\x9f\x3e\x22\0\0", 6);
	for (i = 0; i < 200000; i++) {
		page.length = 0;
		add_number(&page, pages[i % (sizeof(pages) / sizeof(pages[0]))]);
		add_attribute(&bytes, 0x00069007, (struct str){ page.data, page.length });
		add_attribute(&bytes, 0x00018010, STR("x"));
	}
	begin = used_time();
	archive_read(arena, &short_time, STR(""), (struct str){ bytes.data, bytes.length }, &view);
	assert_true(view.defects & ARCHIVE_BOMB);
	assert_in_range(used_time() - begin, 0, 1000);
	buffer_free(&page);
	buffer_free(&bytes);
	arena_destroy(&arena);
}

/* Which of several contents a program takes is not known. */
static void
all_contents_of_a_file_of_a_tnef_are_looked_into(void **state)
{
	struct arena *arena = arena_create(0, 0);
	struct buffer bytes = { 0 };
	struct archive_view view;

	(void)state;
	buffer_add(&bytes, "\x78\x9f\x3e\x22\0\0", 6);
	add_attribute(&bytes, 0x00069002, STR(""));
	add_attribute(&bytes, 0x00018010, STR("a.dat"));
	add_attribute(&bytes, 0x0006800f, seed(arena, "zip"));
	add_attribute(&bytes, 0x0006800f, STR("text"));
	archive_read(arena, &limits, STR(""), (struct str){ bytes.data, bytes.length }, &view);
	assert_non_null(strstr(describe(arena, &view), "2 sub/setup.exe 52"));
	buffer_free(&bytes);
	arena_destroy(&arena);
}

static void
add_short(struct buffer *to, unsigned number)
{
	buffer_add_char(to, (char)(number & 0xff));
	buffer_add_char(to, (char)(number >> 8));
}

/* A local header of a zip for the file "a", of which nothing is said but how it is packed. */
static void
add_local_header(struct buffer *to, unsigned flags, unsigned method)
{
	buffer_add(to, "PK\3\4\24\0", 6);
	add_short(to, flags);
	add_short(to, method);
	buffer_add(to, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0a", 21);
}

static void
add_directory(struct buffer *to)
{
	size_t at = to->length;

	buffer_add(to, "PK\1\2\24\0\24\0", 8);
	buffer_add(to, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0", 22);
	buffer_add(to, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0a", 17);
	buffer_add(to, "PK\5\6\0\0\0\0\1\0\1\0", 12);
	add_number(to, (uint32_t)(to->length - 12 - at));
	add_number(to, (uint32_t)at);
	add_short(to, 0);
}

/* What is found behind a local header whose name the table of contents has too is unpacked to find
 * its end. */
static void
bombs_by_a_known_name_are_stopped(void **state)
{
	static const struct archive_limits short_time = { .members = 1000, .depth = 3,
		.bytes = 64 << 20, .nested = 1 << 20, .ratio = 200, .milliseconds = 20 };
	static const char zeros[65536];
	static char packed[1 << 20];
	struct arena *arena = arena_create(0, 0);
	struct archive *writer = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	struct buffer bytes = { 0 };
	struct archive_view view;
	size_t used = 0, i;
	long begin;

	(void)state;
	archive_write_add_filter_gzip(writer);
	archive_write_set_format_raw(writer);
	assert_int_equal(archive_write_open_memory(writer, packed, sizeof(packed), &used),
	    ARCHIVE_OK);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_write_header(writer, entry);
	for (i = 0; i < 8000; i++)
		archive_write_data(writer, zeros, sizeof(zeros));
	archive_write_close(writer);
	archive_write_free(writer);
	archive_entry_free(entry);
	add_local_header(&bytes, 0, 0);
	add_local_header(&bytes, 8, 8);
	buffer_add(&bytes, packed + 10, used - 18);	/* without the frame of gzip */
	buffer_add(&bytes, "PK\7\10\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	add_directory(&bytes);
	begin = used_time();
	archive_read(arena, &short_time, STR(""), (struct str){ bytes.data, bytes.length }, &view);
	assert_in_range(used_time() - begin, 0, 500);
	assert_int_equal(view.count, 1);
	assert_true(view.defects & ARCHIVE_BOMB);
	buffer_free(&bytes);
	arena_destroy(&arena);
}

/* A short name is left out where it is that of a longer one, and only there. */
static void
names_of_a_tnef_that_are_cut_hide_nothing(void **state)
{
	static const struct { const char *names[2], *expected; } examples[] = {
		{ { "report of may.docx", "REPORT~1.DOC" }, "1 report of may.docx 0" },
		{ { "report of may.exe_", "REPORT~1.EXE" },
		    "1 report of may.exe_ 0, 1 REPORT~1.EXE 0" },
	};
	struct arena *arena = arena_create(0, 0);
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct buffer bytes = { 0 };
		struct archive_view view;

		buffer_add(&bytes, "\x78\x9f\x3e\x22\0\0", 6);
		add_attribute(&bytes, 0x00069002, STR(""));
		for (n = 0; n < 2; n++)
			add_attribute(&bytes, 0x00018010, str_of(examples[i].names[n]));
		archive_read(arena, &limits, STR(""), (struct str){ bytes.data, bytes.length },
		    &view);
		assert_string_equal(describe(arena, &view), examples[i].expected);
		buffer_free(&bytes);
	}
	arena_destroy(&arena);
}

static void
every_defect_has_a_name(void **state)
{
	struct buffer names = { 0 };
	unsigned i;

	(void)state;
	for (i = 0; archive_defect_name(i); i++)
		buffer_printf(&names, "%s%s", i ? " " : "", archive_defect_name(i));
	assert_string_equal(names.data, MF_ARCHIVE_DEFECTS);
	buffer_free(&names);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_listed),
		cmocka_unit_test(what_is_no_archive_is_none),
		cmocka_unit_test(other_formats_are_not_tried),
		cmocka_unit_test(limits_stop_what_goes_past_them),
		cmocka_unit_test(compressed_bombs_are_stopped),
		cmocka_unit_test(names_of_a_tnef_take_no_longer_than_allowed),
		cmocka_unit_test(all_contents_of_a_file_of_a_tnef_are_looked_into),
		cmocka_unit_test(bombs_by_a_known_name_are_stopped),
		cmocka_unit_test(names_of_a_tnef_that_are_cut_hide_nothing),
		cmocka_unit_test(every_defect_has_a_name),
	};

	return cmocka_run_group_tests_name("archive view", tests, NULL, NULL);
}
