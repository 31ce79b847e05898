/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files that make a view share. Private to mime*.c. */
#ifndef FILTERD_MESSAGE_MIME_PARTS_H
#define FILTERD_MESSAGE_MIME_PARTS_H

#include "filterd/message/mime.h"
#include "filterd/message/mime_decode.h"

#define MIME_PIECE	((size_t)256 << 10)	/* bytes that are passed at once */

/* Notes a defect of a part. */
static inline void
mime_note(struct mime_part *part, enum mime_defect defect)
{
	part->defects |= MIME_DEFECT_BIT(defect);
}

/* The body was read up to an offset; *from is where the piece begins that was not passed yet. */
static inline void
mime_passed(const struct mime_view *view, size_t *from, size_t at)
{
	if (!view->paging.passed || at < *from + MIME_PIECE)
		return;
	view->paging.passed(view->paging.argument, *from, at);
	*from = at;
}

/* ---- mime_header.c ---- */

/* Sets what the part's header fields say; `standard` is the type where none is declared. */
void mime_interpret(struct mime_view *view, struct mime_part *part, struct str standard);

/* ---- mime_line.c ---- */

enum mime_line_flag {
	MIME_LINE_8BIT	= 1 << 0,
	MIME_LINE_NUL	= 1 << 1,
	MIME_LINE_CR	= 1 << 2
};

/* What a line holds, enum mime_line_flag or'ed. */
unsigned mime_line_flags(const char *bytes, size_t size);

/* A line of a body. */
struct mime_line {
	size_t begin;
	size_t end;		/* of its content */
	size_t next;		/* where the next one begins; the end of the bytes */
	bool bare;		/* it ends in an LF without CR */
};

/* The line that begins at an offset before the end. */
struct mime_line mime_line_at(struct str bytes, size_t begin);

bool mime_is_blank(struct str text);
struct str mime_lower(struct arena *arena, struct str text);

/* Without blanks at both ends, as UTF-8 without control characters. */
struct str mime_clean(struct arena *arena, struct str text);

#endif
