/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration language: text to a tree of statements. Knows the shape only; what names and
 * values mean is the schema's business (schema.h).
 *
 *	statement = word { value } ( ";" | "{" { statement } "}" )
 *	value     = word | string | regex | operator | "(" | ")"
 *
 * A "#" where a token could begin starts a comment. Strings and regexes end on the line on which
 * they begin. Within a word, "${…}" and ".{…}" without blanks belong to the word: ${client.ip},
 * macro.{auth_type}.
 *
 * A "/" after ~ or !~ begins a regex. Elsewhere a value that begins with "/" is a regex when the
 * next unescaped "/" on its line ends it: flags out of [imsux] may follow, then a blank, ";", "{",
 * "}", "(" or ")"; else it is a word (a path). The raw spelling is kept, so a string option takes
 * either.
 *
 * `include GLOB;` is replaced by the files' statements, in sorted order; relative globs are
 * relative to the including file; a pattern without wildcards must exist; depth is limited, and a
 * file that includes itself is an error.
 */
#ifndef FILTERD_CONFIG_PARSER_H
#define FILTERD_CONFIG_PARSER_H

#include <stdbool.h>

#include "filterd/config/errors.h"

enum config_token_kind {
	CONFIG_WORD,		/* unquoted */
	/* "…" with \" \\ \n \t \r; "$" is kept for templates, \$ is kept as "\$" */
	CONFIG_STRING,
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
	/* a mistake in its values was noted: they are not to be looked at */
	bool damaged;
};

struct config_tree {
	struct config_statement *first;		/* NULL when empty */
	/* the file asked for, not one included; NULL: it could not be read */
	const struct config_source *source;
	/* braces do not match: what belongs to what is not known */
	bool broken;
};

/* Limits. Each is noted as a mistake when passed, and what is past it is not read. */
#define CONFIG_FILE_MAXIMUM	(4u << 20)	/* bytes of a file */
#define CONFIG_FILES_MAXIMUM	1000u		/* files read for one tree */
#define CONFIG_INCLUDE_MAXIMUM	16u		/* files within files */
#define CONFIG_DEPTH_MAXIMUM	32u		/* blocks within blocks */
#define CONFIG_VALUES_MAXIMUM	10000u		/* values of a statement */

/* Reads a file and what it includes. On mistakes the tree holds what could be read and errors are
 * noted. The tree and its sources live in the arena. */
struct config_tree *config_parse_file(const char *path, struct arena *arena,
    struct config_errors *errors);

/* The same from memory; the name is for errors and the base of relative includes. */
struct config_tree *config_parse_text(const char *name, struct str text, struct arena *arena,
    struct config_errors *errors);

/* The same without reading any file: include is a mistake. */
struct config_tree *config_parse_alone(const char *name, struct str text, struct arena *arena,
    struct config_errors *errors);

/* The token as it is named in errors: `"…"` of its raw spelling, cut when it is long; "the end of
 * the file". In the arena. */
const char *config_shown(const struct config_token *token, struct arena *arena);

/* The value of a word, a string (with "\$" as "$") or a regex (as spelled) for those who want plain
 * text. */
struct str config_plain(const struct config_token *token, struct arena *arena);

#endif
