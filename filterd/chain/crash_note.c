/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Crash notes: a table of notes, one a thread. Taking a note is one compare-and-swap at a thread's
 * first call; noting a call takes no lock. Nothing here can fail: a thread that finds no free note
 * has one of its own, and one for which there is no second stack does without.
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <filterd/plugin.h>

#include "filterd/chain/crash_note.h"

#define SIGNAL_STACK	(64 * 1024)	/* bytes; memory only where a handler writes */

static struct crash_note *table;
static size_t table_size;
static atomic_size_t table_used;	/* notes that were ever taken: the first ones */
static atomic_uint calls_cut;
static _Thread_local struct crash_note own_note;
static _Thread_local struct crash_note *mine;
static _Thread_local void *signal_stack;	/* NULL: none */
static _Thread_local stack_t stack_before;
static pthread_key_t giving_back;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const char *const callback_names[MF_STAGE_COUNT] = {
	[MF_STAGE_START] = "start", [MF_STAGE_CONNECT] = "connect", [MF_STAGE_HELO] = "helo",
	[MF_STAGE_MAIL] = "mail", [MF_STAGE_RCPT] = "rcpt", [MF_STAGE_DATA] = "data",
	[MF_STAGE_HEADER] = "header", [MF_STAGE_EOH] = "eoh", [MF_STAGE_BODY] = "body",
	[MF_STAGE_MESSAGE] = "message", [MF_STAGE_UNKNOWN] = "unknown"
};

void
crash_notes_place(struct crash_note *notes, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		memset(&notes[i], 0, sizeof(notes[i]));
		atomic_init(&notes[i].stage, CRASH_NOTE_IDLE);
		atomic_init(&notes[i].limit, CRASH_NOTE_NEVER);
		atomic_init(&notes[i].progress, CRASH_NOTE_NEVER);
	}
	table = notes;
	table_size = count;
	atomic_store(&table_used, 0);
	mine = NULL;
}

/* ---- a thread's first call, and its end ---- */

static void
make_signal_stack(void)
{
	stack_t stack = { .ss_size = SIGNAL_STACK };

	if (signal_stack)
		return;
	stack.ss_sp = mmap(NULL, SIGNAL_STACK, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stack.ss_sp == MAP_FAILED)
		return;
	if (sigaltstack(&stack, &stack_before) == 0)
		signal_stack = stack.ss_sp;
	else
		munmap(stack.ss_sp, SIGNAL_STACK);
}

static void
give_back(void *note)
{
	if (signal_stack && sigaltstack(&stack_before, NULL) == 0)
		munmap(signal_stack, SIGNAL_STACK);
	signal_stack = NULL;
	mine = NULL;
	atomic_store(&((struct crash_note *)note)->taken, false);
}

static void
create_key(void)
{
	pthread_key_create(&giving_back, give_back);
}

static void
note_used(size_t place)
{
	size_t used = atomic_load(&table_used);

	while (used <= place && !atomic_compare_exchange_weak(&table_used, &used, place + 1))
		;
}

static struct crash_note *
take(void)
{
	size_t i;

	pthread_once(&once, create_key);
	make_signal_stack();
	for (i = 0; i < table_size; i++) {
		bool taken = false;

		if (!atomic_compare_exchange_strong(&table[i].taken, &taken, true))
			continue;
		pthread_setspecific(giving_back, &table[i]);
		note_used(i);
		return &table[i];
	}
	atomic_store(&own_note.stage, CRASH_NOTE_IDLE);
	pthread_setspecific(giving_back, &own_note);
	return &own_note;
}

struct crash_note *
crash_note_mine(void)
{
	if (!mine)
		mine = take();
	return mine;
}

struct crash_note *
crash_note_taken(void)
{
	return mine;
}

/* ---- calls ---- */

void
crash_note_watch(struct crash_note *note, struct seat *seat, int64_t limit, int64_t progress)
{
	note->seat = seat;
	atomic_store_explicit(&note->limit, limit, memory_order_relaxed);
	atomic_store_explicit(&note->progress, progress, memory_order_relaxed);
}

