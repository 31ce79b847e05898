/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A crew: the workers of one generation of the configuration, some for each listener. Forks them,
 * hears what they say, and forks a new one for each that dies.
 */
#ifndef FILTERD_SUPERVISE_CREW_H
#define FILTERD_SUPERVISE_CREW_H

#include <poll.h>

#include "filterd/supervise/privileges.h"
#include "filterd/supervise/sockets.h"

struct crew;

/* What workers are made from; borrowed for as long as the crew lives. */
struct crew_needs {
	const char *config;		/* path */
	const struct settings *settings;
	const struct listening *listenings;	/* one for each listener of the settings */
	const struct identity *identity;
	void (*in_child)(void *argument);	/* closes what a worker must not keep */
	void *argument;
};

/* Forks the first workers. */
struct crew *crew_start(unsigned generation, const struct crew_needs *needs);

/* No worker may be left. */
void crew_destroy(struct crew **crew);

/* Whether each worker serves. */
bool crew_is_ready(const struct crew *crew);

/* Whether nothing more is to be expected of a first start: each worker serves or is dead. While not
 * all of them have served, none is forked in the place of a dead one. */
bool crew_is_decided(const struct crew *crew);

/* What the workers that failed have said, each complaint once; borrowed. */
const struct buffer *crew_complaints(const struct crew *crew);

/* Their channels, for poll(2): the caller gives room for crew_size() of them. */
size_t crew_size(const struct crew *crew);
void crew_watch(const struct crew *crew, struct pollfd *channels_r);
void crew_hear(struct crew *crew, const struct pollfd *channels);

/* A child of the process has ended. False: it was none of these workers. */
bool crew_bury(struct crew *crew, pid_t pid, int status);

/* Forks the workers whose time has come. Milliseconds until the next one's; -1: none is missing. */
int crew_tend(struct crew *crew);

/* Has the workers stop; those that do not serve yet are killed, as all are with `now`. */
void crew_stop(struct crew *crew, bool now);

/* Workers that live. */
size_t crew_alive(const struct crew *crew);

#endif
