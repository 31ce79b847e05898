/* SPDX-License-Identifier: BSD-2-Clause */
/* Characters of UTF-8 text, RFC 3629. */
#ifndef FILTERD_UTIL_UTF8_H
#define FILTERD_UTIL_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "filterd/util/str.h"

/* Bytes of the character that the text begins with, and its code point. 0: the text is empty or
 * begins with no valid character (section 4: a form that is too long, a surrogate, beyond U+10FFFF,
 * or cut). */
size_t utf8_next(struct str text, uint32_t *point_r);

#endif
