/* SPDX-License-Identifier: BSD-2-Clause */
/* HTML as the text that a reader sees. */
#ifndef FILTERD_MESSAGE_HTML_TEXT_H
#define FILTERD_MESSAGE_HTML_TEXT_H

#include "filterd/util/arena.h"
#include "filterd/util/str.h"

/* Text (UTF-8) without markup, scripts, styles and comments, character references replaced, blocks
 * as lines. Of any input, in one pass. Ends in NUL; in the arena. */
struct str html_text(struct arena *arena, struct str html);

#endif
