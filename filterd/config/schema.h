/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Binds statements to C structs by option tables (struct mf_option), and prints the tables as
 * documentation. The daemon's own settings and the plugins' options go through here alike.
 *
 * Option names are member names with "-" for "_". A statement sets one option; MF_TYPE_BLOCK
 * statements may come any number of times, all others once (a second one is an error that names
 * the first's line). Several block options may share a member. The structs of one block option
 * stand in one array, in written order.
 *
 * Arguments are taken in the order of the table. An optional one is passed over when the word
 * does not fit its type, when what is left is needed for required ones, and, if it is a string
 * and a template follows in the table, when the word is in quotes. Lists of words and conditions
 * take all that is left.
 *
 * Tables of the daemon's own may also use: MF_TYPE_INTEGER with `choices`, words that stand for
 * 0, 1, … and are not held to the bounds; the flags below.
 */
#ifndef FILTERD_CONFIG_SCHEMA_H
#define FILTERD_CONFIG_SCHEMA_H

#include "filterd/config/parser.h"
#include "filterd/config/scope.h"

/* MF_TYPE_BLOCK: comes once at most, and the member is the sub-table's struct itself, with its
 * defaults when the block is left out. Not for plugins: above all that plugin.h will ever use. */
#define SCHEMA_SINGLE_FLAG (1u << 31)

/* MF_TYPE_BLOCK: only the arguments are bound, the caller binds the statements later. */
#define SCHEMA_LATER_FLAG (1u << 30)

/* A table and the zeroed struct it fills. */
struct schema_target {
	const struct mf_option *table;	/* NULL: none */
	void *values;
};

/* Remembers which token set which member, for errors found later. */
struct schema;

struct schema *schema_create(struct config_scope *scope);

/* Fills the targets: defaults first, then `arguments` (the values behind the keyword of `owner`,
 * by the tables' MF_ARGUMENTs), then the statements of owner's block. A statement that several
 * tables know is bound into each. One that no table knows is an error with the nearest name,
 * unless `pass_unknown` (a filter's block is read without its plugin first). `what` names the
 * block in errors: "listener inbound"; NULL: nothing. owner NULL: the top level, `first` its
 * statements. scope->label is owner's first string argument meanwhile. False when any mistake was
 * noted. */
bool schema_bind(struct schema *schema, const struct config_statement *owner,
    const struct config_statement *first, const struct schema_target *targets, size_t target_count,
    const char *what, bool pass_unknown);

/* The place of the token that set the member at this address (of mf_strings also: of an item);
 * else the owner statement of its struct; else no place. */
struct config_position schema_position(const struct schema *schema, const void *member);

/* The statement from which the struct that holds this address was filled; NULL: the top level, or
 * none. */
const struct config_statement *schema_statement(const struct schema *schema, const void *values);

/* Whether a statement or argument set the member, rather than its default. */
bool schema_given(const struct schema *schema, const void *member);

/* The table's option of that name, as written in the config; NULL when it has none. */
const struct mf_option *schema_option(const struct mf_option *table, struct str name);

/* Checks a plugin's own table before it is used: names, offsets within size, types known,
 * defaults parse, nesting depth. A NULL table is valid. False: *error_r says what is wrong, in
 * the arena. */
bool schema_table_valid(const struct mf_option *table, size_t size, struct arena *arena,
    const char **error_r);

/* Checks a valid table of a plugin against that of every filter, which is bound beside it: it may
 * have no arguments, and an option that both have is of one type, without choices. False: as
 * above. */
bool schema_table_fits(const struct mf_option *table, const struct mf_option *every,
    struct arena *arena, const char **error_r);

/* The option reference as Markdown: name, type, default, help; nested tables indented below. */
void schema_print(const struct mf_option *table, FILE *to);

/* A default as a value: parses durations ("10s 5m 1h 2d 500ms"), sizes ("64k 10m 1g", bytes
 * without a letter); pure, for tests and reuse. False: not one, or too large. */
bool schema_duration(struct str text, int64_t *milliseconds_r);
bool schema_size(struct str text, uint64_t *bytes_r);

#endif
