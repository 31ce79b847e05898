/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way to a shadow configuration: the link and its bounds, a tape from recorder to reader, what
 * a played tape comes to, and tapes that are cut short or rubbish.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/chain/generation.h"
#include "filterd/mta/shadow_play.h"
#include "filterd/mta/tape.h"
#include "tests/unit/chain_kit.h"

#define LIMIT (64u * 1024)

/* ---- the link ---- */

static bool
send_size(const struct shadow_link *link, size_t size)
{
	char *bytes = calloc(1, size);
	bool sent = shadow_link_send(link,
	    (struct str[]){ { bytes, size / 2 }, { bytes + size / 2, size - size / 2 } }, 2,
	    LIMIT);

	free(bytes);
	return sent;
}

static void
a_link_is_bounded(void **state)
{
	struct buffer taken = { 0 };
	struct shadow_link link;
	size_t sent = 0, got = 0;

	(void)state;
	assert_true(shadow_link_open(&link));
	assert_false(shadow_link_take(&link, &taken));
	assert_false(send_size(&link, LIMIT + 1));
	assert_true(send_size(&link, LIMIT));
	assert_false(send_size(&link, 1));
	assert_true(shadow_link_take(&link, &taken));
	assert_int_equal(taken.length, LIMIT);
	while (send_size(&link, 1))
		sent++;
	assert_in_range(sent, 10, LIMIT);
	while (shadow_link_take(&link, &taken))
		got += taken.length == 1;
	assert_int_equal(got, sent);
	assert_true(send_size(&link, LIMIT));
	shadow_link_close(&link);
	buffer_free(&taken);
}

/* ---- tapes ---- */

static const char judge[] =
    "filter x { plugin script; on rcpt continue { } on message reject { symbol 10 seen; } }";

struct scene {
	struct kit *kit;
	struct shadow_link link;
	struct shadow_settings settings;
	struct tape tape;
};

static const char *
no_macro(void *argument, const char *name)
{
	(void)argument;
	return strcmp(name, "i") == 0 ? "4QUEUE1" : NULL;
}

/* A tape of one message that a chain has judged, as it is sent. */
static struct buffer
record(struct scene *scene, size_t body)
{
	static const char *const sender[] = { "<a@example.org>", "SIZE=1", NULL };
	static const char *const recipient[] = { "<b@example.org>", NULL };
	const struct tape_macros macros = { no_macro, NULL };
	struct tape_client client = { .version = 4 };
	char *bytes = calloc(1, body + 1);
	struct buffer sent = { 0 };

	tape_connect(&scene->tape, &client, "client.example", "192.0.2.1");
	tape_helo(&scene->tape, "first.example");
	tape_helo(&scene->tape, "client.example");
	tape_mail(&scene->tape, sender);
	tape_rcpt(&scene->tape, recipient);
	tape_event(&scene->tape, TAPE_DATA, NULL, 0);
	tape_header(&scene->tape, "Subject", " hello");
	tape_event(&scene->tape, TAPE_EOH, NULL, 0);
	tape_event(&scene->tape, TAPE_BODY, bytes, body);
	tape_event(&scene->tape, TAPE_END_OF_MESSAGE, NULL, 0);
	free(bytes);
	kit_message(scene->kit);
	tape_end(&scene->tape, scene->kit->session, "test", &macros);
	shadow_link_take(&scene->link, &sent);
	return sent;
}

static int
setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	void *kit;

	if (!scene || kit_setup(&kit) < 0 || !shadow_link_open(&scene->link) ||
	    !shadow_counts_create())
		return -1;
	scene->kit = kit;
	scene->settings.maximum_size.bytes = LIMIT;
	scene->settings.queue.bytes = 4 * LIMIT;
	tape_attach(&scene->link, &scene->settings);
	*state = scene;
	return 0;
}

static int
teardown(void **state)
{
	struct scene *scene = *state;
	void *kit = scene->kit;

	tape_free(&scene->tape);
	shadow_link_close(&scene->link);
	shadow_counts_destroy();
	free(scene);
	return kit_teardown(&kit);
}

