/* SPDX-License-Identifier: BSD-2-Clause */
/* The socket pair, its files, and the count of what waits. */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "filterd/service/shadow_link.h"
#include "filterd/util/write.h"

struct shadow_queue {
	_Atomic uint64_t bytes;		/* that wait */
};

bool
shadow_link_open(struct shadow_link *link_r)
{
	int ends[2];
	void *memory = mmap(NULL, sizeof(struct shadow_queue), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	*link_r = (struct shadow_link){ .to = -1, .from = -1 };
	if (memory == MAP_FAILED)
		return false;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
		munmap(memory, sizeof(struct shadow_queue));
		return false;
	}
	*link_r = (struct shadow_link){ .to = ends[0], .from = ends[1], .queue = memory };
	return true;
}

void
shadow_link_close(struct shadow_link *link)
{
	if (link->to >= 0)
		close(link->to);
	if (link->from >= 0)
		close(link->from);
	if (link->queue)
		munmap(link->queue, sizeof(*link->queue));
	*link = (struct shadow_link){ .to = -1, .from = -1 };
}

/* ---- sending ---- */

/* A control message that holds one descriptor. */
union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* The packet is the size, the file goes beside it. */
static bool
send_file(const struct shadow_link *link, int file, uint64_t size)
{
	union control control = { .bytes = { 0 } };
	struct iovec packet = { &size, sizeof(size) };
	struct msghdr message = { .msg_iov = &packet, .msg_iovlen = 1,
		.msg_control = control.bytes, .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	ssize_t sent;

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &file, sizeof(file));
	do
		sent = sendmsg(link->to, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)sizeof(size);
}

bool
shadow_link_send(const struct shadow_link *link, const struct str *pieces, size_t count,
    uint64_t limit)
{
	uint64_t size = 0;
	bool sent = false;
	size_t i;
	int file;

	for (i = 0; i < count; i++)
		size += pieces[i].length;
	if (atomic_fetch_add(&link->queue->bytes, size) + size <= limit) {
		file = memfd_create("filterd-shadow", MFD_CLOEXEC);
		for (i = 0, sent = file >= 0; sent && i < count; i++)
			sent = write_whole(file, pieces[i].data, pieces[i].length);
		sent = sent && send_file(link, file, size);
		if (file >= 0)
			close(file);
	}
	if (!sent)
		atomic_fetch_sub(&link->queue->bytes, size);
	return sent;
}

/* ---- taking ---- */

/* The file of the next packet; -1: it has none. False: there is no packet. */
static bool
receive_file(const struct shadow_link *link, int *file_r, uint64_t *size_r)
{
	union control control;
	struct iovec packet = { size_r, sizeof(*size_r) };
	struct msghdr message = { .msg_iov = &packet, .msg_iovlen = 1,
		.msg_control = control.bytes, .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *head;
	ssize_t got;

	*file_r = -1;
	*size_r = 0;
	do
		got = recvmsg(link->from, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return false;
	head = CMSG_FIRSTHDR(&message);
	if (head && head->cmsg_type == SCM_RIGHTS && head->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(file_r, CMSG_DATA(head), sizeof(*file_r));
	return true;
}

bool
shadow_link_take(const struct shadow_link *link, struct buffer *message)
{
	char piece[64 * 1024];
	off_t place = 0;
	uint64_t size;
	ssize_t got;
	int file;

	message->length = 0;
	if (!receive_file(link, &file, &size))
		return false;
	atomic_fetch_sub(&link->queue->bytes, size);
	while (file >= 0 && (got = pread(file, piece, sizeof(piece), place)) > 0) {
		buffer_add(message, piece, (size_t)got);
		place += got;
	}
	if (file >= 0)
		close(file);
	return true;
}
