/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a listener listens: text to a socket address or a file mode. Pure: nothing is opened or
 * looked up. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "filterd/config/settings.h"

/* A port of 1 to 65535, then "@". *rest_r is what follows it. */
static bool
parse_port(const char *text, in_port_t *port_r, const char **rest_r)
{
	unsigned port = 0;

	while (*text >= '0' && *text <= '9' && port <= 65535)
		port = port * 10 + (unsigned)(*text++ - '0');
	if (*text != '@' || port < 1 || port > 65535)
		return false;
	*port_r = htons((in_port_t)port);
	*rest_r = text + 1;
	return true;
}

static const char *
parse_unix(const char *path, struct listener_address *address_r)
{
	struct sockaddr_un *address = &address_r->address.unix_path;

	if (path[0] != '/' || !path[1])
		return "expected an absolute path after \"unix:\"";
	if (strlen(path) >= sizeof(address->sun_path))
		return "the path of a unix socket has at most 107 bytes";
	address->sun_family = AF_UNIX;
	strcpy(address->sun_path, path);
	address_r->length = sizeof(*address);
	return NULL;
}

static const char *
parse_inet(const char *text, struct listener_address *address_r)
{
	struct sockaddr_in *address = &address_r->address.inet;
	const char *host;

	if (!parse_port(text, &address->sin_port, &host))
		return "expected a port from 1 to 65535 and \"@\" after \"inet:\"";
	if (inet_pton(AF_INET, host, &address->sin_addr) != 1)
		return "expected an IPv4 address such as 127.0.0.1 after \"@\"";
	address->sin_family = AF_INET;
	address_r->length = sizeof(*address);
	return NULL;
}

static const char *
parse_inet6(const char *text, struct listener_address *address_r)
{
	struct sockaddr_in6 *address = &address_r->address.inet6;
	char bare[INET6_ADDRSTRLEN + 1];
	const char *host;
	bool bracketed;
	int length;

	if (!parse_port(text, &address->sin6_port, &host))
		return "expected a port from 1 to 65535 and \"@\" after \"inet6:\"";
	bracketed = host[0] == '[' && host[strlen(host) - 1] == ']';
	length = (int)strlen(host) - (bracketed ? 2 : 0);
	if (length > INET6_ADDRSTRLEN)
		length = INET6_ADDRSTRLEN;
	snprintf(bare, sizeof(bare), "%.*s", length, host + (bracketed ? 1 : 0));
	if (inet_pton(AF_INET6, bare, &address->sin6_addr) != 1)
		return "expected an IPv6 address such as ::1 or [::1] after \"@\"";
	address->sin6_family = AF_INET6;
	address_r->length = sizeof(*address);
	return NULL;
}

static const struct {
	const char *prefix;
	int family;
	const char *(*parse)(const char *text, struct listener_address *address_r);
} families[] = {
	{ "unix:", AF_UNIX, parse_unix },
	{ "inet:", AF_INET, parse_inet },
	{ "inet6:", AF_INET6, parse_inet6 },
};

bool
listener_address_parse(const char *socket, struct listener_address *address_r, const char **error_r)
{
	size_t i;

	memset(address_r, 0, sizeof(*address_r));
	for (i = 0; i < sizeof(families) / sizeof(*families); i++) {
		size_t length = strlen(families[i].prefix);

		if (strncmp(socket, families[i].prefix, length) != 0)
			continue;
		address_r->family = families[i].family;
		*error_r = families[i].parse(socket + length, address_r);
		return *error_r == NULL;
	}
	*error_r = "expected unix:/PATH, inet:PORT@ADDRESS or inet6:PORT@ADDRESS";
	return false;
}

bool
listener_address_is_local(const struct listener_address *address)
{
	const struct in6_addr *six = &address->address.inet6.sin6_addr;
	in_addr_t four = ntohl(address->address.inet.sin_addr.s_addr);

	switch (address->family) {
	case AF_UNIX:
		return true;
	case AF_INET:
		return four >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
	default:
		return IN6_IS_ADDR_LOOPBACK(six);
	}
}

bool
listener_mode_parse(const char *text, mode_t *mode_r)
{
	size_t length = strspn(text, "01234567");
	mode_t mode = 0;

	if (length < 3 || length > 4 || text[length])
		return false;
	while (*text)
		mode = mode * 8 + (mode_t)(*text++ - '0');
	*mode_r = mode;
	return mode <= 0777;
}
