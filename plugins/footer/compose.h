/* SPDX-License-Identifier: BSD-2-Clause */
/* A footer as text and as HTML. Text in, text out: UTF-8 with "\n" for line ends, no other control
 * characters but tabs, ending in a line end unless it is empty. */
#ifndef PLUGINS_FOOTER_COMPOSE_H
#define PLUGINS_FOOTER_COMPOSE_H

#include "filterd/util/buffer.h"

static inline struct str
text_in(const struct buffer *buffer)
{
	return (struct str){ buffer_text(buffer), buffer->length };
}

/* Any bytes, made so. */
void compose_lines(struct buffer *to, struct str text);

/* Such a text as it stands in format=flowed (RFC 3676 section 4): no line goes on in the next one,
 * none is taken for quoted. */
void compose_flowed(struct buffer *to, struct str text);

/* Such a text as HTML: its characters as they are, line ends as <br>. */
void compose_html(struct buffer *to, struct str text);

/* HTML in ASCII: every other character as a reference. */
void compose_ascii_html(struct buffer *to, struct str html);

bool compose_is_ascii(struct str text);

#endif
