/* SPDX-License-Identifier: BSD-2-Clause */
/* Values that somebody else has written, put into texts that people read. */
#ifndef FILTERD_CONFIG_SHOWN_H
#define FILTERD_CONFIG_SHOWN_H

#include <filterd/plugin.h>

#include "filterd/util/buffer.h"

/* Adds any bytes as UTF-8 in one line: what is no character is U+FFFD, control characters are
 * blanks, those that change the direction of writing go; in HTML no markup is among it. */
void shown_add(struct buffer *buffer, struct str value, enum mf_form form);

#endif
