/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files that make edits share. Private to mime_edit*.c. */
#ifndef FILTERD_MESSAGE_MIME_EDIT_PARTS_H
#define FILTERD_MESSAGE_MIME_EDIT_PARTS_H

#include "filterd/message/mime_edit.h"
#include "filterd/util/buffer.h"

/* What a part's header and content become; NULL: the field stays as it is. */
struct mime_plan {
	const char *type, *encoding, *disposition;
	struct str body;		/* encoded */
};

/* Adds "Name:value" and a line end, folds with CRLF. */
void mime_add_field(struct buffer *buffer, struct str name, struct str value);

/* Adds the part's fields as they stand, those for which keep() is true, without the empty line. */
void mime_add_fields(struct buffer *buffer, const struct mime_view *view,
    const struct mime_part *part, bool (*keep)(const void *argument, struct str name),
    const void *argument);

bool mime_is_content_field(const void *unused, struct str name);
bool mime_is_other_field(const void *unused, struct str name);

/* Adds a whole new part: header, empty line, encoded content. */
void mime_add_part(struct buffer *buffer, const struct mime_content *content);

/* Encodes content as it is best sent; the name of the encoding. */
const char *mime_add_encoded(struct buffer *buffer, bool text, struct str bytes);

/* A boundary that the message does not have, without quotes; in the arena. */
const char *mime_new_boundary(const struct mime_view *view, struct arena *arena);

/* Content-Type of a part with another character set, its other parameters kept. */
const char *mime_with_charset(const struct mime_part *part, struct arena *arena,
    const char *charset);

/* The text of a buffer in the arena; frees the buffer. */
struct str mime_take_buffer(struct arena *arena, struct buffer *buffer);

#endif
