/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is running now: before each call of plugin code the calling thread notes filter, stage,
 * session and queue id, so that whoever reports a crash can name them. The notes stand in a table
 * which the supervisor may place in memory that it shares with the master; each thread takes one of
 * them at its first call and gives it back when it ends. From that call on it also has a stack of
 * its own for signal handlers, so that running out of stack can be reported.
 */
#ifndef FILTERD_CHAIN_CRASH_NOTE_H
#define FILTERD_CHAIN_CRASH_NOTE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#define CRASH_NOTE_FILTER	64	/* bytes, the NUL included; longer names are cut */
#define CRASH_NOTE_SESSION	16
#define CRASH_NOTE_QUEUE_ID	64

struct crash_note {
	atomic_bool taken;		/* by a thread that lives */
	/* that ended it, set by its handler; CRASH_NOTE_EXIT: exit(3) was called; 0: none */
	atomic_int signal;
	/* enum mf_stage of the call that runs; CRASH_NOTE_IDLE: no plugin code runs. Written last
	 * before a call. */
	atomic_int stage;
	char filter[CRASH_NOTE_FILTER];
	char session[CRASH_NOTE_SESSION];	/* "" in start and stop */
	char queue_id[CRASH_NOTE_QUEUE_ID];	/* "" while it is not known */
};

#define CRASH_NOTE_IDLE (-1)
#define CRASH_NOTE_EXIT (-1)

/* Gives the process count notes, zeroed or left by an earlier process, to write into from now on;
 * they stay the caller's, for as long as the process runs. To be called before any plugin code
 * runs. Without this call, and for threads past count, a note is the thread's own and can be read
 * in its process only. */
void crash_notes_place(struct crash_note *notes, size_t count);

/* This thread's note, never NULL. */
struct crash_note *crash_note_mine(void);

/* The same if it has called plugin code; else NULL. Safe in a signal handler. */
struct crash_note *crash_note_taken(void);

/* Notes a call, and its end. The texts are arrays of exactly these sizes, so that noting is a few
 * moves. */
void crash_note_begin(struct crash_note *note, const char filter[CRASH_NOTE_FILTER],
    const char session[CRASH_NOTE_SESSION], const char queue_id[CRASH_NOTE_QUEUE_ID], int stage);
void crash_note_end(struct crash_note *note);

/* One line for the log: `filter "x" in its message callback, session …, queue id …`; "no filter"
 * when idle. Safe in a signal handler. The text is cut to size bytes, the NUL included. */
void crash_note_describe(const struct crash_note *note, char *text_r, size_t size);

#endif
