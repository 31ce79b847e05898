/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Edits of parts. Each says what the message's body becomes, in pieces: ranges of the old body,
 * which stay as they are to the byte, and new text; and what becomes of the message's own header
 * fields. The view is not changed: after the edit a new one is made.
 *
 * What a signature covers (multipart/signed, DKIM) does not verify any more.
 */
#ifndef FILTERD_MESSAGE_MIME_EDIT_H
#define FILTERD_MESSAGE_MIME_EDIT_H

#include "filterd/message/mime.h"

#define MIME_EDIT_PIECES	16
#define MIME_EDIT_FIELDS	4

struct mime_edit_field {
	const char *name;
	/* behind the colon; data NULL: every field of the name goes */
	struct str value;
};

struct mime_edit {
	const struct mime_view *view;
	struct arena *arena;		/* of what is new */
	struct str pieces[MIME_EDIT_PIECES];
	size_t piece_count;
	/* Of the message's own header, set or deleted in this order. */
	struct mime_edit_field fields[MIME_EDIT_FIELDS];
	size_t field_count;
	bool strip;			/* first every Content-… field of the message's own goes */
	const char *refused;		/* why it cannot be done, NULL; static */
};

/* What a new part is. Content of a text type may have any line ends. */
struct mime_content {
	/* Content-Type with its parameters; NULL: as it is, and the encoding too if it can be */
	const char *type;
	const char *disposition;	/* Content-Disposition with its parameters; NULL: none */
	struct str bytes;		/* not encoded */
};

void mime_edit_begin(struct mime_edit *edit, const struct mime_view *view, struct arena *arena);

/* Gives a part new content, and a transfer encoding that fits it. Its other fields stay. */
bool mime_edit_replace(struct mime_edit *edit, size_t index, const struct mime_content *content);

/* Gives a text part a new text (UTF-8), in its own transfer encoding and character set; where that
 * does not have all of the text's characters, in UTF-8. */
bool mime_edit_text(struct mime_edit *edit, size_t index, struct str text);

/* Removes a part with all that is in it. The last part of a multipart, and the message itself, are
 * made an empty text instead. */
bool mime_edit_remove(struct mime_edit *edit, size_t index);

/* Adds a part behind the last of a multipart; a part that is none is wrapped in a multipart/mixed
 * before. */
bool mime_edit_append(struct mime_edit *edit, size_t index, const struct mime_content *content);

/* Puts a multipart of this type ("multipart/mixed") around a part. */
bool mime_edit_wrap(struct mime_edit *edit, size_t index, const char *type);

/* Sets the first header field of a name, or adds it; value data NULL: deletes all of that name. */
bool mime_edit_field(struct mime_edit *edit, size_t index, const char *name, struct str value);

#endif
