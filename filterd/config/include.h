/* SPDX-License-Identifier: BSD-2-Clause */
/* Between parser.c, which reads text, and include.c, which reads files. */
#ifndef FILTERD_CONFIG_INCLUDE_H
#define FILTERD_CONFIG_INCLUDE_H

#include "filterd/config/lexer.h"
#include "filterd/config/source.h"

struct config_parser;

/* Reads the files of an include statement and puts what is in them at includer->end. */
typedef void config_include(struct config_parser *includer,
    const struct config_statement *statement);

/* What the parsers of one tree share. */
struct config_reading {
	struct arena *arena;
	struct config_errors *errors;
	struct config_tree *tree;
	unsigned files;			/* read so far */
	config_include *include;	/* NULL: nothing can be included */
};

/* One text that is being read. */
struct config_parser {
	struct config_reading *reading;
	struct config_lexer lexer;
	struct config_token token;		/* the next one, not yet taken */
	struct config_position previous;	/* the place of the last one taken */
	struct buffer values;			/* struct config_token: of this statement */
	bool quiet;				/* the last statement was damaged */
	unsigned depth;				/* open blocks, those of includers too */
	struct config_statement **end;		/* where the next statement is put */

	const struct config_parser *includer;	/* NULL: the first file */
	unsigned include_depth;
	dev_t device;				/* which file this is, 0 for text */
	ino_t inode;
};

/* Reads all of a text into a list that begins at parser->end. The caller has set reading, depth,
 * end, and the members of inclusion; the text's bytes live as long as the arena. */
void config_parser_run(struct config_parser *parser, const char *name, struct str text);

/* A tree from memory. */
struct config_tree *config_parser_text(const char *name, struct str text, config_include *include,
    struct arena *arena, struct config_errors *errors);

#endif
