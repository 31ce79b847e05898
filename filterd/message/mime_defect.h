/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be wrong with a message's MIME structure. Each has a name, which the configuration and
 * plugins use; docs/mime.md explains them. */
#ifndef FILTERD_MESSAGE_MIME_DEFECT_H
#define FILTERD_MESSAGE_MIME_DEFECT_H

#include <stdint.h>

enum mime_defect {
	MIME_BOUNDARY_MISSING,		/* a multipart without boundary parameter */
	MIME_BOUNDARY_REPEATED,		/* several boundaries can be read in its header */
	MIME_BOUNDARY_UNUSED,		/* none of its boundaries is in its body */
	MIME_BOUNDARY_UNCLOSED,		/* the closing boundary is missing */
	/* it is a prefix of another, or a line has more behind it */
	MIME_BOUNDARY_AMBIGUOUS,
	MIME_BOUNDARY_SYNTAX,		/* not what RFC 2046 section 5.1.1 allows */
	MIME_AFTER_CLOSE,		/* content after the closing boundary */
	MIME_UNDECLARED_PARTS,		/* what looks like parts, where none are declared */
	MIME_TYPE_REPEATED,		/* several Content-Type fields */
	MIME_TYPE_SYNTAX,
	MIME_ENCODING_REPEATED,		/* several Content-Transfer-Encoding fields */
	MIME_ENCODING_SYNTAX,
	MIME_ENCODING_UNKNOWN,
	MIME_ENCODING_COMPOSITE,	/* a multipart or message that is encoded */
	MIME_DISPOSITION_REPEATED,
	MIME_PARAMETER_SYNTAX,
	MIME_PARAMETER_REPEATED,
	MIME_PARAMETER_ENCODED_WORD,	/* RFC 2047 section 5 forbids them there */
	MIME_PARAMETER_SECTIONS,	/* RFC 2231 sections that are missing or out of order */
	MIME_NAMES_CONFLICT,		/* names with different extensions */
	MIME_COMMENT,			/* a comment in a structured field */
	MIME_HEADER_SYNTAX,		/* a line without colon, a blank before it */
	MIME_HEADER_UNTERMINATED,	/* no empty line behind the header */
	MIME_HEADER_BLANK,		/* a line of nothing but blanks within the header */
	MIME_HEADER_8BIT,		/* bytes beyond ASCII in the header */
	MIME_HEADER_TOO_LARGE,		/* more fields than are looked at */
	MIME_8BIT,			/* bytes beyond ASCII where the encoding allows none */
	MIME_NUL,
	MIME_BARE_CR,			/* a CR without LF */
	MIME_BARE_LF,			/* an LF without CR */
	MIME_LONG_LINE,			/* more than 998 bytes, RFC 5322 section 2.1.1 */
	MIME_BASE64_INVALID,		/* bytes outside the alphabet */
	MIME_BASE64_PADDING,		/* padding that is missing, too much, or amid the data */
	MIME_QP_INVALID,		/* "=" that begins neither an octet nor a soft line end */
	MIME_UUENCODE_INVALID,
	MIME_UUENCODE_INLINE,		/* a uuencoded file within text */
	MIME_CHARSET_UNKNOWN,
	MIME_CHARSET_INVALID,		/* bytes that the character set does not have */
	MIME_TOO_MANY_PARTS,
	MIME_TOO_DEEP,
	MIME_TOO_MANY_NAMES,
	MIME_TEXT_CUT,			/* text beyond the limit is not seen */
	/* holds files that are not looked into: partial messages, what is no TNEF */
	MIME_OPAQUE,
	MIME_DEFECT_COUNT
};

#define MIME_DEFECT_BIT(defect) ((uint64_t)1 << (defect))

/* "boundary-missing"; NULL past the last. */
const char *mime_defect_name(unsigned defect);

#endif
