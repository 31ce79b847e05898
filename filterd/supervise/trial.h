/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A trial: the configuration loaded as workers would, all its listeners, filters and lists, in a
 * child, so that a plugin that crashes in its start can be named.
 */
#ifndef FILTERD_SUPERVISE_TRIAL_H
#define FILTERD_SUPERVISE_TRIAL_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "filterd/supervise/watch.h"
#include "filterd/util/buffer.h"

/* Prints every mistake on standard error, and what there is to `good` when there is none; good may
 * be NULL. As root it looks with the eyes of the configuration's user. Returns a status of
 * sysexits(3): EX_CONFIG for a mistake, a crash included. */
int trial_load(const char *config, FILE *good);

/* The same, but what there is is printed by `show`, in the child. */
struct generation;
int trial_show(const char *config,
    void (*show)(const struct generation *generation, const char *config, FILE *to), FILE *to);

/* The same beside other work: what it prints is collected. */
struct trial;

/* in_child is called in the child with the argument: it closes what is not the trial's. NULL: it
 * cannot be forked. */
struct trial *trial_begin(const char *config, void (*in_child)(void *argument), void *argument);
void trial_watch(const struct trial *trial, struct watch *watch);

/* Takes what it has printed, or some of it, if it prints without end. */
void trial_hear(struct trial *trial);

/* A child of the process has ended. False: it was not the trial. */
bool trial_bury(struct trial *trial, pid_t pid, int status);

/* Whether all was heard, and it is buried; then, as of trial_load(), its status and what it has
 * printed, which is borrowed. */
bool trial_is_over(const struct trial *trial);
int trial_status(const struct trial *trial);
const struct buffer *trial_text(const struct trial *trial);

/* Kills it if it still runs. */
void trial_destroy(struct trial **trial);

#endif
