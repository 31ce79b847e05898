/* SPDX-License-Identifier: BSD-2-Clause */
/* Text in a named character set to UTF-8, through iconv(3). */
#ifndef FILTERD_MESSAGE_CHARSET_H
#define FILTERD_MESSAGE_CHARSET_H

#include <stdbool.h>

#include "filterd/util/buffer.h"
#include "filterd/util/str.h"

#define CHARSET_NAME_MAXIMUM	40	/* bytes; the IANA registry's names are no longer */

/* Adds the bytes as clean UTF-8 (see clean_add), what cannot be converted as U+FFFD.
 * False: the character set is not known, and nothing was added. Names compare without case. */
bool charset_add(struct buffer *buffer, struct str charset, struct str bytes);

/* The same of a text with lines, see clean_add_lines(). */
bool charset_add_lines(struct buffer *buffer, struct str charset, struct str bytes);

/* Adds clean UTF-8 in that character set; as_read: in the one that text said to be in it is read
 * as, windows-1252 for ISO-8859-1. False: it is not known, or does not have all of the text; what
 * was added is then to be dropped. */
bool charset_encode(struct buffer *buffer, struct str charset, struct str text, bool as_read);

#endif
