/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a user other than ourselves could connect to a unix socket, found by looking at owners,
 * groups and modes on the way to it. Access control lists and security modules are not seen.
 */
#ifndef FILTERD_DOCTOR_REACH_H
#define FILTERD_DOCTOR_REACH_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#define WHO_GROUPS 64

struct who {
	char name[64];
	uid_t user;
	gid_t group;
	gid_t groups[WHO_GROUPS];
	int group_count;
};

/* By name or number. False: there is no such user. */
bool who_find(struct who *who_r, const char *name);

/* Whether the user has all of these bits (4 read, 2 write, 1 search) on a file of that owner, group
 * and mode. */
bool who_may(const struct who *who, uid_t owner, gid_t group, mode_t mode, unsigned bits);

enum reach {
	REACH_GOOD,
	REACH_NO_FOLDER,	/* it is not there, or is none */
	REACH_CLOSED,		/* a folder that the user may not pass */
	REACH_NO_SOCKET,	/* all folders are well, the socket is not there */
	REACH_NOT_A_SOCKET,
	REACH_REFUSED		/* the user may not write to the socket */
};

/* The way to a socket, from a folder where the user is already: "" for the root. Unless it is good,
 * obstacle_r is the file or folder that stands in the way. */
enum reach reach_socket(const struct who *who, const char *from, const char *path,
    char obstacle_r[PATH_MAX]);

/* What Sendmail's DontBlameSendmail lets pass. */
struct blame {
	bool group, world, sticky;
};

/* Whether Sendmail would call the way to a socket safe: no folder on it that its group or the world
 * can write to. False: obstacle_r is that folder. */
bool reach_is_safe(const char *path, const struct blame *allowed, char obstacle_r[PATH_MAX]);

#endif
