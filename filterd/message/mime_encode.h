/* SPDX-License-Identifier: BSD-2-Clause */
/* Content put into a transfer encoding (RFC 2045 section 6), for parts that are written. */
#ifndef FILTERD_MESSAGE_MIME_ENCODE_H
#define FILTERD_MESSAGE_MIME_ENCODE_H

#include "filterd/message/mime.h"
#include "filterd/util/buffer.h"

/* Text with CRLF for every line end, as it is encoded (RFC 2046 section 4.1.1). */
void mime_add_lines(struct buffer *buffer, struct str text);

/* What of content cannot stand as it is, which is ASCII without NUL and bare CR or LF, in lines of
 * at most 998 bytes (RFC 2045 section 2.7): bits of MIME_8BIT, MIME_NUL, MIME_BARE_CR … */
uint64_t mime_beyond_7bit(struct str content);

/* No line end stands behind it. */
void mime_add_base64(struct buffer *buffer, struct str content);
/* Line ends of the content stay line ends. */
void mime_add_quoted_printable(struct buffer *buffer, struct str content);

#endif
