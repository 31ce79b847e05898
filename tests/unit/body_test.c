/* SPDX-License-Identifier: BSD-2-Clause */
/* Bodies: memory below the threshold, a file beyond it, and what both cost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "filterd/message/body.h"

#define KB	((size_t)1024)
#define MB	(1024 * KB)

static const struct body_limits small = { 100, 1000, "/tmp" };

static bool
is_text(struct body *body, const char *text)
{
	struct str bytes;

	return body_bytes(body, &bytes) && str_equal(bytes, str_of(text));
}

static void
an_empty_body_has_no_bytes(void **state)
{
	struct arena *arena = arena_create(0, 0);
	struct body *body = body_create(arena, &small);
	struct str bytes;

	(void)state;
	assert_true(body_append(body, "", 0));
	assert_int_equal(body_size(body), 0);
	assert_true(body_bytes(body, &bytes));
	assert_int_equal(bytes.length, 0);
	assert_false(body_spooled(body));
	arena_destroy(&arena);
}

static void
the_threshold_is_kept_in_memory(void **state)
{
	struct arena *arena = arena_create(0, 0);
	struct body *body = body_create(arena, &small);
	char text[102];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[101] = '\0';
	assert_true(body_append(body, text, 60));
	assert_true(body_append(body, text, 40));
	assert_false(body_spooled(body));
	text[100] = '\0';
	assert_true(is_text(body, text));
	assert_true(body_append(body, "x", 1));
	assert_true(body_spooled(body));
	text[100] = 'x';
	assert_true(is_text(body, text));
	arena_destroy(&arena);
}

static void
bytes_are_read_between_appends(void **state)
{
	struct arena *arena = arena_create(0, 0);
	struct body *body = body_create(arena, &(struct body_limits){ 4, 0, "/tmp" });
	const char *text = "0123456789";
	size_t i;

	(void)state;
	for (i = 0; i < 10; i++) {
		char begun[11] = "";

		memcpy(begun, text, i + 1);
		assert_true(body_append(body, text + i, 1));
		assert_true(is_text(body, begun));
	}
	arena_destroy(&arena);
}

/* In memory, over the threshold and in the file. */
static void
a_body_takes_its_own_bytes(void **state)
{
	struct arena *arena = arena_create(0, 0);
	struct body *body = body_create(arena, &(struct body_limits){ 2000, 0, "/tmp" });
	char expected[4096];
	struct str bytes;

	(void)state;
	memset(expected, 'x', sizeof(expected));
	assert_true(body_append(body, "x", 1));
	while (body_size(body) < sizeof(expected)) {
		assert_true(body_bytes(body, &bytes));
		assert_true(body_append(body, bytes.data, bytes.length));
	}
	assert_true(body_bytes(body, &bytes));
	assert_int_equal(bytes.length, sizeof(expected));
	assert_memory_equal(bytes.data, expected, sizeof(expected));
	arena_destroy(&arena);
}

static void
the_maximum_is_refused_and_nothing_lost(void **state)
{
	struct arena *arena = arena_create(0, 0);
	struct body *body = body_create(arena, &(struct body_limits){ 4, 6, "/tmp" });

	(void)state;
	assert_true(body_append(body, "012345", 6));
	errno = 0;
	assert_false(body_append(body, "6", 1));
	assert_int_equal(errno, EFBIG);
	assert_true(is_text(body, "012345"));
	arena_destroy(&arena);
}

static void
a_missing_directory_keeps_the_body_in_memory(void **state)
{
	struct arena *arena = arena_create(0, 0);
	struct body *body = body_create(arena, &(struct body_limits){ 4, 0, "/nonexistent/spool" });

	(void)state;
	assert_true(body_append(body, "0123", 4));
	errno = 0;
	assert_false(body_append(body, "4", 1));
	assert_int_equal(errno, ENOENT);
	assert_false(body_spooled(body));
	assert_true(is_text(body, "0123"));
	arena_destroy(&arena);
}

/* A file that cannot grow: when the body moves to it, and when it is there. */
static void
a_full_file_loses_nothing(void **state)
{
	struct arena *arena = arena_create(0, 0);
	struct body *body = body_create(arena, &(struct body_limits){ 4, 0, "/tmp" });
	struct rlimit before, lower;
	char filler[64];

	(void)state;
	memset(filler, 'f', sizeof(filler));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	lower = before;
	lower.rlim_cur = 16;
	signal(SIGXFSZ, SIG_IGN);
	assert_true(body_append(body, "0123", 4));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &lower), 0);
	assert_false(body_append(body, filler, sizeof(filler)));
	assert_int_equal(errno, EFBIG);
	assert_false(body_spooled(body));
	assert_true(is_text(body, "0123"));
	assert_true(body_append(body, "456789", 6));
	assert_true(body_spooled(body));
	assert_false(body_append(body, filler, sizeof(filler)));
	assert_int_equal(errno, EFBIG);
	assert_true(is_text(body, "0123456789"));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(body_append(body, "ab", 2));
	assert_true(is_text(body, "0123456789ab"));
	arena_destroy(&arena);
}

