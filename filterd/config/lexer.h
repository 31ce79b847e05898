/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text of the configuration language to tokens, for parser.c and for defaults in option tables. A
 * token with a mistake in it is noted and still returned as what it was meant to be; `damaged`
 * then says so.
 */
#ifndef FILTERD_CONFIG_LEXER_H
#define FILTERD_CONFIG_LEXER_H

#include "filterd/config/parser.h"

struct config_lexer {
	const struct config_source *source;
	struct arena *arena;
	struct config_errors *errors;
	size_t offset;
	size_t line_start;		/* offset of the line's first byte */
	unsigned line;
	bool after_match;		/* the last token was ~ or !~ */
	bool lost_end;			/* a string swallowed its line and the statement's end */
	bool damaged;			/* set by a mistake; the caller clears it */
};

void config_lexer_begin(struct config_lexer *lexer, const struct config_source *source,
    struct arena *arena, struct config_errors *errors);

/* CONFIG_END for ever at the end. */
struct config_token config_lexer_next(struct config_lexer *lexer);

/* All tokens of a source, in the arena, the last one CONFIG_END; *count_r does not count that. */
const struct config_token *config_lex(const struct config_source *source, struct arena *arena,
    struct config_errors *errors, size_t *count_r);

#endif
