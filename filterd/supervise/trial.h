/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A trial: the configuration loaded as workers would, all its listeners, filters and lists, in a
 * child, so that a plugin that crashes in its start can be named.
 */
#ifndef FILTERD_SUPERVISE_TRIAL_H
#define FILTERD_SUPERVISE_TRIAL_H

#include <stdio.h>

/* Prints every mistake on standard error, and what there is to `good` when there is none; good may
 * be NULL. As root it looks with the eyes of the configuration's user. Returns a status of
 * sysexits(3): EX_CONFIG for a mistake, a crash included. */
int trial_load(const char *config, FILE *good);

#endif
