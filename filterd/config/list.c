/* SPDX-License-Identifier: BSD-2-Clause */
/* Named lists: each entry goes to the index of its kind, each look-up to the indexes that can
 * hold it. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/config/list.h"
#include "filterd/config/list_names.h"
#include "filterd/config/list_network.h"
#include "filterd/util/domain.h"
#include "filterd/util/memory.h"

#define LIST_MAGIC	0x4c495354u

struct mf_list {
	unsigned magic;
	bool sealed;
	char *name;
	size_t count;
	struct network_set ipv4, ipv6;
	struct name_set names;
};

struct mf_list *
list_create(const char *name)
{
	struct mf_list *list = memory_alloc(sizeof(*list));

	list->magic = LIST_MAGIC;
	list->name = memory_strdup(name);
	return list;
}

void
list_destroy(struct mf_list **list)
{
	struct mf_list *doomed = *list;

	if (!doomed)
		return;
	assert(doomed->magic == LIST_MAGIC);
	doomed->magic = 0;
	network_set_free(&doomed->ipv4);
	network_set_free(&doomed->ipv6);
	name_set_free(&doomed->names);
	free(doomed->name);
	free(doomed);
	*list = NULL;
}

const char *
list_name(const struct mf_list *list)
{
	return list->name;
}

/* What is wrong with an entry whatever its kind; NULL: nothing. */
static const char *
entry_flaw(const struct mf_list *list, struct str entry)
{
	size_t i;

	if (entry.length == 0)
		return "the entry is empty";
	if (entry.length > LIST_ENTRY_MAXIMUM)
		return "the entry is too long";
	for (i = 0; i < entry.length; i++)
		if ((unsigned char)entry.data[i] < ' ' || entry.data[i] == 127)
			return "the entry has a control character";
	if (str_equal(entry, STR(".")))
		return "a domain is missing behind the dot";
	if (list->count >= LIST_ENTRIES_MAXIMUM ||
	    list->names.size + entry.length >= LIST_TEXT_MAXIMUM)
		return "the list is too long";
	return NULL;
}

/* Two dots, or a dot and a slash, among nothing but digits: what is meant is an IPv4 address, and
 * as a text it would never be found. */
static bool
resembles_ipv4(struct str entry)
{
	size_t i, dots = 0, slashes = 0;

	for (i = 0; i < entry.length; i++) {
		char c = entry.data[i];

		dots += c == '.';
		slashes += c == '/';
		if ((c < '0' || c > '9') && c != '.' && c != '/')
			return false;
	}
	return dots && dots + slashes >= 2;
}

bool
list_add(struct mf_list *list, struct str entry, const char **error_r)
{
	char buffer[DOMAIN_TEXT];
	struct network network;

	assert(list->magic == LIST_MAGIC && !list->sealed);
	entry = str_trim(entry);
	*error_r = entry_flaw(list, entry);
	if (*error_r)
		return false;
	switch (network_parse(entry, &network, error_r)) {
	case NETWORK_BAD:
		return false;
	case NETWORK_FOUND:
		network_set_add(network_is_ipv4(&network) ? &list->ipv4 : &list->ipv6, &network);
		break;
	case NETWORK_NONE:
		if (resembles_ipv4(entry)) {
			*error_r = "expected four numbers from 0 to 255 in an IPv4 address";
			return false;
		}
		name_set_add(&list->names, domain_ascii_in(entry, buffer));
		break;
	}
	list->count++;
	return true;
}

void
list_seal(struct mf_list *list)
{
	assert(list->magic == LIST_MAGIC && !list->sealed);
	network_set_seal(&list->ipv4);
	network_set_seal(&list->ipv6);
	name_set_seal(&list->names);
	list->sealed = true;
}

size_t
list_count(const struct mf_list *list)
{
	return list->count;
}

size_t
list_memory(const struct mf_list *list)
{
	return (list->ipv4.room + list->ipv6.room) * sizeof(struct network) + list->names.room +
	    list->names.slot_count * sizeof(struct name_slot);
}

const char *
list_next_name(const struct mf_list *list, const char *name)
{
	assert(list->magic == LIST_MAGIC && list->sealed);
	return name_set_next(&list->names, name);
}

bool
list_has_ip(const struct mf_list *list, const uint8_t ip[16])
{
	assert(list->magic == LIST_MAGIC && list->sealed);
	return network_set_has(network_ip_is_ipv4(ip) ? &list->ipv4 : &list->ipv6, ip);
}

/* Whether a text can be looked up among the parent domains. */
static bool
is_name(struct str text)
{
	return text.length > 0 && text.length <= DOMAIN_MAXIMUM &&
	    !memchr(text.data, '@', text.length);
}

bool
list_has(const struct mf_list *list, struct str text)
{
	char buffer[DOMAIN_TEXT];
	uint8_t ip[16];

	assert(list->magic == LIST_MAGIC && list->sealed);
	text = domain_ascii_in(text, buffer);
	/* A text that begins with a dot is no name, and must not equal an entry for all names
	 * below a domain. */
	if (text.length > 0 && text.data[0] != '.' && name_set_has(&list->names, text))
		return true;
	if (is_name(text) && name_set_has_parent(&list->names, text))
		return true;
	if (list->ipv4.count + list->ipv6.count == 0)
		return false;
	return network_address(text, ip) && list_has_ip(list, ip);
}
