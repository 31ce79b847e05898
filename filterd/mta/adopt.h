/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptors behind libmilter's back. It listens only on sockets that it opened itself and tells
 * nobody their descriptors, nor those of its connections; but its listening socket can be exchanged
 * for another one, and connections can be recognised by their address.
 */
#ifndef FILTERD_MTA_ADOPT_H
#define FILTERD_MTA_ADOPT_H

#include <stdbool.h>
#include <sys/socket.h>

/* An address of the same family as a listening socket, for libmilter to open a socket on that
 * nobody will ever reach: an unused port on loopback, or a path in a private folder. */
struct dummy {
	char address[128];	/* as libmilter wants it */
	char folder[64];	/* "" when there is none */
	char path[96];
	int next;		/* the descriptor that the next open(2) in this process will give */
};

/* False: errno. The process must have one thread, from here to dummy_find(). */
bool dummy_create(struct dummy *dummy_r, int listening);

/* The listening socket that was opened since dummy_create(); -1 when there is none. */
int dummy_find(const struct dummy *dummy);

/* Removes what it made in the file system; to be called in any case. */
void dummy_remove(struct dummy *dummy);

/* A listening socket that nobody can connect to by accident; -1: errno. */
int dead_socket(void);

/* Where a socket listens: connections that were accepted from it have the same local address. */
struct local_address {
	struct sockaddr_storage storage;
};

/* False: errno. */
bool local_address_of(int listening, struct local_address *address_r);

/* Connections that were accepted there and are still open, those too from which nothing was read
 * yet; -1: there is no telling. */
int connections_count(const struct local_address *listening);

/* Whether this is a connection that was accepted there. */
bool connection_is_from(int fd, const struct local_address *listening);

/* Ends input on every one of them: what is being worked on can still be answered, and then the
 * connection reads as closed. */
void connections_end_input(const struct local_address *listening);

#endif
