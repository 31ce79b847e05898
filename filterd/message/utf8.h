/* SPDX-License-Identifier: BSD-2-Clause */
/* UTF-8 (RFC 3629), byte by byte: what is valid, and how anything becomes valid text. */
#ifndef FILTERD_MESSAGE_UTF8_H
#define FILTERD_MESSAGE_UTF8_H

#include <stddef.h>

#include "filterd/util/buffer.h"
#include "filterd/util/str.h"

/* Bytes of the valid character that the text begins with; 0 when there is none. */
size_t utf8_character(struct str text);

/* Adds the text as a reader may see it: each byte that belongs to no valid character as U+FFFD,
 * each control character (Unicode category Cc, and the line and paragraph separators) as a
 * blank. */
void utf8_add_clean(struct buffer *buffer, struct str text);

#endif
