/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The watchdog's thread. It looks at the crash notes several times within the shortest time limit
 * that there is, and once a second at least; it holds a call only when something is due for it, and
 * then for as long as a few bytes take. Nothing here is fatal: a connection that cannot be ended is
 * logged, and ends with the worker.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "filterd/chain/state.h"
#include "filterd/chain/watchdog.h"
#include "filterd/util/clock.h"

#define LOOKS		10		/* within a time limit */
#define LONGEST_PAUSE	1000		/* milliseconds between two looks */
#define SHORTEST_PAUSE	5

/* Written once, before the thread is there. */
static int report_to;
static struct timespec pause_between;

static bool
is_due(const _Atomic int64_t *time, int64_t now)
{
	return atomic_load_explicit(time, memory_order_relaxed) <= now;
}

/* ---- a call that hangs ---- */

static void
log_hang(const struct seat *seat, int stage, bool cut)
{
	char cause[64];
	struct log_field fields[] = {
		{ "stage", str_of(stage_name((enum mf_stage)stage)), false },
		{ "cause", { cause, 0 }, false },
		{ "connection", str_of(cut ? "closed" : "left open"), false },
	};

	fields[1].text.length = (size_t)snprintf(cause, sizeof(cause),
	    "did not come back within %lld ms",
	    (long long)seat->filter->settings.hard_timeout.milliseconds);
	session_log(seat->session, MF_LOG_ERROR, "filter cut off", seat->filter->name, fields,
	    sizeof(fields) / sizeof(fields[0]));
}

/* In one piece, which a pipe keeps together. Who does not read has no use for it. */
static void
report(const char *filter)
{
	char line[CRASH_NOTE_FILTER + 8];
	int length = snprintf(line, sizeof(line), "%.*s\n", CRASH_NOTE_FILTER, filter);

	while (write(report_to, line, (size_t)length) < 0 && errno == EINTR)
		;
}

static void
cut_off(struct crash_note *note)
{
	const struct seat *seat = note->seat;
	const struct front *front = seat->session->front;
	bool cut = front->cut && front->cut(seat->session->front_data);

	log_hang(seat, atomic_load(&note->stage), cut);
	metrics_filter_add(seat->metrics, METRICS_HANGS, 1);
	report(seat->filter->name);
}

/* ---- a call that the MTA waits for ---- */

static void
show_progress(struct crash_note *note, int64_t now)
{
	struct session *session = note->seat->session;

	session->front->progress(session->front_data);
	session->message.progress = now;
	atomic_store_explicit(&note->progress, now + progress_interval(session),
	    memory_order_relaxed);
}

/* ---- the thread ---- */

/* Until it was held, the call may have ended, and another one begun. */
static void
tend(struct crash_note *note, int64_t now)
{
	bool hangs;

	if (!is_due(&note->limit, now) && !is_due(&note->progress, now))
		return;
	if (!crash_note_hold(note))
		return;
	hangs = is_due(&note->limit, now);
	if (hangs)
		cut_off(note);
	else if (is_due(&note->progress, now))
		show_progress(note, now);
	crash_note_release(note, hangs);
}

static void *
watch(void *unused)
{
	struct crash_note *note;
	int64_t now;
	size_t i;

	(void)unused;
	for (;;) {
		nanosleep(&pause_between, NULL);
		now = clock_monotonic();
		for (i = 0; (note = crash_note_at(i)); i++)
			tend(note, now);
	}
	return NULL;
}

/* Milliseconds between two looks. */
static int64_t
choose_pause(const struct chain *chain)
{
	int64_t shortest = chain->settings->message.progress_interval.milliseconds, pause;
	size_t i;

	for (i = 0; i < chain->count; i++) {
		int64_t limit = chain->filters[i]->settings.hard_timeout.milliseconds;

		if (limit < shortest)
			shortest = limit;
	}
	pause = shortest / LOOKS;
	if (pause > LONGEST_PAUSE)
		return LONGEST_PAUSE;
	return pause < SHORTEST_PAUSE ? SHORTEST_PAUSE : pause;
}

bool
watchdog_start(const struct chain *chain, int report_fd)
{
	int64_t pause = choose_pause(chain);
	pthread_t thread;

	report_to = report_fd;
	pause_between = (struct timespec){ pause / 1000, pause % 1000 * 1000000 };
	errno = pthread_create(&thread, NULL, watch, NULL);
	if (errno)
		return false;
	pthread_detach(thread);
	return true;
}

unsigned
watchdog_stuck(void)
{
	return crash_notes_cut();
}
