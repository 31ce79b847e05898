/* SPDX-License-Identifier: BSD-2-Clause */
/* Text to the value of an unstructured header field: the way back from decode.h (RFC 2047 sections
 * 2 and 5, RFC 5322 section 2.2.3). */
#ifndef FILTERD_MESSAGE_ENCODE_H
#define FILTERD_MESSAGE_ENCODE_H

#include "filterd/util/arena.h"
#include "filterd/util/str.h"

/* A leading blank, then the text; runs of words that are not printable ASCII (or look like an
 * encoded word) become UTF-8 encoded words, each at most 75 bytes and whole characters (section 2,
 * section 5 rule 3). Folded with LF and a blank before column 78 at blanks; name_length is what
 * stands before the colon. Line ends and other control characters in the text become blanks;
 * invalid UTF-8 becomes U+FFFD. Result in the arena, ends in NUL. */
struct str header_encode(struct arena *arena, struct str text, size_t name_length);

#endif
