/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding and exchanging the descriptors that libmilter keeps to itself. Linux: /proc/self/fd. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "filterd/mta/adopt.h"

#define SEARCHED 64	/* descriptors from the expected one on */

bool
local_address_of(int fd, struct local_address *address_r)
{
	socklen_t size = sizeof(address_r->storage);

	memset(address_r, 0, sizeof(*address_r));
	return getsockname(fd, (struct sockaddr *)&address_r->storage, &size) == 0;
}

static int
socket_option(int fd, int option)
{
	int value = 0;
	socklen_t size = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

static bool
private_path(struct dummy *dummy)
{
	static const char *const places[] = { "/tmp", "/var/tmp", "/dev/shm" };
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(dummy->folder, sizeof(dummy->folder), "%s/filterd-XXXXXX", places[i]);
		if (!mkdtemp(dummy->folder))
			continue;
		snprintf(dummy->path, sizeof(dummy->path), "%s/socket", dummy->folder);
		snprintf(dummy->address, sizeof(dummy->address), "unix:%s", dummy->path);
		return true;
	}
	dummy->folder[0] = '\0';
	return false;
}

bool
dummy_create(struct dummy *dummy_r, int listening)
{
	struct local_address address;

	memset(dummy_r, 0, sizeof(*dummy_r));
	dummy_r->next = fcntl(listening, F_DUPFD_CLOEXEC, 0);
	if (dummy_r->next < 0 || !local_address_of(listening, &address))
		return false;
	close(dummy_r->next);
	switch (address.storage.ss_family) {
	case AF_UNIX:
		return private_path(dummy_r);
	case AF_INET:
		strcpy(dummy_r->address, "inet:0@[127.0.0.1]");
		return true;
	case AF_INET6:
		strcpy(dummy_r->address, "inet6:0@[::1]");
		return true;
	}
	errno = EAFNOSUPPORT;
	return false;
}

int
dummy_find(const struct dummy *dummy)
{
	int fd;

	for (fd = dummy->next; fd < dummy->next + SEARCHED; fd++)
		if (socket_option(fd, SO_ACCEPTCONN) == 1)
			return fd;
	return -1;
}

void
dummy_remove(struct dummy *dummy)
{
	if (!dummy->folder[0])
		return;
	unlink(dummy->path);
	rmdir(dummy->folder);
}

/* The kernel picks a name in the abstract namespace. */
int
dead_socket(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address.sun_family)) < 0 ||
	    listen(fd, 1) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Whether a connection with this end was accepted from a socket that listens there. */
static bool
came_from(const struct local_address *end, const struct local_address *listening)
{
	const void *a = &end->storage, *b = &listening->storage;
	const struct sockaddr_un *path = a, *other_path = b;
	const struct sockaddr_in *inet = a, *other_inet = b;
	const struct sockaddr_in6 *inet6 = a, *other_inet6 = b;

	if (end->storage.ss_family != listening->storage.ss_family)
		return false;
	switch (end->storage.ss_family) {
	case AF_UNIX:
		return strcmp(path->sun_path, other_path->sun_path) == 0;
	case AF_INET:
		return inet->sin_port == other_inet->sin_port;
	case AF_INET6:
		return inet6->sin6_port == other_inet6->sin6_port;
	}
	return false;
}

bool
connection_is_from(int fd, const struct local_address *listening)
{
	struct local_address end;

	return socket_option(fd, SO_ACCEPTCONN) == 0 && local_address_of(fd, &end) &&
	    came_from(&end, listening);
}

/* Calls `act` with each and returns their number; -1: errno. */
static int
each_connection(const struct local_address *listening, void (*act)(int fd))
{
	struct dirent *entry;
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	if (!folder)
		return -1;
	while ((entry = readdir(folder))) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] == '.' || !connection_is_from(fd, listening))
			continue;
		count++;
		act(fd);
	}
	closedir(folder);
	return count;
}

static void
leave_alone(int fd)
{
	(void)fd;
}

int
connections_count(const struct local_address *listening)
{
	return each_connection(listening, leave_alone);
}

static void
end_input(int fd)
{
	shutdown(fd, SHUT_RD);
}

void
connections_end_input(const struct local_address *listening)
{
	each_connection(listening, end_input);
}
