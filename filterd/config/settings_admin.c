/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks of the admin block: what it listens on cannot be reached from elsewhere by mistake. Every
 * mistake is noted at the value that holds it. */
#include <string.h>

#include "filterd/config/settings_parts.h"

#define HOST_MAXIMUM 253	/* characters of a host name, RFC 1035 section 2.3.4 */

static void
check_address(const struct check *check, const char *const *listen)
{
	struct listener_address address;
	const char *error;

	if (!listener_address_parse(*listen, &address, &error))
		check_mistake(check, listen, "%s, found \"%s\"", error, *listen);
	else if (!listener_address_is_local(&address) && !check->settings->admin.public)
		check_mistake(check, listen,
		    "\"%s\" can be reached from other machines, and whoever reaches it can read"
		    " what is kept of mail: expected a unix socket, 127.0.0.1 or ::1; or, where a"
		    " firewall or a proxy decides who may, \"public yes\" as well", *listen);
}

/* Written alike, that is: what is left is found when it is opened. */
static void
check_repeated(const struct check *check, size_t i)
{
	const char *const *items = check->settings->admin.listen.items;
	size_t j;

	for (j = 0; j < i; j++)
		if (strcmp(items[j], items[i]) == 0) {
			check_mistake(check, &items[i], "\"%s\" stands here twice", items[i]);
			return;
		}
}

static void
check_listen(const struct check *check)
{
	const struct mf_strings *listen = &check->settings->admin.listen;
	size_t i;

	if (!settings_want_admin(check->settings))
		return;
	if (listen->count > ADMIN_LISTEN_MAXIMUM)
		check_mistake(check, &listen->items[ADMIN_LISTEN_MAXIMUM],
		    "expected at most %d addresses", ADMIN_LISTEN_MAXIMUM);
	for (i = 0; i < listen->count && i < ADMIN_LISTEN_MAXIMUM; i++) {
		check_address(check, &listen->items[i]);
		check_repeated(check, i);
	}
}

static void
check_hosts(const struct check *check)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
	const struct mf_strings *host = &check->settings->admin.host;
	size_t i;

	for (i = 0; i < host->count; i++) {
		size_t length = strspn(host->items[i], letters);

		if (!length || length > HOST_MAXIMUM || host->items[i][length])
			check_mistake(check, &host->items[i],
			    "expected a host name, found \"%s\"", host->items[i]);
	}
}

void
check_admin(const struct check *check)
{
	const struct admin_settings *admin = &check->settings->admin;

	check_listen(check);
	check_user(check, &admin->owner);
	check_group(check, &admin->group);
	check_mode(check, &admin->mode);
	check_hosts(check);
	check_path(check, &admin->token_file, "token-file");
}
