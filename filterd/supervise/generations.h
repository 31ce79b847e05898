/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The generations of the configuration that live: one serves, one may be loading to take its place,
 * and others are leaving, each at its own pace. Owns their settings, listening sockets and crews. A
 * socket goes from one generation to the next when both have it in their settings, so that no
 * connection is refused in between; else it is opened when a generation is loaded, and closed when
 * the last one that has it takes no more connections.
 */
#ifndef FILTERD_SUPERVISE_GENERATIONS_H
#define FILTERD_SUPERVISE_GENERATIONS_H

#include "filterd/supervise/admin_keeper.h"
#include "filterd/supervise/crew.h"

#define GENERATIONS_LEAVING	32	/* at a time; while there are so many, none is loaded */

struct tenure;

/* Zero-initialise it, then set what is borrowed. */
struct generations {
	const char *config;		/* path */
	const char *shadow_config;	/* path, in the place of the settings' own; NULL: none */
	const struct identity *identity;
	struct metrics *metrics;		/* NULL: none */
	const struct history_link *link;	/* for workers to send records by */
	struct admin_keeper *keeper;		/* of the admin process; it goes with who serves */
	/* In a child: closes what is not its own, but no socket or channel of a generation; opens
	 * the log of these settings. */
	void (*in_child)(void *argument, const struct settings *settings);
	void *argument;

	struct tenure *serving, *loading;	/* NULL: none */
	struct tenure *leaving;
	unsigned last;				/* number of the newest */
};

/* How fast generations leave. */
enum leave {
	LEAVE_DRAIN = 1,	/* sessions go on; when the limit is over, as LEAVE_SOON */
	LEAVE_SOON,		/* sessions are ended; after a while, as LEAVE_KILLED */
	LEAVE_KILLED
};

/* Opens the sockets and forks the workers of a generation. Takes settings and files, which may not
 * be NULL. False: nothing of it is left, and lines were added to problem. */
bool generations_load(struct generations *generations, struct settings *settings,
    struct archive *files, struct buffer *problem);

/* Of the one that is loading. */
enum loading { LOADING_GOES_ON, LOADING_READY, LOADING_FAILED };
enum loading generations_loading(const struct generations *generations);
struct crew *generations_loading_crew(const struct generations *generations);
/* Adds what its workers, and those of its shadow, have said. */
void generations_add_complaints(const struct generations *generations, struct buffer *to);

/* Has the one that is ready serve, and the one that served drain. False: the owner or mode of a
 * socket cannot be set; lines were added to problem, nothing else has happened. */
bool generations_switch(struct generations *generations, struct buffer *problem);

/* Ends the one that is loading. */
void generations_abandon(struct generations *generations);

/* Whether only the one that serves takes connections. */
bool generations_have_let_go(const struct generations *generations);

/* Has all leave at least that fast. */
void generations_leave(struct generations *generations, enum leave how);

/* None lives. */
bool generations_are_gone(const struct generations *generations);

/* NULL: none serves. */
const struct settings *generations_settings(const struct generations *generations);
unsigned generations_number(const struct generations *generations);
size_t generations_workers(const struct generations *generations);
size_t generations_leaving(const struct generations *generations);

/* For the loop: what to wait for; then, whatever has come, everything that is due. */
void generations_watch(const struct generations *generations, struct watch *watch);
void generations_tend(struct generations *generations);

/* A child of the process has ended. False: it was no worker. */
bool generations_bury(struct generations *generations, pid_t pid, int status);

/* In a child: closes all channels, all sockets but this one, and all links to shadows but that of
 * the generation with these settings; NULL: of none. */
void generations_forget(const struct generations *generations, int listening,
    const struct settings *settings);

#endif
