/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses of listening sockets. */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/util/socket_address.h"

#define WORD 256	/* bytes of a host name or port, the NUL included */

static bool
read_path(const char *path, union socket_address *address_r, const char **error_r)
{
	*error_r = "the path of a unix socket must begin with /";
	if (path[0] != '/')
		return false;
	*error_r = "the path of a unix socket has at most 107 bytes";
	if (strlen(path) >= sizeof(address_r->local.sun_path))
		return false;
	address_r->local.sun_family = AF_UNIX;
	strcpy(address_r->local.sun_path, path);
	return true;
}

/* "[address]" without its brackets. */
static void
strip_brackets(char *host)
{
	size_t length = strlen(host);

	if (length < 2 || host[0] != '[' || host[length - 1] != ']')
		return;
	memmove(host, host + 1, length - 2);
	host[length - 2] = '\0';
}

static bool
is_port(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length <= 5 && strspn(text, "0123456789") == length;
}

static bool
read_port(int family, const char *text, union socket_address *address_r, const char **error_r)
{
	struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	const char *at = strchr(text, '@');
	char port[WORD], host[WORD];
	int failure;

	*error_r = "expected PORT@ADDRESS behind the colon";
	if (!at || !at[1] || (size_t)(at - text) >= sizeof(port) || strlen(at + 1) >= sizeof(host))
		return false;
	snprintf(port, sizeof(port), "%.*s", (int)(at - text), text);
	snprintf(host, sizeof(host), "%s", at + 1);
	*error_r = "a port is a number from 1 to 65535";
	if (!is_port(port) || atoi(port) < 1 || atoi(port) > 65535)
		return false;
	strip_brackets(host);
	failure = getaddrinfo(host, port, &hints, &found);
	if (failure) {
		*error_r = gai_strerror(failure);
		return false;
	}
	memcpy(address_r, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return true;
}

bool
socket_address_read(const char *text, union socket_address *address_r, const char **error_r)
{
	memset(address_r, 0, sizeof(*address_r));
	if (strncmp(text, "unix:", 5) == 0)
		return read_path(text + 5, address_r, error_r);
	if (strncmp(text, "local:", 6) == 0)
		return read_path(text + 6, address_r, error_r);
	if (strncmp(text, "inet:", 5) == 0)
		return read_port(AF_INET, text + 5, address_r, error_r);
	if (strncmp(text, "inet6:", 6) == 0)
		return read_port(AF_INET6, text + 6, address_r, error_r);
	*error_r = "expected unix:/PATH, inet:PORT@ADDRESS or inet6:PORT@ADDRESS";
	return false;
}

socklen_t
socket_address_size(const union socket_address *address)
{
	switch (address->any.sa_family) {
	case AF_UNIX:
		return sizeof(address->local);
	case AF_INET:
		return sizeof(address->inet);
	default:
		return sizeof(address->inet6);
	}
}

bool
socket_address_equal(const union socket_address *a, const union socket_address *b)
{
	if (a->any.sa_family != b->any.sa_family)
		return false;
	switch (a->any.sa_family) {
	case AF_UNIX:
		return strncmp(a->local.sun_path, b->local.sun_path,
		    sizeof(a->local.sun_path)) == 0;
	case AF_INET:
		return a->inet.sin_port == b->inet.sin_port &&
		    a->inet.sin_addr.s_addr == b->inet.sin_addr.s_addr;
	case AF_INET6:
		return a->inet6.sin6_port == b->inet6.sin6_port &&
		    memcmp(&a->inet6.sin6_addr, &b->inet6.sin6_addr,
		    sizeof(a->inet6.sin6_addr)) == 0;
	}
	return false;
}
