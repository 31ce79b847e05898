/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A trial: the configuration loaded as workers would, all its listeners, filters and lists, in a
 * child, so that a plugin that crashes in its start can be named.
 */
#ifndef FILTERD_SUPERVISE_TRIAL_H
#define FILTERD_SUPERVISE_TRIAL_H

#include <stdio.h>

#include "filterd/supervise/aside.h"

/* Prints every mistake on standard error, and what there is to `good` when there is none; good may
 * be NULL. As root it looks with the eyes of the configuration's user. Returns a status of
 * sysexits(3): EX_CONFIG for a mistake, a crash included. */
int trial_load(const char *config, FILE *good);

/* The same, but what there is is printed by `show`, in the child. */
struct generation;
int trial_show(const char *config,
    void (*show)(const struct generation *generation, const char *config, FILE *to), FILE *to);

/* The same beside other work: what it prints is collected, its status is that of trial_load(), and
 * it dies with the parent. in_child is called in the child with the argument: it closes what is not
 * the trial's. NULL: it cannot be forked. */
struct aside *trial_begin(const char *config, void (*in_child)(void *argument), void *argument);

#endif
