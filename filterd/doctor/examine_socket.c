/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets: which listener an MTA means, and whether it gets there. */
#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filterd/doctor/examine.h"
#include "filterd/mta/libmilter.h"
#include "filterd/supervise/privileges.h"

#define ANSWER_SECONDS 5	/* that a connection may take */

/* ---- which listener ---- */

static bool
same_file(const char *a, const char *b)
{
	struct stat one, other;

	return strcmp(a, b) == 0 || (stat(a, &one) == 0 && stat(b, &other) == 0 &&
	    one.st_dev == other.st_dev && one.st_ino == other.st_ino);
}

/* Whether an address is one of this machine's. */
static bool
is_ours(const struct sockaddr *address, socklen_t length)
{
	struct sockaddr_storage copy = { 0 };
	int probe = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ours;

	memcpy(&copy, address, length);
	if (address->sa_family == AF_INET)
		((struct sockaddr_in *)&copy)->sin_port = 0;
	else
		((struct sockaddr_in6 *)&copy)->sin6_port = 0;
	ours = probe >= 0 && bind(probe, (struct sockaddr *)&copy, length) == 0;
	if (probe >= 0)
		close(probe);
	return ours;
}

static bool
listens_at(const struct listener_address *listener, const struct addrinfo *info)
{
	if (listener->family != info->ai_family)
		return false;
	if (info->ai_family == AF_INET) {
		const struct sockaddr_in *wanted = (const void *)info->ai_addr;
		const struct sockaddr_in *there = &listener->address.inet;

		return there->sin_port == wanted->sin_port &&
		    (there->sin_addr.s_addr == wanted->sin_addr.s_addr ||
		    (there->sin_addr.s_addr == INADDR_ANY &&
		    is_ours(info->ai_addr, info->ai_addrlen)));
	}
	if (info->ai_family == AF_INET6) {
		const struct sockaddr_in6 *wanted = (const void *)info->ai_addr;
		const struct sockaddr_in6 *there = &listener->address.inet6;

		return there->sin6_port == wanted->sin6_port &&
		    (IN6_ARE_ADDR_EQUAL(&there->sin6_addr, &wanted->sin6_addr) ||
		    (IN6_IS_ADDR_UNSPECIFIED(&there->sin6_addr) &&
		    is_ours(info->ai_addr, info->ai_addrlen)));
	}
	return false;
}

static struct site_listener *
match_inet(struct site *site, const struct endpoint *endpoint)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct site_listener *found = NULL;
	struct addrinfo *all, *info;
	size_t i;

	if (getaddrinfo(endpoint->host, endpoint->port, &hints, &all) != 0)
		return NULL;
	for (info = all; info && !found; info = info->ai_next)
		for (i = 0; i < site->count && !found; i++)
			if (listens_at(&site->listeners[i].address, info))
				found = &site->listeners[i];
	freeaddrinfo(all);
	return found;
}

struct site_listener *
examine_match(const struct examination *examination, const struct endpoint *endpoint,
    const char *path)
{
	struct site *site = examination->site;
	size_t i;

	if (endpoint->problem)
		return NULL;
	if (!endpoint->path)
		return match_inet(site, endpoint);
	for (i = 0; i < site->count; i++)
		if (site->listeners[i].address.family == AF_UNIX &&
		    same_file(site->listeners[i].address.address.unix_path.sun_path, path))
			return &site->listeners[i];
	return NULL;
}

/* ---- the way to a unix socket ---- */

/* Whether the socket will let the user in once filterd has made it. Mistakes of the configuration
 * are found elsewhere. */
static bool
will_let_in(const struct site *site, const struct listener_settings *listener,
    const struct who *who)
{
	struct buffer problem = { 0 };
	struct identity identity;
	bool known = identity_find(&identity, site->settings->user, site->settings->group,
	    &problem);
	mode_t mode;

	buffer_free(&problem);
	if (!known || (listener->owner && !user_find(listener->owner, &identity.user)) ||
	    (listener->group && !group_find(listener->group, &identity.group)) ||
	    !listener_mode_parse(listener->mode, &mode))
		return true;
	return who_may(who, identity.user, identity.group, mode, 2);
}

static void
find_way(const struct examination *examination, const char *name, const char *what,
    const char *file, const char *put)
{
	examine_find(examination, &(struct finding){ .severity = SEVERITY_ERROR, .name = name,
		.what = what, .why = "Without a connection the MTA does with all mail what its "
		    "default action says.", .file = file, .put = put });
}

static void
find_refused(const struct examination *examination, const struct site_listener *listener,
    const struct who *who, const char *path)
{
	const struct group *group = getgrgid(who->group);

	find_way(examination, "socket-permission",
	    arena_printf(examination->arena, "%s's user %s may not write to the socket %s",
	    examination->mta, who->name, path),
	    examination->site->config,
	    arena_printf(examination->arena, "listener %s { … group %s; mode 0660; }",
	    listener->settings->name, group ? group->gr_name : who->name));
}

