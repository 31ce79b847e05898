/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree that condition_parse.c makes and condition_test.c walks; no one else looks into it.
 * Immutable. */
#ifndef FILTERD_CONFIG_CONDITION_TREE_H
#define FILTERD_CONFIG_CONDITION_TREE_H

#include "filterd/config/condition.h"
#include "filterd/config/list_network.h"
#include "filterd/config/pattern_group.h"

enum node_kind {
	NODE_AND,	/* of its children, one or more */
	NODE_OR,
	NODE_NOT,	/* of its one child */
	NODE_TEST,	/* values of a field against an operand */
	NODE_PATTERN	/* values of a field against a regex of a group */
};

/* How one value is compared. */
enum test_kind {
	TEST_EXISTS,		/* there is a value */
	TEST_TRUE,		/* it is neither empty nor 0 */
	TEST_TEXT,
	TEST_DOMAIN,		/* without case, U-labels as A-labels */
	TEST_MAILBOX,		/* local part byte by byte, domain as a domain */
	TEST_EQUAL,		/* numbers */
	TEST_LESS,
	TEST_LESS_EQUAL,
	TEST_MORE,
	TEST_MORE_EQUAL,
	TEST_NETWORK,
	TEST_LIST
};

struct test {
	struct field field;
	enum test_kind kind;
	union {
		struct str text;	/* of domains: with A-labels */
		double number;
		struct network network;
		const struct mf_list *list;
	} operand;
};

struct node {
	enum node_kind kind;
	enum field_quantifier quantifier;	/* NODE_TEST, NODE_PATTERN */
	struct node *first;			/* child */
	struct node *next;			/* sibling */
	const struct test *test;		/* NODE_TEST */
	const struct pattern_group *group;	/* NODE_PATTERN */
	size_t pattern;				/* its index in the group */
};

struct mf_condition {
	const struct node *root;
	enum mf_stage stage;
};

#endif
