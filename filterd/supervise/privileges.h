/* SPDX-License-Identifier: BSD-2-Clause */
/* Who the workers are: the user and group of the configuration, and the way there from root. */
#ifndef FILTERD_SUPERVISE_PRIVILEGES_H
#define FILTERD_SUPERVISE_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

#include "filterd/util/buffer.h"

/* Names, or numbers. */
bool user_find(const char *name, uid_t *user_r);
bool group_find(const char *name, gid_t *group_r);

struct identity {
	bool change;		/* false: the process is already what it is to be */
	uid_t user;
	gid_t group;
	char name[64];		/* of the user, for its further groups; "" when it has none */
};

/* user and group may be NULL: stay who we are. False: a line was added to problem; only root can
 * become another. */
bool identity_find(struct identity *identity_r, const char *user, const char *group,
    struct buffer *problem);

/* Becomes that user for good, with its groups, and gives up gaining privileges by running other
 * programs. False: a line was added to problem, and the process must not go on. */
bool identity_assume(const struct identity *identity, struct buffer *problem);

#endif
