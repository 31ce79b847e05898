/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The message as MIME (RFC 2045): its parts, and edits of them. A part of <filterd/plugin.h>, which
 * is the one header to include.
 *
 * In `message` only, as filters before have left the message; elsewhere it has no parts. A plugin
 * that declares what it uses needs MF_USE_BODY; its edits need MF_USE_CHANGE_BODY, those of the
 * message itself (part 0) MF_USE_ADD_HEADER and MF_USE_CHANGE_HEADER too, for its Content-Type and
 * the like are header fields of the message.
 *
 * What the host returns here is valid until the message is edited, or the callback returns. An edit
 * may move parts: look at them anew.
 */
#ifndef FILTERD_PLUGIN_MIME_H
#define FILTERD_PLUGIN_MIME_H

#ifdef __cplusplus
extern "C" {
#endif

#define MF_NO_PART	SIZE_MAX

/* The names that mf_part_defects() may give, divided by blanks. */
#define MF_MIME_DEFECTS \
	"boundary-missing boundary-repeated boundary-unused boundary-unclosed " \
	"boundary-ambiguous boundary-syntax after-close undeclared-parts type-repeated " \
	"type-syntax encoding-repeated encoding-syntax encoding-unknown encoding-composite " \
	"disposition-repeated parameter-syntax parameter-repeated parameter-encoded-word " \
	"parameter-sections names-conflict comment header-syntax header-unterminated " \
	"header-blank header-8bit header-too-large 8bit nul bare-cr bare-lf long-line " \
	"base64-invalid base64-padding qp-invalid uuencode-invalid uuencode-inline " \
	"charset-unknown charset-invalid too-many-parts too-deep too-many-names text-cut " \
	"opaque"

enum mf_part_flag {
	MF_PART_TEXT		= 1 << 0,	/* text/…, whatever its disposition */
	MF_PART_MULTIPART	= 1 << 1,	/* holds parts */
	MF_PART_MESSAGE		= 1 << 2,	/* holds a message, its only part */
	/* readers show it as a file: it has a name, is an attachment by its disposition, or is
	 * neither text nor within a multipart/related */
	MF_PART_ATTACHMENT	= 1 << 3,
	MF_PART_INLINE		= 1 << 4,	/* its disposition is inline */
	/* a uuencoded file amid the text of its parent; its header cannot be edited */
	MF_PART_UUENCODED	= 1 << 5
};

struct mf_part {
	size_t index;			/* 0: the message itself; a parent before its parts */
	size_t parent;			/* MF_NO_PART: the message itself */
	size_t depth;			/* 0: the message itself */
	unsigned flags;			/* enum mf_part_flag */
	/* "text/plain", declared or by default, in lower case without parameters */
	const char *type;
	const char *charset;		/* as declared, in lower case; NULL: none is */
	const char *encoding;		/* Content-Transfer-Encoding likewise */
	const char *disposition;	/* likewise, without parameters */
	const char *content_id;		/* without brackets; NULL: none */
	/* every name that a mail program might show, UTF-8, the likeliest first */
	const char *const *names;
	size_t name_count;
	/* bytes of mf_body(), from begin up to end; the message itself has no header there */
	size_t header_begin, header_end;
	size_t body_begin, body_end;
	/* append only */
};

struct mf_part_stream;		/* decoded content that is read */

/* What a new part is. In C a designated initialiser leaves the rest zero. */
struct mf_part_content {
	/* Content-Type with its parameters, RFC 2045 section 5, a line without folds. NULL: as it
	 * is, with bytes and encoding as they are; of a new part text/plain in UTF-8. */
	const char *type;
	/* Content-Disposition with its parameters, RFC 2183; NULL: as it is, or none */
	const char *disposition;
	/* Not encoded: the host chooses an encoding. Text may have any line ends. */
	const void *bytes;
	size_t size;
	/* fixed: plugins have it by value */
};

/* Parts, the message itself included: 1 or more, 0 outside `message`. */
static inline size_t
mf_part_count(struct mf_context *c)
{
	return c->host->part_count(c);
}

/* NULL past the last. */
static inline const struct mf_part *
mf_part(struct mf_context *c, size_t index)
{
	return c->host->part(c, index);
}

/* The media type that the content speaks for by its first bytes; NULL when it does not. */
static inline const char *
mf_part_detected(struct mf_context *c, size_t index)
{
	return c->host->part_detected(c, index);
}

/* Bytes of the decoded content; of a part that holds parts, of its body. */
static inline size_t
mf_part_size(struct mf_context *c, size_t index)
{
	return c->host->part_size(c, index);
}

/* The nth header field of a part, from 0; its index is n. Of part 0: of the message. */
static inline bool
mf_part_header(struct mf_context *c, size_t index, size_t n, struct mf_header *field_r)
{
	return c->host->part_header(c, index, n, field_r);
}

/* Begins to read a part's decoded content; NULL past the last part. Several may be read side by
 * side. */
static inline struct mf_part_stream *
mf_part_open(struct mf_context *c, size_t index)
{
	return c->host->part_open(c, index);
}

/* The next bytes of it, valid until the next call for this stream; 0: there are no more. */
static inline size_t
mf_part_read(struct mf_context *c, struct mf_part_stream *stream, const void **bytes_r)
{
	return c->host->part_read(c, stream, bytes_r);
}

/* The content of a text part as UTF-8, line ends as "\n", other control characters as blanks, ends
 * in NUL; "" for others. Text past maximum-text of the config is cut off, a defect. */
static inline const char *
mf_part_text(struct mf_context *c, size_t index, size_t *length_r)
{
	return c->host->part_text(c, index, length_r);
}

/* Names of the defects of a part, MF_NO_PART: of all parts together; ends with NULL. docs/mime.md
 * says what they mean. */
static inline const char *const *
mf_part_defects(struct mf_context *c, size_t index)
{
	return c->host->part_defects(c, index);
}

/* ---- edits of parts. All other bytes of the message stay as they are. False: refused, see the
 * edits of <filterd/plugin.h>; so is an edit of a part that is not there, or has none of what is
 * edited. ---- */

/* Gives a part new content; its header fields but for those of the content stay. */
static inline bool
mf_part_replace(struct mf_context *c, size_t index, const struct mf_part_content *content)
{
	return c->host->part_replace(c, index, content);
}

/* Gives a text part a new text (UTF-8), in its own encoding and character set; where that does not
 * have all of the characters, in UTF-8. */
static inline bool
mf_part_set_text(struct mf_context *c, size_t index, const char *text, size_t length)
{
	return c->host->part_set_text(c, index, text, length);
}

/* Removes a part with all that is in it; a message within a part goes with that part. The last part
 * of a multipart, and the message itself, become an empty text. */
static inline bool
mf_part_remove(struct mf_context *c, size_t index)
{
	return c->host->part_remove(c, index);
}

/* Adds a part behind the last one of a multipart. Another part is put into a multipart/mixed
 * before, as its first part. */
static inline bool
mf_part_append(struct mf_context *c, size_t index, const struct mf_part_content *content)
{
	return c->host->part_append(c, index, content);
}

/* Puts a multipart of that type ("multipart/mixed") around a part. */
static inline bool
mf_part_wrap(struct mf_context *c, size_t index, const char *type)
{
	return c->host->part_wrap(c, index, type);
}

/* Sets the first header field of a name of a part, or adds it; value NULL: deletes all of that
 * name. The value as in mf_header_set(). */
static inline bool
mf_part_header_set(struct mf_context *c, size_t index, const char *name, const char *value)
{
	return c->host->part_header_set(c, index, name, value);
}

#ifdef __cplusplus
}
#endif

#endif
