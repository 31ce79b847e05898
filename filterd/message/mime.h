/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The MIME view of a message (RFC 2045, 2046, 2183, 2231): a tree of parts, each with the ranges of
 * its bytes, every name that a reader of mail might show for it, and what is wrong with it. The
 * view refers to the bytes of the body, which it neither copies nor changes, and lives in an arena.
 *
 * Readers of mail disagree about what is broken, and an attacker picks the reading that a filter
 * does not have. So nothing here fails: what can be read in several ways is, and noted as a defect.
 *
 * Text in, structs out: knows nothing of the model or of plugins.
 */
#ifndef FILTERD_MESSAGE_MIME_H
#define FILTERD_MESSAGE_MIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filterd/message/html.h"
#include "filterd/message/mime_defect.h"
#include "filterd/util/arena.h"
#include "filterd/util/str.h"

#define MIME_NONE	SIZE_MAX	/* no part */

/* What is looked at of a message; what is beyond is left alone, with a defect. */
struct mime_limits {
	size_t parts;		/* of the whole tree */
	size_t depth;		/* of the tree; the message itself has depth 0 */
	size_t names;		/* of a part */
	size_t fields;		/* header fields of a part that is not the message */
	size_t text;		/* bytes of UTF-8 that are made of all text parts together */
};

/* Bytes of the body, from begin up to end. */
struct mime_range {
	size_t begin, end;
};

/* A header field of a part. */
struct mime_field {
	/* as spelled, without blanks; empty: the line has no colon */
	struct str name;
	struct str value;		/* behind the colon, folds as they stand */
	struct mime_range range;	/* with its line end; of the message's own fields: none */
};

/* How the content is encoded, RFC 2045 section 6. */
enum mime_encoding {
	MIME_IDENTITY,			/* 7bit, 8bit, binary, or none declared */
	MIME_QUOTED_PRINTABLE,
	MIME_BASE64,
	MIME_UUENCODE,
	MIME_UNKNOWN_ENCODING		/* decoded as identity */
};

struct mime_part {
	size_t index;			/* in the view; a parent stands before its parts */
	size_t parent;			/* MIME_NONE: the message itself */
	size_t depth;
	/* The boundary in front, with its line ends; empty where there is none: the message itself,
	 * a message within a part, a uuencoded file within text. */
	struct mime_range delimiter;
	struct mime_range header;	/* with the empty line */
	struct mime_range body;
	const struct mime_field *fields;	/* of the header; of the message: as given */
	size_t field_count;
	/* "text/plain": in lower case, the default where none is declared */
	struct str type;
	struct str charset;		/* as declared, in lower case; empty: none */
	struct str encoding_name;	/* as declared, in lower case; empty: none */
	enum mime_encoding encoding;
	struct str disposition;		/* in lower case; empty: none */
	struct str content_id;		/* without brackets; empty: none */
	const struct str *names;	/* UTF-8 without control characters; the likeliest first */
	size_t name_count;
	const struct str *boundaries;	/* of a multipart: every reading's */
	size_t boundary_count;
	/* the one that its parts stand behind; empty: it has no parts */
	struct str boundary;
	bool multipart;			/* multipart/…, followed */
	bool message;			/* message/rfc822 or message/global, followed */
	bool inlined;			/* a uuencoded file that stands within its parent's text */
	/* Of a multipart: where its last boundary begins, line end in front included; the end of
	 * its body when it is never closed. */
	size_t close;
	bool closed;
	uint64_t defects;		/* bits: 1 << enum mime_defect */
	/* Made when they are asked for, by mime_part_*(). */
	bool examined;
	struct str detected;
	size_t size;
	struct str text;		/* data NULL: not made */
	const struct html_document *html;	/* likewise; NULL: not made, or of no HTML */
};

/* Who lends the bytes of a body is told which were read, piece by piece, and are not needed for
 * now: of a file that is mapped they need not stay in memory. */
struct mime_paging {
	void (*passed)(void *argument, size_t begin, size_t end);	/* NULL: nobody is told */
	void *argument;
};

struct mime_view {
	struct arena *arena;
	struct mime_limits limits;
	struct str bytes;		/* the body */
	struct mime_paging paging;
	struct mime_part *parts;	/* [0] is the message */
	size_t count;
	size_t text_made;		/* bytes of text so far */
	struct inspection *inspection;	/* inspect.c: what is inside the parts; NULL: not made */
	void *foreign;			/* what others keep with it, in its arena; NULL at first */
};

/* The view of a message with these header fields (range unused) and this body, which both must live
 * as long; paging may be NULL. */
struct mime_view *mime_parse(struct arena *arena, const struct mime_limits *limits,
    const struct mime_field *fields, size_t field_count, struct str body,
    const struct mime_paging *paging);

struct str mime_bytes(const struct mime_view *view, struct mime_range range);

/* Whether the content is text (RFC 2046 section 4.1), whatever the disposition. */
bool mime_is_text(const struct mime_part *part);

/* Whether readers would show it as a file: a leaf that says it is an attachment, has a name, or is
 * neither text nor part of a multipart/related. */
bool mime_is_attachment(const struct mime_view *view, const struct mime_part *part);

/* The type that the first bytes of the content speak for, "application/zip"; empty when they do
 * not. */
struct str mime_part_detected(struct mime_view *view, struct mime_part *part);

/* Bytes of the decoded content. */
size_t mime_part_size(struct mime_view *view, struct mime_part *part);

/* Defects of a part, those of its content included; of all parts together. */
uint64_t mime_part_defects(struct mime_view *view, struct mime_part *part);
uint64_t mime_defects(struct mime_view *view);

/* The content of a text part as UTF-8, line ends as LF, other control characters as blanks; ends in
 * NUL. Empty for others. What the character set does not have is U+FFFD, and a defect. */
struct str mime_part_text(struct mime_view *view, struct mime_part *part);

/* Text and links of an HTML part; NULL for others. */
const struct html_document *mime_part_html(struct mime_view *view, struct mime_part *part);

/* The text of a part as people see it: of HTML its text. */
struct str mime_part_shown(struct mime_view *view, struct mime_part *part);

#endif