static void
assert_counts(uint64_t judged, uint64_t differing, uint64_t large)
{
	assert_int_equal(shadow_counted(SHADOW_JUDGED), judged);
	assert_int_equal(shadow_counted(SHADOW_DIFFERING), differing);
	assert_int_equal(shadow_counted(SHADOW_DROPPED_LARGE), large);
}

static void
the_same_chain_judges_a_tape_alike(void **state)
{
	struct scene *scene = *state;
	struct buffer tape;

	kit_start(scene->kit, "x", judge);
	tape = record(scene, 1000);
	assert_true(tape.length > 1000);
	shadow_play(scene->kit->generation, (struct str){ tape.data, tape.length });
	assert_counts(1, 0, 0);
	assert_null(strstr(kit_log(scene->kit), "shadow differs"));
	buffer_free(&tape);
}

static void
another_chain_differs(void **state)
{
	struct scene *scene = *state;
	struct buffer tape;

	kit_start(scene->kit, "x", judge);
	tape = record(scene, 10);
	kit_start(scene->kit, "x", "filter x { plugin script; on message { symbol 20 seen; } }");
	shadow_play(scene->kit->generation, (struct str){ tape.data, tape.length });
	assert_counts(1, 1, 0);
	assert_int_equal(shadow_counted(SHADOW_DIFFERENCES + JUDGED_VERDICT), 1);
	assert_int_equal(shadow_counted(SHADOW_DIFFERENCES + JUDGED_RESULTS), 0);
	assert_non_null(strstr(kit_log(scene->kit), "verdict=reject shadow_verdict=accept"));
	assert_non_null(strstr(kit_log(scene->kit), "queue=4QUEUE1"));
	buffer_free(&tape);
}

static void
a_message_that_is_too_large_is_let_go(void **state)
{
	struct scene *scene = *state;
	struct buffer tape;

	kit_start(scene->kit, "x", judge);
	tape = record(scene, LIMIT);
	assert_int_equal(tape.length, 0);
	assert_counts(0, 0, 1);
	buffer_free(&tape);
	tape = record(scene, 1);
	assert_true(tape.length > 0);
	buffer_free(&tape);
}

/* Tapes of all messages together are bounded too, and what one has held comes back. */
static void
all_tapes_together_are_bounded(void **state)
{
	static const char *const sender[] = { "<a@example.org>", NULL };
	static const char bytes[LIMIT / 2];
	struct tape tapes[10] = { { .lost = false } };
	unsigned round;
	size_t i;

	(void)state;
	for (round = 0; round < 2; round++) {
		for (i = 0; i < 10; i++) {
			tape_mail(&tapes[i], sender);
			tape_event(&tapes[i], TAPE_BODY, bytes, sizeof(bytes));
		}
		assert_int_equal(shadow_counted(SHADOW_DROPPED_FULL), 3 * (round + 1));
	}
	for (i = 0; i < 10; i++)
		tape_free(&tapes[i]);
}

/* A worker that has gone mad may send anything: each end, and bytes that are others. */
static void
broken_tapes_do_no_harm(void **state)
{
	struct scene *scene = *state;
	struct buffer tape;
	unsigned seed = 1;
	char *copy;
	size_t i;

	kit_start(scene->kit, "x", judge);
	tape = record(scene, 50);
	for (i = 0; i <= tape.length; i++) {
		copy = malloc(i + 1);
		memcpy(copy, tape.data, i);
		shadow_play(scene->kit->generation, (struct str){ copy, i });
		free(copy);
	}
	for (i = 0; i < 2000; i++) {
		copy = malloc(tape.length);
		memcpy(copy, tape.data, tape.length);
		seed = seed * 1103515245 + 12345;
		copy[(seed >> 8) % tape.length] = (char)(seed >> 24);
		shadow_play(scene->kit->generation, (struct str){ copy, tape.length });
		free(copy);
	}
	assert_true(shadow_counted(SHADOW_JUDGED) > 100);
	buffer_free(&tape);
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_is_bounded),
		TEST(the_same_chain_judges_a_tape_alike),
		TEST(another_chain_differs),
		TEST(a_message_that_is_too_large_is_let_go),
		TEST(all_tapes_together_are_bounded),
		TEST(broken_tapes_do_no_harm),
	};

	return cmocka_run_group_tests_name("shadow", tests, NULL, NULL);
}
