/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of a message that its reader takes as its text. */
#ifndef PLUGINS_FOOTER_BODY_H
#define PLUGINS_FOOTER_BODY_H

#include <string.h>

#include <filterd/plugin.h>

enum { BODY_PARTS = 16 };	/* more alternatives than that no mail program writes */

struct body {
	size_t count;
	size_t parts[BODY_PARTS];	/* indices, in rising order */
	/* Why no part may be edited, though the message has a text; NULL: they may. */
	const char *left;
};

/* The text itself, the first text of a multipart/mixed, the root of a multipart/related, every
 * alternative of a multipart/alternative; plain text and HTML that is no attachment. */
void body_find(struct mf_context *c, struct body *body_r);

static inline bool
body_is_html(const struct mf_part *part)
{
	return strcmp(part->type, "text/html") == 0;
}

/* A parameter of a part's Content-Type, in the message's memory; "": it has none. */
const char *body_parameter(struct mf_context *c, size_t index, const char *name);

#endif
