/* SPDX-License-Identifier: BSD-2-Clause */
/* Character references of HTML: "&amp;", "&#38;", "&#x26;". */
#ifndef FILTERD_MESSAGE_HTML_ENTITY_H
#define FILTERD_MESSAGE_HTML_ENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include "filterd/util/buffer.h"
#include "filterd/util/str.h"

struct html_entity {
	const char *name;	/* behind "&", with ";" but for the old ones */
	const char *text;	/* UTF-8 */
};
extern const struct html_entity html_entities[];
extern const size_t html_entity_count;

/* Adds the text with its references replaced (HTML standard, section 13.2.5.72); in the value of an
 * attribute an old name that goes on with "=" or a letter is none. */
void html_entity_decode(struct buffer *buffer, struct str text, bool in_attribute);

#endif
