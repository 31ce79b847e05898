/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is running now: before each call of plugin code the calling thread notes filter, stage,
 * session and queue id, so that whoever reports a crash can name them. The notes stand in a table
 * which the supervisor may place in memory that it shares with the master; each thread takes one of
 * them at its first call and gives it back when it ends. From that call on it also has a stack of
 * its own for signal handlers, so that running out of stack can be reported.
 *
 * The watchdog of the process (watchdog.h) finds there, too, which calls take long. It holds a call
 * for as long as it needs the session that the call is for: a held call cannot end. That costs a
 * call one store that is ordered before a load, and nothing else.
 */
#ifndef FILTERD_CHAIN_CRASH_NOTE_H
#define FILTERD_CHAIN_CRASH_NOTE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRASH_NOTE_FILTER	64	/* bytes, the NUL included; longer names are cut */
#define CRASH_NOTE_SESSION	16
#define CRASH_NOTE_QUEUE_ID	64

struct seat;

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

	/* For the watchdog alone. Times are those of the front end's clock. */
	struct seat *seat;		/* whose call it is; to be read while the call is held */
	_Atomic int64_t limit;		/* when the call has hung; CRASH_NOTE_NEVER: no matter */
	_Atomic int64_t progress;	/* when the MTA is to hear that work goes on; likewise */
	atomic_int hold;		/* enum crash_note_hold */
};

#define CRASH_NOTE_IDLE (-1)
#define CRASH_NOTE_EXIT (-1)
#define CRASH_NOTE_NEVER INT64_MAX

enum crash_note_hold {
	CRASH_NOTE_FREE,
	CRASH_NOTE_HELD,
	CRASH_NOTE_CUT		/* the call was cut off, and has not come back yet */
};

/* Gives the process count notes, zeroed or left by an earlier process, to write into from now on;
 * they stay the caller's, for as long as the process runs. To be called before any plugin code
 * runs. Without this call, and for threads past count, a note is the thread's own and can be read
 * in its process only. */
void crash_notes_place(struct crash_note *notes, size_t count);

/* This thread's note, never NULL. */
struct crash_note *crash_note_mine(void);

/* The same if it has called plugin code; else NULL. Safe in a signal handler. */
struct crash_note *crash_note_taken(void);

/* Notes whose the next call is and what the watchdog is to look for. Without it: nothing. */
void crash_note_watch(
    struct crash_note *note, struct seat *seat, int64_t limit, int64_t progress);

/* Notes a call, and its end, which waits while the call is held. The texts are arrays of exactly
 * these sizes, so that noting is a few moves. */
void crash_note_begin(struct crash_note *note, const char filter[CRASH_NOTE_FILTER],
    const char session[CRASH_NOTE_SESSION], const char queue_id[CRASH_NOTE_QUEUE_ID], int stage);
void crash_note_end(struct crash_note *note);

/* The notes that were ever taken, by their places in the table; NULL past the last. */
struct crash_note *crash_note_at(size_t place);

/* Holds the call that runs: it does not end, and nothing of its session changes but by it, until
 * crash_note_release(). False: none runs, or it was cut off before. For one thread alone. */
bool crash_note_hold(struct crash_note *note);

/* Lets it go on; `cut`: it was cut off, and counts as such until it comes back. */
void crash_note_release(struct crash_note *note, bool cut);

/* Calls that were cut off and have not come back. */
unsigned crash_notes_cut(void);

/* One line for the log: `filter "x" in its message callback, session …, queue id …`; "no filter"
 * when idle. Safe in a signal handler. The text is cut to size bytes, the NUL included. */
void crash_note_describe(const struct crash_note *note, char *text_r, size_t size);

#endif
