/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Crash notes and a backtrace in shared memory, and the handlers that write there when a thread
 * crashes. No shared memory is fatal: it is asked for when the daemon starts or reloads.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <filterd/plugin.h>

#include "filterd/supervise/backtrace.h"
#include "filterd/supervise/crash.h"

/* Threads of a process that can be told apart. libmilter makes hundreds when sessions are busy. */
#define CRASH_NOTES 1024

struct crash_memory {
	struct crash_note notes[CRASH_NOTES];
	atomic_bool traced;		/* a thread has begun to write the backtrace */
	volatile size_t frame_count;
	struct backtrace_frame frames[BACKTRACE_FRAMES];
};

static const int fatal_signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS };

#define FATAL_SIGNALS (sizeof(fatal_signals) / sizeof(fatal_signals[0]))

static struct sigaction before[FATAL_SIGNALS];
static struct crash_memory *kept;	/* where this process writes */

/* ---- the memory ---- */

struct crash_memory *
crash_memory_create(void)
{
	void *memory = mmap(NULL, sizeof(struct crash_memory), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		fprintf(stderr, "filterd: no shared memory: %s\n", strerror(errno));
		abort();
	}
	return memory;
}

void
crash_memory_destroy(struct crash_memory **memory)
{
	munmap(*memory, sizeof(struct crash_memory));
	*memory = NULL;
}

void
crash_memory_inherit(struct crash_memory *memory, bool inherit)
{
	madvise(memory, sizeof(*memory), inherit ? MADV_DOFORK : MADV_DONTFORK);
}

void
crash_memory_clear(struct crash_memory *memory)
{
	madvise(memory, sizeof(*memory), MADV_REMOVE);
}

/* ---- in the process that crashes ---- */

static bool
is_stage(int stage)
{
	return stage >= 0 && stage < MF_STAGE_COUNT;
}

static bool
was_in_plugin(const struct crash_note *note)
{
	return atomic_load(&note->taken) && is_stage(atomic_load(&note->stage));
}

/* Signal handler. Signals get their old meaning back first, so that a fault in here kills; this one
 * is raised again, and kills when this returns. */
static void
mark(int number)
{
	struct crash_note *note = crash_note_taken();
	size_t i;

	for (i = 0; i < FATAL_SIGNALS; i++)
		sigaction(fatal_signals[i], &before[i], NULL);
	if (note)
		atomic_store(&note->signal, number);
	if (!atomic_exchange(&kept->traced, true))
		backtrace_take(kept->frames, &kept->frame_count);
	raise(number);
}

/* A plugin has no business to end the process, and what the process would do on its way out is not
 * safe while other threads run. */
static void
mark_exit(void)
{
	struct crash_note *note = crash_note_taken();

	if (!note || !was_in_plugin(note))
		return;
	atomic_store(&note->signal, CRASH_NOTE_EXIT);
	_exit(EX_SOFTWARE);
}

void
crash_memory_keep(struct crash_memory *memory)
{
	struct sigaction action = { .sa_handler = mark, .sa_flags = SA_ONSTACK };
	size_t i;

	kept = memory;
	crash_notes_place(memory->notes, CRASH_NOTES);
	backtrace_prepare();
	sigemptyset(&action.sa_mask);
	for (i = 0; i < FATAL_SIGNALS; i++)
		sigaction(fatal_signals[i], &action, &before[i]);
	atexit(mark_exit);
}

/* ---- in the process that buries it ---- */

/* False: it was not in plugin code. What the process has forked may still write there. */
static bool
copy_note(struct crash_note *to, const struct crash_note *from)
{
	int stage = atomic_load(&from->stage);

	if (!is_stage(stage))
		return false;
	memset(to, 0, sizeof(*to));
	atomic_init(&to->taken, true);
	atomic_init(&to->signal, atomic_load(&from->signal));
	atomic_init(&to->stage, stage);
	memcpy(to->filter, from->filter, sizeof(to->filter) - 1);
	memcpy(to->session, from->session, sizeof(to->session) - 1);
	memcpy(to->queue_id, from->queue_id, sizeof(to->queue_id) - 1);
	return true;
}

static const struct crash_note *
find_marked(const struct crash_memory *memory)
{
	size_t i;

	for (i = 0; i < CRASH_NOTES; i++)
		if (atomic_load(&memory->notes[i].signal))
			return &memory->notes[i];
	return NULL;
}

/* The nth that was in plugin code. */
static const struct crash_note *
find_in_plugin(const struct crash_memory *memory, size_t n)
{
	size_t i;

	for (i = 0; i < CRASH_NOTES; i++)
		if (was_in_plugin(&memory->notes[i]) && n-- == 0)
			return &memory->notes[i];
	return NULL;
}

bool
crash_suspect(const struct crash_memory *memory, size_t n, struct crash_note *note_r)
{
	const struct crash_note *marked = find_marked(memory), *found;

	found = marked ? (n == 0 && was_in_plugin(marked) ? marked : NULL) :
	    find_in_plugin(memory, n);
	return found && copy_note(note_r, found);
}

bool
crash_culprit(const struct crash_memory *memory, int status, struct crash_note *note_r)
{
	struct crash_note other;

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return false;
	return crash_suspect(memory, 0, note_r) && !crash_suspect(memory, 1, &other);
}

void
crash_backtrace(const struct crash_memory *memory, struct buffer *to)
{
	size_t count = memory->frame_count, i;

	for (i = 0; i < count && i < BACKTRACE_FRAMES; i++) {
		struct backtrace_frame frame = memory->frames[i];

		frame.object[sizeof(frame.object) - 1] = '\0';
		frame.symbol[sizeof(frame.symbol) - 1] = '\0';
		buffer_printf(to, "%s%s%s%s+0x%llx%s", i ? " < " : "", frame.symbol,
		    frame.symbol[0] ? " (" : "", frame.object[0] ? frame.object : "?",
		    (unsigned long long)frame.offset, frame.symbol[0] ? ")" : "");
	}
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
