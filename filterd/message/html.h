/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a reader sees of an HTML document, and where its links lead. Text that a style sheet or an
 * attribute hides counts as seen: what is hidden in the end no one can tell without a browser, and
 * text passed over by mistake would be a way past every filter.
 *
 * Text in, structs out: knows nothing of mail.
 */
#ifndef FILTERD_MESSAGE_HTML_H
#define FILTERD_MESSAGE_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "filterd/util/arena.h"
#include "filterd/util/str.h"

enum html_link_kind {
	HTML_LINK,		/* where a click leads: a, area */
	HTML_LINK_FORM,		/* where a form is sent */
	HTML_LINK_REFRESH,	/* where the document goes by itself: meta refresh */
	HTML_LINK_RESOURCE,	/* what is loaded with the document: img, iframe, link, script, … */
	HTML_LINK_BASE		/* what relative links are relative to */
};

struct html_link {
	enum html_link_kind kind;
	/* as a browser takes it: references replaced, without tabs and line ends, trimmed */
	struct str target;
	struct str text;	/* HTML_LINK: what stands between <a> and </a>; else empty */
};

struct html_limits {
	size_t text;		/* bytes of text */
	size_t links;
};

struct html_document {
	struct str text;	/* UTF-8, blocks and cells divided by LF and blanks; ends in NUL */
	const struct html_link *links;
	size_t link_count;
	bool cut;		/* a limit was reached: what is beyond was left out */
};

/* Reads a document in UTF-8; what is made of it lives in the arena. */
void html_read(struct arena *arena, const struct html_limits *limits, struct str source,
    struct html_document *document_r);

#endif
