/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * HTML as a row of tokens (HTML standard, section 13.2.5), which needs no tree: so it takes time in
 * proportion to the bytes and no memory, however deep elements stand in each other. Where it leaves
 * the standard: a script ends at its first end tag, a quote that is never closed ends with its tag,
 * and <![CDATA[ is a comment everywhere.
 */
#ifndef FILTERD_MESSAGE_HTML_TOKEN_H
#define FILTERD_MESSAGE_HTML_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "filterd/util/str.h"

#define HTML_ATTRIBUTES	64	/* of a tag; what is beyond is passed over */

enum html_kind {
	HTML_TEXT,		/* with character references as they stand */
	HTML_RAW_TEXT,		/* of an element whose text has no references: script, style, … */
	HTML_START,
	HTML_END
};

struct html_attribute {
	struct str name;
	struct str value;	/* with character references as they stand; may be empty */
};

struct html_token {
	enum html_kind kind;
	struct str text;	/* HTML_TEXT, HTML_RAW_TEXT */
	struct str name;	/* of an element, as spelled */
	struct html_attribute attributes[HTML_ATTRIBUTES];	/* HTML_START */
	size_t attribute_count;
};

/* Where reading stands. Set rest to the document, the others to zero. */
struct html_reader {
	struct str rest;
	struct str raw;		/* the element whose end tag is the next tag; empty: any tag is */
	bool references;	/* and its text has character references: title, textarea */
};

/* The next token, its texts borrowed from the document. False: there is none. */
bool html_next(struct html_reader *reader, struct html_token *token_r);

/* The value of the first attribute of that name, compared without case; NULL data: there is
 * none. */
struct str html_attribute(const struct html_token *token, struct str name);

#endif
