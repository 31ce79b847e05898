/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses: whatever the bytes, what comes out is well-formed and bounded. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "filterd/message/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
visit(void *argument, struct str address, struct str local, struct str domain)
{
	size_t *count = argument;
	size_t i;

	assert(++*count <= 1000);
	assert(address.data[address.length] == '\0' && local.data[local.length] == '\0' &&
	    domain.data[domain.length] == '\0');
	assert(local.length > 0);
	assert(address.length == local.length + (domain.length ? 1 + domain.length : 0));
	assert(memcmp(address.data, local.data, local.length) == 0);
	assert(!domain.length || address.data[local.length] == '@');
	for (i = 0; i < domain.length; i++)
		assert(!(domain.data[i] >= 'A' && domain.data[i] <= 'Z'));
	for (i = 0; i < address.length; i++)
		assert(address.data[i] != '\n' && address.data[i] != '\r');
	return false;
}

static void
check_path(struct arena *arena, const char *path)
{
	const char *const arguments[] = { path, path, NULL };
	struct mf_address *address = address_from_path(arena, path, arguments);

	assert(strlen(address->text) <= strlen(path));
	assert(strncmp(address->text, address->local, strlen(address->local)) == 0);
	assert(address_equal(address, address) && address_arguments_equal(address, address));
	if (address_valid(str_of(address->text), false))
		assert(!strpbrk(address->text, "\r\n"));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_create(0, 0);
	struct str value = { arena_copy(arena, data, size), size };
	size_t count = 0;

	address_list_each(value, arena, visit, &count);
	assert(arena_used(arena) <= 4096 + 32 * size);
	check_path(arena, value.data);
	arena_destroy(&arena);
	return 0;
}