static size_t
open_files(void)
{
	DIR *directory = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

static void
the_file_has_no_name_and_is_closed(void **state)
{
	char folder[] = "/tmp/body_test-XXXXXX";
	struct arena *arena = arena_create(0, 0);
	size_t before = open_files();
	struct body *body;
	struct str bytes;

	(void)state;
	assert_non_null(mkdtemp(folder));
	body = body_create(arena, &(struct body_limits){ 4, 0, folder });
	assert_true(body_append(body, "0123456789", 10));
	assert_true(body_bytes(body, &bytes));
	assert_int_equal(open_files(), before + 1);
	assert_int_equal(rmdir(folder), 0);
	arena_destroy(&arena);
	assert_int_equal(open_files(), before);
}

/* A sanitizer's own memory stands in the same counts; its runtime defines one of these. */
extern void __asan_init(void) __attribute__((weak));
extern void __tsan_init(void) __attribute__((weak));

static void
skip_under_a_sanitizer(void)
{
	if (!__asan_init && !__tsan_init)
		return;
	print_message("memory is not measured under a sanitizer\n");
	skip();
}

/* kB of a line of /proc/self/status. */
static size_t
status_kb(const char *name)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	size_t kb = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, name, strlen(name)))
			kb = strtoul(line + strlen(name), NULL, 10);
	}
	fclose(file);
	return kb;
}

static void
small_bodies_keep_at_most_double(void **state)
{
	struct arena *arena;
	struct body *body;
	size_t before, i;

	(void)state;
	skip_under_a_sanitizer();
	arena = arena_create(0, 0);
	body = body_create(arena, &(struct body_limits){ 1 * MB, 0, "/tmp" });
	before = mallinfo2().uordblks + mallinfo2().hblkhd;
	for (i = 0; i < 600; i++) {
		char chunk[KB];

		memset(chunk, 'c', sizeof(chunk));
		assert_true(body_append(body, chunk, sizeof(chunk)));
	}
	assert_false(body_spooled(body));
	assert_in_range(mallinfo2().uordblks + mallinfo2().hblkhd - before, 0, 1200 * KB + 64 * KB);
	arena_destroy(&arena);
}

/* 50 MB, as an MTA sends them; every byte of it is read through the mapping. */
static void
a_large_body_costs_the_threshold(void **state)
{
	static char chunk[65535];
	size_t before, most = 0, sum = 0, mapped, i;
	struct arena *arena;
	struct body *body;
	struct str bytes;

	(void)state;
	skip_under_a_sanitizer();
	arena = arena_create(0, 0);
	body = body_create(arena, &(struct body_limits){ 1 * MB, 0, "/tmp" });
	memset(chunk, 1, sizeof(chunk));
	before = status_kb("RssAnon:");
	for (i = 0; i < 800; i++) {
		size_t now;

		assert_true(body_append(body, chunk, sizeof(chunk)));
		now = status_kb("RssAnon:");
		most = now > most ? now : most;
	}
	assert_true(body_spooled(body));
	assert_true(body_bytes(body, &bytes));
	assert_int_equal(bytes.length, 800 * sizeof(chunk));
	for (i = 0; i < bytes.length; i++)
		sum += (unsigned char)bytes.data[i];
	assert_int_equal(sum, bytes.length);
	assert_in_range(most, 0, before + 2 * MB / KB);
	assert_in_range(status_kb("RssAnon:"), 0, before + 1 * MB / KB);
	mapped = status_kb("RssFile:");
	body_let_go(body, 1, bytes.length);
	assert_in_range(status_kb("RssFile:"), 0, mapped - 45 * MB / KB);
	for (i = 0; i < bytes.length; i++)
		sum -= (unsigned char)bytes.data[i];
	assert_int_equal(sum, 0);
	arena_destroy(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_body_has_no_bytes),
		cmocka_unit_test(the_threshold_is_kept_in_memory),
		cmocka_unit_test(bytes_are_read_between_appends),
		cmocka_unit_test(a_body_takes_its_own_bytes),
		cmocka_unit_test(the_maximum_is_refused_and_nothing_lost),
		cmocka_unit_test(a_missing_directory_keeps_the_body_in_memory),
		cmocka_unit_test(a_full_file_loses_nothing),
		cmocka_unit_test(the_file_has_no_name_and_is_closed),
		cmocka_unit_test(small_bodies_keep_at_most_double),
		cmocka_unit_test(a_large_body_costs_the_threshold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
