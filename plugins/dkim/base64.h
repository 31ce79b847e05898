/* SPDX-License-Identifier: BSD-2-Clause */
/* Base64 as RFC 6376 section 2.5 has it, in b=, bh= and p=: white space may stand anywhere. */
#ifndef PLUGINS_DKIM_BASE64_H
#define PLUGINS_DKIM_BASE64_H

#include "plugins/dkim/text.h"

/* Decodes strictly: only letters of the alphabet and white space, "=" only at the end and as many
 * as are due, no bits left over. False: it is not so, or has more bytes than `room`. */
bool dkim_base64_decode(struct dkim_text text, uint8_t *bytes_r, size_t room, size_t *size_r);

/* Room for the text of so many bytes, with its NUL. */
#define DKIM_BASE64_ROOM(size) (((size) + 2) / 3 * 4 + 1)

/* Encodes without line ends; NUL behind it. Returns its length. */
size_t dkim_base64_encode(const uint8_t *bytes, size_t size, char *text_r);

#endif
