/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of names. */
#include <stdlib.h>
#include <string.h>

#include "filterd/config/list_names.h"
#include "filterd/util/memory.h"

#define HASH_START	0xcbf29ce484222325ULL
#define HASH_FACTOR	0x100000001b3ULL

/* FNV-1a, 64 bits, fed from a name's last byte to its first. */
static uint64_t
hash_step(uint64_t hash, char c)
{
	return (hash ^ (unsigned char)str_lower(c)) * HASH_FACTOR;
}

static uint32_t
hash_end(uint64_t hash)
{
	return (uint32_t)(hash ^ hash >> 32);
}

static uint32_t
hash_name(struct str name)
{
	uint64_t hash = HASH_START;
	size_t i;

	for (i = name.length; i-- > 0;)
		hash = hash_step(hash, name.data[i]);
	return hash_end(hash);
}

void
name_set_add(struct name_set *set, struct str name)
{
	size_t i;

	while (set->room - set->size <= name.length) {
		set->room = set->room ? set->room * 2 : 1024;
		set->text = memory_resize(set->text, set->room);
	}
	for (i = 0; i < name.length; i++)
		set->text[set->size++] = str_lower(name.data[i]);
	set->text[set->size++] = '\0';
	set->count++;
	if (name.length > set->longest)
		set->longest = name.length;
}

/* The slot that holds the name, or the free one where it would stand. */
static struct name_slot *
find(const struct name_set *set, struct str name, uint32_t hash)
{
	size_t mask = set->slot_count - 1;
	size_t i;

	for (i = hash & mask;; i = (i + 1) & mask) {
		struct name_slot *slot = &set->slots[i];

		if (!slot->place)
			return slot;
		if (slot->hash == hash &&
		    str_equal_nocase(name, str_of(set->text + slot->place - 1)))
			return slot;
	}
}

void
name_set_seal(struct name_set *set)
{
	size_t place, next;

	if (set->count == 0)
		return;
	set->text = memory_resize(set->text, set->size);
	set->room = set->size;
	/* At most three quarters full. */
	for (set->slot_count = 4; set->slot_count / 4 * 3 < set->count;)
		set->slot_count *= 2;
	set->slots = memory_array(set->slot_count, sizeof(*set->slots));
	set->count = 0;
	for (place = 0; place < set->size; place = next) {
		struct str name = str_of(set->text + place);
		uint32_t hash = hash_name(name);
		struct name_slot *slot = find(set, name, hash);

		next = place + name.length + 1;
		if (slot->place)
			continue;
		*slot = (struct name_slot){ hash, (uint32_t)place + 1 };
		set->count++;
	}
}

bool
name_set_has(const struct name_set *set, struct str name)
{
	if (set->slot_count == 0 || name.length > set->longest)
		return false;
	return find(set, name, hash_name(name))->place != 0;
}

bool
name_set_has_parent(const struct name_set *set, struct str name)
{
	uint64_t hash = HASH_START;
	size_t i;

	if (set->slot_count == 0)
		return false;
	for (i = name.length; i-- > 1;) {
		struct str parent = { name.data + i, name.length - i };

		if (parent.length > set->longest)
			return false;
		hash = hash_step(hash, name.data[i]);
		if (name.data[i] == '.' && find(set, parent, hash_end(hash))->place)
			return true;
	}
	return false;
}

const char *
name_set_next(const struct name_set *set, const char *name)
{
	name = name ? name + strlen(name) + 1 : set->text;
	return name && name < set->text + set->size ? name : NULL;
}

void
name_set_free(struct name_set *set)
{
	free(set->text);
	free(set->slots);
	*set = (struct name_set){ 0 };
}
