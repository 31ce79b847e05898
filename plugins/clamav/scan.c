/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One scan: a connection, INSTREAM, the message in chunks, the reply. clamd may say what it has to
 * before it has all, as when its size limit is passed, and then reads no more: so what comes is
 * looked at when sending fails too. The body goes out from where it lies; the header is made of the
 * model's fields, some at a time.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "plugins/clamav/clamav.h"

#define CHUNK		(256u << 10)	/* bytes of the body that are sent as one */
#define HEADER_CHUNK	(16u << 10)	/* of the header */

struct stream {
	struct mf_context *c;
	int fd;
	bool late;			/* the deadline has passed */
	int error;			/* errno of what failed; 0: nothing has */
	char *buffer;			/* HEADER_CHUNK bytes */
	size_t used;			/* of it */
};

/* ---- waiting ---- */

/* False: the time is up, or the deadline has passed. */
static bool
await(struct stream *stream, unsigned events, int64_t milliseconds)
{
	enum mf_waited waited = mf_wait(stream->c, stream->fd, events, milliseconds);

	stream->late |= waited == MF_WAITED_DEADLINE;
	if (waited == MF_WAITED_TIME)
		stream->error = ETIMEDOUT;
	return waited == MF_WAITED_READY;
}

static bool
fail(struct stream *stream, int error)
{
	stream->error = error;
	return false;
}

/* ---- sending ---- */

static bool
send_parts(struct stream *stream, struct iovec *parts, size_t count)
{
	while (count) {
		struct msghdr message = { .msg_iov = parts, .msg_iovlen = count };
		ssize_t sent = sendmsg(stream->fd, &message, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno != EAGAIN)
			return fail(stream, errno);
		if (sent < 0 && !await(stream, MF_WRITABLE, -1))
			return false;
		for (; count && sent >= (ssize_t)parts->iov_len; parts++, count--)
			sent -= (ssize_t)parts->iov_len;
		if (count && sent > 0) {
			parts->iov_base = (char *)parts->iov_base + sent;
			parts->iov_len -= (size_t)sent;
		}
	}
	return true;
}

/* A chunk: its length in network order, then its bytes. */
static bool
send_chunk(struct stream *stream, const void *bytes, size_t size)
{
	uint32_t length = htonl((uint32_t)size);
	struct iovec parts[] = { { &length, sizeof(length) }, { (void *)bytes, size } };

	return send_parts(stream, parts, size ? 2 : 1);
}

static bool
flush(struct stream *stream)
{
	bool sent = !stream->used || send_chunk(stream, stream->buffer, stream->used);

	stream->used = 0;
	return sent;
}

static bool
add(struct stream *stream, const char *bytes, size_t size)
{
	while (size) {
		size_t room = HEADER_CHUNK - stream->used, part = size < room ? size : room;

		memcpy(stream->buffer + stream->used, bytes, part);
		stream->used += part;
		bytes += part;
		size -= part;
		if (stream->used == HEADER_CHUNK && !flush(stream))
			return false;
	}
	return true;
}

/* A field as it is delivered: its folds end in CRLF. */
static bool
add_field(struct stream *stream, const struct mf_header *field)
{
	const char *at = field->value, *end = field->value + field->value_length, *fold;
	bool sent = add(stream, field->name, field->name_length) && add(stream, ":", 1);

	while (sent && (fold = memchr(at, '\n', (size_t)(end - at)))) {
		sent = add(stream, at, (size_t)(fold - at)) && add(stream, "\r\n", 2);
		at = fold + 1;
	}
	return sent && add(stream, at, (size_t)(end - at)) && add(stream, "\r\n", 2);
}

static bool
send_message(struct stream *stream)
{
	static char command[] = "zINSTREAM";
	struct iovec start = { command, sizeof(command) };
	struct mf_header field;
	size_t size, at, i;
	const char *body = mf_body(stream->c, &size);

	if (!send_parts(stream, &start, 1))
		return false;
	for (i = 0; mf_header_at(stream->c, i, &field); i++)
		if (!add_field(stream, &field))
			return false;
	if (!add(stream, "\r\n", 2) || !flush(stream))
		return false;
	for (at = 0; at < size; at += CHUNK)
		if (!send_chunk(stream, body + at, size - at < CHUNK ? size - at : CHUNK))
			return false;
	return send_chunk(stream, NULL, 0);
}

size_t
scan_size(struct mf_context *c)
{
	struct mf_header field;
	size_t size, i;

	mf_body(c, &size);
	for (i = 0; mf_header_at(c, i, &field); i++)
		size += field.name_length + field.value_length + 3;
	return size + 2;
}

/* ---- the reply ---- */

/* Up to the NUL that ends it, or the end of the connection. */
static bool
receive(struct stream *stream, struct reply *reply_r)
{
	char bytes[REPLY_BYTES + 1], *end = NULL;
	size_t length = 0;

	while (!end && length < sizeof(bytes)) {
		ssize_t got = recv(stream->fd, bytes + length, sizeof(bytes) - length, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN) {
			if (!await(stream, MF_READABLE, -1))
				return false;
			continue;
		}
		if (got <= 0 && !length)
			return fail(stream, got < 0 ? errno : ECONNRESET);
		if (got <= 0)
			break;
		end = memchr(bytes + length, '\0', (size_t)got);
		length += (size_t)got;
	}
	*reply_r = reply_read(bytes, end ? (size_t)(end - bytes) : length);
	return true;
}

/* ---- a scan ---- */

static bool
connect_to(struct stream *stream, const struct server *server, int64_t milliseconds)
{
	int error;
	socklen_t length = sizeof(error);

	stream->fd = socket(server->address.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (stream->fd < 0)
		return fail(stream, errno);
	if (connect(stream->fd, (const struct sockaddr *)&server->address, server->length) == 0)
		return true;
	if (errno != EINPROGRESS)
		return fail(stream, errno);
	if (!await(stream, MF_WRITABLE, milliseconds))
		return false;
	if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
		error = errno;
	return error ? fail(stream, error) : true;
}

static enum scan_end
converse(struct stream *stream, const struct server *server, int64_t connect_timeout,
    struct reply *reply_r)
{
	if (!connect_to(stream, server, connect_timeout))
		return stream->late ? SCAN_LATE : SCAN_UNREACHABLE;
	if (!send_message(stream) && (stream->late || !receive(stream, reply_r)))
		return stream->late ? SCAN_LATE : SCAN_BROKEN;
	if (stream->error)
		return SCAN_REPLIED;	/* before it had all */
	if (receive(stream, reply_r))
		return SCAN_REPLIED;
	return stream->late ? SCAN_LATE : SCAN_BROKEN;
}

enum scan_end
scan(struct mf_context *c, const struct server *server, int64_t connect_timeout,
    struct reply *reply_r, const char **why_r)
{
	struct stream stream = { .c = c, .fd = -1, .buffer = mf_alloc(c, HEADER_CHUNK) };
	enum scan_end end = converse(&stream, server, connect_timeout, reply_r);

	if (stream.fd >= 0)
		close(stream.fd);
	*why_r = end == SCAN_LATE ? "it takes longer than the filter's timeout" :
	    mf_printf(c, "%s", strerror(stream.error));
	return end;
}
