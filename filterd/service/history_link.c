/* SPDX-License-Identifier: BSD-2-Clause */
/* The socket pair and the key. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "filterd/service/history_link.h"
#include "filterd/util/memory.h"
#include "filterd/util/str.h"

#define ROOM		(4 << 20)	/* bytes of records that wait; root alone gets all */
#define TEXT_MAXIMUM	1024		/* bytes that are hashed of a text */

bool
history_link_open(struct history_link *link_r)
{
	int ends[2], room = ROOM;

	*link_r = (struct history_link){ .to = -1, .from = -1 };
	if (getrandom(link_r->key, sizeof(link_r->key), 0) != sizeof(link_r->key) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		return false;
	link_r->to = ends[0];
	link_r->from = ends[1];
	if (setsockopt(link_r->to, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) < 0)
		setsockopt(link_r->to, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	return true;
}

void
history_link_close(struct history_link *link)
{
	if (link->to >= 0)
		close(link->to);
	if (link->from >= 0)
		close(link->from);
	link->to = link->from = -1;
}

bool
history_link_send(const struct history_link *link, const void *record, size_t size)
{
	ssize_t sent;

	do
		sent = send(link->to, record, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)size;
}

/* An empty record looks like the end, but that shows in another way too. */
static bool
is_over(const struct history_link *link)
{
	struct pollfd end = { .fd = link->from, .events = POLLRDHUP };

	return poll(&end, 1, 0) != 0;
}

ssize_t
history_link_take(const struct history_link *link, void *record, size_t room)
{
	ssize_t got;

	do
		got = recv(link->from, record, room, MSG_DONTWAIT | MSG_TRUNC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN ? 0 : -1;
	if (got == 0)
		return is_over(link) ? -1 : (ssize_t)room + 1;
	return got;
}

void
history_pseudonym(const struct history_link *link, struct str text,
    char pseudonym_r[PSEUDONYM_BYTES])
{
	unsigned char folded[TEXT_MAXIMUM], hash[EVP_MAX_MD_SIZE] = { 0 };
	unsigned length = 0;
	size_t i;

	for (i = 0; i < text.length && i < sizeof(folded); i++)
		folded[i] = (unsigned char)str_lower(text.data[i]);
	if (!HMAC(EVP_sha256(), link->key, sizeof(link->key), folded, i, hash, &length))
		memory_exhausted();
	pseudonym_r[0] = '#';
	for (i = 0; i < (PSEUDONYM_BYTES - 2) / 2; i++)
		snprintf(pseudonym_r + 1 + 2 * i, 3, "%02x", hash[i]);
}
