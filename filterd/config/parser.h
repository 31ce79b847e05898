/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration language: text to a tree of statements. Knows the shape only; what names and values mean is the
 * schema's business (schema.h).
 *
 *	statement = word { value } ( ";" | "{" { statement } "}" )
 *	value     = word | string | regex | operator | "(" | ")"
 *
 * A "/" after ~ or !~ begins a regex. Elsewhere a value that begins with "/" is a regex when it ends, on its line, with an
 * unescaped "/" and flags out of [gimsux] before a delimiter; else it is a word (a path). The raw spelling is kept,
 * so a string option takes either. `include GLOB;` is replaced by the files' statements, in sorted order; relative
 * globs are relative to the including file; a pattern without wildcards must exist; depth is limited, and a file that includes itself is an error.
 */
#ifndef FILTERD_CONFIG_PARSER_H
#define FILTERD_CONFIG_PARSER_H

#include <stdbool.h>

#include "filterd/config/errors.h"

enum config_token_kind {
	CONFIG_WORD,		/* unquoted */
	CONFIG_STRING,		/* "…" with \" \\ \n \t \r; "$" and "${" are kept for templates, \$ is kept as "\$" */
	CONFIG_REGEX,		/* text: the pattern, flags: the letters behind it */
	CONFIG_OPERATOR,	/* == != < <= > >= ~ !~ */
	CONFIG_OPEN,		/* ( */
	CONFIG_CLOSE,		/* ) */
	CONFIG_SEMICOLON,
	CONFIG_BRACE_OPEN,
	CONFIG_BRACE_CLOSE,
	CONFIG_END
};

struct config_token {
	enum config_token_kind kind;
	struct str text;		/* the value, escapes resolved; ends in NUL */
	struct str raw;			/* as spelled */
	struct str flags;		/* CONFIG_REGEX only */
	struct config_position at;
};

struct config_statement {
	struct config_token name;
	const struct config_token *values;
	size_t value_count;
	bool has_block;
	struct config_token end;		/* the ";" or "{", for "expected …" */
	struct config_statement *block;		/* first statement of the block */
	struct config_statement *next;
};

struct config_tree {
	struct config_statement *first;		/* NULL when empty */
};

/* Limits, all explicit: bytes a file, files, include depth, block depth, values a statement. See parser.c. */

/* Reads a file and what it includes. On mistakes the tree holds what could be read and errors are noted. The tree and its sources live in the arena. */
struct config_tree *config_parse_file(const char *path, struct arena *arena, struct config_errors *errors);

/* The same from memory; the name is for errors and the base of relative includes. */
struct config_tree *config_parse_text(const char *name, struct str text, struct arena *arena, struct config_errors *errors);

#endif
