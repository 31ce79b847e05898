/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A crew: the workers of one generation of the configuration, some for each listener. Forks them,
 * hears what they say, and forks a new one for each that dies while the crew serves.
 */
#ifndef FILTERD_SUPERVISE_CREW_H
#define FILTERD_SUPERVISE_CREW_H

#include "filterd/config/archive.h"
#include "filterd/service/history_link.h"
#include "filterd/service/shadow_link.h"
#include "filterd/supervise/privileges.h"
#include "filterd/supervise/sockets.h"
#include "filterd/supervise/watch.h"

struct crew;

/* What workers are made from; borrowed for as long as the crew lives. */
struct crew_needs {
	const char *config;		/* path */
	const struct settings *settings;
	struct archive *files;		/* what they load */
	const struct listening *listenings;	/* one for each listener of the settings */
	const struct identity *identity;
	struct metrics *metrics;	/* where workers count; NULL: nowhere */
	const struct history_link *link;
	const struct shadow_link *shadow;	/* NULL: there is no shadow configuration */
	/* called in a worker: closes what it must not keep, all sockets but this one among it, and
	 * opens the log of these settings */
	void (*in_child)(void *argument, const struct settings *settings, int listening);
	void *argument;
};

/* Forks the first workers. They load, and take no connection yet. */
struct crew *crew_start(unsigned generation, const struct crew_needs *needs);

/* No worker may be left. */
void crew_destroy(struct crew **crew);

/* Whether each worker has loaded all, and whether nothing more is to be expected of a start: each
 * worker has or is dead. While not all of them have, none is forked in the place of a dead one. */
bool crew_is_ready(const struct crew *crew);
bool crew_is_decided(const struct crew *crew);

/* What the workers that failed have said, each complaint once; borrowed. */
const struct buffer *crew_complaints(const struct crew *crew);

/* Adds a complaint for each worker that is not ready: it still loads, and what. */
void crew_complain_of_slow(struct crew *crew);

/* Has the workers take connections from now on, those too that come later. */
void crew_serve(struct crew *crew);

/* Has the workers take no more connections, and each leave when it has none. */
void crew_drain(struct crew *crew);

/* Whether none takes connections any more, after crew_drain() or crew_stop(). */
bool crew_has_let_go(const struct crew *crew);

/* Has the workers stop: sessions are ended soon. Those that still load are killed, as all are with
 * `now`. */
void crew_stop(struct crew *crew, bool now);

/* The channels, for poll(2); then what came through them. */
void crew_watch(const struct crew *crew, struct watch *watch);
void crew_hear(struct crew *crew);

/* In a child: closes the channels. */
void crew_forget(const struct crew *crew);

/* A child of the process has ended. False: it was none of these workers. */
bool crew_bury(struct crew *crew, pid_t pid, int status);

/* Forks the workers whose time has come. Milliseconds until the next one's; -1: none is missing. */
int crew_tend(struct crew *crew);

/* Workers there are to be, and those that live. */
size_t crew_size(const struct crew *crew);
size_t crew_alive(const struct crew *crew);

#endif
