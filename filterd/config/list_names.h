/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sets of names, ASCII case folded: the names packed into one block of text, and an open-addressing
 * hash table of places in it. Names are hashed from their end, so that one pass over a name finds
 * it and every parent domain.
 */
#ifndef FILTERD_CONFIG_LIST_NAMES_H
#define FILTERD_CONFIG_LIST_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filterd/util/str.h"

struct name_slot {
	uint32_t hash;
	uint32_t place;		/* in the text, plus 1; 0: free */
};

/* Zero-initialise it. */
struct name_set {
	char *text;		/* in lower case, each ends in NUL */
	size_t size, room;	/* of the text */
	size_t count;		/* sealed: different names */
	size_t longest;
	struct name_slot *slots;
	size_t slot_count;	/* a power of 2; 0: not sealed or empty */
};

/* The name holds no NUL, and all names together stay below 4 GiB. */
void name_set_add(struct name_set *set, struct str name);

/* Builds the table and gives spare memory back. */
void name_set_seal(struct name_set *set);

/* The name behind another one, the first behind NULL; NULL behind the last. In no order. */
const char *name_set_next(const struct name_set *set, const char *name);

/* Whether the name is a member. */
bool name_set_has(const struct name_set *set, struct str name);

/* Whether ".parent" is a member for any parent domain of the name, the whole name itself not
 * counted. */
bool name_set_has_parent(const struct name_set *set, struct str name);
void name_set_free(struct name_set *set);

#endif
