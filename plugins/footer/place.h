/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a footer is put into a document. Text in, offsets out: knows nothing of mail. */
#ifndef PLUGINS_FOOTER_PLACE_H
#define PLUGINS_FOOTER_PLACE_H

#include "filterd/util/buffer.h"

/* In the order of the choices of `place`. */
enum place { PLACE_BEFORE, PLACE_AFTER };

/* Where in an HTML document, in a character set whose markup is ASCII's, something stands that is
 * to be seen before, or after, all of it. Never within a tag, a comment, or an element whose
 * content is not shown. Takes time in proportion to the document. */
size_t place_in_html(struct str document, enum place place);

/* Adds the document with what stands before and after it put in its place, in lines of their own.
 * The additions have "\n" for line ends, and end in one, or are empty; the document has any. */
void place_html(struct buffer *to, struct str document, struct str before, struct str after);

/* The same of a plain text, with an empty line between it and each of them. */
void place_text(struct buffer *to, struct str document, struct str before, struct str after);

/* Whether a text that was put there stands in the document's beginning or end, of so many bytes.
 * Both have "\n" for line ends. */
bool place_holds(struct str document, struct str text, enum place place, size_t window);

#endif