static const char *
folder_of(const struct site_listener *listener, struct arena *arena)
{
	const char *path = listener->address.address.unix_path.sun_path;

	return arena_copy(arena, path, (size_t)(strrchr(path, '/') - path));
}

void
examine_way(const struct examination *examination, const struct site_listener *listener,
    const struct who *who, const char *from, const char *path)
{
	struct arena *arena = examination->arena;
	char obstacle[PATH_MAX];

	switch (reach_socket(who, from, path, obstacle)) {
	case REACH_GOOD:
		break;
	case REACH_NO_FOLDER:
		find_way(examination, "no-folder",
		    arena_printf(arena, "there is no folder %s for the socket of listener %s",
		    obstacle, listener->settings->name), "a shell",
		    arena_printf(arena, "mkdir -p %s", folder_of(listener, arena)));
		break;
	case REACH_CLOSED:
		find_way(examination, "folder-permission",
		    arena_printf(arena, "%s's user %s may not pass the folder %s on the way to the "
		    "socket of listener %s", examination->mta, who->name, obstacle,
		    listener->settings->name), "a shell",
		    arena_printf(arena, "chmod o+x %s", obstacle));
		break;
	case REACH_NO_SOCKET:
		if (examination->site->daemon)
			find_way(examination, "no-socket",
			    arena_printf(arena, "filterd runs, but the socket %s of listener %s is "
			    "not there", obstacle, listener->settings->name), "a shell",
			    "filterd reload");
		else if (!will_let_in(examination->site, listener->settings, who))
			find_refused(examination, listener, who, obstacle);
		break;
	case REACH_NOT_A_SOCKET:
		find_way(examination, "not-a-socket",
		    arena_printf(arena, "%s is not a socket", obstacle), "a shell",
		    arena_printf(arena, "rm %s && filterd reload", obstacle));
		break;
	case REACH_REFUSED:
		find_refused(examination, listener, who, obstacle);
		break;
	}
}

/* ---- who answers ---- */

/* The process that listens at a unix socket; 0: the kernel does not say. */
static pid_t
listener_process(int connection)
{
	struct ucred peer = { .pid = 0 };
	socklen_t size = sizeof(peer);

	return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

void
examine_answer(const struct examination *examination, const struct site_listener *listener)
{
	const struct listener_address *address = &listener->address;
	const struct timeval patience = { .tv_sec = ANSWER_SECONDS };
	int connection = socket(address->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t peer = 0;

	if (connection < 0 || !examination->site->daemon) {
		if (connection >= 0)
			close(connection);
		return;
	}
	setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(connection, &address->address.any, address->length) == 0)
		peer = address->family == AF_UNIX ? listener_process(connection) : 0;
	else if (errno == ECONNREFUSED)
		find_way(examination, "nobody-listens",
		    arena_printf(examination->arena,
		    "filterd runs, but nobody listens at %s, where listener %s should",
		    listener->settings->socket, listener->settings->name), "a shell",
		    "filterd reload");
	close(connection);
	/* systemd, process 1, may have opened it for filterd */
	if (peer > 1 && peer != examination->site->daemon)
		examine_find(examination, &(struct finding){ .severity = SEVERITY_WARNING,
			.name = "other-process",
			.what = arena_printf(examination->arena,
			    "at %s listens process %d, and the filterd that answers at the control "
			    "socket is process %d", listener->settings->socket, (int)peer,
			    (int)examination->site->daemon),
			.why = "The mail goes to another program, or to another filterd." });
}

/* ---- IPv6 ---- */

/* Whether libmilter takes a socket of IPv6; tried in a child, which it would spoil. */
static bool
libmilter_takes(int listening)
{
	const char *error;
	int status = 1;
	pid_t child = fork();

	if (child == 0)
		_exit(libmilter_adopt(listening, &error) ? 0 : 1);
	return child < 0 || waitpid(child, &status, 0) != child || status == 0;
}

void
examine_inet6(const struct examination *examination, const char *why)
{
	const struct sockaddr_in6 address = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int listening = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const char *what = NULL;

	if (listening < 0 || bind(listening, (const struct sockaddr *)&address,
	    sizeof(address)) < 0 || listen(listening, 1) < 0)
		what = "this machine has no IPv6";
	else if (!libmilter_takes(listening))
		what = "this libmilter was built without IPv6";
	if (listening >= 0)
		close(listening);
	if (what)
		examine_find(examination, &(struct finding){ .severity = SEVERITY_WARNING,
			.name = "ipv6", .what = what, .why = why });
}
