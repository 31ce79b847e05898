/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Listening sockets. A unix socket is bound under a umask that lets nobody in, then gets its owner,
 * group and mode through a descriptor of the very file that was bound, and only then listens.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "filterd/supervise/privileges.h"
#include "filterd/supervise/sockets.h"

/* Adds "listener NAME: socket: " and the rest as a line. */
static bool __attribute__((format(printf, 3, 4)))
fail(struct buffer *problem, const struct listener_settings *settings, const char *format, ...)
{
	va_list arguments;

	buffer_printf(problem, "%s: listener \"%s\": %s: ", settings->where, settings->name,
	    settings->socket);
	va_start(arguments, format);
	buffer_vprintf(problem, format, arguments);
	va_end(arguments);
	buffer_add_char(problem, '\n');
	return false;
}

/* ---- a leftover file ---- */

/* Whether somebody listens there; a full queue is somebody too. */
static bool
is_live(const union socket_address *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool refused;

	if (fd < 0)
		return true;
	refused = connect(fd, &address->any, sizeof(address->local)) < 0 && errno == ECONNREFUSED;
	close(fd);
	return !refused;
}

static bool
remove_leftover(const union socket_address *address, const struct listener_settings *settings,
    struct buffer *problem)
{
	const char *path = address->local.sun_path;
	struct stat file;

	if (lstat(path, &file) < 0)
		return fail(problem, settings, "%s", strerror(errno));
	if (!S_ISSOCK(file.st_mode))
		return fail(problem, settings, "the file is there and is not a socket");
	if (is_live(address))
		return fail(problem, settings, "another process is listening on it");
	if (unlink(path) < 0)
		return fail(problem, settings, "cannot remove the socket that an earlier process"
		    " left behind: %s", strerror(errno));
	return true;
}

/* ---- owner and mode ---- */

/* The file that was bound: nobody has put another one in its place. */
static bool
is_ours(int file, struct listening *listening)
{
	struct stat status;

	if (fstat(file, &status) < 0 || !S_ISSOCK(status.st_mode) || status.st_uid != geteuid())
		return false;
	listening->device = status.st_dev;
	listening->inode = status.st_ino;
	return true;
}

static bool
give_away(int file, const struct listener_settings *settings, struct socket_owner owner,
    struct buffer *problem)
{
	mode_t mode = (mode_t)strtoul(settings->mode, NULL, 8);
	char path[64];

	if (settings->owner && !user_find(settings->owner, &owner.user))
		return fail(problem, settings, "there is no user \"%s\"", settings->owner);
	if (settings->group && !group_find(settings->group, &owner.group))
		return fail(problem, settings, "there is no group \"%s\"", settings->group);
	if (fchownat(file, "", owner.user, owner.group, AT_EMPTY_PATH) < 0)
		return fail(problem, settings, "cannot set its owner and group: %s",
		    strerror(errno));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (chmod(path, mode) < 0)
		return fail(problem, settings, "cannot set its mode: %s", strerror(errno));
	return true;
}

static bool
settle_file(struct listening *listening, const struct listener_settings *settings,
    struct socket_owner owner, struct buffer *problem)
{
	int file = open(listening->address.local.sun_path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	bool done;

	if (file < 0 || !is_ours(file, listening))
		done = fail(problem, settings, "somebody has replaced the socket");
	else
		done = give_away(file, settings, owner, problem);
	if (file >= 0)
		close(file);
	return done;
}

/* ---- opening ---- */

static int
bind_unreachable(const struct listening *listening)
{
	mode_t before = umask(0777);
	int result = bind(listening->fd, &listening->address.any,
	    socket_address_size(&listening->address));
	int error = errno;

	umask(before);
	errno = error;
	return result;
}

static bool
bind_path(struct listening *listening, const struct listener_settings *settings,
    struct socket_owner owner, struct buffer *problem)
{
	if (bind_unreachable(listening) < 0) {
		if (errno != EADDRINUSE)
			return fail(problem, settings, "%s", strerror(errno));
		if (!remove_leftover(&listening->address, settings, problem))
			return false;
		if (bind_unreachable(listening) < 0)
			return fail(problem, settings, "%s", strerror(errno));
	}
	return settle_file(listening, settings, owner, problem);
}

static bool
bind_port(const struct listening *listening, const struct listener_settings *settings,
    struct buffer *problem)
{
	int one = 1, family = listening->address.any.sa_family;

	setsockopt(listening->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (family == AF_INET6)
		setsockopt(listening->fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(listening->fd, &listening->address.any,
	    socket_address_size(&listening->address)) < 0)
		return fail(problem, settings, "%s", errno == EADDRINUSE ?
		    "another process is listening on it" : strerror(errno));
	return true;
}

/* One of the sockets that systemd has passed, with this address; -1: none. */
static int
find_handed_over(const union socket_address *wanted)
{
	int count = sd_listen_fds(0);
	int fd;

	for (fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; fd++) {
		union socket_address address = { 0 };
		socklen_t size = sizeof(address);

		if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) > 0 &&
		    getsockname(fd, &address.any, &size) == 0 &&
		    socket_address_equal(&address, wanted))
			return fd;
	}
	return -1;
}

static bool
open_new(struct listening *listening, const struct listener_settings *settings,
    struct socket_owner owner, struct buffer *problem)
{
	int family = listening->address.any.sa_family;
	bool bound;

	listening->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listening->fd < 0)
		return fail(problem, settings, "%s", strerror(errno));
	if (family == AF_UNIX)
		bound = bind_path(listening, settings, owner, problem);
	else
		bound = bind_port(listening, settings, problem);
	if (bound && listen(listening->fd, SOMAXCONN) < 0)
		bound = fail(problem, settings, "%s", strerror(errno));
	if (!bound)
		listening_close(listening);
	return bound;
}

bool
listening_open(struct listening *listening_r, const struct listener_settings *settings,
    struct socket_owner standard, struct buffer *problem)
{
	const char *why;

	*listening_r = (struct listening){ .fd = -1 };
	if (!socket_address_read(settings->socket, &listening_r->address, &why))
		return fail(problem, settings, "%s", why);
	listening_r->fd = find_handed_over(&listening_r->address);
	if (listening_r->fd < 0)
		return open_new(listening_r, settings, standard, problem);
	listening_r->handed_over = true;
	fcntl(listening_r->fd, F_SETFL, fcntl(listening_r->fd, F_GETFL) | O_NONBLOCK);
	return true;
}

static bool
is_still_there(const struct listening *listening)
{
	struct stat file;

	return listening->inode && lstat(listening->address.local.sun_path, &file) == 0 &&
	    file.st_dev == listening->device && file.st_ino == listening->inode;
}

void
listening_close(struct listening *listening)
{
	if (listening->fd < 0)
		return;
	if (is_still_there(listening))
		unlink(listening->address.local.sun_path);
	close(listening->fd);
	listening->fd = -1;
}
