/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pattern groups: the regexes that the conditions of one binding (one filter) match against the
 * same field, kept together, so that a matcher of many patterns could go over a value once for all
 * of them. A group is asked, not its regexes. Made while a configuration is read, immutable and
 * shared by all threads afterwards.
 */
#ifndef FILTERD_CONFIG_PATTERN_GROUP_H
#define FILTERD_CONFIG_PATTERN_GROUP_H

#include "filterd/config/field.h"

struct pattern {
	const struct mf_regex *regex;
	const char *label;	/* of the rule that holds it, "" for none: for the log of limits */
	const char *where;	/* "file:line" */
};

struct pattern_groups;

struct pattern_group {
	struct field field;
	struct pattern *patterns;
	size_t count, room;
	const struct pattern_groups *owner;	/* NULL: a group of one pattern, on its own */
	struct pattern_group *next;
};

/* All groups of a binding. */
struct pattern_groups {
	struct arena *arena;
	struct pattern_group *first;
	int highest_group;	/* the highest $N that a template of the binding uses; -1: none */
};

struct pattern_groups *pattern_groups_create(struct arena *arena);

/* The group for a field, made when there is none; with groups NULL, a new one on its own. */
struct pattern_group *pattern_group_for(struct pattern_groups *groups, const struct field *field,
    struct arena *arena);

/* Adds a pattern; its index. */
size_t pattern_group_add(struct pattern_group *group, struct pattern pattern, struct arena *arena);

/* Whether the field's values match that pattern, by the quantifier. A match leaves its captures
 * in the source, copied to its arena as far as the owner's templates use them. A limit counts as
 * no match and is reported to the source. */
bool pattern_group_test(const struct pattern_group *group, size_t index,
    enum field_quantifier quantifier, struct field_source *source);

#endif
