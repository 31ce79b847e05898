/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recordings: what is written in the form of scenarios reads as the same bytes, whatever they are;
 * and the folder is kept within its limits.
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "filterd/mta/macro_stages.h"
#include "filterd/mta/recorder_parts.h"
#include "filterd/mta/recording.h"
#include "filterd/scenario/scenario.h"

#define ROUNDS	2000

static const struct places none;

/* Bytes that an escape could get wrong come often. */
static size_t
random_bytes(char *bytes, size_t most)
{
	static const char odd[] = "\0\n\r\t\"\\$${}<> #\xff\x80x0";
	size_t length = (size_t)rand() % (most + 1);

	for (size_t i = 0; i < length; i++)
		bytes[i] = rand() % 2 ? odd[(size_t)rand() % (sizeof(odd) - 1)] : (char)rand();
	return length;
}

static void
content_reads_as_it_was_written(void **state)
{
	char bytes[600];

	(void)state;
	srand(4711);
	for (int round = 0; round < ROUNDS; round++) {
		size_t length = random_bytes(bytes, sizeof(bytes));
		struct buffer text = { 0 }, again = { 0 };
		struct scenario scenario;
		const char *error;
		unsigned line;

		buffer_add_text(&text, "# A body\n> body");
		scenario_add_content(&text, (struct str){ bytes, length });
		buffer_add_text(&text, "\n> eom\n");
		assert_true(scenario_read(&scenario, &none, (struct str){ text.data, text.length },
		    &line, &error));
		assert_int_equal(scenario.count, 2);
		assert_true(scenario_content(scenario.arena, &none, &scenario.steps[0], 0, &again,
		    &error));
		assert_int_equal(again.length, length);
		assert_memory_equal(buffer_text(&again), bytes, length);
		scenario_free(&scenario);
		buffer_free(&text);
		buffer_free(&again);
	}
}

/* ---- a session ---- */

static const char *const names_noted[] = { "j", "{rcpt_addr}", NULL };
static const char *recipient;

static const char *
get_macro(void *front_data, const char *name)
{
	(void)front_data;
	return strcmp(name, "j") == 0 ? "mx" : recipient;
}

static int64_t
get_now(void *front_data)
{
	(void)front_data;
	return 1700000000;
}

static bool
take(void *argument, const void *bytes, size_t size)
{
	buffer_add(argument, bytes, size);
	return true;
}

static void
a_session_is_a_scenario(void **state)
{
	static const struct front front = { .macro = get_macro, .now = get_now };
	static const struct decision refused = { .outcome = OUTCOME_REJECT };
	static const char expected[] = "# Session id, recorded by filterd.\n"
	    "peer \"unix:/s\"\n"
	    "lacks body\n"
	    "> negotiate 6 add-headers skip\n"
	    "clock 1700000000\n"
	    "> macros connect \"j=mx\"\n"
	    "> connect \"client\" inet 192.0.2.1 25\n"
	    "> mail \"<a\\nb@example.net>\" \"SIZE=1\"\n"
	    "> macros rcpt \"{rcpt_addr}=one\"\n"
	    "> rcpt \"<one>\"\n"
	    "< reject\n"
	    "> macros rcpt \"{rcpt_addr}=two\"\n"
	    "> rcpt \"<two>\"\n"
	    "> rcpt \"<two>\"\n"
	    "> header \"X\\\"\" \" \\${y}\"\n"
	    "> quit\n";
	struct buffer text = { 0 };
	const struct recording_scene scene = {
		.session_id = "id", .address = "unix:/s", .macros = names_noted, .front = &front,
		.write = take, .argument = &text
	};
	struct recording *recording = recording_open(&scene);

	(void)state;
	recipient = NULL;
	recording_negotiate(recording, 1, 0x400, false);
	assert_false(recording_is_eventful(recording));
	recording_connect(recording, "client", "192.0.2.1", 4, 25);
	recording_words(recording, EVENT_MAIL, (const char *[]){ "<a\nb@example.net>", "SIZE=1",
		NULL });
	recipient = "one";
	recording_words(recording, EVENT_RCPT, (const char *[]){ "<one>", NULL });
	recording_answer(recording, &refused, NULL);
	recipient = "two";
	recording_words(recording, EVENT_RCPT, (const char *[]){ "<two>", NULL });
	recording_words(recording, EVENT_RCPT, (const char *[]){ "<two>", NULL });
	recording_header(recording, "X\"", "${y}");
	recording_body(recording, "left out", 8);
	assert_true(recording_is_eventful(recording));
	assert_true(recording_close(&recording));
	assert_string_equal(buffer_text(&text), expected);
	buffer_free(&text);
}

/* ---- the folder ---- */

static void
make_file(int folder, const char *name, size_t size, int64_t age)
{
	struct timespec times[2] = { { 0 } };
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	times[0].tv_sec = times[1].tv_sec = time(NULL) - age;
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

static bool
is_there(int folder, const char *name)
{
	return faccessat(folder, name, F_OK, 0) == 0;
}

static void
the_oldest_make_room(void **state)
{
	static const char *const names[] = {
		"20260101T000001Z-a.scn", "20260101T000002Z-b.scn", "20260101T000003Z-c.scn",
		"20260101T000004Z-d.scn", "other.txt", ".x.part", ".old.part"
	};
	struct record_settings settings = {
		.sessions = 3, .size = { 1 << 20 }, .duration = { 3600 * 1000 }
	};
	struct recorder_sweep sweep = { .at = 0 };
	char path[] = "/tmp/filterd-recordings-XXXXXX";
	int folder;

	(void)state;
	assert_non_null(mkdtemp(path));
	folder = open(path, O_RDONLY | O_DIRECTORY);
	assert_true(folder >= 0);
	for (int i = 0; i < 4; i++)
		make_file(folder, names[i], 400 << 10, 10);
	make_file(folder, names[4], 10 << 20, 1 << 20);
	make_file(folder, names[5], 10, 60);
	make_file(folder, names[6], 10, 24 * 3600);
	settings.size.bytes = 10 << 20;
	recorder_sweep(folder, &settings, &sweep);
	assert_false(is_there(folder, names[0]));		/* by number */
	assert_true(is_there(folder, names[1]));
	assert_true(is_there(folder, names[4]) && is_there(folder, names[5]));
	assert_false(is_there(folder, names[6]));
	settings.size.bytes = 1 << 20;
	sweep = (struct recorder_sweep){ .at = 0 };
	recorder_sweep(folder, &settings, &sweep);
	assert_false(is_there(folder, names[1]));		/* by size */
	assert_true(is_there(folder, names[2]) && is_there(folder, names[3]));
	settings.duration.milliseconds = 5000;
	sweep = (struct recorder_sweep){ .at = 0 };
	recorder_sweep(folder, &settings, &sweep);
	assert_false(is_there(folder, names[2]) || is_there(folder, names[3]));	/* by age */
	for (int i = 4; i < 6; i++)
		unlinkat(folder, names[i], 0);
	close(folder);
	assert_int_equal(rmdir(path), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_reads_as_it_was_written),
		cmocka_unit_test(a_session_is_a_scenario),
		cmocka_unit_test(the_oldest_make_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
