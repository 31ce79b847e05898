/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the schema: the types of options, and what schema.c shares with schema_value.c, _check.c
 * and _print.c. */
#ifndef FILTERD_CONFIG_SCHEMA_VALUE_H
#define FILTERD_CONFIG_SCHEMA_VALUE_H

#include "filterd/config/schema.h"

/* What was set from where: the newest first. */
struct schema_set {
	const void *member;
	struct config_position at;
	struct schema_set *next;
};

/* A struct that was filled, and the statement it was filled from. */
struct schema_filled {
	const char *values;
	size_t size;
	const struct config_statement *owner;
	struct schema_filled *next;
};

struct schema {
	struct config_scope *scope;
	struct schema_set *sets;
	struct schema_filled *filled;
	bool failed;			/* a mistake was noted since schema_bind() began */
};

/* Notes a mistake. */
void schema_error(struct schema *schema, struct config_position at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Remembers the place that set a member. */
void schema_note(struct schema *schema, const void *member, struct config_position at);

/* Remembers the statement that filled a struct. */
void schema_note_filled(struct schema *schema, const struct schema_target *target,
    const struct config_statement *owner);

/* The tokens that an option gets its value from. */
struct schema_given {
	const struct mf_option *option;
	const char *keyword;		/* of the block whose argument it is; NULL: none */
	const struct config_token *tokens;
	size_t count;				/* at least one */
	const struct config_token *end;		/* what stands behind them */
};

/* A member of a type that has a reader: the member's bytes are the first of these. */
union schema_scalar {
	bool truth;
	int choice;
	int64_t integer;		/* also a duration's milliseconds, a size's bytes */
	double number;
};

struct schema_type {
	const char *name;		/* in documentation: "duration" */
	const char *expected;		/* in errors: "a duration such as 10s" */
	size_t size, alignment;		/* of the member */
	bool takes_all;			/* any number of tokens, not one */
	bool bounded;			/* minimum and maximum mean something */
	bool no_default;		/* option->standard means nothing */
	bool lexed;			/* its default is read like the config, not as one word */
	/* Reads a word without noting anything; NULL for types that are not scalar. */
	bool (*read)(const struct mf_option *option, struct str text, union schema_scalar *value_r);
	/* Sets the member. A mistake is noted, and the member is left as it was. */
	void (*set)(struct schema *schema, const struct schema_given *given, void *member);
};

/* By enum mf_option_type; `set` is NULL for MF_TYPE_END and MF_TYPE_BLOCK. */
#define SCHEMA_TYPE_COUNT (MF_TYPE_BLOCK + 1)
extern const struct schema_type schema_types[SCHEMA_TYPE_COUNT];

/* Whether an argument of that type takes the token. */
bool schema_fits(const struct mf_option *option, const struct config_token *token);

/* Sets the member and remembers the place. */
void schema_set(struct schema *schema, const struct schema_given *given, void *member);

/* Sets the member to the option's default, if it has one. */
void schema_set_default(struct schema *schema, const struct mf_option *option, void *member);

/* What a value of the option looks like, for errors: "a duration such as 10s", "enforce or
 * shadow". */
const char *schema_expected(const struct mf_option *option, struct arena *arena);

/* A bound in the option's unit: "10s", "64k", "7". */
const char *schema_bound_text(const struct mf_option *option, int64_t bound, struct arena *arena);

/* An option's name as written in the config, and an argument's as it stands for its value:
 * "NAME". */
const char *schema_name(const struct mf_option *option, struct arena *arena);
const char *schema_argument_name(const struct mf_option *option, struct arena *arena);

/* Whether that is its name as written in the config. */
bool schema_name_is(const struct mf_option *option, struct str name);

/* The nth word of text divided by blanks; length 0 past the last. */
struct str schema_choice(const char *choices, size_t n);

/* Whether an option of the table is set by a statement, so that its block has braces. */
bool schema_needs_braces(const struct mf_option *table);

#endif
