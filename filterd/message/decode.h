/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Header values as a reader sees them: unfolded, encoded words decoded to UTF-8 (RFC 2047 section
 * 6.2: blanks between adjacent encoded words vanish), invalid bytes replaced by U+FFFD, control
 * characters by blanks, trimmed. Unknown charsets: the encoded word's raw bytes if valid UTF-8,
 * else U+FFFD. Charsets through iconv(3). A value without "=?" and with only printable ASCII is
 * returned trimmed and unfolded without copying when it has no folds.
 */
#ifndef FILTERD_MESSAGE_DECODE_H
#define FILTERD_MESSAGE_DECODE_H

#include "filterd/util/arena.h"
#include "filterd/util/str.h"

/* Result ends in NUL (copied if need be) and lives in the arena or is borrowed from the value when
 * its end is the value's own end. */
struct str header_decode(struct arena *arena, struct str value);

/* Whether bytes are valid UTF-8 (RFC 3629). */
bool utf8_valid(struct str text);

#endif
