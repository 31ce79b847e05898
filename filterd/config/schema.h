/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Binds statements to C structs by option tables (struct mf_option), and prints the tables as documentation. The
 * daemon's own settings and the plugins' options go through here alike.
 *
 * Option names are member names with "-" for "_". A statement sets one option; MF_TYPE_BLOCK statements may come any number of times, all
 * others once (a second one is an error that names the first's line). Several block options may share a member.
 */
#ifndef FILTERD_CONFIG_SCHEMA_H
#define FILTERD_CONFIG_SCHEMA_H

#include "filterd/config/parser.h"
#include "filterd/config/scope.h"

/* A table and the zeroed struct it fills. */
struct schema_target {
	const struct mf_option *table;	/* NULL: none */
	void *values;
};

/* Remembers which token set which member, for errors found later. */
struct schema;

struct schema *schema_create(struct config_scope *scope);

/* Fills the targets: defaults first, then `arguments` (the values behind the keyword of `owner`, by the tables' MF_ARGUMENTs), then the
 * statements of owner's block. A statement that no table knows is an error with the nearest name, unless `pass_unknown` (the
 * master reads filters without their plugins). `what` names the block in errors: "listener inbound". owner NULL: the top level, `first` its statements.
 * False when any mistake was noted. */
bool schema_bind(struct schema *schema, const struct config_statement *owner, const struct config_statement *first,
    const struct schema_target *targets, size_t target_count, const char *what, bool pass_unknown);

/* The place of the token that set the member at this address; else the owner statement of its struct; else no place. */
struct config_position schema_position(const struct schema *schema, const void *member);

/* Checks a plugin's own table before it is used: names, offsets within size, types known, defaults parse, nesting depth. False: *error_r says what. */
bool schema_table_valid(const struct mf_option *table, size_t size, struct arena *arena, const char **error_r);

/* The option reference as Markdown: name, type, default, help; nested tables indented below. */
void schema_print(const struct mf_option *table, FILE *to);

/* A default as a value: parses durations ("10s 5m 1h 2d 500ms"), sizes ("64k 10m 1g"); pure, for tests and reuse. */
bool schema_duration(struct str text, int64_t *milliseconds_r);
bool schema_size(struct str text, uint64_t *bytes_r);

#endif
