/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses of clamd, and which of them were out of order a moment ago. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/clamav/clamav.h"

static bool
parse_path(const char *path, struct server *server)
{
	struct sockaddr_un *address = (struct sockaddr_un *)&server->address;

	if (path[0] != '/' || strlen(path) >= sizeof(address->sun_path))
		return false;
	address->sun_family = AF_UNIX;
	memcpy(address->sun_path, path, strlen(path) + 1);
	server->length = sizeof(*address);
	return true;
}

/* PORT@ADDRESS; an IPv6 address may stand in brackets. */
static bool
parse_inet(const char *text, int family, struct server *server)
{
	struct sockaddr_in *inet = (struct sockaddr_in *)&server->address;
	struct sockaddr_in6 *inet6 = (struct sockaddr_in6 *)&server->address;
	char host[INET6_ADDRSTRLEN] = "", *end;
	unsigned long port = strtoul(text, &end, 10);
	size_t length = strlen(end);
	bool brackets = length > 3 && end[1] == '[' && end[length - 1] == ']';

	if (*text < '1' || *text > '9' || *end != '@' || port > 65535 ||
	    length - 1 >= sizeof(host))
		return false;
	memcpy(host, end + 1 + brackets, length - 1 - 2 * brackets);
	server->address.ss_family = (sa_family_t)family;
	server->length = family == AF_INET ? sizeof(*inet) : sizeof(*inet6);
	if (family == AF_INET)
		inet->sin_port = htons((uint16_t)port);
	else
		inet6->sin6_port = htons((uint16_t)port);
	return inet_pton(family, host, family == AF_INET ? (void *)&inet->sin_addr :
	    (void *)&inet6->sin6_addr) == 1;
}

bool
server_parse(const char *text, struct server *server_r, const char **error_r)
{
	*server_r = (struct server){ .name = text };
	*error_r = "expected unix:/PATH, inet:PORT@ADDRESS or inet6:PORT@ADDRESS";
	if (strncmp(text, "unix:", 5) == 0)
		return parse_path(text + 5, server_r);
	if (strncmp(text, "inet:", 5) == 0)
		return parse_inet(text + 5, AF_INET, server_r);
	return strncmp(text, "inet6:", 6) == 0 && parse_inet(text + 6, AF_INET6, server_r);
}

bool
server_up(struct clamav *clamav, const struct server *server, int64_t now)
{
	bool up;

	pthread_mutex_lock(&clamav->lock);
	up = server->down_until <= now;
	pthread_mutex_unlock(&clamav->lock);
	return up;
}

void
server_failed(struct clamav *clamav, struct server *server, int64_t until)
{
	pthread_mutex_lock(&clamav->lock);
	server->down_until = until;
	pthread_mutex_unlock(&clamav->lock);
}

bool
server_works(struct clamav *clamav, struct server *server)
{
	bool was_down;

	pthread_mutex_lock(&clamav->lock);
	was_down = server->down_until != 0;
	server->down_until = 0;
	pthread_mutex_unlock(&clamav->lock);
	return was_down;
}
