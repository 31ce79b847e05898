/* SPDX-License-Identifier: BSD-2-Clause */
/* Transfer encodings, as every reader takes them: lines of 76 bytes, CRLF. */
#include <string.h>

#include "filterd/message/mime_encode.h"
#include "filterd/message/mime_parts.h"

#define LINE_MAXIMUM	998	/* bytes, RFC 2045 section 2.7 */
#define ENCODED_LINE	76	/* bytes, RFC 2045 sections 6.7 and 6.8 */

void
mime_add_lines(struct buffer *buffer, struct str text)
{
	size_t at = 0;

	while (at < text.length) {
		struct mime_line line = mime_line_at(text, at);

		buffer_add(buffer, text.data + line.begin, line.end - line.begin);
		if (line.end < line.next)
			buffer_add(buffer, "\r\n", 2);
		at = line.next;
	}
}

uint64_t
mime_beyond_7bit(struct str content)
{
	uint64_t beyond = 0;
	size_t at = 0;

	while (at < content.length) {
		struct mime_line line = mime_line_at(content, at);
		size_t length = line.end - line.begin;
		unsigned flags = mime_line_flags(content.data + line.begin, length);

		beyond |= (flags & MIME_LINE_8BIT ? MIME_DEFECT_BIT(MIME_8BIT) : 0) |
		    (flags & MIME_LINE_NUL ? MIME_DEFECT_BIT(MIME_NUL) : 0) |
		    (flags & MIME_LINE_CR ? MIME_DEFECT_BIT(MIME_BARE_CR) : 0) |
		    (line.bare ? MIME_DEFECT_BIT(MIME_BARE_LF) : 0) |
		    (length > LINE_MAXIMUM ? MIME_DEFECT_BIT(MIME_LONG_LINE) : 0);
		at = line.next;
	}
	return beyond;
}

void
mime_add_base64(struct buffer *buffer, struct str content)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t at, column = 0;

	for (at = 0; at < content.length; at += 3) {
		const unsigned char *from = (const unsigned char *)content.data + at;
		size_t left = content.length - at;
		unsigned bits = from[0] << 16 | (left > 1 ? from[1] << 8 : 0) |
		    (left > 2 ? from[2] : 0);
		const char quantum[4] = { alphabet[bits >> 18], alphabet[bits >> 12 & 63],
			left > 1 ? alphabet[bits >> 6 & 63] : '=',
			left > 2 ? alphabet[bits & 63] : '=' };

		buffer_add(buffer, quantum, sizeof(quantum));
		column += 4;
		if (column == ENCODED_LINE && left > 3) {
			buffer_add(buffer, "\r\n", 2);
			column = 0;
		}
	}
}

/* Whether the byte must be written in hexadecimal; blanks only at the end of a line. */
static bool
needs_octet(struct str content, size_t at)
{
	unsigned char c = (unsigned char)content.data[at];
	bool last = at + 1 == content.length || content.data[at + 1] == '\r' ||
	    content.data[at + 1] == '\n';

	if (c == ' ' || c == '\t')
		return last;
	return c < ' ' || c > '~' || c == '=';
}

static bool
at_line_end(struct str content, size_t at)
{
	return content.data[at] == '\r' && at + 1 < content.length && content.data[at + 1] == '\n';
}

void
mime_add_quoted_printable(struct buffer *buffer, struct str content)
{
	size_t column = 0, at;

	for (at = 0; at < content.length; at++) {
		bool octet = needs_octet(content, at);
		size_t width = octet ? 3 : 1;

		if (at_line_end(content, at)) {
			buffer_add(buffer, "\r\n", 2);
			column = 0;
			at++;
			continue;
		}
		if (column + width > ENCODED_LINE - 1) {
			buffer_add(buffer, "=\r\n", 3);
			column = 0;
		}
		/* Neither a dot alone nor "From " may stand at the beginning of a line. */
		octet |= column == 0 && (content.data[at] == '.' || content.data[at] == 'F' ||
		    content.data[at] == '-');
		if (octet)
			buffer_printf(buffer, "=%02X", (unsigned char)content.data[at]);
		else
			buffer_add_char(buffer, content.data[at]);
		column += octet ? 3 : 1;
	}
}
