/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Holding a call: what the watchdog and the thread that calls both touch is never touched by both
 * at once. Of use under ThreadSanitizer above all. What the watchdog then does to the MTA and to
 * the process is in tests/daemon/hangs.py.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <filterd/plugin.h>

#include "filterd/chain/crash_note.h"

#define CALLS 20000

static const char filter[CRASH_NOTE_FILTER] = "rules";
static const char session[CRASH_NOTE_SESSION] = "abc";
static const char queue_id[CRASH_NOTE_QUEUE_ID] = "4Q";

static struct crash_note notes[4];

/* The thread's own between calls, the watchdog's while it holds one: so it is not atomic. */
static unsigned touched;
static atomic_bool over;
static atomic_uint calls, held;

static void
begin(struct crash_note *note)
{
	crash_note_watch(note, NULL, 0, CRASH_NOTE_NEVER);
	crash_note_begin(note, filter, session, queue_id, MF_STAGE_MESSAGE);
}

/* Until it has been held at least once, however busy the machine is. */
static void *
call_again_and_again(void *unused)
{
	unsigned i;

	for (i = 0; i < CALLS || !atomic_load(&held); i++) {
		begin(crash_note_mine());
		if (i % 64 == 0)
			sched_yield();
		crash_note_end(crash_note_mine());
		touched++;
	}
	atomic_store(&calls, i);
	atomic_store(&over, true);
	return unused;
}

static void
test_hold(void **state)
{
	struct crash_note *note;
	pthread_t thread;

	(void)state;
	crash_notes_place(notes, 4);
	assert_null(crash_note_at(0));
	assert_int_equal(pthread_create(&thread, NULL, call_again_and_again, NULL), 0);
	while (!atomic_load(&over)) {
		note = crash_note_at(0);
		if (!note || !crash_note_hold(note))
			continue;
		touched++;
		atomic_fetch_add(&held, 1);
		crash_note_release(note, false);
	}
	pthread_join(thread, NULL);
	assert_int_equal(touched, atomic_load(&calls) + atomic_load(&held));
	assert_int_equal(crash_notes_cut(), 0);
	assert_null(crash_note_at(1));
}

static void
test_cut(void **state)
{
	struct crash_note *note;

	(void)state;
	crash_notes_place(notes, 4);
	note = crash_note_mine();
	assert_false(crash_note_hold(note));
	begin(note);
	assert_int_equal(atomic_load(&note->limit), 0);
	assert_true(crash_note_hold(note));
	crash_note_release(note, true);
	assert_int_equal(crash_notes_cut(), 1);
	assert_false(crash_note_hold(note));
	crash_note_end(note);
	assert_int_equal(crash_notes_cut(), 0);
	assert_true(atomic_load(&note->limit) == CRASH_NOTE_NEVER);
	begin(note);
	assert_true(crash_note_hold(note));
	crash_note_release(note, false);
	crash_note_end(note);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hold), cmocka_unit_test(test_cut)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
