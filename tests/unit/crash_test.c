/* SPDX-License-Identifier: BSD-2-Clause */
/* Crash notes as who buries a process reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filterd/plugin.h>

#include "filterd/chain/crash_note.h"
#include "filterd/supervise/crash.h"

#define LOOKS 200000

static _Noreturn void
call_again_and_again(struct crash_memory *memory)
{
	static const char filter[CRASH_NOTE_FILTER] = "rules";
	static const char session[CRASH_NOTE_SESSION] = "s1";
	static const char queue_id[CRASH_NOTE_QUEUE_ID] = "Q1";

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	crash_memory_keep(memory);
	for (;;) {
		crash_note_begin(crash_note_mine(), filter, session, queue_id, MF_STAGE_MESSAGE);
		crash_note_end(crash_note_mine());
	}
}

/* As when what a plugin has forked outlives its process. */
static void
notes_change_while_they_are_read(void **state)
{
	struct crash_memory *memory = crash_memory_create();
	struct crash_note note;
	unsigned looks, found = 0;
	pid_t child = fork();

	(void)state;
	if (child == 0)
		call_again_and_again(memory);
	assert_true(child > 0);
	for (looks = 0; looks < LOOKS || !found; looks++) {
		if (!crash_suspect(memory, 0, &note))
			continue;
		found++;
		assert_int_equal(atomic_load(&note.stage), MF_STAGE_MESSAGE);
		assert_string_equal(note.filter, "rules");
	}
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	crash_memory_destroy(&memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes_change_while_they_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
