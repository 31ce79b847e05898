/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of archives: what was read once is read again, whatever has become of the files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "filterd/config/archive.h"
#include "filterd/config/settings.h"

static char folder[] = "/tmp/filterd-archive-XXXXXX";
static struct archive *archive;
static struct arena *arena;

static const char *
path_of(const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

static void
write_file(const char *name, const char *text)
{
	FILE *file = fopen(path_of(name), "w");

	fputs(text, file);
	fclose(file);
}

static void
assert_reads(const char *name, const char *text)
{
	struct source_file file;
	const char *error;

	assert_true(source_read(path_of(name), 1000, arena, &file, &error));
	assert_string_equal(buffer_text(&file.text), text);
	buffer_free(&file.text);
}

static void
assert_unreadable(const char *name)
{
	struct source_file file;
	const char *error;

	assert_false(source_read(path_of(name), 1000, arena, &file, &error));
}

static int
before(void **state)
{
	(void)state;
	arena = arena_create(0, 0);
	archive = archive_create();
	archive_use(archive);
	return 0;
}

static int
after(void **state)
{
	static const char *const names[] = { "a.conf", "b.conf", "c.list" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(path_of(names[i]));
	archive_destroy(&archive);
	arena_destroy(&arena);
	return 0;
}

static void
test_a_file_is_kept(void **state)
{
	(void)state;
	write_file("a.conf", "one");
	assert_reads("a.conf", "one");
	write_file("a.conf", "two");
	assert_reads("a.conf", "one");
	unlink(path_of("a.conf"));
	assert_reads("a.conf", "one");
	archive_use(NULL);
	assert_false(archive_in_use());
	assert_unreadable("a.conf");
	archive_use(archive);
	assert_reads("a.conf", "one");
}

static void
test_an_empty_file_is_kept(void **state)
{
	(void)state;
	write_file("a.conf", "");
	assert_reads("a.conf", "");
	unlink(path_of("a.conf"));
	assert_reads("a.conf", "");
}

static void
test_what_cannot_be_read_is_not_kept(void **state)
{
	(void)state;
	assert_unreadable("a.conf");
	write_file("a.conf", "one");
	assert_reads("a.conf", "one");
}

/* As a worker: in a child that has another user. */
static void
test_who_may_not_read_it_does_not_get_it(void **state)
{
	struct source_file file;
	const char *error;
	pid_t child;
	int status;

	(void)state;
	write_file("a.conf", "one");
	assert_reads("a.conf", "one");
	chmod(path_of("a.conf"), 0);
	chmod(folder, 0755);
	child = fork();
	if (child == 0) {
		if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
			_exit(2);
		_exit(source_read(path_of("a.conf"), 1000, arena, &file, &error) ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
assert_finds(const char *pattern, size_t count)
{
	struct source_paths paths;
	const char *error;

	assert_true(source_glob(path_of("a.conf"), pattern, arena, &paths, &error));
	assert_int_equal(paths.count, count);
}

static void
test_what_a_pattern_names_is_kept(void **state)
{
	(void)state;
	assert_finds("*.list", 0);
	write_file("a.conf", "");
	assert_finds("*.conf", 1);
	write_file("b.conf", "");
	write_file("c.list", "");
	assert_finds("*.conf", 1);
	assert_finds("*.list", 0);
	archive_use(NULL);
	assert_finds("*.conf", 2);
	assert_finds("*.list", 1);
}

static struct settings *
load(enum settings_depth depth)
{
	struct config_errors *errors = config_errors_create();
	struct settings *settings = settings_load(path_of("a.conf"), depth, errors);

	config_errors_print(errors, stdout);
	config_errors_destroy(&errors);
	return settings;
}

/* The master reads at the depth of a daemon, and what it forks reads whole, later. */
static void
test_settings_are_loaded_whole_from_what_the_master_has_read(void **state)
{
	struct settings *settings;

	(void)state;
	write_file("a.conf", "listener in { socket inet:25@127.0.0.1; chain f; }\n"
	    "filter f { plugin rules; }\ninclude b.*;\n");
	write_file("b.conf", "list l { file *.list; }\n");
	write_file("c.list", "first\n");
	settings = load(SETTINGS_DAEMON);
	assert_non_null(settings);
	settings_destroy(&settings);
	write_file("a.conf", "nonsense");
	unlink(path_of("b.conf"));
	write_file("c.list", "second\n");
	settings = load(SETTINGS_WHOLE);
	assert_non_null(settings);
	assert_int_equal(settings->list_count, 1);
	assert_true(list_has(settings->lists[0], STR("first")));
	assert_false(list_has(settings->lists[0], STR("second")));
	settings_destroy(&settings);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_file_is_kept, before, after),
		cmocka_unit_test_setup_teardown(test_an_empty_file_is_kept, before, after),
		cmocka_unit_test_setup_teardown(test_what_cannot_be_read_is_not_kept, before,
		    after),
		cmocka_unit_test_setup_teardown(test_who_may_not_read_it_does_not_get_it, before,
		    after),
		cmocka_unit_test_setup_teardown(test_what_a_pattern_names_is_kept, before, after),
		cmocka_unit_test_setup_teardown(
		    test_settings_are_loaded_whole_from_what_the_master_has_read, before, after),
	};
	int failed;

	if (!mkdtemp(folder))
		return EXIT_FAILURE;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(folder);
	return failed;
}
