/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses of listening sockets as milters and MTAs write them: text in, struct out. */
#ifndef FILTERD_UTIL_SOCKET_ADDRESS_H
#define FILTERD_UTIL_SOCKET_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

union socket_address {
	struct sockaddr any;
	struct sockaddr_in inet;
	struct sockaddr_in6 inet6;
	struct sockaddr_un local;
	struct sockaddr_storage room;
};

/* Reads "unix:/path" (or "local:"), "inet:PORT@HOST" or "inet6:PORT@HOST". HOST is an address, in
 * brackets or not, or a name that getaddrinfo(3) finds without the DNS having to be there. False:
 * *error_r says what is wrong (static text). */
bool socket_address_read(const char *text, union socket_address *address_r, const char **error_r);

socklen_t socket_address_size(const union socket_address *address);

/* Same family, same path, or same port and address. */
bool socket_address_equal(const union socket_address *a, const union socket_address *b);

#endif
