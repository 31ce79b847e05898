/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Listening sockets: opened by the master, with the owner, group and mode that the configuration
 * says, or taken from systemd. What cannot be opened is told to the caller; a leftover socket file
 * is replaced only when nobody listens on it.
 */
#ifndef FILTERD_SUPERVISE_SOCKETS_H
#define FILTERD_SUPERVISE_SOCKETS_H

#include <sys/types.h>

#include "filterd/config/settings.h"
#include "filterd/util/buffer.h"

struct listening {
	int fd;				/* does not block; -1: closed */
	struct listener_address address;
	bool handed_over;		/* by systemd: its file is not ours to remove */
	dev_t device;			/* of the socket file that we made */
	ino_t inode;
};

/* Who owns a unix socket whose settings name nobody: the user that workers become. */
struct socket_owner {
	uid_t user;
	gid_t group;
};

/* False: nothing is open, and a line about it was added to problem. Settings without a name are
 * those of a socket that is no listener's. */
bool listening_open(struct listening *listening_r, const struct listener_settings *settings,
    struct socket_owner standard, struct buffer *problem);

/* Whether it listens at that address and can still be reached there: its file may be gone. */
bool listening_is_at(const struct listening *listening, const char *socket);

/* Gives the file the owner, group and mode of these settings; nothing to do for other sockets. */
bool listening_settle(const struct listening *listening, const struct listener_settings *settings,
    struct socket_owner standard, struct buffer *problem);

/* Ends listening, for all processes that have the socket, closes it and removes the socket file
 * that it made, if it still is that one. One that systemd has handed over is left as it is, for
 * the next generation that wants it. */
void listening_close(struct listening *listening);

#endif
