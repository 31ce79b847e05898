/* SPDX-License-Identifier: BSD-2-Clause */
/* Asking the daemon. The kernel says which process listens on the control socket. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "filterd/command/control_client.h"

static int
fail(int connection, struct buffer *problem, const char *path, const char *why)
{
	buffer_printf(problem, "%s: %s\n", path, why);
	if (connection >= 0)
		close(connection);
	return -EX_UNAVAILABLE;
}

/* Who may not connect cannot know whether somebody listens. */
static int
fail_to_connect(int connection, struct buffer *problem, const char *path)
{
	int cause = errno;

	if (cause == EACCES || cause == EPERM) {
		fail(connection, problem, path, "only root and the daemon's user may ask there");
		return -EX_NOPERM;
	}
	return fail(connection, problem, path, cause == ENOENT || cause == ECONNREFUSED ?
	    "no filterd is running" : strerror(cause));
}

int
control_connect(const char *path, pid_t *daemon_r, struct buffer *problem)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct ucred peer = { .pid = 0 };
	socklen_t size = sizeof(peer);
	int connection;

	if (strlen(path) >= sizeof(address.sun_path))
		return fail(-1, problem, path, "the path is too long");
	strcpy(address.sun_path, path);
	connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connection < 0 ||
	    connect(connection, (struct sockaddr *)&address, sizeof(address)) < 0)
		return fail_to_connect(connection, problem, path);
	if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.pid <= 0)
		return fail(connection, problem, path, "it does not tell who listens there");
	*daemon_r = peer.pid;
	return connection;
}

/* Takes the "status N" line off the answer. */
static int
take_status(struct buffer *text)
{
	int status = EX_PROTOCOL, length = 0;

	if (!text->length || sscanf(text->data, "status %d\n%n", &status, &length) != 1 || !length)
		return EX_PROTOCOL;
	text->length -= (size_t)length;
	memmove(text->data, text->data + length, text->length + 1);
	return status;
}

int
control_ask(int connection, const char *request, struct buffer *text_r)
{
	struct buffer answer = { 0 };
	char bytes[4096];
	ssize_t got;
	int status;

	buffer_printf(&answer, "%s\n", request);
	got = send(connection, answer.data, answer.length, MSG_NOSIGNAL);
	answer.length = 0;
	while (got > 0 && ((got = read(connection, bytes, sizeof(bytes))) > 0 ||
	    (got < 0 && errno == EINTR)))
		if (got > 0)
			buffer_add(&answer, bytes, (size_t)got);
	close(connection);
	status = take_status(&answer);
	buffer_add(text_r, buffer_text(&answer), answer.length);
	buffer_free(&answer);
	return status;
}
