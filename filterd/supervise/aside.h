/* SPDX-License-Identifier: BSD-2-Clause */
/* A child that works beside the master's loop, and whose output is collected. */
#ifndef FILTERD_SUPERVISE_ASIDE_H
#define FILTERD_SUPERVISE_ASIDE_H

#include <stdbool.h>
#include <sys/types.h>

#include "filterd/supervise/watch.h"
#include "filterd/util/buffer.h"

struct aside;

/* work is called in the child, whose process group is its own, with the descriptor that is
 * collected from; it ends the process. NULL: it cannot be forked. */
struct aside *aside_begin(void (*work)(void *argument, int output), void *argument);
void aside_watch(const struct aside *aside, struct watch *watch);

/* Takes what it has printed, or some of it, if it prints without end. */
void aside_hear(struct aside *aside);

/* A child of the process has ended. False: it was not this one. */
bool aside_bury(struct aside *aside, pid_t pid, int status);

/* Whether all was heard, and it is buried; then its status, EX_OSERR when a signal ended it, and
 * what it has printed, which is borrowed. */
bool aside_is_over(const struct aside *aside);
int aside_status(const struct aside *aside);
const struct buffer *aside_text(const struct aside *aside);

/* Kills it, with its process group, if it still runs. */
void aside_kill(const struct aside *aside);

/* Hears it no more. */
void aside_destroy(struct aside **aside);

#endif
