/* SPDX-License-Identifier: BSD-2-Clause */
/* A blocking milter client. */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/driver/peer.h"

#define READ_SIZE	65536

static int
connect_to(const struct sockaddr *address, socklen_t size)
{
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int cause;

	if (fd < 0 || connect(fd, address, size) == 0)
		return fd;
	cause = errno;
	close(fd);
	errno = cause;
	return -1;
}

static int
connect_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path));
	return connect_to((const struct sockaddr *)&address, sizeof(address));
}

static int
connect_inet(const char *port_and_host, int family)
{
	const struct addrinfo hints = {
	    .ai_family = family, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	const char *at = strchr(port_and_host, '@');
	struct addrinfo *found;
	char port[8] = "";
	int fd;

	if (!at || (size_t)(at - port_and_host) >= sizeof(port)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(port, port_and_host, (size_t)(at - port_and_host));
	if (getaddrinfo(at + 1, port, &hints, &found) != 0) {
		errno = EINVAL;
		return -1;
	}
	fd = connect_to(found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return fd;
}

bool
peer_open(struct peer *peer_r, const char *address)
{
	*peer_r = (struct peer){ .fd = -1 };
	if (strncmp(address, "unix:", 5) == 0)
		peer_r->fd = connect_unix(address + 5);
	else if (strncmp(address, "local:", 6) == 0)
		peer_r->fd = connect_unix(address + 6);
	else if (strncmp(address, "inet:", 5) == 0)
		peer_r->fd = connect_inet(address + 5, AF_INET);
	else if (strncmp(address, "inet6:", 6) == 0)
		peer_r->fd = connect_inet(address + 6, AF_INET6);
	else
		errno = EINVAL;
	return peer_r->fd >= 0;
}

static bool
ready(const struct peer *peer, short events, int timeout)
{
	struct pollfd wait = { .fd = peer->fd, .events = events };
	int count;

	do
		count = poll(&wait, 1, timeout);
	while (count < 0 && errno == EINTR);
	return count > 0;
}

bool
peer_send(struct peer *peer, const void *bytes, size_t size, int timeout)
{
	const char *rest = bytes;

	while (size) {
		ssize_t sent;

		if (!ready(peer, POLLOUT, timeout))
			return false;
		sent = send(peer->fd, rest, size, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (sent < 0)
			return false;
		rest += sent;
		size -= (size_t)sent;
	}
	return true;
}

/* Drops what was taken, so that input begins with the next frame. */
static void
discard_taken(struct peer *peer)
{
	if (!peer->taken)
		return;
	peer->input.length -= peer->taken;
	memmove(peer->input.data, peer->input.data + peer->taken, peer->input.length);
	peer->taken = 0;
}

static enum peer_status
read_more(struct peer *peer, int timeout)
{
	char bytes[READ_SIZE];
	ssize_t got;

	do {
		if (!ready(peer, POLLIN, timeout))
			return PEER_TIMEOUT;
		got = recv(peer->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	} while (got < 0 && (errno == EAGAIN || errno == EINTR));
	if (got <= 0)
		return peer->input.length == 0 ? PEER_CLOSED : PEER_BROKEN;
	buffer_add(&peer->input, bytes, (size_t)got);
	return PEER_FRAME;
}

enum peer_status
peer_receive(struct peer *peer, int timeout, struct wire_frame *frame_r)
{
	enum peer_status status = PEER_FRAME;

	discard_taken(peer);
	while (status == PEER_FRAME) {
		struct str input = { peer->input.data, peer->input.length };

		switch (wire_take(input, frame_r, &peer->taken)) {
		case WIRE_FRAME:
			return PEER_FRAME;
		case WIRE_BAD:
			return PEER_BROKEN;
		case WIRE_MORE:
			status = read_more(peer, timeout);
			break;
		}
	}
	return status;
}

bool
peer_stirs(struct peer *peer, int timeout)
{
	return peer->input.length > peer->taken || ready(peer, POLLIN, timeout);
}

void
peer_finish(struct peer *peer)
{
	shutdown(peer->fd, SHUT_WR);
}

void
peer_close(struct peer *peer, bool abruptly)
{
	const struct linger none = { .l_onoff = 1, .l_linger = 0 };

	if (peer->fd >= 0) {
		if (abruptly)
			setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
		close(peer->fd);
	}
	peer->fd = -1;
	buffer_free(&peer->input);
	peer->taken = 0;
}
