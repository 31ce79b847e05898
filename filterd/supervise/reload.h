/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reload: the configuration is read anew, a new generation loads it, and takes over when all its
 * workers are ready. Whatever goes wrong leaves the old one serving; what is wrong is told in the
 * words of `filterd check`. One reload at a time: who asks during one gets another one after it.
 */
#ifndef FILTERD_SUPERVISE_RELOAD_H
#define FILTERD_SUPERVISE_RELOAD_H

#include "filterd/supervise/generations.h"

struct reload;

/* What it works with; borrowed. */
struct reload_needs {
	struct generations *generations;
	/* in a trial of the configuration: closes what is not its own */
	void (*in_child)(void *argument);
	/* one begins; one that has begun is over: a status of sysexits(3), and lines for people */
	void (*begun)(void *argument);
	void (*done)(void *argument, int status, const char *text);
	/* adds a line for each setting that cannot change before a restart, and has */
	void (*compare)(void *argument, const struct settings *settings, struct buffer *notes);
	void *argument;
};

struct reload *reload_create(const struct reload_needs *needs);
void reload_destroy(struct reload **reload);

/* Has reload_tend() begin one, now or when the one that is under way is over. */
void reload_request(struct reload *reload);

/* Gives up what is under way: the daemon stops. */
void reload_cancel(struct reload *reload);

/* For the loop, beside generations_watch() and generations_tend(). */
void reload_watch(const struct reload *reload, struct watch *watch);
void reload_tend(struct reload *reload);

/* A child of the process has ended. False: it was not the reload's. */
bool reload_bury(struct reload *reload, pid_t pid, int status);

#endif
