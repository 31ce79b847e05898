/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the schema: a struct being filled, shared by schema.c and schema_collect.c. */
#ifndef FILTERD_CONFIG_SCHEMA_BINDING_H
#define FILTERD_CONFIG_SCHEMA_BINDING_H

#include "filterd/config/schema_value.h"
#include "filterd/util/buffer.h"

/* An option of one of the targets, and what came of it. */
struct schema_slot {
	const struct mf_option *option;
	char *member;
	const struct config_statement *set_by;	/* the first; NULL: none yet */
	bool misspelled;			/* an unknown option was meant to be it */
	size_t count;				/* statements of a block option */
	char *next;				/* block option: the struct of its next statement */
};

/* One struct, or several targets at once, being filled. */
struct schema_binding {
	struct schema *schema;
	struct schema_slot *slots;
	size_t slot_count;
	const struct config_statement *owner;	/* NULL: the top level */
	const char *what;			/* NULL: nothing to be named */
	bool pass_unknown;
	bool arguments_only;			/* its statements are not looked at */
};

/* The first slot at or behind `from` (NULL: of all) that a statement of that name sets; NULL:
 * none. */
struct schema_slot *schema_find_slot(const struct schema_binding *binding, struct schema_slot *from,
    struct str name);

/* Whether statements of the option have braces. */
bool schema_wants_block(const struct mf_option *option);

/* Notes that the statement should have ended, with ";" or "{", before its nth value. The hint
 * ends the text. */
void schema_expect_end(struct schema *schema, const struct config_statement *statement, size_t n,
    const char *end, const char *hint);

/* Collects pointers to the statements. One that lacks its ";" and so runs on into the next is
 * divided. */
void schema_collect(struct schema_binding *binding, const struct config_statement *statement,
    struct buffer *statements);

#endif
