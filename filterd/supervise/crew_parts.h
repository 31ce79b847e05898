/* SPDX-License-Identifier: BSD-2-Clause */
/* What a crew is made of. Private to supervise/crew*.c. */
#ifndef FILTERD_SUPERVISE_CREW_PARTS_H
#define FILTERD_SUPERVISE_CREW_PARTS_H

#include <sys/types.h>

#include "filterd/chain/removal.h"
#include "filterd/supervise/crash.h"
#include "filterd/supervise/crew.h"

struct worker {
	struct worker *next;
	size_t listener;		/* its place in the settings */
	pid_t pid;			/* 0: none lives */
	int channel;			/* -1: closed */
	bool ready;
	bool let_go;			/* takes no more connections */
	/* it drains, and another one has its place; forgotten when it is dead */
	bool retired;
	bool stopping;			/* retired: was told to stop */
	bool killed;			/* to make room for another one that retires */
	int64_t born;			/* as all times here, by watch_now() */
	int64_t due;			/* when to fork one; retired: when to hurry it */
	unsigned failures;		/* deaths of the young, in a row */
	size_t removed;			/* filters that were removed when it was forked */
	struct buffer said;
	struct crash_memory *crash;
	int slot;			/* of the metrics; -1: none */
};

struct blame;

struct crew {
	unsigned generation;
	const struct crew_needs *needs;
	struct worker *workers;		/* in the order of listeners */
	size_t size;			/* without those that are retired */
	size_t retired;
	bool settled;			/* all have served at the same time once */
	bool failed;
	bool serving;			/* workers are to take connections */
	bool leaving;			/* none is forked any more */
	struct buffer complaints;
	struct blame *blame;
	size_t removed;			/* filters */
	struct removals removals;
};

static inline const struct listener_settings *
crew_listener_of(const struct crew *crew, const struct worker *worker)
{
	return &crew->needs->settings->listeners[worker->listener];
}

/* Has the worker drain, and another one take its place at once. When it has not left after
 * drain-limit it is stopped. When too many drain already, the one that has done so longest is
 * killed. Nothing is done when the crew leaves. */
void crew_retire(struct crew *crew, struct worker *worker);

/* ---- crew_blame.c ---- */

void crew_blame_begin(struct crew *crew);
void crew_blame_end(struct crew *crew);

/* The filter has brought the worker down, or made it useless. One that does so too often is removed
 * from the chains of the crew, and so are the workers that have loaded it. The name is the worker's
 * word: one that is none of its listener's filters is passed over. */
void crew_blame(struct crew *crew, const struct worker *worker, const char *filter);

/* Has the worker's metrics show which filters it does without. */
void crew_mark_removed(const struct crew *crew, const struct worker *worker);

/* ---- crew_hang.c ---- */

/* A filter of the worker has hung, and the worker drains; the name is the worker's word. */
void crew_hear_hang(struct crew *crew, struct worker *worker, struct str filter);

/* ---- crew_report.c ---- */

/* A line for the death of one that served, and one for each thread that was in plugin code. */
void crew_report_death(const struct crew *crew, const struct worker *worker, int status);

/* What kept a worker from serving: its own words, or how it died. */
void crew_collect_complaints(struct crew *crew, const struct worker *worker, int status);

/* In the log, a line each: those of a first start go to standard error, by the caller. */
void crew_log_complaints(struct crew *crew);

#endif
