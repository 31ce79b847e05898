/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as text that a reader may see. */
#ifndef FILTERD_MESSAGE_CLEAN_H
#define FILTERD_MESSAGE_CLEAN_H

#include "filterd/util/buffer.h"
#include "filterd/util/str.h"

/* Adds the text as valid UTF-8: each byte that belongs to no valid character as U+FFFD, each
 * control character (Unicode category Cc, and the line and paragraph separators) as a blank. */
void clean_add(struct buffer *buffer, struct str text);

/* The same of a text with lines: LF and tab stay, a CR in front of an LF goes. */
void clean_add_lines(struct buffer *buffer, struct str text);

#endif