void
crash_note_begin(struct crash_note *note, const char filter[CRASH_NOTE_FILTER],
    const char session[CRASH_NOTE_SESSION], const char queue_id[CRASH_NOTE_QUEUE_ID], int stage)
{
	memcpy(note->filter, filter, CRASH_NOTE_FILTER);
	memcpy(note->session, session, CRASH_NOTE_SESSION);
	memcpy(note->queue_id, queue_id, CRASH_NOTE_QUEUE_ID);
	atomic_store_explicit(&note->stage, stage, memory_order_release);
}

/* The call has ended, but the watchdog still works with its session, or has cut it off. */
static void
wait_for_release(struct crash_note *note)
{
	static const struct timespec pause = { .tv_nsec = 100000 };
	int hold;

	while ((hold = atomic_load(&note->hold)) == CRASH_NOTE_HELD)
		nanosleep(&pause, NULL);
	if (hold != CRASH_NOTE_CUT)
		return;
	atomic_store(&note->hold, CRASH_NOTE_FREE);
	atomic_fetch_sub(&calls_cut, 1);
}

/* Here the stage is stored before the hold is loaded, and in crash_note_hold() the other way about:
 * in any order of the two, the one or the other sees what was stored. */
void
crash_note_end(struct crash_note *note)
{
	atomic_store(&note->stage, CRASH_NOTE_IDLE);
	if (atomic_load(&note->hold) != CRASH_NOTE_FREE)
		wait_for_release(note);
	atomic_store_explicit(&note->limit, CRASH_NOTE_NEVER, memory_order_relaxed);
	atomic_store_explicit(&note->progress, CRASH_NOTE_NEVER, memory_order_relaxed);
}

/* ---- for the watchdog ---- */

struct crash_note *
crash_note_at(size_t place)
{
	return place < atomic_load(&table_used) ? &table[place] : NULL;
}

bool
crash_note_hold(struct crash_note *note)
{
	if (atomic_load(&note->hold) != CRASH_NOTE_FREE)
		return false;
	atomic_store(&note->hold, CRASH_NOTE_HELD);
	if (atomic_load(&note->stage) != CRASH_NOTE_IDLE)
		return true;
	atomic_store(&note->hold, CRASH_NOTE_FREE);
	return false;
}

void
crash_note_release(struct crash_note *note, bool cut)
{
	if (cut)
		atomic_fetch_add(&calls_cut, 1);
	atomic_store(&note->hold, cut ? CRASH_NOTE_CUT : CRASH_NOTE_FREE);
}

unsigned
crash_notes_cut(void)
{
	return atomic_load(&calls_cut);
}

/* ---- describing ---- */

/* Text that is built where neither malloc nor stdio may be used. */
struct line {
	char *text;
	size_t size, length;
};

static void
line_add(struct line *line, const char *text, size_t maximum)
{
	size_t length = strnlen(text, maximum);
	size_t room = line->size - line->length - 1;

	if (length > room)
		length = room;
	memcpy(line->text + line->length, text, length);
	line->length += length;
	line->text[line->length] = '\0';
}

void
crash_note_describe(const struct crash_note *note, char *text_r, size_t size)
{
	struct line line = { text_r, size, 0 };
	int stage = atomic_load(&note->stage);

	if (!size)
		return;
	*text_r = '\0';
	if (stage < 0 || stage >= MF_STAGE_COUNT) {
		line_add(&line, "no filter", 16);
		return;
	}
	line_add(&line, "filter \"", 16);
	line_add(&line, note->filter, sizeof(note->filter));
	line_add(&line, "\" in its ", 16);
	line_add(&line, callback_names[stage], 16);
	line_add(&line, " callback", 16);
	if (note->session[0]) {
		line_add(&line, ", session ", 16);
		line_add(&line, note->session, sizeof(note->session));
	}
	if (note->queue_id[0]) {
		line_add(&line, ", queue id ", 16);
		line_add(&line, note->queue_id, sizeof(note->queue_id));
	}
}
