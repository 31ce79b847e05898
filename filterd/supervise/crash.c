/* SPDX-License-Identifier: BSD-2-Clause */
/* Crash notes in shared memory, and the handler that marks the one of the thread that crashed. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "filterd/supervise/crash.h"

static const int fatal_signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS };

#define FATAL_SIGNALS (sizeof(fatal_signals) / sizeof(fatal_signals[0]))

static struct sigaction before[FATAL_SIGNALS];

struct crash_note *
crash_notes_create(void)
{
	void *memory = mmap(NULL, CRASH_NOTES * sizeof(struct crash_note), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		fprintf(stderr, "filterd: no shared memory: %s\n", strerror(errno));
		abort();
	}
	return memory;
}

void
crash_notes_destroy(struct crash_note **notes)
{
	munmap(*notes, CRASH_NOTES * sizeof(struct crash_note));
	*notes = NULL;
}

/* Signal handler. The signal is raised again with its old meaning, and kills when this returns. */
static void
mark(int number)
{
	size_t i;

	atomic_store(&crash_note_mine()->signal, number);
	for (i = 0; i < FATAL_SIGNALS; i++)
		if (fatal_signals[i] == number)
			sigaction(number, &before[i], NULL);
	raise(number);
}

void
crash_notes_keep(struct crash_note *notes)
{
	struct sigaction action = { .sa_handler = mark };
	size_t i;

	crash_notes_place(notes, CRASH_NOTES);
	sigemptyset(&action.sa_mask);
	for (i = 0; i < FATAL_SIGNALS; i++)
		sigaction(fatal_signals[i], &action, &before[i]);
}

static bool
was_in_plugin(const struct crash_note *note)
{
	return atomic_load(&note->taken) && atomic_load(&note->stage) != CRASH_NOTE_IDLE;
}

const struct crash_note *
crash_suspect(const struct crash_note *notes, size_t n)
{
	size_t i;

	for (i = 0; i < CRASH_NOTES; i++)
		if (atomic_load(&notes[i].signal))
			return n == 0 && was_in_plugin(&notes[i]) ? &notes[i] : NULL;
	for (i = 0; i < CRASH_NOTES; i++)
		if (was_in_plugin(&notes[i]) && n-- == 0)
			return &notes[i];
	return NULL;
}

void
crash_describe_status(struct buffer *to, int status)
{
	if (WIFSIGNALED(status))
		buffer_printf(to, "was killed by signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		buffer_printf(to, "left with status %d", WEXITSTATUS(status));
}
