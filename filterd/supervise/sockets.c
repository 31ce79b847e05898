/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Listening sockets. A unix socket is bound under a umask that lets nobody in, then gets its owner,
 * group and mode through a descriptor of the very file that was bound, and only then listens.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "filterd/supervise/privileges.h"
#include "filterd/supervise/sockets.h"

#define LOOKS		10	/* at a socket that somebody else has, before giving up */
#define LOOK_AGAIN	50	/* milliseconds between two of them */

/* Adds "listener NAME: socket: " and the rest as a line. */
static bool __attribute__((format(printf, 3, 4)))
fail(struct buffer *problem, const struct listener_settings *settings, const char *format, ...)
{
	va_list arguments;

	buffer_printf(problem, "%s: ", settings->where);
	if (settings->name)
		buffer_printf(problem, "listener \"%s\": ", settings->name);
	buffer_printf(problem, "%s: ", settings->socket);
	va_start(arguments, format);
	buffer_vprintf(problem, format, arguments);
	va_end(arguments);
	buffer_add_char(problem, '\n');
	return false;
}

/* ---- a leftover file ---- */

/* Whether somebody listens there; a full queue is somebody too. */
static bool
is_live(const struct listener_address *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool refused;

	if (fd < 0)
		return true;
	refused = connect(fd, &address->address.any, address->length) < 0 && errno == ECONNREFUSED;
	close(fd);
	return !refused;
}

/* Whether to try again: workers of a master that was killed just now take a moment to die. */
static bool
wait_for_others(unsigned *looks)
{
	static const struct timespec pause = { .tv_nsec = LOOK_AGAIN * 1000000 };

	if (*looks == 0)
		return false;
	--*looks;
	nanosleep(&pause, NULL);
	return true;
}

static bool
remove_leftover(const struct listener_address *address, const struct listener_settings *settings,
    struct buffer *problem)
{
	const char *path = address->address.unix_path.sun_path;
	unsigned looks = LOOKS;
	struct stat file;

	if (lstat(path, &file) < 0)
		return fail(problem, settings, "%s", strerror(errno));
	if (!S_ISSOCK(file.st_mode))
		return fail(problem, settings, "the file is there and is not a socket");
	while (is_live(address))
		if (!wait_for_others(&looks))
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
	char path[64];
	mode_t mode;

	if (!listener_mode_parse(settings->mode, &mode))
		return fail(problem, settings, "\"%s\" is not a mode", settings->mode);
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
	const char *path = listening->address.address.unix_path.sun_path;
	int file = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
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
	int result = bind(listening->fd, &listening->address.address.any,
	    listening->address.length);
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

/* Connections inherit that small writes do not wait for acknowledgements: edits are many. */
static bool
bind_port(const struct listening *listening, const struct listener_settings *settings,
    struct buffer *problem)
{
	int one = 1, family = listening->address.family;
	unsigned looks = LOOKS;

	setsockopt(listening->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(listening->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (family == AF_INET6)
		setsockopt(listening->fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	while (bind(listening->fd, &listening->address.address.any,
	    listening->address.length) < 0) {
		if (errno != EADDRINUSE)
			return fail(problem, settings, "%s", strerror(errno));
		if (!wait_for_others(&looks))
			return fail(problem, settings, "another process is listening on it");
	}
	return true;
}

/* Scope and flow of an IPv6 address do not count. */
static bool
is_same(const struct listener_address *a, const struct listener_address *b)
{
	const struct sockaddr_in6 *six = &a->address.inet6, *other_six = &b->address.inet6;

	if (a->address.any.sa_family != b->address.any.sa_family)
		return false;
	switch (a->address.any.sa_family) {
	case AF_UNIX:
		return strcmp(a->address.unix_path.sun_path, b->address.unix_path.sun_path) == 0;
	case AF_INET:
		return a->address.inet.sin_port == b->address.inet.sin_port &&
		    a->address.inet.sin_addr.s_addr == b->address.inet.sin_addr.s_addr;
	case AF_INET6:
		return six->sin6_port == other_six->sin6_port &&
		    memcmp(&six->sin6_addr, &other_six->sin6_addr, sizeof(six->sin6_addr)) == 0;
	}
	return false;
}

/* One of the sockets that systemd has passed, with this address; -1: none. */
static int
find_handed_over(const struct listener_address *wanted)
{
	int count = sd_listen_fds(0);
	int fd;

	for (fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; fd++) {
		struct listener_address address = { .length = sizeof(address.address) };

		if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) > 0 &&
		    getsockname(fd, &address.address.any, &address.length) == 0 &&
		    is_same(&address, wanted))
			return fd;
	}
	return -1;
}

static bool
open_new(struct listening *listening, const struct listener_settings *settings,
    struct socket_owner owner, struct buffer *problem)
{
	int family = listening->address.family;
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
	if (!listener_address_parse(settings->socket, &listening_r->address, &why))
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
	const char *path = listening->address.address.unix_path.sun_path;
	struct stat file;

	return listening->inode && lstat(path, &file) == 0 &&
	    file.st_dev == listening->device && file.st_ino == listening->inode;
}

bool
listening_is_at(const struct listening *listening, const char *socket)
{
	struct listener_address address;
	const char *why;

	return listening->fd >= 0 && listener_address_parse(socket, &address, &why) &&
	    is_same(&listening->address, &address) &&
	    (address.family != AF_UNIX || listening->handed_over || is_still_there(listening));
}

bool
listening_settle(const struct listening *listening, const struct listener_settings *settings,
    struct socket_owner standard, struct buffer *problem)
{
	const char *path = listening->address.address.unix_path.sun_path;
	struct stat status;
	bool done = false;
	int file;

	if (!listening->inode)
		return true;
	file = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (file >= 0 && fstat(file, &status) == 0 && status.st_dev == listening->device &&
	    status.st_ino == listening->inode)
		done = give_away(file, settings, standard, problem);
	else
		fail(problem, settings, "somebody has replaced the socket");
	if (file >= 0)
		close(file);
	return done;
}

void
listening_close(struct listening *listening)
{
	if (listening->fd < 0 || listening->handed_over)
		return;
	if (is_still_there(listening))
		unlink(listening->address.address.unix_path.sun_path);
	shutdown(listening->fd, SHUT_RDWR);
	close(listening->fd);
	listening->fd = -1;
}
