/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The master's side of the admin process: owns the sockets that it listens on, and the channel to
 * it; forks it, and forks another when it dies or when its settings change. While there is none,
 * connections wait in the sockets. Nothing about it is fatal once the daemon serves.
 */
#ifndef FILTERD_SUPERVISE_ADMIN_KEEPER_H
#define FILTERD_SUPERVISE_ADMIN_KEEPER_H

#include "filterd/admin/ring.h"
#include "filterd/service/history_link.h"
#include "filterd/service/metrics.h"
#include "filterd/supervise/privileges.h"
#include "filterd/supervise/sockets.h"
#include "filterd/supervise/watch.h"

struct admin_keeper;

/* What it works with; borrowed. */
struct admin_keeper_needs {
	const struct identity *identity;
	struct metrics *metrics;	/* NULL: none */
	const struct history_link *link;
	struct ring_memory *history;	/* NULL: none */
	/* In the child: closes what is not its own, opens the log of these settings. */
	void (*in_child)(void *argument, const struct settings *settings);
	/* Somebody who may has asked for a reload; admin_keeper_reloaded() tells how it went. */
	void (*reload)(void *argument);
	void *argument;
};

struct admin_keeper *admin_keeper_create(const struct admin_keeper_needs *needs);

/* Kills the process and closes the sockets. NULL: nothing. */
void admin_keeper_destroy(struct admin_keeper **keeper);

/* Makes ready what these settings want: opens the sockets that are new, reads the token. False:
 * lines were added to problem, and nothing has changed. */
bool admin_keeper_prepare(struct admin_keeper *keeper, const struct settings *settings,
    struct buffer *problem);

/* What is ready takes the place of what was: sockets that are not wanted any more are closed, and
 * the process is replaced. The settings are borrowed until the next one, or until
 * admin_keeper_rest(). */
void admin_keeper_switch(struct admin_keeper *keeper, const struct settings *settings,
    unsigned generation);

/* Gives up what is ready. */
void admin_keeper_abandon(struct admin_keeper *keeper);

/* The process goes on, but is not replaced any more: the daemon stops. */
void admin_keeper_rest(struct admin_keeper *keeper);

/* A reload begins. One that has begun is over, and who has asked for it is told: a status of
 * sysexits(3), and lines for people. */
void admin_keeper_reloading(struct admin_keeper *keeper);
void admin_keeper_reloaded(struct admin_keeper *keeper, int status, const char *text);

/* For the loop: what to wait for; then, whatever has come, everything that is due. */
void admin_keeper_watch(const struct admin_keeper *keeper, struct watch *watch);
void admin_keeper_tend(struct admin_keeper *keeper);

/* A child of the process has ended. False: it was not the admin process. */
bool admin_keeper_bury(struct admin_keeper *keeper, pid_t pid, int status);

/* In another child: closes what it has. */
void admin_keeper_forget(const struct admin_keeper *keeper);

#endif
